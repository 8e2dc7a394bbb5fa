"""Events of the simulated FUV detector: origins, times, places, dead time, ACCUM images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.simulated import line_source
from recos.simulate.configurations import Configuration
from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import LAYOUT
from recos.simulate.fuv.events import accumulate, record
from recos.simulate.fuv.headers import doppler_pixels, switches
from recos.simulate.fuv.light import Scene
from recos.simulate.fuv.optics import Optics, motion
from recos.simulate.plan import Effects, PlannedExposure

CONFIGURATION = Configuration("G130M", 1291, 1)
PLANNED = PlannedExposure(
    "lrec01aaq", "EXP-FP", CONFIGURATION, exptime=60.0, flashes=((4.0, 10.0),), bursts=((20.0, 22.0),),
    bad_times=((40.0, 50.0),),
)  # fmt: skip


def _scene(planned=PLANNED, segment="FUVA", level=5e-15, seed=1):
    optics = Optics(planned.configuration)
    rng = np.random.default_rng(seed)
    return Scene(optics, segment, planned, line_source(level), motion(optics, planned), rng)


def test_events_are_in_order_of_time_inside_the_exposure_and_the_detector():
    events = record(_scene())
    assert np.all(np.diff(events.time) >= 0)
    assert 0.0 < events.time[0] <= events.time[-1] <= PLANNED.exptime
    assert events.rawx.min() >= 0
    assert events.rawy.max() < 1024
    assert events.pha.max() <= 31
    counts = dict(events.counts)
    assert counts.pop("lost") > 0
    assert sum(counts.values()) == len(events)
    assert set(counts) == {
        "source", "lamp", "scattered", "airglow", "dark", "bursts", "bad_times", "stims", "stray",
    }  # fmt: skip
    assert all(counts.values())


def test_effects_that_are_off_leave_no_events():
    planned = replace(PLANNED, effects=Effects.only())
    assert set(record(_scene(planned)).counts) == {"source", "lamp", "stims", "stray", "lost"}
    assert record(_scene(planned)).counts["lost"] == 0


def test_number_of_source_events_is_that_of_the_sensitivity():
    planned = replace(PLANNED, effects=Effects.only("flat", "grid_wires"))
    scene = _scene(planned, level=2e-14)
    s = LAYOUT["FUVA"]
    edges, rate = scene.optics.source_cells("FUVA", scene.source, planned)
    x = edges[:-1]
    columns = np.arange(s.left, s.right)
    response = detector.flat("FUVA", columns, np.full(len(columns), 488)).mean()
    expected = rate[(x > s.left) & (x < s.right)].sum() * planned.exptime * response
    found = record(scene).counts["source"]
    assert found == pytest.approx(expected, abs=5.0 * np.sqrt(expected) + 0.002 * expected)


def test_bursts_bad_times_and_flashes_happen_when_planned():
    scene = _scene()
    origins = scene.all()
    for name, (start, stop) in (("lamp", (4.0, 10.0)), ("bursts", (20.0, 22.0)), ("bad_times", (40.0, 50.0))):
        time = origins[name].time
        assert start <= time.min()
        assert time.max() <= stop
    late = replace(PLANNED, bursts=((59.0, 80.0),))
    assert _scene(late).all()["bursts"].time.max() <= 60.0


def test_dead_time_loses_the_fraction_of_the_table():
    planned = replace(PLANNED, effects=Effects.only("dead_time"), flashes=())
    events = record(_scene(planned, level=1e-12))
    rate = len(events) / planned.exptime
    assert rate > 5000.0
    lost = events.counts["lost"] / (len(events) + events.counts["lost"])
    assert lost == pytest.approx(1.0 - float(detector.livetime(rate)), rel=0.03)
    assert events.livetime == pytest.approx(1.0 - lost, abs=0.002)


def test_stray_events_and_stims_lie_outside_the_active_area():
    planned = replace(PLANNED, effects=Effects.only(), flashes=())
    events = record(_scene(planned, level=0.0))
    assert set(np.flatnonzero(list(events.counts.values()))) == {2, 3}
    assert not detector.active("FUVA", events.rawx, events.rawy).any()


def test_same_seed_same_events_other_seed_others():
    first, again, other = record(_scene()), record(_scene()), record(_scene(seed=2))
    np.testing.assert_array_equal(first.rawx, again.rawx)
    np.testing.assert_array_equal(first.time, again.time)
    assert len(first) != len(other)


def test_image_of_accum_holds_all_events_shifted_on_board():
    planned = replace(
        PLANNED, configuration=replace(CONFIGURATION, obsmode="ACCUM"), flashes=(), bursts=(), bad_times=()
    )
    scene = _scene(planned)
    events = record(scene)
    per_km_s = doppler_pixels(scene.optics, "FUVA")
    image, heights = accumulate(events, scene, per_km_s)
    assert image.sum() == heights.sum() == len(events)
    assert image.dtype == np.int16
    still, _ = accumulate(events, _scene(replace(planned, effects=Effects().without("doppler"))), per_km_s)
    np.testing.assert_array_equal(image.sum(axis=1), still.sum(axis=1))
    assert (image != still).any()


@pytest.mark.parametrize(
    ("effect", "steps"),
    [
        ("walk", {"XWLKCORR", "YWLKCORR"}), ("thermal", {"TEMPCORR"}), ("doppler", {"DOPPCORR"}),
        ("distortion", {"GEOCORR", "DGEOCORR", "IGEOCORR"}), ("dead_time", {"DEADCORR"}),
        ("heliocentric", {"HELCORR"}), ("trace", {"TRCECORR"}), ("ageing", {"TDSCORR"}), ("flat", set()),
        ("bursts", {"BRSTCORR"}), ("bad_times", {"BADTCORR"}), ("dark", set()),
    ],
)  # fmt: skip
def test_steps_that_correct_an_effect_are_omitted_with_it(effect, steps):
    planned = replace(PLANNED, configuration=replace(CONFIGURATION, xtrctalg="TWOZONE"))
    every = switches(planned)
    assert {k for k, v in every.items() if v == "OMIT"} == {"PHOTCORR"}
    without = switches(replace(planned, effects=Effects().without(effect)))
    assert {k for k in every if every[k] != without[k]} == steps


def test_steps_of_boxcar_accum_and_wavecals():
    assert switches(PLANNED)["TRCECORR"] == switches(PLANNED)["ALGNCORR"] == "OMIT"
    accum = switches(replace(PLANNED, configuration=replace(CONFIGURATION, obsmode="ACCUM")))
    assert accum["XWLKCORR"] == accum["BRSTCORR"] == "OMIT"
    wavecal = switches(replace(PLANNED, role="EXP-AWAVE"))
    assert wavecal["FLUXCORR"] == "OMIT"
    assert wavecal["WAVECORR"] == wavecal["X1DCORR"] == "PERFORM"
    neither = switches(replace(PLANNED, effects=Effects().without("flat", "grid_wires")))
    assert neither["FLATCORR"] == "OMIT"
