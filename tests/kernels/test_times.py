"""Slices, searches and steps of sorted event times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.kernels.times import (
    first_index,
    nint,
    second_grid,
    slice_index,
    slice_indices,
    time_slice,
    time_steps,
)

TIMES = st.lists(st.floats(0.0, 100.0, width=32), min_size=1, max_size=40).map(
    lambda values: np.sort(np.array(values, np.float32))
)


def test_slice_rounds_its_limits_to_float32():
    time = np.array([10.1, 10.2, 10.3], np.float32)
    assert float(time[1]) < 10.2000001  # below the limit, but equal to it in float32
    assert slice_index(time, 10.2) == 1


@pytest.mark.parametrize("length", [0.2, 1.0, 10.0])
@pytest.mark.parametrize("first", [1, 2, 7])
def test_rounding_puts_ticks_at_a_limit_into_one_interval(first, length):
    """Events come in ticks of 32 ms. Those at a limit are on its right side with rounding, on either without."""
    ticks = np.arange(first, first + 30_000)
    time = (ticks * 0.032).astype(np.float32)
    edges = time_steps(float(time[0]), float(time[-1]), length)[:-1]
    milliseconds = np.arange(len(edges)) * round(1000 * length)
    truth = -(-milliseconds // 32)
    np.testing.assert_array_equal(slice_indices(time, edges), truth)
    assert (first_index(time, edges) != truth).sum() > 0.3 * np.count_nonzero(milliseconds % 32 == 0)


def test_slice_end_rules():
    time = np.array([1.0, 2.0, 2.0, 3.0, 3.0], np.float32)
    assert time_slice(time, 0.5, 2.0) == (0, 1)
    assert time_slice(time, 2.0, 3.0) == (1, 5)  # up to the last time: all events of that time
    assert time_slice(time, 3.0, 9.0) == (5, 5)
    assert time_slice(time, 3.0, 1.0) == (0, 5)  # exchanged
    assert time_slice(time, 3.5, 9.0) is None
    assert time_slice(time, 0.0, 0.9) is None


@given(TIMES, st.floats(-1.0, 101.0))
def test_slice_indices_is_slice_index_of_each(time, t):
    assert slice_indices(time, np.array([t]))[0] == slice_index(time, t)


@given(TIMES, st.floats(-1.0, 101.0))
def test_first_index_compares_exactly(time, t):
    wide = time.astype(np.float64)
    assert first_index(time, t) == np.count_nonzero(wide < t)
    assert first_index(time, t, after=True) == np.count_nonzero(wide <= t)


@given(TIMES, st.integers(0, 39))
def test_first_index_at_times_of_events(time, k):
    t = float(time[min(k, len(time) - 1)])
    assert first_index(time, t) == np.count_nonzero(time < t)
    assert first_index(time, t, after=True) == np.count_nonzero(time <= t)


@given(st.floats(0.0, 10.0), st.floats(0.0, 1000.0), st.floats(0.3, 200.0), st.booleans())
def test_time_steps_are_those_of_a_loop(first, length, step, closed):
    last = first + length
    expected, t0 = [first], first
    while t0 < last or (closed and t0 == last):
        t0 = t0 + step
        expected.append(t0)
    assert time_steps(first, last, step, closed=closed).tolist() == expected


def test_time_steps_of_no_range():
    assert len(time_steps(5.0, 5.0, 10.0)) == 1
    assert time_steps(5.0, 5.0, 10.0, closed=True).tolist() == [5.0, 15.0]


@pytest.mark.parametrize(("value", "expected"), [(-0.5, 0), (0.5, 1), (0.49, 0), (-0.51, -1), (2.5, 3)])
def test_nint_rounds_halves_up(value, expected):
    assert nint(value) == expected


def test_second_grid():
    assert second_grid(3.0, 3.0).tolist() == [0.0]
    assert second_grid(None, None).tolist() == [0.0]
    grid = second_grid(np.float32(0.064), np.float32(1404.19))
    assert len(grid) == 1405
    assert grid.dtype == np.float32
