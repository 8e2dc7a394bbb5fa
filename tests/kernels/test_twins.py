"""Kernels against their NumPy twins, bit for bit, on random arrays with the ends of every range."""

from __future__ import annotations

import numpy as np
import pytest

from recos.kernels.dq import paint
from recos.kernels.events import accumulate, find_bins, flag_pulse_heights
from recos.kernels.geometry import file_pixels
from recos.kernels.lags import lag_products
from recos.kernels.positions import clear_pixels, divide_by_smeared_flat
from recos.kernels.rates import divide, rate_bytes
from recos.kernels.times import nint

F4 = np.float32


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def same_bits(a, b):
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def test_accumulate_adds_in_order(rng):
    pixel, weight = rng.integers(0, 20, 5000).astype(np.int32), rng.uniform(0.1, 3.0, 5000).astype(F4)
    image, twin = np.zeros(20, F4), np.zeros(20, F4)
    accumulate(image, pixel, weight)
    np.add.at(twin, pixel, weight)
    assert same_bits(image, twin)


def test_flag_pulse_heights(rng):
    pha, mask = rng.integers(0, 32, 4000).astype(np.uint8), rng.random(4000) < 0.6
    dq = rng.choice(np.array([0, 4, 512], np.int16), 4000)
    low, high = mask & (pha < 3), mask & (pha > 25)
    twin = np.where(low | high, dq | np.int16(512), dq)
    counts = flag_pulse_heights(pha, mask, 3, 25, np.int16(512), dq)
    assert same_bits(dq, twin)
    assert counts == (low.sum(), high.sum(), np.count_nonzero(twin & 512))


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_find_bins(rng, dtype):
    x, y = (rng.uniform(-9.0, top, 5000).astype(dtype) for top in (140.0, 70.0))
    x[:6], y[:2] = [-0.5, 0.5, 119.5, -1.5, -5.5, 119.0], [59.5, -0.5]
    binx, biny, nx, ny = 3, 7, 40, 9
    pixel = np.empty(5000, np.int32)
    find_bins(x, y, binx, biny, nx, ny, pixel)
    column, row = np.trunc(nint(x) / binx), np.trunc(nint(y) / biny)
    inside = (column >= 0) & (column < nx) & (row >= 0) & (row < ny)
    assert same_bits(pixel, np.where(inside, row * nx + column, -1).astype(np.int32))


def test_lag_products(rng):
    n = 300
    template = np.where(rng.random(n) < 0.1, rng.integers(1, 9, n), 0).astype(np.float64)
    spectrum = np.where(rng.random(n) < 0.1, rng.integers(1, 9, n), 0).astype(np.float64)
    pixel = np.flatnonzero(spectrum)
    lags = np.arange(-40, 41)
    ranges = np.array(
        [np.searchsorted(pixel, np.maximum(lags, 0)), np.searchsorted(pixel, np.minimum(n + lags, n))]
    )
    first, last, product = np.zeros(81, np.int64), np.zeros(81, np.int64), np.zeros(81)
    lag_products(pixel, spectrum[pixel], template, lags, ranges, first, last, product)
    for i, lag in enumerate(lags):
        moved = np.zeros(n)
        moved[max(lag, 0) : n + min(lag, 0)] = template[max(-lag, 0) : n - max(lag, 0)]
        both = np.flatnonzero((moved != 0.0) & (spectrum != 0.0))
        assert product[i] == (moved * spectrum).sum()  # whole numbers: exact in any order
        assert (first[i], last[i]) == ((both[0], both[-1]) if len(both) else (n, -1))


def test_clear_pixels(rng):
    x, y = (rng.uniform(-5.0, 45.0, 60).astype(F4) for _ in range(2))
    x[:3], y[:3] = [-0.5, 39.5, 0.5], [0.0, 0.0, 29.5]
    counts, effective = np.ones((30, 40), F4), np.full((30, 40), 2.0, F4)
    clear_pixels(x, y, 2.0, counts, effective)
    i, j = nint(x + F4(2.0)), nint(y)
    inside = (i >= 0) & (i < 40) & (j >= 0) & (j < 30)
    twin = np.ones((30, 40), F4)
    twin[j[inside], i[inside]] = 0.0
    assert same_bits(counts, twin)
    assert same_bits(effective, twin * F4(2.0))


