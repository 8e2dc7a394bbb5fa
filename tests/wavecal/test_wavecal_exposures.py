from dataclasses import replace

import numpy as np
import pytest

from helpers.builders import make_refs
from helpers.lamp_builders import event_exposure, lamp_events, without_lines
from recos.io.shift_file import ShiftFile
from recos.wavecal.exposures import find_wavecal, finish_wavecal, measure_wavecal
from small_cos import SEGMENTS, Setup
from small_cos.model import FP_PIXEL_SHIFT

EXPTIME = 60.0


def wavecal(names, segment, shift1, n=12000, shift2=1.2, lampused="P1"):
    """A wavecal exposure after its calibration, and its spectrum."""
    rng = np.random.default_rng(ord(segment[-1]))
    s = SEGMENTS[segment]
    x, y = lamp_events(rng, segment, n, shift1, shift2)
    x, y = np.append(x, rng.uniform(s.left, s.right, 300)), np.append(y, rng.uniform(s.low, s.high, 300))
    setup = Setup(flashes=(), exptime=EXPTIME)
    exposure = event_exposure(
        names, segment, rng.uniform(0.0, EXPTIME, len(x)), x, y, setup, lampused=lampused, aperture="WCA"
    )
    exposure.mode = replace(exposure.mode, kind="WAVECAL")
    counts = np.bincount(np.rint(x[:n]).astype(int), minlength=16384)
    spectrum = {
        "SEGMENT": np.array([segment]),
        "GROSS": (counts / EXPTIME).astype(np.float32)[None],
        "EXPTIME": np.array([EXPTIME]),
    }
    return exposure, spectrum


def measured(names, shift_file=None, segments=("FUVA", "FUVB")):
    shifts = {"FUVA": 4.3, "FUVB": -6.8}
    pairs = [wavecal(names, s, shifts[s]) for s in segments]
    exposures, spectra = zip(*pairs, strict=True)
    refs = make_refs(names)
    for exposure in exposures:
        find_wavecal(exposure, refs)
    return exposures, measure_wavecal(spectra, exposures, refs, shift_file)


def test_both_segments_are_measured(reference_files):
    exposures, record = measured(reference_files)
    v = record.values
    assert (v["shift1a"], v["shift1b"]) == pytest.approx((4.3, -6.8), abs=0.2)
    assert v["shift2a"] == exposures[0].header["SHIFT2A"] == pytest.approx(1.2, abs=0.4)
    assert v["dpixel1a"] == 0.0
    assert record.fp_shifts["FUVB", -2] == FP_PIXEL_SHIFT[-2]
    assert (record.cenwave, record.fpoffset) == (1291, 0)
    assert record.time == exposures[0].mode.mid_time
    assert record.filename == exposures[0].path.name
    finish_wavecal(exposures[1], record)
    assert exposures[1].header["SHIFT1A"] == round(v["shift1a"], 4)
    assert exposures[1].primary["WAVECORR"] == "COMPLETE"


def test_a_segment_without_lines_takes_the_shift_of_the_other(reference_files, tmp_path):
    exposures, record = measured(without_lines(reference_files, tmp_path))
    assert record.values["shift1b"] == record.values["shift1a"]
    assert record.values["shift2b"] == record.values["shift2a"] == exposures[0].header["SHIFT2A"]


def test_a_segment_without_lines_alone_takes_the_default(reference_files, tmp_path):
    _, record = measured(without_lines(reference_files, tmp_path), segments=("FUVB",))
    assert (record.values["shift1b"], record.values["shift2b"]) == (0.0, 0.0)


def test_a_wavecal_without_lamp_counts_says_so(reference_files, caplog):
    exposure, spectrum = wavecal(reference_files, "FUVA", 4.3, n=0)
    refs = make_refs(reference_files)
    find_wavecal(exposure, refs)
    record = measure_wavecal([spectrum], [exposure], refs)
    assert record.values["shift1a"] == 0.0
    assert exposure.primary["LAMPUSED"] == "NONE"
    assert (
        f"{exposure.path.name}: no lamp lines were found in FUVA. Shifts of 0.0 (FUVA) pixels" in caplog.text
    )


def test_the_user_decides(reference_files, tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("any any any fuvb 8.5\n")
    _, record = measured(reference_files, ShiftFile.read(path))
    assert record.values["shift1b"] == 8.5
    assert record.values["shift1a"] == pytest.approx(4.3, abs=0.2)


def test_no_spectrum_no_record(reference_files):
    exposure, spectrum = wavecal(reference_files, "FUVA", 0.0)
    empty = {name: values[:0] for name, values in spectrum.items()}
    assert measure_wavecal([empty], [exposure], make_refs(reference_files)) is None


@pytest.mark.parametrize(("n", "before", "after"), [(12000, "NONE", "P1"), (0, "P1", "NONE")])
def test_lamp_used(reference_files, n, before, after, caplog):
    exposure, _ = wavecal(reference_files, "FUVA", 0.0, n=n, lampused=before)
    find_wavecal(exposure, make_refs(reference_files))
    assert exposure.primary["LAMPUSED"] == after
    assert ("lamp was off" in caplog.text) == (n == 0)
