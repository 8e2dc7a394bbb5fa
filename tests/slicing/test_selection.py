"""What users ask for: one selection, checked, and made into slices of an exposure."""

from __future__ import annotations

import numpy as np
import pytest

import recos
from helpers import builders
from helpers.corrtag_builders import make_corrtag, make_timeline
from recos.data.gti import GTI
from recos.errors import InputError, UsageError
from recos.slicing import ExposureTimes, Selection

ROWS = np.arange(600, dtype=np.float32) + np.float32(0.5)
TIMES = ExposureTimes(
    name="x_corrtag_a.fits",
    expstart=55_000.0,
    first=0.5,
    last=599.5,
    gti=GTI.of([(0.0, 250.0), (300.0, 600.0)]),
    timeline={"TIME": ROWS, "SUN_ALT": 0.1 * (ROWS - 300.0), "SHIFT1": np.zeros(600)},
)


@pytest.mark.parametrize(
    ("selection", "intervals"),
    [
        ({"times": "0,100"}, [((0, 100),)]),
        ({"increment": 400.0}, [((0, 400),), ((400, 599.5),)]),
        ({"increment": 100.0, "start": 50, "end": 200}, [((50, 150),), ((150, 200),)]),
        ({"gti": True}, [((0, 250),), ((300, 600),)]),
        ({"where": "SUN_ALT < -20"}, [((0, 100.5),)]),
        ({"night": True}, [((0, 300.5),)]),
        ({"day": True}, [((300.5, 600),)]),
        ({"period": 300.0, "phase_bins": 2}, [((0, 150), (300, 450)), ((150, 300), (450, 600))]),
        ({"period": 600.0, "phase_bins": 1, "epoch": 55_000.0}, [((0, 600),)]),
    ],
)
def test_slices(selection, intervals):
    assert [piece.intervals for piece in Selection(**selection).slices(TIMES)] == intervals


def test_ten_bins_of_phase_by_default():
    assert len(Selection(period=100.0).slices(TIMES)) == 10


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({}, "none"),
        ({"times": "0,1", "gti": True}, "times and gti"),
        ({"day": True, "night": True}, "day and night"),
        ({"gti": True, "start": 0.0}, "start: options of increment"),
        ({"times": "0,1", "end": 5.0}, "end: options of increment"),
        ({"increment": 5.0, "epoch": 1.0, "phase_bins": 3}, "epoch and phase_bins: options of period"),
        ({"where": "SUN_ALT <"}, "character 10"),
        ({"where": ""}, "character 1"),
    ],
)
def test_impossible_selections(selection, message):
    with pytest.raises(UsageError, match=message):
        Selection(**selection)


def changed(**values) -> ExposureTimes:
    return ExposureTimes(**{name: getattr(TIMES, name) for name in TIMES.__dataclass_fields__} | values)


@pytest.mark.parametrize(
    ("selection", "exposure", "message"),
    [
        ({"gti": True}, changed(gti=GTI()), "no good time interval"),
        ({"day": True}, changed(timeline={}), "no TIMELINE"),
        ({"day": True}, changed(timeline={"TIME": np.zeros(0)}), "no TIMELINE"),
        ({"day": True}, changed(timeline={"TIME": ROWS, "SUN_ALT": 0.0 * ROWS}), "support file"),
        ({"where": "SUN_ALT > 90"}, TIMES, "holds at no time of the exposure; SUN_ALT is -29.95 to 29.95"),
        ({"period": 30.0, "epoch": 55_000.0}, changed(expstart=0.0), "no EXPSTART"),
    ],
)
def test_exposures_that_lack_something(selection, exposure, message):
    with pytest.raises(InputError, match=message):
        Selection(**selection).slices(exposure)


def test_an_exposure_in_memory(tmp_path):
    exposure = builders.make_exposure(n=500, gti=[(0.0, 200.0), (250.0, 600.0)])
    first, second = Selection(gti=True).slices(ExposureTimes.of(exposure))
    time = exposure.events.time
    assert np.array_equal(first.event_rows(time), time < 200.0)
    assert list(second.good_time(exposure.raw_gti)) == [(250.0, 600.0)]
    with pytest.raises(InputError, match="no TIMELINE"):
        Selection(night=True).slices(ExposureTimes.of(exposure))


def test_an_exposure_with_timeline(tmp_path):
    path = make_corrtag(tmp_path / "x_corrtag_a.fits", n=500)
    exposure = recos.read(path)
    (from_input,) = Selection(night=True).slices(ExposureTimes.of(exposure))
    exposure.timeline = make_timeline(exposure.events.time)
    (from_step,) = Selection(night=True).slices(ExposureTimes.of(exposure))
    assert from_input == from_step
    (part,) = recos.split(path, tmp_path / "part", night=True)
    assert len(recos.read(part).events) == from_step.event_rows(exposure.events.time).sum()


def test_an_exposure_without_events():
    exposure = builders.make_exposure(n=0)
    with pytest.raises(InputError, match="no events"):
        ExposureTimes.of(exposure)


def test_unknown_columns_are_told():
    with pytest.raises(UsageError, match=r"no column MOON; it has TIME, SUN_ALT, SHIFT1"):
        Selection(where="MOON > 1").slices(TIMES)
