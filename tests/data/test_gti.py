"""GTI: the algebra of time intervals against sets of seconds."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.data import gti as module
from recos.data.gti import GTI

INTERVAL = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted).map(tuple)
INTERVALS = st.lists(INTERVAL, max_size=6).map(GTI.of)
SECONDS = np.arange(50) + 0.5


def covered(intervals: GTI) -> np.ndarray:
    """How many intervals each second is in."""
    return np.array([sum(a < k < b for a, b in intervals) for k in SECONDS])


def disjoint(intervals: GTI) -> GTI:
    return intervals.filled().union()


def test_examples():
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 5) == (0, True)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ((3, 5), [(0, 3), (5, 10), (20, 30)]),
        ((0, 10), [(20, 30)]),
        ((-5, 40), []),
        ((10, 20), [(0, 10), (20, 30)]),
        ((8, 22), [(0, 8), (22, 30)]),
        ((4, 4), [(0, 4), (4, 10), (20, 30)]),
    ],
)
def test_without_one_interval(bad, expected):
    assert list(GTI.of([(0, 10), (20, 30)]).without(GTI.of([bad]))) == expected


@given(INTERVALS, INTERVALS)
def test_without_leaves_exactly_what_is_not_bad(good, bad):
    np.testing.assert_array_equal(covered(good.without(bad)), np.where(covered(bad) > 0, 0, covered(good)))


@given(INTERVALS, INTERVALS)
def test_union_covers_what_either_does_once(one, two):
    joined = one.filled().union(two.filled())
    np.testing.assert_array_equal(covered(joined), (covered(one) + covered(two)) > 0)
    assert all(a[1] < b[0] for a, b in zip(joined, list(joined)[1:], strict=False))
    assert joined == two.filled().union(one.filled())
    assert joined.union() == joined


@given(INTERVALS, INTERVALS)
def test_intersection_is_what_both_cover(one, two):
    one, two = disjoint(one), disjoint(two)
    common = one.intersection(two)
    np.testing.assert_array_equal(covered(common), covered(one) * covered(two))
    assert common == two.intersection(one)
    assert all(a < b for a, b in common)


@given(INTERVALS, INTERVALS)
def test_totals_add_up(one, two):
    one, two = disjoint(one), disjoint(two)
    assert one.union(two).total + one.intersection(two).total == one.total + two.total
    assert one.complement(0, 50).total == 50 - one.total
    assert one.without(two).total == one.total - one.intersection(two).total


@given(INTERVALS)
def test_complement_of_the_complement(gti):
    gti = disjoint(gti)
    assert gti.complement(0, 50).complement(0, 50) == gti


@given(INTERVALS, st.lists(st.integers(0, 49), max_size=30).map(sorted))
def test_selection_is_half_open(gti, seconds):
    time = np.array([*seconds, 60.0], np.float32)  # no interval reaches the last event
    expected = [any(a <= t < b for a, b in gti) for t in time]
    np.testing.assert_array_equal(gti.select(time), expected)
    assert not len(gti.select(time[:0]))


def test_the_last_event_belongs_to_an_interval_that_ends_with_it():
    time = np.array([0.0, 5.0, 10.0], np.float32)
    np.testing.assert_array_equal(GTI.of([(5.0, 10.0)]).select(time), [False, True, True])


def test_limits_keep_their_types():
    single, double = np.float32(0.1), np.float64(700.3)
    gti = GTI.of([(0.0, double)]).without(GTI.of([(single, np.float32(500.7))]))
    assert [type(t) for t in gti.intervals[0] + gti.intervals[1]] == [
        float,
        np.float32,
        np.float32,
        np.float64,
    ]
    assert gti.limits.dtype == np.float64
    assert GTI().limits.shape == (0, 2)


def test_gti_has_a_length_but_no_truth_value():
    assert len(GTI()) == 0
    with pytest.raises(TypeError, match="GTI has no truth value"):
        bool(GTI())


def test_repr():
    assert repr(GTI()) == "<GTI: no intervals>"
    assert repr(GTI.of([(0.5, 2.0)])) == "<GTI: 1 interval, 0.5 to 2 s, 1.5 s good>"
