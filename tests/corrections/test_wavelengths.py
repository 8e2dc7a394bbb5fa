"""Corrections of the wavelength calibration: the displacements that were put in come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.builders import make_refs
from helpers.lamp_builders import FLASHES, event_exposure, flash_exposure, lamp_events, without_lines
from recos.data.context import Context
from recos.io.shift_file import ShiftFile
from recos.steps._wavecorr import wavecorr
from recos.wavecal.exposures import measure_wavecal
from recos.wavecal.lamp import SearchParameters, Template
from recos.wavecal.records import WavecalRecord
from recos.wavecal.stripes import LampSpectrum, match_spectra
from recos.wavecal.template import match_segment
from small_cos import SEGMENTS, Model, Setup
from small_cos.model import FP_PIXEL_SHIFT

SHIFTS = (3.0, 4.0, 5.5)
DAY = 86400.0


def calibrated(exposure, names, *corrections, context=None):
    """The displacement that was removed from each event of the active area, and when."""
    exposure.corrections = frozenset(corrections)
    wavecorr(exposure, make_refs(names), context)
    events, inside = exposure.events, exposure.active
    return events.time[inside], (events.xdopp - events.xfull)[inside]


def worst(exposure, names, truth, *corrections, context=None):
    """Largest error of the displacement, pixels; `truth` is a function of time."""
    time, shift = calibrated(exposure, names, *corrections, context=context)
    return np.abs(shift - truth(time)).max()


def science_exposure(names, time, fppos=3, **header):
    """Events anywhere, without flashes."""
    rng = np.random.default_rng(5)
    s, n = SEGMENTS["FUVA"], len(time)
    x, y = rng.uniform(s.left, s.right, n), rng.uniform(s.low, s.high, n)
    return event_exposure(names, "FUVA", time, x, y, Setup(flashes=(), fppos=fppos), **header)


def flashes_and(names, *light, shifts=SHIFTS):
    """Flashes of 4000 counts (none where the displacement is None), a dark background, and other light.

    `light` are tuples: first and last second, events, first and last row.
    """
    rng = np.random.default_rng(3)
    s = SEGMENTS["FUVA"]
    parts = [(np.array([0.0, 600.0]), np.full(2, 5000.0), np.full(2, 500.0))]
    for start, stop, n, low, high in ((0.0, 600.0, 3000, s.low, s.high), *light):
        parts.append(
            (rng.uniform(start, stop, n), rng.uniform(s.left, s.right, n), rng.uniform(low, high, n))
        )
    for (on, duration), shift in zip(FLASHES, shifts, strict=True):
        if shift is not None:
            parts.append((rng.uniform(on, on + duration, 4000), *lamp_events(rng, "FUVA", 4000, shift, 1.4)))
    return event_exposure(
        names, "FUVA", *(np.concatenate(c) for c in zip(*parts, strict=True)), Setup(flashes=FLASHES)
    )


def record(time, shift1, fpoffset=0, not_found=()):
    values = {"shift1a": shift1, "shift2a": 0.0}
    fp = {("FUVA", k): v for k, v in FP_PIXEL_SHIFT.items()}
    return WavecalRecord(time, 1291, fpoffset, values, fp, not_found=frozenset(not_found))


# ------------------------------------------------------------------------------------ what was not found


def exposure_with_a_burst_for_a_flash(names):
    """Three flashes; of the second one only a burst is seen where the lamp spectrum should be."""
    on, duration = FLASHES[1]
    return flashes_and(names, (on, on + duration, 4000, 570.0, 620.0), shifts=(SHIFTS[0], None, SHIFTS[2]))


def test_a_flash_without_lines_does_not_count(reference_files):
    def truth(time):
        return SHIFTS[0] + (SHIFTS[2] - SHIFTS[0]) * (np.minimum(time, 566.0) - 26.0) / 540.0

    exposure = exposure_with_a_burst_for_a_flash(reference_files)
    assert worst(exposure, reference_files, truth) > 3.0
    np.testing.assert_array_equal(exposure.flashes.column("SPEC_FOUND"), [True, False, True])
    exposure = exposure_with_a_burst_for_a_flash(reference_files)
    assert worst(exposure, reference_files, truth, "lamp-not-found") < 0.3


def test_the_other_segment_does_not_take_it_either(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    for corrections, wrong in (((), True), (("lamp-not-found",), False)):
        a, b = exposure_with_a_burst_for_a_flash(names), flash_exposure(names, "FUVB", counts=0)
        calibrated(a, names, *corrections)
        context = Context(partner_flashes=a.flashes)
        time, shift = calibrated(b, names, *corrections, context=context)
        middle = np.abs(time - 296.0) < 20.0
        assert (np.abs(shift[middle] - 4.25).max() > 3.0) == wrong


def test_stripes_of_which_none_was_found_are_not_displaced():
    from helpers import nuv_builders

    rng = np.random.default_rng(6)
    lines = np.zeros(1274)
    lines[rng.integers(150, 1100, 30)] = 200.0
    noise = {s: rng.poisson(0.2, 1274).astype(np.float64) for s in ("NUVA", "NUVB", "NUVC")}
    lamps = {s: LampSpectrum(n, Template(lines.astype(np.float32), -104.0)) for s, n in noise.items()}
    mode = nuv_builders.make_exposure([], []).mode
    search = SearchParameters(40, 0.0, 15.0, 30, 7, 0.1)
    default = match_spectra(lamps, {}, search, mode)
    better = match_spectra(lamps, {}, search._replace(corrections=frozenset({"lamp-not-found"})), mode)
    assert not any(match.found for match in (default | better).values())
    assert max(abs(match.total + 104.0) for match in default.values()) > 5.0
    assert {match.total for match in better.values()} == {-104.0}


def test_a_wavecal_without_lines_is_not_used(reference_files):
    time = np.linspace(0.0, 600.0, 300)
    for corrections, wrong in (((), True), (("lamp-not-found",), False)):
        exposure = science_exposure(reference_files, time)
        start = exposure.mode.expstart
        lost = measured_in_the_dark(exposure, reference_files)
        assert lost.not_found == {"FUVA"}
        context = Context(
            wavecals=[record(start - 100.0 / DAY, 2.0), replace(lost, time=start + 700.0 / DAY)]
        )
        error = worst(exposure, reference_files, lambda time: 2.0, *corrections, context=context)
        assert (error > 1.0) == wrong
        assert wrong or error < 0.01


def measured_in_the_dark(exposure, names):
    spectrum = {
        "SEGMENT": np.array(["FUVA"]),
        "GROSS": np.zeros((1, 16384), np.float32),
        "EXPTIME": np.array([60.0]),
    }
    return measure_wavecal([spectrum], [exposure], make_refs(names))


@pytest.mark.parametrize("flashes", [True, False])
def test_the_default_shift_if_nothing_was_measured(reference_files, flashes):
    """The mechanism brings the spectrum near the place of its FPOFFSET also if the lamp does not tell where."""

    def exposure():
        if flashes:
            return flash_exposure(reference_files, counts=0, fppos=1)
        made = science_exposure(reference_files, np.linspace(0.0, 600.0, 300), fppos=1)
        made.events.xfull[:] = made.events.xdopp
        return made

    truth = FP_PIXEL_SHIFT[-2]
    made = exposure()
    day_before = record(made.mode.expstart - 1.0, 2.0)  # too far
    context = Context(wavecals=() if flashes else [day_before])
    assert worst(made, reference_files, lambda time: truth, context=context) == abs(truth)
    made = exposure()
    assert worst(made, reference_files, lambda time: truth, "default-shift", context=context) < 0.01
    assert made.primary["WAVECORR"] == "SKIPPED"
    assert made.header["SHIFT1A"] == truth


# ------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    "time",
    [np.full(300, 300.0), np.linspace(60.0, 600.0, 300)],
    ids=["ACCUM", "first event late"],
)
def test_shifts_are_those_at_the_times_of_the_events(reference_files, time):
    """Wavecals before and after, and a linear drift of 0.01 pixels per second."""

    def truth(seconds):
        return 3.0 + 0.01 * seconds

    for corrections, least, largest in (((), 0.5, 3.1), (("shift-times",), 0.0, 0.003)):
        exposure = science_exposure(reference_files, time)
        start = exposure.mode.expstart
        context = Context(wavecals=[record(start - 100.0 / DAY, 2.0), record(start + 900.0 / DAY, 12.0)])
        assert least <= worst(exposure, reference_files, truth, *corrections, context=context) < largest


def test_shift1_is_the_average_of_what_was_applied(reference_files):
    late = ((280.0, 12.0), (560.0, 12.0))
    keywords = []
    for corrections in ((), ("shift-times",)):
        exposure = flash_exposure(reference_files, flashes=late, shifts=(3.0, 9.0))
        calibrated(exposure, reference_files, *corrections)
        keywords.append(exposure.header["SHIFT1A"])
    history = exposure.shift_history.shift1.mean(dtype=np.float64)
    assert abs(keywords[0] - history) > 1.0
    assert keywords[1] == pytest.approx(history, abs=0.01)


# ----------------------------------------------------------------------------------------------- flashes


def test_flashes_are_found_beside_bursts(reference_files):
    """Flashes of 330 counts per second, and two bursts that are much brighter."""
    s = SEGMENTS["FUVA"]
    bursts = [(start, start + 5.0, 100_000, s.low, s.high) for start in (100.0, 420.0)]
    exposure = flashes_and(reference_files, *bursts)
    calibrated(exposure, reference_files)
    assert (exposure.header["NUMFLASH"], exposure.primary["WAVECORR"]) == (0, "SKIPPED")
    exposure = flashes_and(reference_files, *bursts)
    calibrated(exposure, reference_files, "flash-finding")
    assert (exposure.header["NUMFLASH"], exposure.primary["WAVECORR"]) == (3, "COMPLETE")
    assert exposure.flashes.column("SHIFT_DISP") == pytest.approx(SHIFTS, abs=0.3)


def test_flashes_last_as_long_beside_a_bright_target(reference_files):
    """A target whose wings send 400 counts per second into the rows of the lamp."""
    durations = []
    for corrections in ((), ("flash-finding",)):
        exposure = flashes_and(reference_files, (0.0, 600.0, 250_000, 560.0, 620.0))
        calibrated(exposure, reference_files, *corrections)
        durations.append(exposure.flashes.column("EXPTIME"))
    assert (np.abs(durations[0] - 12.0) > 3.0).any()
    assert durations[1] == pytest.approx(12.0, abs=0.5)


def test_the_lamp_that_is_off_is_no_flash(reference_files):
    exposure = flash_exposure(reference_files, counts=0, background=60_000)
    calibrated(exposure, reference_files, "flash-finding")
    assert exposure.header["NUMFLASH"] == 0


# ------------------------------------------------------------------------------- a segment without lines


def test_lampflash_of_a_segment_without_lines(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    relation = make_refs(names).dispersion(0, segment="FUVB", opt_elem="G130M", cenwave=1291, aperture="WCA")
    for corrections, wrong in (((), True), (("segment-without-lines",), False)):
        a, b = flash_exposure(names), flash_exposure(names, "FUVB", counts=0)
        calibrated(a, names, *corrections)
        context = Context(partner_flashes=a.flashes)
        calibrated(b, names, *corrections, context=context)
        row = b.flashes.rows[1]
        truth = relation.wavelength(np.arange(16384) - row.shift_disp)
        assert (np.abs(row.wavelength - truth).max() > 100.0) == wrong
        assert bool(row.gross.any()) == bool(row.chi_square) == wrong
        assert row.shift_disp == pytest.approx(a.flashes.rows[1].shift_disp, abs=1e-6)
        assert row.time == a.flashes.rows[1].time


def test_lampflash_of_a_segment_without_lines_alone(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    relation = make_refs(names).dispersion(0, segment="FUVB", opt_elem="G130M", cenwave=1291, aperture="WCA")
    for corrections, error in (((), 252.0), (("segment-without-lines",), 0.0)):
        exposure = flash_exposure(names, "FUVB", counts=0, fppos=4)
        calibrated(exposure, names, *corrections)
        (row,) = exposure.flashes.rows
        truth = relation.wavelength(np.arange(16384) - FP_PIXEL_SHIFT[1])
        pixels = (row.wavelength - truth) / relation.dispersion(8192.0)
        assert np.abs(pixels).max() == pytest.approx(error, abs=1.0 if error else 1e-6)


def test_a_shift_of_the_user_passes_to_the_segment_without_lines(reference_files, tmp_path):
    names = without_lines(reference_files, tmp_path)
    path = tmp_path / "shifts.txt"
    path.write_text("any any any fuva 7.5\n")
    dark = np.zeros((1, 16384), np.float32)
    for corrections, expected in (((), 0.0), (("segment-without-lines",), 7.5)):
        spectra, exposures = [], []
        for segment in ("FUVA", "FUVB"):
            exposure = flash_exposure(names, segment, counts=0)
            exposure.corrections = frozenset(corrections)
            exposures.append(exposure)
            spectra.append({"SEGMENT": np.array([segment]), "GROSS": dark, "EXPTIME": np.array([60.0])})
        found = measure_wavecal(spectra, exposures, make_refs(names), ShiftFile.read(path))
        assert (found.values["shift1a"], found.values["shift1b"]) == (7.5, expected)


# ---------------------------------------------------------------------------------------------- matching


def test_the_minimum_of_chi_square_is_one():
    """One of a hundred faint spectra on a bright background, in which a parabola has its extremum far away."""
    lamp = Model().lamp("FUVA").astype(np.float32)
    rng = np.random.default_rng(136)
    shift = rng.uniform(-30.0, 30.0)
    x = np.arange(len(lamp))
    expected = 1000.0 / lamp.sum(dtype=np.float64) * np.interp(x - shift, x, lamp) + 30000.0 / len(lamp)
    spectrum = rng.poisson(expected).astype(np.float64)
    search = SearchParameters(40, 0.0, 15.0, 30, 7, 0.1)
    default = match_segment(spectrum, lamp, search)
    better = match_segment(spectrum, lamp, search._replace(corrections=frozenset({"extremum-fits"})))
    assert abs(default.measured - shift) > 20.0
    assert better.found
    assert abs(better.shift - shift) < 1.0
