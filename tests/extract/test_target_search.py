from __future__ import annotations

import numpy as np
import pytest

from recos.extract.target_search import airglow_columns, find_target, full_width, parabola_vertex, peak


def gaussian(centre, sigma, n=91, background=0.1):
    return (background + np.exp(-0.5 * ((np.arange(n) - centre) / sigma) ** 2)).astype(np.float32)


@pytest.mark.parametrize("centre", [20.0, 45.3, 70.8])
@pytest.mark.parametrize("sigma", [2.0, 4.0, 7.0])
def test_peak_of_a_gaussian(centre, sigma):
    row, error, fwhm = peak(gaussian(centre, sigma))
    assert row == pytest.approx(centre, abs=0.05)
    assert fwhm == pytest.approx(2.3548 * sigma, rel=0.03)
    assert error > 0.0


def test_full_width():
    profile = np.array([0, 0, 0, 1, 2, 1, 0, 0, 0, 0], np.float32)
    assert full_width(profile, 4) == 2.0
    assert full_width(profile, 4.4) == 2.0
    assert full_width(profile, 0) == -1.0
    assert full_width(profile, 12) == -1.0
    assert full_width(profile, float("nan")) == -1.0


def test_wide_profile_counts_rows():
    profile = np.zeros(91, np.float32)
    profile[10] = profile[30:40] = 1.0
    profile[34] = 1.1
    assert full_width(profile, 10) == 11
    assert isinstance(full_width(profile, 10), int)


def test_parabola():
    x = np.arange(40.0, 47.0)
    vertex, error = parabola_vertex(x, (5.0 - 0.3 * (x - 43.2) ** 2).astype(np.float64))
    assert vertex == pytest.approx(43.2, abs=1e-8)
    assert error == pytest.approx(0.0, abs=1e-3)
    assert parabola_vertex(x, np.ones(7))[1] is None
    assert parabola_vertex(np.ones(7), x)[1] is None


def test_no_signal():
    row, error, fwhm = peak(np.zeros(91, np.float32))
    assert (row, error, fwhm) == (90.0, 999.0, -1.0)


def test_airglow_columns():
    wavelength = 1200.0 + 0.01 * np.arange(16384)
    assert airglow_columns(wavelength) == [
        (1567 - 94, 1567 + 94),
        (10400 - 94, 10400 + 94),
        (15600 - 94, 15694),
    ]
    shifted = 1216.0 + 0.01 * np.arange(1000)
    assert airglow_columns(shifted) == [(0, 61)]
    assert airglow_columns(shifted - 10.4) == [(1007 - 94, 999)]
    assert airglow_columns(shifted + 500) == []


def test_target_with_flags_airglow_and_tilt():
    shape = (200, 500)
    wavelength = 1210.0 + 0.02 * np.arange(500)
    image = np.zeros(shape, np.float32)
    dq = np.zeros(shape, np.int16)
    column = np.arange(500)
    middle = np.floor(104.0 + 0.02 * column + 0.5).astype(int)
    for step, light in ((-1, 0.5), (0, 1.0), (1, 0.5)):
        image[middle + step, column] = light
    image[80, 250:320] = 1000.0  # geocoronal Lyman alpha
    image[90, 10] = 1e6
    dq[90, 10] = 4
    target = find_target(image.__getitem__, dq.__getitem__, shape, 0.02, 100.0, wavelength)
    assert target.position == pytest.approx(104.0, abs=1e-6)
    assert target.offset == pytest.approx(4.0, abs=1e-6)
    bright = find_target(image.__getitem__, dq.__getitem__, shape, 0.02, 100.0, None)
    assert bright.position < 85.0
