from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.errors import ReferenceFileError
from recos.extract.boxes import interpolate, rate_errors, smooth, tilted_box

SHAPE = (60, 200)


def plain_cut(image, slope, centre, height, x_offset):
    out = np.zeros((height, image.shape[1]), image.dtype)
    for i in range(image.shape[1]):
        first = int(np.floor(centre - slope * x_offset - height // 2 + slope * i + 0.5))
        for k in range(height):
            if 0 <= first + k < image.shape[0]:
                out[k, i] = image[first + k, i]
    return out


@pytest.mark.parametrize("height", [1, 8, 9])
@pytest.mark.parametrize("slope", [0.0, 0.05, -0.031])
@pytest.mark.parametrize(("centre", "x_offset"), [(30.0, 0), (27.4, 20), (3.0, 0), (57.0, 0)])
def test_cut(height, slope, centre, x_offset):
    image = np.random.default_rng(1).random(SHAPE, np.float32)
    box = tilted_box(SHAPE, slope, centre, height, x_offset)
    np.testing.assert_array_equal(
        box.cut(image.__getitem__), plain_cut(image, slope, centre, height, x_offset)
    )


def test_only_the_rows_of_the_box_are_asked_for():
    asked = []

    def rows(which):
        asked.append(which)
        return np.zeros(SHAPE)[which]

    tilted_box(SHAPE, 0.01, 20.0, 5).cut(rows)
    assert asked == [slice(18, 25)]


@pytest.mark.parametrize("centre", [3.0, 57.5])
def test_box_outside(centre):
    box = tilted_box(SHAPE, 0.0, centre, 9)
    assert not box.is_inside
    with pytest.raises(ReferenceFileError, match="extraction box reaches from row"):
        box.require_inside("extraction box")


def test_box_that_just_fits():
    tilted_box(SHAPE, 0.0, 4.0, 9).require_inside("box")
    tilted_box(SHAPE, 0.0, 55.0, 9).require_inside("box")
    tilted_box(SHAPE, 0.0, 56.0, 8).require_inside("box")


@given(
    values=st.lists(st.floats(0, 100, width=32), min_size=1, max_size=40),
    width=st.integers(1, 100),
)
def test_smooth(values, width):
    a = np.array(values, np.float32)
    expected = [
        a[max(m - width // 2, 0) : min(m - width // 2 + width, len(a))].mean(dtype=float)
        for m in range(len(a))
    ]
    np.testing.assert_allclose(smooth(a, width), expected, rtol=1e-6, atol=1e-10)
    assert smooth(a, width).dtype == np.float32


def test_smooth_special_widths():
    a = np.arange(7, dtype=np.float32)
    np.testing.assert_array_equal(smooth(a, 1), a)
    np.testing.assert_array_equal(smooth(a, 14), np.full(7, 3.0))
    assert len(smooth(a[:0], 5)) == 0


def test_interpolate():
    x, y = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 0.0])
    expected = np.array([10.0, 15.0, 10.0, 0.0], np.float32)
    at = np.array([0.0, 1.5, 3.0, 9.0])
    np.testing.assert_array_equal(interpolate(x, y, at), expected)
    np.testing.assert_array_equal(interpolate(x[::-1], y[::-1], at), expected)
    np.testing.assert_array_equal(interpolate(x[:1], y[:1], at), np.full(4, 10.0))


def test_rate_errors():
    lower, upper = rate_errors(np.array([0.0, 1.0, 4.0]), 10.0)
    np.testing.assert_allclose(lower, [0.0, 0.082724625, 0.19143392], rtol=1e-6)
    np.testing.assert_allclose(upper, [0.18410217, 0.22995265, 0.3162753], rtol=1e-6)
    for errors in rate_errors(np.array([4.0]), 0.0):
        np.testing.assert_array_equal(errors, [0.0])
