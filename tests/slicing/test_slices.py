"""TimeSlice, and the lists of slices that times, increments, intervals, phases and conditions make."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recos.data.gti import GTI
from recos.errors import UsageError
from recos.slicing.slices import (
    TimeSlice,
    slices_from_condition,
    slices_from_gti,
    slices_from_increment,
    slices_from_phase,
    slices_from_times,
)

TIME = np.array([0, 0, 10, 10, 20, 20, 20, 30, 35.5, 40, 40], np.float32)

times_of_events = st.lists(st.floats(0.0, 1000.0, width=32), min_size=1, max_size=40).map(
    lambda t: np.sort(np.array(t, np.float32))
)
seconds = st.floats(0.0, 1000.0)


def limits(slices: list[TimeSlice]) -> list[tuple]:
    return [piece.intervals[0] if len(piece.intervals) == 1 else piece.intervals for piece in slices]


# ------------------------------------------------------------------------------------------------ TimeSlice


@pytest.mark.parametrize(
    ("interval", "rows"),
    [((0, 10), [0, 1]), ((30, 40), [7, 8, 9, 10]), ((40, 50), []), ((-5, 60), range(11))],
)
def test_events_of_an_interval(interval, rows):
    assert np.flatnonzero(TimeSlice((interval,)).event_rows(TIME)).tolist() == list(rows)


def test_events_of_several_intervals():
    piece = TimeSlice(((0.0, 5.0), (5.0, 10.5), (35.0, 36.0)))
    assert np.flatnonzero(piece.event_rows(TIME)).tolist() == [0, 1, 2, 3, 8]
    assert (piece.start, piece.stop) == (0.0, 36.0)


def test_no_events():
    piece = TimeSlice(((0.0, 1.0),))
    assert piece.event_rows(np.zeros(0, np.float32)).shape == (0,)
    assert piece.timeline_rows(np.zeros(0, np.float32)).shape == (0,)


@pytest.mark.parametrize(
    "intervals",
    [(), ((1.0, 1.0),), ((2.0, 1.0),), ((0.0, 2.0), (1.0, 3.0)), ((0.0, math.inf),), ((math.nan, 1.0),)],
)
def test_impossible_intervals(intervals):
    with pytest.raises(UsageError, match="night"):
        TimeSlice(intervals, "night")


@given(times_of_events, st.lists(seconds, min_size=2, max_size=20, unique=True).map(sorted))
def test_adjacent_slices_share_no_event_and_lose_none(time, edges):
    edges = [min(-1.0, float(time[0])), *edges, 2000.0]
    pieces = [TimeSlice((pair,)).event_rows(time) for pair in pairwise(edges) if pair[0] < pair[1]]
    assert (np.sum(pieces, axis=0) == 1).all()


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=5),
    st.sets(st.integers(0, 50), min_size=2),
)
def test_good_time_against_a_grid(gti, edges):
    gti = [pair for pair in gti if pair[0] < pair[1]]
    # good time intervals of an exposure do not overlap
    gti = [g for i, g in enumerate(gti) if all(g[1] <= o[0] or o[1] <= g[0] for o in gti[:i])]
    ordered = sorted(edges)
    piece = TimeSlice(tuple(zip(ordered[::2], ordered[1::2], strict=False)))
    middle = np.arange(50) + 0.5

    def inside(intervals):
        return (
            np.any([(a < middle) & (middle < b) for a, b in intervals], axis=0) if intervals else middle < 0
        )

    expected = inside(piece.intervals) & (inside(gti) if gti else True)
    good = list(piece.good_time(GTI.of(gti)))
    assert sum(b - a for a, b in good) == expected.sum()
    assert np.array_equal(inside(good), expected)
    assert all(a < b for a, b in good)


def test_intervals_that_touch_have_no_good_time():
    assert TimeSlice(((0.0, 10.0),)).good_time(GTI.of([(10.0, 20.0)])) == GTI()


def test_timeline_of_time_limits_goes_on_until_the_whole_second():
    time = np.arange(100, dtype=np.float32) + np.float32(0.25)
    rows = np.flatnonzero(TimeSlice(((10.0, 20.5),), whole_seconds=True).timeline_rows(time))
    assert (rows[0], rows[-1]) == (10, 20)
    rows = np.flatnonzero(TimeSlice(((10.5, 20.2),), whole_seconds=True).timeline_rows(time))
    assert (rows[0], rows[-1]) == (11, 20)


def test_timeline_rows_overlap_the_intervals():
    time = np.arange(100, dtype=np.float32) + np.float32(0.25)
    piece = TimeSlice(((10.5, 12.0), (12.1, 12.2), (50.25, 52.25)))
    assert np.flatnonzero(piece.timeline_rows(time)).tolist() == [10, 11, 50, 51]


# ---------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("0,100,end", [(0, 100), (100, 600)]),
        ("start 10, 20", [(0, 10), (10, 20)]),
        (["START", 5, 5, "10"], [(0, 5), (5, 10)]),
        (np.array([0.0, 1.0, 2.5]), [(0, 1), (1, 2.5)]),
        ([-100, 0, 10, 700, 800], [(0, 10), (10, 700)]),
        ([-100, -50, 10], [(-50, 10)]),
        ([-100, 1, 600], [(-100, 1), (1, 600)]),
        ("0:10, 250:stop", [(0, 10), (250, 600)]),
        ([(0, 10)], [(0, 10)]),
        ([[20, 30], (5, np.float32(6))], [(20, 30), (5, 6)]),
    ],
)
def test_times(times, expected):
    slices = slices_from_times(times, 0.0, 600.0)
    assert limits(slices) == expected
    assert all(piece.whole_seconds for piece in slices)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ("", "at least two"),
        ([5], "at least two"),
        ("10,5", "increasing"),
        ("0,700,end", "last event, 600 s"),
        ("end,5", "cannot begin"),
        ("0,ten", "'ten' is no time"),
        ("0,nan", "no time"),
        ([0, None], "no time"),
        ("0,5:10", "mixture"),
        ("5:5", "before it begins"),
        ("10:5", "before it begins"),
        ("700:800", "outside the exposure"),
        ("0:10,5:20", "overlap"),
        ("a:b", "no time"),
    ],
)
def test_impossible_times(times, message):
    with pytest.raises(UsageError, match=message):
        slices_from_times(times, 0.0, 600.0)


def test_pairs_may_overlap_as_in_the_reference():
    slices = slices_from_times([(10, 20), (15, 30), (50, 40)], 0.0, 600.0, allow_overlap=True)
    assert limits(slices) == [(10, 20), (15, 30), (40, 50)]


# ------------------------------------------------------------------------------------------------ increment


def test_increment():
    assert limits(slices_from_increment(200.0, None, None, 0.0, 500.0)) == [(0, 200), (200, 400), (400, 500)]
    assert limits(slices_from_increment(60.0, -100.0, 70.0, 0.0, 500.0)) == [(-40, 20), (20, 70)]
    assert limits(slices_from_increment(60.0, 480.0, 900.0, 0.0, 500.0)) == [(480, 540)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, None, None), "positive"),
        ((-5.0, None, None), "positive"),
        ((math.nan, None, None), "positive"),
        ((5.0, 10.0, 10.0), "after the start"),
        ((5.0, 700.0, None), "after the start"),
        ((5.0, math.nan, None), "after the start"),
        ((1e-3, None, None), "600000 slices"),
    ],
)
def test_impossible_increments(arguments, message):
    with pytest.raises(UsageError, match=message):
        slices_from_increment(*arguments, 0.0, 600.0)


@given(st.floats(0.5, 700.0), times_of_events)
def test_increments_cover_the_exposure(increment, time):
    assume(time[0] < time[-1])
    slices = slices_from_increment(increment, None, None, float(time[0]), float(time[-1]))
    assert (np.sum([piece.event_rows(time) for piece in slices], axis=0) == 1).all()


# ------------------------------------------------------------------------------------ good time intervals


def test_one_slice_for_each_good_time_interval():
    slices = slices_from_gti(GTI.of([(50.0, 60.0), (0.0, 10.0), (70.0, 70.0)]))
    assert limits(slices) == [(0, 10), (50, 60)]
    assert slices[1].label == "good time interval 2 of 2"
    assert slices_from_gti(GTI()) == []


# --------------------------------------------------------------------------------------------------- phases


@given(
    st.floats(1.0, 2000.0),
    st.none() | st.floats(55_000.0, 55_001.0),
    st.integers(1, 12),
    times_of_events,
)
def test_phases(period, epoch, bins, time):
    slices = slices_from_phase(period, epoch, bins, 55_000.5, 0.0, 1001.0)
    rows = [piece.event_rows(time) for piece in slices]
    assert (np.sum(rows, axis=0) == 1).all()
    assert math.isclose(sum(b - a for p in slices for a, b in p.intervals), 1001.0, rel_tol=1e-9)
    zero = 0.0 if epoch is None else (epoch - 55_000.5) * 86400.0
    for piece in slices:
        number = round(float(piece.label.split()[1]) * bins)
        for start, stop in piece.intervals:
            if bins > 1 and stop - start > 1e-6:
                phase = ((start + stop) / 2.0 - zero) / period % 1.0
                assert int(phase * bins) == number


def test_bins_outside_a_short_exposure_are_left_out():
    slices = slices_from_phase(1000.0, None, 4, 0.0, 0.0, 300.0)
    assert limits(slices) == [(0, 250), (250, 300)]
    assert slices[1].label == "phase 0.25 to 0.5 of 1000 s"


@pytest.mark.parametrize(
    ("period", "bins", "message"),
    [(0.0, 4, "positive"), (-1.0, 4, "positive"), (math.inf, 4, "positive"), (9.0, 0, "at least one"),
     (0.1, 10, "0.032 s"), (1e6, 100_000, "at most")],
)  # fmt: skip
def test_impossible_phases(period, bins, message):
    with pytest.raises(UsageError, match=message):
        slices_from_phase(period, None, bins, 55_000.0, 0.0, 600.0)


# ----------------------------------------------------------------------------------------------- conditions


def test_a_condition_covers_the_seconds_of_its_rows():
    time = np.arange(10, dtype=np.float32) + np.float32(0.5)
    holds = np.isin(np.arange(10), [0, 3, 4, 5, 9])
    (piece,) = slices_from_condition(holds, time, 0.0, 10.0, "x")
    assert piece.intervals == ((0.0, 1.5), (3.5, 6.5), (9.5, 10.0))
    assert piece.label == "x"
    assert np.array_equal(piece.timeline_rows(time), holds)


def test_a_condition_that_never_holds_makes_no_slice():
    assert slices_from_condition(np.zeros(3, bool), np.arange(3, dtype=np.float32), 0.0, 3.0) == []


def test_rows_that_do_not_follow_at_once_stand_for_one_second():
    time = np.array([0.0, 1.0, 50.0, 51.0], np.float32)
    (piece,) = slices_from_condition(np.array([False, True, True, False]), time, 0.0, 52.0)
    assert piece.intervals == ((1.0, 2.0), (50.0, 51.0))


@given(times_of_events, st.data())
def test_a_condition_and_its_opposite_share_the_exposure(time, data):
    first, last = float(time[0]), float(time[-1])
    n = round(last - first) + 1
    rows = np.float32(first) + np.arange(n, dtype=np.float32)
    holds = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    pieces = [p for h in (holds, ~holds) for p in slices_from_condition(h, rows, 0.0, last + 0.01)]
    events = [piece.event_rows(time) for piece in pieces]
    assert (np.sum(events, axis=0) == 1).all()
    total = sum(b - a for p in pieces for a, b in p.intervals)
    assert math.isclose(total, last + 0.01, rel_tol=1e-6) or rows[-1] > last
