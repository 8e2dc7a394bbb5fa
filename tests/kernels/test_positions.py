from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recos.kernels.geometry import file_pixels
from recos.kernels.positions import (
    add_offset,
    assign_wavelengths,
    bin_events,
    difference_limits,
    divide_by_flat,
    doppler_shift,
    label_rows,
    outside_band,
    subtract_trace,
)

RNG = np.random.default_rng(5)
X = RNG.uniform(-1.0, 60.0, 500).astype(np.float32)
Y = RNG.uniform(-1.0, 30.0, 500).astype(np.float32)
CHOSEN = RNG.random(500) < 0.7


def test_doppler_shift_is_a_sine_in_float64():
    time = RNG.uniform(0.0, 900.0, 500).astype(np.float32)
    c = np.array([[1200.0, 1e-2, 1e-7], [900.0, 3e-2, 0.0]])
    slope, delta = c[:, 1:] * [1, 2], np.array([3.0, 0.0])
    out = np.zeros(500, np.float32)
    label = np.arange(500) % 3
    doppler_shift(X, time, label.astype(np.int8), c, slope, delta, 100.0, 5700.0, 2.5e-5, out)
    x = X.astype(np.float64)
    c = c[np.maximum(label, 1) - 1].T
    u = x + np.where(label == 1, 3.0, 0.0)
    pixels = 2.5e-5 * (c[0] + c[1] * u + c[2] * u * u) / (c[1] + 2.0 * c[2] * u)
    expected = x - pixels * np.sin(2.0 * np.pi * (100.0 + time.astype(np.float64)) / 5700.0)
    np.testing.assert_array_equal(out, np.where(label > 0, expected, x).astype(np.float32))


def test_wavelengths_of_sky_and_lamp():
    out = np.full(500, 7.0, np.float32)
    coefficients = np.array([[1000.0, 2.0, 0.0], [500.0, 1.0, 0.1]])
    shift = np.array([1.5, 2.0], np.float32)
    label = np.where(CHOSEN, np.where(Y < 12, 1, 2), 0).astype(np.int8)
    delta, velocity = np.array([0.0, 4.0]), np.array([-1e-4, 0.0])
    assign_wavelengths(X, label, shift, coefficients, delta, velocity, out)
    x = (X - shift[0]).astype(np.float64)
    sky = (1000.0 + 2.0 * x) * (1.0 - 1e-4)
    x = (X - shift[1]).astype(np.float64) + 4.0
    lamp = 500.0 + x + 0.1 * x**2
    np.testing.assert_allclose(out, np.choose(label, [7.0, sky, lamp]), rtol=1e-7)


def test_rows_belong_to_the_range_that_begins_with_them():
    y = np.array([-1.0, 0.0, 4.9, 5.0, 9.9, 10.0, 7.0], np.float32)
    inside = np.array([True] * 6 + [False])
    assert label_rows(y, np.array([0.0, 5.0, 10.0]), inside).tolist() == [0, 1, 1, 2, 2, 0, 0]
    endless = np.array([-np.inf, 5.0, np.inf])
    assert label_rows(y, endless, inside).tolist() == [1, 1, 1, 2, 2, 2, 0]


def test_events_on_the_edge_of_the_band_are_outside():
    x = np.zeros(4, np.float32)
    y = np.array([8.0, 8.1, 12.0, 10.0], np.float32)
    chosen = np.array([True, True, True, False])
    np.testing.assert_array_equal(outside_band(x, y, chosen, 10.0, 0.3, 4.0), [True, False, True, False])


def test_trace_is_interpolated_and_extrapolated():
    trace = np.array([1.0, 3.0, 2.0])
    x = np.array([-0.5, 0.25, 1.5, 2.0, 2.5, 1.0], np.float32)
    y = np.full(6, 10.0, np.float32)
    subtract_trace(x, y, np.array([True] * 5 + [False]), trace)
    np.testing.assert_array_equal(y, np.float32([10.0, 8.5, 7.5, 8.0, 8.5, 10.0]))


def test_offset_moves_chosen_events_only():
    y = Y.copy()
    add_offset(y, CHOSEN, 0.1)
    np.testing.assert_array_equal(y, np.where(CHOSEN, Y.astype(np.float64) + 0.1, Y).astype(np.float32))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), first=st.integers(0, 12))
def test_binning_conserves_counts_and_weights(seed, first):
    rng = np.random.default_rng(seed)
    epsilon = rng.uniform(0.5, 2.0, 500).astype(np.float32)
    dq = rng.choice([0, 8, 64, 512, 2048], 500).astype(np.int16)
    counts, effective = np.zeros((10, 40), np.float32), np.zeros((10, 40), np.float32)
    bin_events(X, Y, epsilon, dq, 2624, 0.0, first, counts, effective)
    i, j = (np.floor(v.astype(np.float64) + 0.5).astype(int) for v in (X, Y))
    good = (dq & 2624 == 0) & (i >= 0) & (i < 40) & (j >= first) & (j < first + 10)
    expected = np.zeros((10, 40), np.float32)
    np.add.at(expected, (j[good] - first, i[good]), np.float32(1.0))
    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_allclose(effective.sum(dtype=float), epsilon[good].sum(dtype=float), rtol=1e-6)


def test_halves_go_up_and_the_offset_counts():
    counts, effective = np.zeros((3, 4), np.float32), np.zeros((3, 4), np.float32)
    one = np.ones(2, np.float32)
    position = np.array([-0.5, 0.5], np.float32)
    bin_events(position, position, one, np.zeros(2, np.int16), 0, 2.0, 0, counts, effective)
    assert counts[0, 2] == counts[1, 3] == 1.0
    assert counts.sum() == 2.0


def test_flat_divides_where_it_is_positive():
    flat = np.array([[2.0, 0.0], [np.nan, 4.0]], np.float32)
    x = np.array([10.0, 11.0, 10.0, 11.0, 12.0], np.float32)
    y = np.array([5.0, 5.0, 6.0, 6.0, 6.0], np.float32)
    epsilon = np.full(5, 3.0, np.float32)
    divide_by_flat(x, y, epsilon, file_pixels(flat), 10, 5)
    np.testing.assert_array_equal(epsilon, np.float32([1.5, 3.0, 3.0, 0.75, 3.0]))


def test_difference_limits():
    a = np.array([1.0, 5.0, -2.0, 100.0], np.float32)
    b = np.array([0.5, 7.0, -2.0, 0.0], np.float32)
    chosen = np.array([True, True, True, False])
    assert difference_limits(a, b, chosen) == (np.float32(-2.0), np.float32(0.5))
    low, high = difference_limits(a, b, np.zeros(4, bool))
    assert low > high
