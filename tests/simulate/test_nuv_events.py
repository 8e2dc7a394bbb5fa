"""Events of the NUV simulator, and the raw files they are written to."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

import recos.io.read
from recos.simulate.configurations import Configuration
from recos.simulate.nuv import Nuv, layout
from recos.simulate.nuv.events import accumulate, onboard_amplitude, simulate_events
from recos.simulate.nuv.headers import primary_header
from recos.simulate.plan import Effects, Observation
from recos.simulate.sources import Source

BARE = Effects.only()


def planned(opt_elem="G185M", cenwave=1850, effects=BARE, **plan):
    modes = {k: plan.pop(k) for k in ("obsmode", "aperture") if k in plan}
    return Observation(Configuration(opt_elem, cenwave, **modes), effects=effects, **plan).exposures()


def star(exposure, counts=20_000.0):
    source = Source.builtin("b-star")
    return source.scaled(counts / Nuv(exposure.configuration).expected_counts(exposure, source))


def test_events_are_in_order_and_inside():
    (exposure,) = planned(effects=Effects(), exptime=50.0)
    events = simulate_events(exposure, star(exposure))
    assert np.all(np.diff(events.time) >= 0.0)
    assert events.time[0] > 0.0
    assert events.time[-1] <= 50.0
    ticks = events.time.astype(np.float64) / 0.032
    np.testing.assert_allclose(ticks, np.rint(ticks), atol=1e-3)
    assert min(events.rawx.min(), events.rawy.min()) >= 0
    assert max(events.rawx.max(), events.rawy.max()) < 1024
    assert sum(events.counts.values()) == len(events)


@pytest.mark.parametrize("mode", [("G230L", 2950), ("G225M", 2306), ("MIRRORA", 0), ("MIRRORB", 0)])
def test_as_many_events_as_expected(mode):
    (exposure,) = planned(*mode, exptime=100.0)
    events = simulate_events(exposure, star(exposure))
    assert events.counts["source"] == pytest.approx(20_000, abs=4.0 * np.sqrt(20_000))


def test_bare_spectra_are_lines_on_the_detector():
    """Without any width the events of a stripe lie in the row of the trace."""
    (exposure,) = planned(exptime=100.0, tagflash=False)[1:2]
    events = simulate_events(exposure, star(exposure))
    rows = [layout.spectrum_row("G185M", s, "PSA") for s in ("NUVA", "NUVB", "NUVC")]
    distance = [np.abs(events.rawy - row - slope * events.rawx) for row, slope in rows]
    assert np.min(distance, axis=0).max() <= 0.52


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    (exposure,) = planned(effects=Effects(), exptime=20.0)
    nuv = Nuv(exposure.configuration)
    files = []
    for name, seed in (("a", (1, 0)), ("b", (1, 0)), ("c", (2, 0))):
        (tmp_path / name).mkdir()
        paths, truth = nuv.write_raw(replace(exposure, seed=seed), star(exposure), tmp_path / name, {})
        json.dumps(truth)
        files.append(paths[0].read_bytes())
    assert files[0] == files[1] != files[2]


def test_nothing_is_recorded_in_bad_times():
    (exposure,) = planned(effects=Effects.only("bad_times", "dark"), bad_times=((20.0, 30.0),), exptime=60.0)
    source = star(exposure)
    events = simulate_events(exposure, source)
    assert not np.any((events.time > 20.033) & (events.time < 29.999))
    assert events.counts["source"] == pytest.approx(20_000, rel=0.03)
    good = replace(exposure, effects=Effects.only("dark"))
    assert simulate_events(good, source).counts["source"] == pytest.approx(24_000, rel=0.03)


def test_dead_time_takes_events_of_bright_sources():
    (exposure,) = planned(effects=Effects.only("dead_time"), exptime=10.0)
    events = simulate_events(exposure, star(exposure, 1e6))
    assert events.counter_rate == pytest.approx(1e5, rel=0.02)
    assert len(events) / exposure.exptime == pytest.approx(events.counter_rate / 1.028, rel=0.001)


def test_dark_rate_of_the_plan():
    (exposure,) = planned(effects=Effects.only("dark"), exptime=30.0, dark_rate=1e-3, tagflash=True)
    events = simulate_events(exposure, Source.builtin("flat").scaled(0.0))
    assert events.counts["dark"] == pytest.approx(30.0 * (1e-3 * 1024**2 + 34 * 0.02), rel=0.03)


def test_lamp_flashes_when_planned():
    (exposure,) = planned(exptime=400.0)
    events = simulate_events(exposure, Source.builtin("flat").scaled(0.0))
    inside = [(events.time >= on) & (events.time <= off + 0.032) for on, off in exposure.flashes]
    assert np.all(np.any(inside, axis=0))
    assert events.counts["lamp"] == pytest.approx(480.0 * 24.0, rel=0.1)


def test_flash_after_the_end_is_left_out():
    (exposure,) = planned(exptime=2.0)
    assert simulate_events(exposure, Source.builtin("flat").scaled(0.0)).counts["lamp"] == 0
    assert primary_header(exposure, {})["TAGFLASH"] == "NONE"


def test_onboard_shift_keeps_lines_in_place():
    """ACCUM moves events against the Doppler shift by whole pixels."""
    effects = Effects.only("doppler")
    _, exposure, _ = planned("G285M", 2676, effects, obsmode="ACCUM", exptime=2800.0, ra=40.0, dec=5.0)
    assert onboard_amplitude(exposure) > 1.0
    events = simulate_events(exposure, star(exposure, 300_000.0))
    image = accumulate(exposure, events)
    assert image.sum() == pytest.approx(len(events), rel=0.01)
    still = simulate_events(replace(exposure, effects=BARE), star(exposure, 300_000.0))
    rows = slice(270, 320)
    spectra = [
        np.bincount(x, weights=(y >= 270) & (y < 320), minlength=1024)
        for x, y in ((events.rawx, events.rawy), (still.rawx, still.rawy))
    ]
    moved, reference = spectra
    corrected = image[rows].sum(axis=0)
    blurred = [((spectrum - reference) ** 2)[50:-50].sum() for spectrum in (moved, corrected)]
    assert blurred[1] < 0.6 * blurred[0]


def test_wavecals_have_no_light_of_the_source():
    first, science, last = planned("G225M", 2250, effects=Effects(), aperture="BOA", exptime=100.0)
    for exposure in (first, last):
        events = simulate_events(exposure, star(science))
        assert "source" not in events.counts
        assert events.counts["lamp"] == pytest.approx(90.0 * 480.0, rel=0.1)
        header = primary_header(exposure, {})
        assert (header["EXPTYPE"], header["APERTURE"], header["TAGFLASH"]) == ("WAVECAL", "WCA", "NONE")
        assert header["DOPPCORR"] == header["FLUXCORR"] == "OMIT"
        assert header["WAVECORR"] == header["X1DCORR"] == "PERFORM"


@pytest.mark.parametrize(
    ("effect", "switch"),
    [
        ("flat", "FLATCORR"), ("dead_time", "DEADCORR"), ("doppler", "DOPPCORR"), ("heliocentric", "HELCORR"),
        ("bad_times", "BADTCORR"), ("ageing", "TDSCORR"),
    ],
)  # fmt: skip
def test_switch_of_an_effect(effect, switch):
    (exposure,) = planned(effects=Effects())
    assert primary_header(exposure, {})[switch] == "PERFORM"
    without = primary_header(replace(exposure, effects=Effects().without(effect)), {})
    assert without[switch] == "OMIT"
    changed = [k for k in without if without[k] != primary_header(exposure, {})[k]]
    assert changed == [switch]


def test_accum_has_no_bad_times():
    (exposure,) = planned("MIRRORB", 0, effects=Effects(), obsmode="ACCUM", bad_times=((0.0, 600.0),))
    assert simulate_events(exposure, star(exposure)).counts["source"] > 15_000
    assert primary_header(exposure, {})["BADTCORR"] == "OMIT"


def test_switches_of_images():
    (flashed,) = planned("MIRRORA", 0, effects=Effects())
    (plain,) = planned("MIRRORB", 0, effects=Effects(), obsmode="ACCUM")
    for exposure, wavecorr in ((flashed, "PERFORM"), (plain, "OMIT")):
        header = primary_header(exposure, {})
        assert header["WAVECORR"] == wavecorr
        assert header["PHOTCORR"] == "PERFORM"
        assert header["X1DCORR"] == header["DOPPCORR"] == header["TDSCORR"] == "OMIT"


@pytest.mark.parametrize("obsmode", ["TIME-TAG", "ACCUM"])
def test_raw_files_can_be_read(tmp_path, obsmode):
    exposures = planned("G185M", 2010, effects=Effects(), obsmode=obsmode, exptime=30.0)
    exposure = next(e for e in exposures if not e.is_wavecal)
    nuv = Nuv(exposure.configuration)
    names = nuv.write_references(tmp_path)
    (path,), truth = nuv.write_raw(exposure, star(exposure), tmp_path, names)
    read = recos.io.read.read(path)
    assert len(read.events) == pytest.approx(sum(truth["events"].values()), rel=0.01)
    assert read.mode.obsmode == obsmode
    assert list(read.raw_gti) == [(0.0, 30.0)]
    with fits.open(path) as hdus:
        assert hdus[0].header["NEXTEND"] == len(hdus) - 1
        assert hdus[0].header["FILENAME"] == path.name
        if obsmode == "ACCUM":
            assert hdus[1].data.dtype.kind in "iu"
            assert [h.name for h in hdus[1:]] == ["SCI", "ERR", "DQ"]
        else:
            assert [c.name for c in hdus[1].columns] == ["TIME", "RAWX", "RAWY"]
