"""Subtraction of distortion maps against plain NumPy, in float32."""

from __future__ import annotations

import numpy as np
import pytest

from recos.kernels.geometry import file_pixels, subtract_interpolated, subtract_nearest

RNG = np.random.default_rng(8)
SHAPE = (20, 30)
NO_ORIGIN, UNBINNED = np.zeros(2, np.float32), np.ones(2, np.float32)


@pytest.fixture
def maps():
    return [RNG.normal(0.0, 3.0, SHAPE).astype(">f4") for _ in "xy"]


def positions(n=2000, scale=(1.0, 1.0)):
    x = (RNG.uniform(-2.0, SHAPE[1] + 1.0, n) * scale[0]).astype(np.float32)
    y = (RNG.uniform(-2.0, SHAPE[0] + 1.0, n) * scale[1]).astype(np.float32)
    return x, y


def interpolated(u, v, image):
    f = np.float32
    image = image.astype(f)
    i = np.clip(np.floor(u).astype(int), 0, SHAPE[1] - 2)
    j = np.clip(np.floor(v).astype(int), 0, SHAPE[0] - 2)
    q, s = u - i.astype(f), v - j.astype(f)
    p, r = f(1) - q, f(1) - s
    first = p * r * image[j, i] + q * r * image[j, i + 1]
    return first + p * s * image[j + 1, i] + q * s * image[j + 1, i + 1]


@pytest.mark.parametrize(("origin", "bins"), [((0, 0), (1, 1)), ((7, -3), (32, 16))])
def test_interpolation_is_the_numpy_twin(maps, origin, bins):
    origin, bins = np.array(origin, np.float32), np.array(bins, np.float32)
    x, y = positions(scale=bins)
    x, y = x + origin[0], y + origin[1]
    u, v = (x - origin[0]) / bins[0], (y - origin[1]) / bins[1]
    inside = (u > -0.5) & (u < SHAPE[1] - 0.5) & (v > -0.5) & (v < SHAPE[0] - 0.5)
    expected = [np.where(inside, c - interpolated(u, v, m), c) for c, m in zip((x, y), maps, strict=True)]
    subtract_interpolated(x, y, *map(file_pixels, maps), origin, bins)
    np.testing.assert_array_equal(x, expected[0])
    np.testing.assert_array_equal(y, expected[1])
    assert 0 < np.count_nonzero(~inside) < len(x)


def test_nearest_is_the_numpy_twin(maps):
    x, y = positions()
    i, j = (np.floor(c.astype(np.float64) + 0.5).astype(int) for c in (x, y))
    inside = (i >= 0) & (i < SHAPE[1]) & (j >= 0) & (j < SHAPE[0])
    i, j = np.where(inside, i, 0), np.where(inside, j, 0)
    expected = [np.where(inside, c - m[j, i].astype("f4"), c) for c, m in zip((x, y), maps, strict=True)]
    subtract_nearest(x, y, *map(file_pixels, maps), NO_ORIGIN, UNBINNED)
    np.testing.assert_array_equal(x, expected[0])
    np.testing.assert_array_equal(y, expected[1])


@pytest.mark.parametrize("subtract", [subtract_interpolated, subtract_nearest])
def test_edges_and_nan(maps, subtract):
    x = np.array([-0.5, -0.4, 29.4, 29.5, np.nan, 3.0], np.float32)
    y = np.full(6, 4.0, np.float32)
    before = x.copy()
    subtract(x, y, *map(file_pixels, maps), NO_ORIGIN, UNBINNED)
    moved = x != before
    assert moved[[1, 2, 5]].all()
    assert not moved[3]
    assert np.isnan(x[4])


def test_words_of_a_file_are_no_copy(maps):
    assert np.shares_memory(file_pixels(maps[0]), maps[0])
    np.testing.assert_array_equal(file_pixels(maps[0].astype("<f4")), file_pixels(maps[0]))
