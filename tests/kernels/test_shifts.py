"""Kernels of the wavelength calibration against NumPy and the test vectors of the specification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.kernels.shifts import binned_counts, shift_events


@pytest.mark.parametrize(
    ("times", "slices"),
    [
        ([0, 0.05, 0.1, 0.5, 0.55, 0.9], [(0, 2), (3, 3), (3, 4), (5, 5), (5, 6)]),
        ([0, 0.05, 0.1, 0.25, 0.55, 1.0], [(0, 3), (3, 4), (4, 4), (5, 5), (5, 5)]),
    ],
)
def test_bins_lose_the_last_event_before_an_empty_bin(times, slices):
    time = np.array(times, np.float32)
    weights = 2 ** np.arange(6)  # each event alone in its row, so that the counts tell which ones
    total = np.zeros(5, np.int64)
    for row in range(6):
        counts = np.zeros(5, np.int64)
        binned_counts(time, np.arange(6, dtype=np.float32), row, row, 0.2, False, counts)
        total += counts * weights[row]
    assert total.tolist() == [int(weights[a:b].sum()) for a, b in slices]


@given(st.integers(0, 10_000))
def test_bins_are_a_histogram_where_every_bin_has_events(seed):
    rng = np.random.default_rng(seed)
    time = np.sort(np.concatenate((np.arange(0.05, 4.0, 0.1), rng.uniform(0.0, 4.0, 50)))).astype(np.float32)
    y = rng.uniform(0.0, 20.0, len(time)).astype(np.float32)
    n = int(np.ceil((float(time[-1]) - float(time[0])) / 0.2))
    counts = np.zeros(n, np.int64)
    binned_counts(time, y, 5, 15, 0.2, False, counts)
    inside = (np.floor(y.astype(float) + 0.5) >= 5) & (np.floor(y.astype(float) + 0.5) <= 15)
    seconds = time.astype(float) - float(time[0])
    expected = np.histogram(seconds[inside], bins=np.arange(n + 1) * 0.2)[0]
    last = seconds[-1] == n * 0.2 and inside[-1]
    expected[-1] -= int(last)
    assert np.array_equal(counts, expected)


@given(st.integers(0, 10_000))
def test_complete_bins_are_a_histogram_of_ticks(seed):
    """Times in ticks of 32 ms: those at a limit are in the bin that begins there, the last one in the last bin."""
    rng = np.random.default_rng(seed)
    ticks = np.concatenate(([1], np.sort(rng.integers(1, 600, 79))))
    time, y = (ticks * 0.032).astype(np.float32), rng.uniform(0.0, 20.0, 80).astype(np.float32)
    n = int(np.ceil((float(time[-1]) - float(time[0])) / 0.2))
    counts = np.zeros(n, np.int64)
    binned_counts(time, y, 5, 15, 0.2, True, counts)
    inside = (np.floor(y.astype(float) + 0.5) >= 5) & (np.floor(y.astype(float) + 0.5) <= 15)
    number = np.minimum((ticks - ticks[0]) * 32 // 200, n - 1)
    np.testing.assert_array_equal(counts, np.bincount(number[inside], minlength=n))


def test_rows_are_rounded_half_up():
    time = np.array([0.0, 0.05, 0.1, 0.15, 0.2], np.float32)
    y = np.array([4.49, 4.5, 5.49, 5.5, 5.0], np.float32)
    counts = np.zeros(1, np.int64)
    binned_counts(time, y, 5, 5, 0.2, False, counts)
    assert counts[0] == 2


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_shift_events_against_numpy(seed, m):
    rng = np.random.default_rng(seed)
    n = 200
    time = np.sort(rng.uniform(0.0, 100.0, n)).astype(np.float32)
    source = rng.uniform(0.0, 16384.0, n).astype(np.float32)
    label = rng.integers(0, 3, n).astype(np.int8)
    start = np.concatenate(([0], np.sort(rng.integers(0, n + 1, m - 1)), [n])).astype(np.int64)
    origin, value, slope = rng.uniform(0, 100, m), rng.uniform(-500, 300, (2, m)), rng.normal(0, 0.01, (2, m))
    target, total, count = np.empty_like(source), np.zeros(2), np.zeros(2, np.int64)
    shift_events(source, target, time, label, start, origin, value, slope, total, count)
    interval = np.repeat(np.arange(m), np.diff(start))
    which = np.maximum(label, 1) - 1
    shift = value[which, interval] + (time.astype(np.float64) - origin[interval]) * slope[which, interval]
    expected = np.where(label > 0, (source.astype(np.float64) - shift).astype(np.float32), source)
    assert np.array_equal(target, expected)
    rest = (expected - np.around(expected)).astype(np.float64)
    for i in (0, 1):
        assert count[i] == np.sum(label == i + 1)
        assert total[i] == pytest.approx(rest[label == i + 1].sum(), abs=1e-9)