def test_divide_by_smeared_flat(rng):
    flat = rng.uniform(-0.2, 1.2, (20, 50)).astype(F4)
    weights = rng.random(5).astype(F4)
    x, y = rng.uniform(95.0, 160.0, 800).astype(F4), rng.uniform(5.0, 35.0, 800).astype(F4)
    epsilon = rng.uniform(0.5, 2.0, 800).astype(F4)
    twin = epsilon.copy()
    divide_by_smeared_flat(x, y, epsilon, file_pixels(flat), 100, 10, weights)
    wide = np.pad(flat, ((0, 0), (2, 2)), constant_values=F4(1.0))
    for k, (i, j) in enumerate(zip(nint(x) - 100, nint(y) - 10, strict=True)):
        if 0 <= i < 50 and 0 <= j < 20:
            smeared = F4(0.0)
            for m in range(5):
                smeared = F4(smeared + F4(weights[4 - m] * wide[j, i + m]))
            if smeared > 0.0:
                twin[k] = F4(twin[k] / smeared)
    assert same_bits(epsilon, twin)


@pytest.mark.parametrize("filled", [True, False])
def test_rate_bytes(rng, filled):
    counts = rng.poisson(0.3, 3000).astype(F4) * F4(filled)
    effective = (counts * rng.uniform(0.8, 1.2, 3000)).astype(F4)
    effective[::7] = 0.0
    table, exptime = rng.uniform(1.0, 3.0, 30).astype(F4), 613.7
    out = np.zeros((4, 3000), np.uint32)
    assert rate_bytes(counts, effective, table, exptime, out) is filled
    error = (table[counts.astype(int)] / np.float64(exptime)).astype(F4)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(counts > 0, np.where(effective != 0, effective, F4(1.0)) / counts, F4(1.0))
    rows = (
        (counts / np.float64(exptime)).astype(F4),
        error,
        np.where(counts > 0, (effective / np.float64(exptime)).astype(F4), F4(0.0)),
        np.where(counts > 0, error * ratio, error),
    )
    for row, expected in zip(out, rows, strict=True):
        assert same_bits(row, expected.astype(">f4").view(np.uint32))


def test_divide(rng):
    counts, rate = rng.poisson(0.3, 3000).astype(F4), np.empty(3000, F4)
    divide(counts, 613.7, rate)
    assert same_bits(rate, (counts / np.float64(613.7)).astype(F4))


def test_paint_within_rows(rng):
    image = rng.integers(0, 3, (40, 60)).astype(np.int16)
    twin = image.copy()
    x0, y0 = rng.integers(-9, 70, 50), rng.integers(-9, 50, 50)
    x1, y1 = x0 + rng.integers(-1, 12, 50), y0 + rng.integers(-1, 9, 50)
    bits = rng.choice(np.array([4, 8192], np.int16), 50)
    paint(image, x0, x1, y0, y1, bits, 5, 33)
    for k in range(50):
        for j in range(max(y0[k], 5), min(y1[k], 32) + 1):
            twin[j, max(x0[k], 0) : max(x1[k] + 1, 0)] |= bits[k]
    assert same_bits(image, twin)


@pytest.mark.parametrize("call", [
    lambda: accumulate(np.zeros(3, F4), np.zeros(2, np.int32), np.zeros(3, F4)),
    lambda: divide(np.zeros(3, F4), 1.0, np.zeros(2, F4)),
    lambda: clear_pixels(np.zeros(2, F4), np.zeros(2, F4), 0.0, np.zeros((2, 3), F4), np.zeros((3, 2), F4)),
])  # fmt: skip
def test_arrays_that_do_not_fit_together(call):
    with pytest.raises(ValueError, match="different lengths"):
        call()


def test_arrays_of_another_type():
    with pytest.raises(ValueError, match="Buffer dtype mismatch"):
        divide(np.zeros(3), 1.0, np.zeros(3, F4))
