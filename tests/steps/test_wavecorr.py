"""The paths of WAVECORR: flashes, partner segment, wavecal exposures, default, shift file."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.builders import make_refs
from helpers.lamp_builders import FLASHES, changed_table, event_exposure, flash_exposure, without_lines
from recos.data.context import Context
from recos.data.events import EventList
from recos.errors import InputError, MissingRowError
from recos.io.shift_file import ShiftFile
from recos.steps._wavecorr import wavecorr
from recos.wavecal.flashes import LampFlashes
from recos.wavecal.records import WavecalRecord
from small_cos import SEGMENTS, Setup
from small_cos.model import FP_PIXEL_SHIFT

SHIFTS = (3.0, 4.0, 5.5)


def shift_file(tmp_path, *lines):
    path = tmp_path / "shifts.txt"
    path.write_text("\n".join(lines) + "\n")
    return ShiftFile.read(path)


def science_exposure(names, segment="FUVA", n=400, fppos=3, **header):
    rng = np.random.default_rng(5)
    s = SEGMENTS[segment]
    x, y = rng.uniform(s.left - 20, s.right + 20, n), rng.uniform(s.low - 20, s.high + 20, n)
    time = np.concatenate(([0.0, 600.0], rng.uniform(0.0, 600.0, n - 2)))
    return event_exposure(names, segment, time, x, y, Setup(flashes=(), fppos=fppos), **header)


def record(time, shift1, letter="a", fpoffset=0):
    values = {f"shift1{letter}": shift1, f"shift2{letter}": 0.25 * shift1}
    fp = {("FUV" + letter.upper(), k): v for k, v in FP_PIXEL_SHIFT.items()}
    name = f"lrec{time:.0f}_rawtag_a.fits"
    return WavecalRecord(time, 1291, fpoffset, values, fp, "", name, time - 30.0 / 86400.0)


# ------------------------------------------------------------------------------------------------ flashes


@pytest.mark.parametrize(("segment", "fppos"), [("FUVA", 3), ("FUVB", 3), ("FUVA", 1), ("FUVB", 4)])
def test_flashes_correct_the_events(reference_files, segment, fppos):
    exposure = flash_exposure(reference_files, segment, fppos=fppos)
    wavecorr(exposure, make_refs(reference_files))
    events, x = exposure.events, segment[-1]
    flashes = exposure.flashes
    fp = FP_PIXEL_SHIFT[fppos - 3]
    assert exposure.primary["WAVECORR"] == "COMPLETE"
    assert exposure.primary["WAVECALS"] == exposure.path.name
    assert flashes.column("SHIFT_DISP") == pytest.approx(np.array(SHIFTS) + fp, abs=0.3)
    assert flashes.column("SHIFT_XDISP") == pytest.approx(1.4, abs=0.5)
    assert flashes.column("SPEC_FOUND").all()
    s = SEGMENTS[segment]
    inside = (events.ycorr >= s.low) & (events.ycorr < s.high)
    tau = flashes.column("TIME")
    total = np.array([row.shift_disp for row in flashes.rows])
    slope = (total[1] - total[0]) / (tau[1] - tau[0])
    t = events.time.astype(np.float64)
    expected = np.where(t < tau[0], total[0] + (t - tau[0]) * slope, np.interp(t, tau, total))
    assert events.xdopp[inside] - events.xfull[inside] == pytest.approx(expected[inside], abs=2e-3)
    assert np.array_equal(events.xfull[~inside], events.xdopp[~inside])
    assert exposure.header["SHIFT1" + x] == pytest.approx(float(np.interp(300.0, tau, total)), abs=0.3)
    assert exposure.header["SHIFT2" + x] == pytest.approx(1.4, abs=0.5)
    rest = events.xfull[inside] - np.around(events.xfull[inside])
    assert exposure.header["DPIXEL1" + x] == round(float(rest.mean(dtype=np.float64)), 4)
    assert exposure.header["NDF_" + x] == flashes.column("N_DEG_FREEDOM").sum() + 2
    assert exposure.shift_history.shift1.shape == exposure.shift_history.time.shape == (601,)


def test_times_of_the_flashes(reference_files):
    exposure = flash_exposure(reference_files)
    wavecorr(exposure, make_refs(reference_files))
    header = exposure.header
    assert header["NUMFLASH"] == 3
    for i, (on, duration) in enumerate(FLASHES, start=1):
        assert header[f"LMP_ON{i}"] == pytest.approx(on, abs=0.21)
        assert header[f"LMPOFF{i}"] == pytest.approx(on + duration, abs=0.21)
        assert header[f"LMPDUR{i}"] == pytest.approx(duration, abs=0.41)
        assert header[f"LMPMED{i}"] == pytest.approx(on + duration / 2, abs=0.5)


def test_lamp_used_is_put_right(reference_files):
    exposure = flash_exposure(reference_files, lampused="NONE")
    wavecorr(exposure, make_refs(reference_files))
    assert exposure.primary["LAMPUSED"] == exposure.flashes.primary["LAMPUSED"] == "P1"


def test_a_dark_lamp_leaves_the_events(reference_files, caplog):
    exposure = flash_exposure(reference_files, counts=0)
    wavecorr(exposure, make_refs(reference_files))
    assert exposure.primary["WAVECORR"] == exposure.flashes.primary["WAVECORR"] == "SKIPPED"
    assert exposure.primary["LAMPUSED"] == "NONE"
    assert exposure.header["NUMFLASH"] == 0
    assert exposure.header["LMP_ON1"] == -1.0
    assert len(exposure.flashes.rows) == len(exposure.flashes.table()) == 0
    assert exposure.primary["WAVECALS"] == ""
    assert np.array_equal(exposure.events.xfull, exposure.events.xdopp)
    assert exposure.shift_history.shift1 is None
    assert "No lamp flash was found" in caplog.text


def test_a_dark_lamp_and_a_shift_file(reference_files, tmp_path):
    exposure = flash_exposure(reference_files, counts=0)
    context = Context(user_shifts=shift_file(tmp_path, "any any 1 any 12.5"))
    wavecorr(exposure, make_refs(reference_files), context)
    assert exposure.primary["WAVECORR"] == "COMPLETE"
    assert exposure.primary["LAMPUSED"] == "NONE"
    assert exposure.header["SHIFT1A"] == 12.5
    assert exposure.header["NUMFLASH"] == 0
    assert exposure.primary["WAVECALS"].startswith(exposure.path.name + " ")


def test_the_shift_file_replaces_one_flash(reference_files, tmp_path):
    exposure = flash_exposure(reference_files)
    context = Context(user_shifts=shift_file(tmp_path, "lrec01d1q any 2 fuva 10.0"))
    wavecorr(exposure, make_refs(reference_files), context)
    shifts = exposure.flashes.column("SHIFT_DISP")
    assert shifts[1] == 10.0
    assert shifts[[0, 2]] == pytest.approx([3.0, 5.5], abs=0.3)


def test_missing_times_are_an_input_error(reference_files):
    exposure = flash_exposure(reference_files, lmp_on2=None)
    with pytest.raises(InputError, match="LMP_ON2"):
        wavecorr(exposure, make_refs(reference_files))


def test_missing_rows_are_named(reference_files):
    exposure = flash_exposure(reference_files)
    exposure.mode = replace(exposure.mode, cenwave=1222)
    with pytest.raises(MissingRowError, match="XTRACTAB"):
        wavecorr(exposure, make_refs(reference_files))


def test_a_missing_dispersion_relation_is_named(reference_files, tmp_path):
    names = changed_table(reference_files, "DISPTAB", tmp_path, CENWAVE=1300)
    with pytest.raises(MissingRowError, match=r"DISPTAB.*APERTURE = WCA"):
        wavecorr(flash_exposure(names), make_refs(names))


def test_no_background_without_backcorr(reference_files):
    exposure = flash_exposure(reference_files)
    exposure.switches["BACKCORR"] = "OMIT"
    wavecorr(exposure, make_refs(reference_files))
    table = exposure.flashes.table()
    assert not table["BACKGROUND"].any()
    assert np.array_equal(table["NET"], table["GROSS"])


def test_no_events(reference_files):
    exposure = flash_exposure(reference_files, counts=0, flashes=(), shifts=(), background=2)
    exposure.events = EventList.from_raw(*(np.zeros(0),) * 4)
    exposure.active = exposure.active[:0]
    exposure.mode = replace(exposure.mode, tagflash="AUTO")
    wavecorr(exposure, make_refs(reference_files))
    assert exposure.primary["WAVECORR"] == "SKIPPED"


# ---------------------------------------------------------------------------------- segment without lines


def test_segment_b_takes_the_flashes_of_segment_a(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    a, b = flash_exposure(names), flash_exposure(names, "FUVB", counts=0)
    wavecorr(a, make_refs(names))
    context = Context(partner_flashes=a.flashes)
    wavecorr(b, make_refs(names), context)
    assert b.primary["WAVECORR"] == "COMPLETE"
    assert np.array_equal(b.flashes.column("SHIFT_DISP"), a.flashes.column("SHIFT_DISP"))
    assert set(b.flashes.column("SEGMENT")) == {"FUVB"}
    assert not b.flashes.column("SPEC_FOUND").any()
    assert set(a.flashes.column("SEGMENT")) == {"FUVA"}
    assert b.header["SHIFT1B"] == pytest.approx(a.header["SHIFT1A"], abs=0.02)
    assert (b.header["CHI_SQ_B"], b.header["NDF_B"]) == (0.0, 0)
    assert b.header["LMPMED2"] == a.header["LMPMED2"]


def test_segment_b_with_an_empty_table(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    exposure = flash_exposure(names, "FUVB", counts=0)
    context = Context(partner_flashes=LampFlashes.for_exposure(exposure))
    wavecorr(exposure, make_refs(names), context)
    assert exposure.primary["WAVECORR"] == "SKIPPED"
    assert np.array_equal(exposure.events.xfull, exposure.events.xdopp)


def test_segment_b_alone_takes_the_default(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    exposure = flash_exposure(names, "FUVB", counts=0, fppos=4)
    wavecorr(exposure, make_refs(names))
    assert exposure.primary["WAVECORR"] == "SKIPPED"
    assert exposure.header["SHIFT1B"] == FP_PIXEL_SHIFT[1]
    inside = exposure.events.xfull != exposure.events.xdopp
    assert (exposure.events.xdopp - exposure.events.xfull)[inside] == pytest.approx(252.0, abs=2e-3)
    assert len(exposure.flashes.rows) == 1


def test_segment_b_alone_with_a_shift_file(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    exposure = flash_exposure(names, "FUVB", counts=0)
    context = Context(user_shifts=shift_file(tmp_path, "any any any fuvb 3.25"))
    wavecorr(exposure, make_refs(names), context)
    assert exposure.primary["WAVECORR"] == "COMPLETE"
    assert exposure.header["SHIFT1B"] == 3.25


# ------------------------------------------------------------------------------------- wavecal exposures


def test_two_wavecals_are_interpolated(reference_files):
    exposure = science_exposure(reference_files)
    start, day = exposure.mode.expstart, 86400.0
    context = Context(wavecals=[record(start - 100.0 / day, 2.0), record(start + 900.0 / day, 12.0)])
    wavecorr(exposure, make_refs(reference_files), context)
    events = exposure.events
    shift = np.where(exposure.active, 3.0 + 0.01 * events.time, 0.0)
    assert events.xdopp - events.xfull == pytest.approx(shift, abs=2e-3)
    assert events.ycorr - events.yfull == pytest.approx(0.25 * shift, abs=1e-4)
    assert exposure.header["SHIFT1A"] == pytest.approx(6.0, abs=1e-3)
    assert exposure.header["SHIFT2A"] == pytest.approx(1.5, abs=1e-3)
    assert exposure.primary["WAVECORR"] == "COMPLETE"
    assert len(exposure.primary["WAVECALS"].split()) == 2
    assert exposure.shift_history.shift1[[0, 600]] == pytest.approx([3.0, 9.0], abs=1e-3)


def test_the_other_segment_stands_in(reference_files):
    exposure = science_exposure(reference_files, "FUVB")
    context = Context(wavecals=[record(exposure.mode.expstart, 2.0)])
    wavecorr(exposure, make_refs(reference_files), context)
    assert exposure.header["SHIFT1B"] == 2.0
    assert exposure.primary["WAVECALS"].endswith("_rawtag_b.fits")


def test_no_usable_wavecal_leaves_everything(reference_files):
    exposure = science_exposure(reference_files, fppos=4)
    context = Context(wavecals=[record(exposure.mode.expstart - 1.0, 2.0)])
    before = exposure.events.xfull.copy()
    wavecorr(exposure, make_refs(reference_files), context)
    assert exposure.primary["WAVECORR"] == "SKIPPED"
    assert np.array_equal(exposure.events.xfull, before)


def test_the_default_shift(reference_files):
    exposure = science_exposure(reference_files, fppos=1)
    wavecorr(exposure, make_refs(reference_files))
    moved = exposure.events.xdopp - exposure.events.xfull
    assert moved[exposure.active] == pytest.approx(-504.0, abs=2e-3)
    assert not moved[~exposure.active].any()
    assert exposure.primary["WAVECORR"] == "SKIPPED"
    assert exposure.primary["WAVECALS"] == ""
    assert (exposure.header["SHIFT1A"], exposure.header["SHIFT2A"]) == (-504.0, 0.0)


@pytest.mark.parametrize("with_wavecal", [False, True])
def test_a_shift_file_gives_a_constant_shift(reference_files, tmp_path, with_wavecal):
    exposure = science_exposure(reference_files)
    context = Context(user_shifts=shift_file(tmp_path, "any any any fuva -7.5"))
    if with_wavecal:
        context.wavecals = [record(exposure.mode.expstart, 2.0)]
    wavecorr(exposure, make_refs(reference_files), context)
    moved = exposure.events.xdopp - exposure.events.xfull
    assert moved[exposure.active] == pytest.approx(-7.5, abs=2e-3)
    assert exposure.header["SHIFT1A"] == -7.5
    assert exposure.header["SHIFT2A"] == (0.5 if with_wavecal else 0.0)
    assert exposure.primary["WAVECORR"] == "COMPLETE"
    assert exposure.primary["WAVECALS"].endswith("shifts.txt")


def test_a_wavecal_itself_is_not_corrected(reference_files):
    exposure = science_exposure(reference_files)
    exposure.mode = replace(exposure.mode, kind="WAVECAL")
    wavecorr(exposure, make_refs(reference_files))
    assert exposure.primary["WAVECORR"] == "PERFORM"
    assert np.array_equal(exposure.events.xfull, exposure.events.xdopp)
    assert np.array_equal(exposure.events.yfull, exposure.events.ycorr)


def test_simulated_wavecal(reference_files, tmp_path):
    parameters = {"TCROSSOVER": 2000.0, "FRACSHORT": 0.6, "FRACLONG": 0.4, "MIN_EXPTIME": 500.0}
    names = changed_table(
        reference_files, "WCPTAB", tmp_path, **parameters, OFFSET_SHORT=0.5, OFFSET_LONG=-0.2
    )
    exposure = science_exposure(names)
    start, day = exposure.mode.expstart, 86400.0
    context = Context(wavecals=[record(start - 300.0 / day, 2.0), record(start + 900.0 / day, 12.0)])
    context.simulates_wavecals = True
    wavecorr(exposure, make_refs(names), context)
    # the point: 600 s after the start of the first wavecal, 330 s before the exposure; 2 + 0.6 * 10 + 0.5
    knots = np.array([-300.0, 270.0, 900.0]), np.array([2.0, 8.5, 12.0])
    active, events = exposure.active, exposure.events
    expected = np.interp(events.time, *knots)
    assert (events.xdopp - events.xfull)[active] == pytest.approx(expected[active], abs=2e-3)
    assert exposure.header["SHIFT1A"] == pytest.approx(expected[active].mean(), abs=1e-3)
    assert exposure.shift_history.shift1 == pytest.approx(np.interp(np.arange(601.0), *knots), abs=1e-3)
    context.simulates_wavecals = False
    wavecorr(exposure, make_refs(names), context)
    knots = np.array([-300.0, 900.0]), np.array([2.0, 12.0])
    expected = np.interp(events.time, *knots)
    assert (events.xdopp - events.xfull)[active] == pytest.approx(expected[active], abs=2e-2)
