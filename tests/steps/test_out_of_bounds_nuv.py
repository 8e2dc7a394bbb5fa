from __future__ import annotations

import numpy as np
import pytest

from helpers import nuv_builders
from recos.errors import InputError
from recos.steps._shift_range import ShiftRange
from recos.steps.out_of_bounds_nuv import flag_outside_nuv_detector

FULL = {"NSUBARRY": 1, "CORNER0X": 0, "CORNER0Y": 0, "SIZE0X": 1024, "SIZE0Y": 1024}


def inside(exposure, ranges, doppler=(0.0, 0.0), boundary=-10):
    image = np.zeros(exposure.mode.image_shape, np.int16)
    flag_outside_nuv_detector(exposure, image, ranges, doppler, boundary)
    assert set(np.unique(image)) <= {0, 128}
    return image == 0


def box(shape, x0, x1, y0, y1):
    expected = np.zeros(shape, bool)
    expected[max(y0, 0) : y1, max(x0, 0) : x1] = True
    return expected


def shifts(*values, rows=(0, 1024)):
    return ShiftRange(*np.float32(values), rows)


def test_the_detector_moves_with_the_events():
    exposure = nuv_builders.make_exposure([1], [1], **FULL)
    found = inside(exposure, [shifts(-3.4, 5.6, -2.0, 4.4)])
    np.testing.assert_array_equal(found, box(found.shape, 103, 1118, 2, 1020))


def test_doppler_shift_below_the_boundary():
    exposure = nuv_builders.make_exposure([1], [1], **FULL)
    ranges = [shifts(0, 0, 0, 0, rows=(0, 500)), shifts(0, 0, 0, 0, rows=(500, 1024))]
    found = inside(exposure, ranges, (-4.0, 6.0), 500)
    expected = box(found.shape, 104, 1118, 0, 500) | box(found.shape, 100, 1124, 500, 1024)
    np.testing.assert_array_equal(found, expected)


def test_subarrays():
    small = {"NSUBARRY": 2, "CORNER0X": 10, "CORNER0Y": 100, "SIZE0X": 500, "SIZE0Y": 50}
    small |= {"CORNER1X": 0, "CORNER1Y": 0, "SIZE1X": 0, "SIZE1Y": 20}
    exposure = nuv_builders.make_exposure([1], [1], imaging=True, **small)
    found = inside(exposure, [shifts(1, 1, 2, 2)])
    np.testing.assert_array_equal(found, box(found.shape, 9, 509, 98, 148))


def test_without_subarrays_the_lowest_row_is_that_of_the_first_column():
    exposure = nuv_builders.make_exposure([1], [1])
    found = inside(exposure, [shifts(-7, 2, 3, 3, rows=(200, 400))])
    np.testing.assert_array_equal(found, box(found.shape, 107, 1122, 7, 397))


def test_missing_keywords():
    exposure = nuv_builders.make_exposure([1], [1], NSUBARRY=1)
    with pytest.raises(InputError, match="CORNER0X"):
        inside(exposure, [ShiftRange()])
