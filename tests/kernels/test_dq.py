from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recos.kernels.dq import count_bad, flag_events, flag_out_of_bounds, paint, trace_and_smear

NY, NX = 24, 40


def arrays(*values):
    return [np.array(v, np.int64) for v in values]


def test_regions_are_painted_inclusive_and_cut_off():
    image = np.zeros((6, 8), np.int16)
    x0, x1, y0, y1 = arrays([-3, 2, 7, 20], [1, 3, 99, 30], [0, 1, 5, 0], [0, 9, 9, 9])
    paint(image, x0, x1, y0, y1, np.array([1, 2, 4, 8], np.int16), 0, 5)
    expected = np.zeros((6, 8), np.int16)
    expected[0, :2] = 1
    expected[1:5, 2:4] |= 2
    np.testing.assert_array_equal(image, expected)


def test_events_get_the_bits_of_their_regions_on_and_off_the_image():
    lx, ux, ly, uy = arrays([-5, 2], [3, 2], [-5, 1], [0, 3])
    dq = np.array([1, 4], np.int16)
    image = np.zeros((4, 4), np.int16)
    paint(image, lx, ux, ly, uy, dq, 0, 4)
    x = np.array([-5.4, -5.6, 0.0, 2.49, 2.5, 1.5, 100.0], np.float32)
    y = np.array([-1.0, -1.0, 0.5, 1.0, 1.0, 0.49, 0.0], np.float32)
    flags = np.full(7, 64, np.int16)
    flag_events(x, y, flags, image, lx, ly, ux, uy, dq)
    np.testing.assert_array_equal(flags, [65, 64, 64, 68, 64, 65, 64])


def test_out_of_bounds_with_boxes_and_a_frame():
    image = np.zeros((10, 12), np.int16)
    image[0, 0] = 8
    y_low = np.linspace(2.0, 4.4, 12).astype(np.float32)
    y_high = np.full(12, 8.2, np.float32)
    x_left, x_right = np.full(10, 1.2, np.float32), np.full(10, 9.9, np.float32)
    flag_out_of_bounds(image, np.array([[0, 2, 3, 5]]), y_low, y_high, x_left, x_right)
    j, i = np.mgrid[0:10, 0:12]
    inside = (j >= np.floor(y_low + 0.5)) & (j <= 8) & (i >= 2) & (i <= 9) & (j >= 2)
    inside |= (j < 2) & (i >= 3) & (i < 5)
    expected = np.where(inside, 0, 128)
    expected[0, 0] |= 8
    np.testing.assert_array_equal(image, expected)


def test_out_of_bounds_without_frame():
    image = np.zeros((4, 5), np.int16)
    none = np.zeros(0, np.float32)
    flag_out_of_bounds(image, np.zeros((0, 4), np.int64), none, none, none, none)
    assert (image == 128).all()


def traced(source, shift, low, high):
    """Plain twin of the trace shift: column by column."""
    out = np.zeros_like(source)
    for i in range(source.shape[1]):
        for j in range(source.shape[0]):
            origin = j if low[i] <= j <= high[i] else j + shift[i]
            same_side = (low[i] <= j <= high[i]) or (
                0 <= origin < low[i] if j < low[i] else high[i] < origin < source.shape[0]
            )
            if same_side:
                out[j, i] = source[origin, i]
    return out


def smeared(source, y_range, x_range):
    """Plain twin of the smear: OR of all displaced images, 128 from beyond the edge."""
    out = np.zeros_like(source)
    ny, nx = source.shape
    j, i = np.mgrid[0:ny, 0:nx]
    for sy in range(y_range[0], y_range[1] + 1):
        for sx in range(x_range[0], x_range[1] + 1):
            jj, ii = j + sy, i + sx
            inside = (jj >= 0) & (jj < ny) & (ii >= 0) & (ii < nx)
            out |= np.where(inside, source[jj.clip(0, ny - 1), ii.clip(0, nx - 1)], 128).astype(np.int16)
    return out


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 999),
    x=st.tuples(st.integers(-60, 60), st.integers(0, 21)),
    y=st.tuples(st.integers(-3, 3), st.integers(0, 3)),
    largest=st.integers(0, 30),
)
def test_trace_and_smear(seed, x, y, largest):
    rng = np.random.default_rng(seed)
    source = np.where(rng.random((NY, NX)) < 0.1, rng.integers(1, 127, (NY, NX)), 0).astype(np.int16)
    starts = np.array([0, 7, 20, NX])
    shift = rng.integers(-largest, largest + 1, 3)
    low = rng.integers(12, 14, 3)
    high = low + 3
    y_range, x_range = (y[0], sum(y)), (x[0], sum(x))
    out = np.full_like(source, -1)
    trace_and_smear(source, out, starts, shift, low, high, 5, NY, *y_range, *x_range)
    column = [np.repeat(v, np.diff(starts)) for v in (shift, low, high)]
    expected = smeared(traced(source, *column), y_range, x_range)
    np.testing.assert_array_equal(out[5:], expected[5:])
    assert (out[:5] == -1).all()


@pytest.mark.parametrize(("bits", "expected"), [(8, 3), (4, 3), (0, 1)])
def test_bad_pixels_are_masked_or_flagged(bits, expected):
    row = np.array([8, 12, 4, 0], np.int16)
    assert count_bad(row, np.array([False, False, False, True]), bits) == expected
