"""The background of a spectrum as a sum over events."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recos.extract.boxes import smooth
from recos.lightcurve.regions import Region, Rows, _spread


@given(n=st.integers(1, 60), width=st.integers(1, 80), seed=st.integers(0, 1000))
def test_spreading_weights_is_the_transpose_of_smoothing(n, width, seed):
    rng = np.random.default_rng(seed)
    counts, weight = rng.integers(0, 20, n).astype(float), rng.random(n)
    direct = float((weight * smooth(counts, width)).sum())
    np.testing.assert_allclose(
        _spread(weight, width, np.ones(n, bool)) @ counts, direct, rtol=1e-5, atol=1e-6
    )
    used = rng.random(n) < 0.6
    direct = float((weight * smooth(counts, width, used)).sum())
    np.testing.assert_allclose(_spread(weight, width, used) @ counts, direct, rtol=1e-5, atol=1e-6)


def test_sky_weights_follow_pixels_smoothing_and_rows():
    n = 50
    rng = np.random.default_rng(1)
    pixel, scale, weight, counts = rng.random(n), rng.random(n), rng.random(n), rng.poisson(3.0, n)
    none = Rows(np.zeros(n, int), np.full(n, -1))
    region = Region(
        none, (), np.ones(n), pixel, scale, np.ones(n, bool), slice(5, 40), 7, np.ones(n, bool), False
    )
    background = pixel * counts
    background[5:40] = smooth(background[5:40], 7)
    expected = float((weight * scale * background).sum())
    np.testing.assert_allclose(region.sky_weights(weight) @ counts, expected, rtol=1e-6)


def test_rows():
    rows = Rows(np.array([2, 3, 4]), np.array([4, 4, 3]))
    column, row = np.array([0, 0, 0, 1, 2]), np.array([1, 2, 4, 5, 4])
    np.testing.assert_array_equal(rows.contain(column, row), [False, True, True, False, False])
    good = np.ones((8, 3), bool)
    good[3, 0] = False
    np.testing.assert_array_equal(rows.count_good(good), [2, 2, 0])
