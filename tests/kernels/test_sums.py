"""Sums over chosen pixels."""

from __future__ import annotations

import numpy as np
import pytest

from recos.kernels.sums import bits_of_zones, sum_masked, sum_zones_of


@pytest.mark.parametrize("dtype", ["f4", ">f4", "f8"])
def test_equal_to_numpy_bit_by_bit(dtype):
    rng = np.random.default_rng(1)
    image = rng.gamma(0.5, 1e3, (57, 300)).astype(dtype)
    chosen = rng.random(image.shape) < 0.6
    expected = np.where(chosen, image, 0.0).sum(axis=0, dtype=np.float64)
    np.testing.assert_array_equal(sum_masked(image, chosen), expected)


def test_no_rows():
    assert sum_masked(np.zeros((0, 4), np.float32), np.zeros((0, 4), bool)).tolist() == [0.0] * 4


def zones(rng, n):
    """Limits of four zones, some of them empty or without an inner zone."""
    limits = np.sort(rng.integers(0, 20, (4, n)).astype(float), axis=0)
    return limits, rng.random(n) < 0.9


def masks(limits, used, n_rows):
    y = np.arange(n_rows)[:, np.newaxis]
    lower = (y >= limits[0]) & (y < limits[1]) & used
    upper = (y > limits[2]) & (y <= limits[3]) & used
    inner = (y >= limits[1]) & (y <= limits[2]) & used
    return lower, upper, inner


def test_zones_are_summed_like_masks():
    rng = np.random.default_rng(2)
    image = rng.gamma(0.5, 1e3, (20, 500)).astype(np.float32)
    limits, used = zones(rng, 500)
    parts = [np.where(m, image, 0.0).sum(axis=0, dtype=np.float64) for m in masks(limits, used, 20)]
    expected = (parts[0] + parts[1] + parts[2]).astype(np.float32)
    np.testing.assert_array_equal(sum_zones_of(image, limits, used), expected)


def test_bits_of_zones_like_masks():
    rng = np.random.default_rng(3)
    quality = (1 << rng.integers(0, 14, (20, 500))).astype(np.int16)
    limits, used = zones(rng, 500)
    lower, upper, inner = masks(limits, used, 20)
    found = bits_of_zones(quality, limits, used)
    for mask, bits in zip((inner, lower | upper), found, strict=True):
        np.testing.assert_array_equal(bits, np.bitwise_or.reduce(np.where(mask, quality, 0), axis=0))
