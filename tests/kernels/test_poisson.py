"""Poisson errors against the inverse incomplete gamma functions of SciPy, by which they are specified."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammainccinv, gammaincinv
from scipy.stats import norm

from recos.kernels.poisson import TAIL, poisson_errors, upper_error_table


def specified(counts):
    wide = counts.astype(np.float64)
    two = counts.dtype.type(2)
    lower = wide - np.where(wide == 0.0, 0.0, gammaincinv(wide, TAIL))
    upper = gammainccinv((two * counts + two).astype(np.float64) / 2.0, TAIL) - wide
    return lower.astype(np.float32), upper.astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["whole", "small", "any size", "both sides of the change of method"])
def test_same_float32(dtype, kind):
    rng = np.random.default_rng(1)
    counts = {
        "whole": np.arange(30_000.0),
        "small": rng.uniform(0.0, 3.0, 20_000),
        "any size": 10.0 ** rng.uniform(-6.0, 7.0, 20_000),
        "both sides of the change of method": np.linspace(13.9, 15.1, 20_000),
    }[kind]
    for ours, expected in zip(
        poisson_errors(counts.astype(dtype)), specified(counts.astype(dtype)), strict=True
    ):
        assert ours.dtype == np.float32
        assert np.count_nonzero(ours != expected) <= 1  # one in 20 000 may lie between two numbers
        np.testing.assert_allclose(ours, expected, rtol=1.3e-7)


def test_zero_and_negative_counts():
    with np.errstate(all="raise"):
        lower, upper = poisson_errors(np.array([0.0, -0.0, -0.5, -1.0, -3.0, np.nan]))
    np.testing.assert_array_equal(lower, [0.0, 0.0, np.nan, np.nan, np.nan, np.nan])
    expected = np.float32([1.8410217, 1.8410217, gammainccinv(0.5, TAIL) + 0.5, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(upper, expected)


def test_large_counts_have_gaussian_errors():
    for error in poisson_errors(np.array([1e12, 1e16])):
        np.testing.assert_allclose(error, [1e6, 1e8], rtol=1e-6)


def test_images_are_left_as_they_are():
    counts = np.random.default_rng(2).poisson(20.0, (3, 50)).astype(np.float32)
    before = counts.copy()
    lower, upper = poisson_errors(counts)
    assert lower.shape == upper.shape == counts.shape
    np.testing.assert_array_equal(counts, before)


def test_table():
    np.testing.assert_array_equal(upper_error_table(200), specified(np.arange(201.0))[1])
    assert upper_error_table(0).tolist() == [np.float32(1.8410217)]


def test_tail_is_that_of_one_sigma():
    assert pytest.approx(norm.sf(1.0), rel=1e-15) == TAIL
