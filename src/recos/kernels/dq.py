# mypy: disable-error-code="valid-type, untyped-decorator"
"""Loops over data-quality images. Specification 3, section 11."""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.libc.math import ceil, floor
from cython.cimports.recos.kernels.rounding import floored, nearest

from recos.kernels.shapes import check_lengths

OUTSIDE = np.int16(128)
GOOD = np.int16(0)

_OUTSIDE = cython.declare(cython.short, 128)


def paint(
    image: cython.short[:, ::1],
    x0: cython.const[cython.longlong][:],
    x1: cython.const[cython.longlong][:],
    y0: cython.const[cython.longlong][:],
    y1: cython.const[cython.longlong][:],
    dq: cython.const[cython.short][:],
    first_row: cython.longlong,
    end_row: cython.longlong,
) -> None:
    """Set bits in rectangles of an image, in place.

    Parameters
    ----------
    image : ndarray of int16, shape (ny, nx), contiguous
    x0, x1, y0, y1 : ndarray of int64, shape (n,)
        First and last column and row; what lies outside the image is cut off.
    dq : ndarray of int16, shape (n,)
        Bits.
    first_row, end_row : int
        Only rows ``first_row <= row < end_row`` are painted.
    """
    k: cython.Py_ssize_t
    i: cython.longlong
    j: cython.longlong
    left: cython.longlong
    right: cython.longlong
    bottom: cython.longlong
    top: cython.longlong
    ny: cython.longlong = image.shape[0]
    nx: cython.longlong = image.shape[1]
    check_lengths(x0.shape[0], x1.shape[0], y0.shape[0], y1.shape[0], dq.shape[0])
    with cython.nogil:
        for k in range(dq.shape[0]):
            left = max(x0[k], 0)
            right = min(x1[k], nx - 1)
            bottom = max(y0[k], first_row, 0)
            top = min(y1[k], end_row - 1, ny - 1)
            for j in range(bottom, top + 1):
                for i in range(left, right + 1):
                    image[j, i] |= dq[k]


def flag_events(
    x: cython.const[cython.float][:],
    y: cython.const[cython.float][:],
    flags: cython.short[:],
    image: cython.const[cython.short][:, :],
    lx: cython.const[cython.longlong][::1],
    ly: cython.const[cython.longlong][::1],
    ux: cython.const[cython.longlong][::1],
    uy: cython.const[cython.longlong][::1],
    dq: cython.const[cython.short][::1],
) -> None:
    """Give events the bits of the regions that contain them, in place.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
        An event belongs to the nearest pixel, rounded half up.
    flags : ndarray of int16, shape (n,)
        Bits of the events.
    image : ndarray of int16, shape (ny, nx)
        The regions, painted.
    lx, ly, ux, uy : ndarray of int64, shape (m,)
        The regions, for the few events that lie outside the image.
    dq : ndarray of int16, shape (m,)
    """
    k: cython.Py_ssize_t
    r: cython.Py_ssize_t
    u: cython.double
    v: cython.double
    i: cython.longlong
    j: cython.longlong
    bits: cython.short
    check_lengths(x.shape[0], y.shape[0], flags.shape[0])
    check_lengths(lx.shape[0], ly.shape[0], ux.shape[0], uy.shape[0], dq.shape[0])
    with cython.nogil:
        for k in range(x.shape[0]):
            u = x[k] + 0.5
            v = y[k] + 0.5
            if 0.0 <= u < image.shape[1] and 0.0 <= v < image.shape[0]:
                flags[k] |= image[cython.cast(cython.Py_ssize_t, v), cython.cast(cython.Py_ssize_t, u)]
                continue
            i = floored(u)
            j = floored(v)
            bits = 0
            for r in range(dq.shape[0]):
                bits |= dq[r] if (lx[r] <= i) & (i <= ux[r]) & (ly[r] <= j) & (j <= uy[r]) else 0
            flags[k] |= bits


def flag_out_of_bounds(
    image: cython.short[:, ::1],
    boxes: cython.const[cython.longlong][:, :],
    y_low: cython.const[cython.float][:],
    y_high: cython.const[cython.float][:],
    x_left: cython.const[cython.float][:],
    x_right: cython.const[cython.float][:],
) -> None:
    """Set bit 128 outside boxes and a curved frame, in place.

    Parameters
    ----------
    image : ndarray of int16, shape (ny, nx), contiguous
    boxes : ndarray of int64, shape (n, 4)
        y0, y1, x0, x1; half-open, inside the image.
    y_low, y_high : ndarray of float32, shape (nx,)
        Lower and upper edge of the frame in each column; of length 0 if there is no frame.
    x_left, x_right : ndarray of float32, shape (ny,)
        Left and right edge in each row.
    """
    b: cython.Py_ssize_t
    i: cython.longlong
    j: cython.longlong
    left: cython.longlong
    right: cython.longlong
    least: cython.double
    most: cython.double
    ny: cython.longlong = image.shape[0]
    nx: cython.longlong = image.shape[1]
    framed: cython.bint = y_low.shape[0] > 0
    first: cython.longlong = ny
    last: cython.longlong = -1
    inner_low: cython.longlong = 0
    inner_high: cython.longlong = ny
    low: cython.longlong[::1] = np.zeros(image.shape[1], np.int64)
    high: cython.longlong[::1] = np.zeros(image.shape[1], np.int64)
    row: cython.short[::1] = np.empty(image.shape[1], np.int16)
    check_lengths(boxes.shape[1], 4)
    if framed:
        check_lengths(nx, y_low.shape[0], y_high.shape[0])
        check_lengths(ny, x_left.shape[0], x_right.shape[0])
    with cython.nogil:
        if framed:
            least = y_low[0]
            most = y_high[0]
            for i in range(nx):
                least = min(least, cython.cast(cython.double, y_low[i]))
                most = max(most, cython.cast(cython.double, y_high[i]))
                low[i] = nearest(y_low[i])
                high[i] = nearest(y_high[i])
                inner_low = max(inner_low, low[i])
                inner_high = min(inner_high, high[i])
            first = _whole(ceil(least), -1, ny)
            last = _whole(floor(most), -1, ny)
        for j in range(ny):
            for i in range(nx):
                row[i] = _OUTSIDE
            for b in range(boxes.shape[0]):
                if boxes[b, 0] <= j < boxes[b, 1]:
                    for i in range(boxes[b, 2], boxes[b, 3]):
                        row[i] = 0
            if framed and first <= j <= last:
                left = _whole(ceil(x_left[j]), 0, nx)
                right = _whole(floor(x_right[j]), -1, nx - 1)
                if inner_low <= j <= inner_high:
                    for i in range(left, right + 1):
                        row[i] = 0
                else:
                    for i in range(left, right + 1):
                        if low[i] <= j <= high[i]:
                            row[i] = 0
            for i in range(nx):
                image[j, i] |= row[i]


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _whole(value: cython.double, least: cython.longlong, most: cython.longlong) -> cython.longlong:
    """A whole number within limits."""
    if not value > least:
        return least
    return most if value > most else cython.cast(cython.longlong, value)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _set_bits(target: cython.p_short, bits: cython.short, n: cython.Py_ssize_t) -> cython.void:
    k: cython.Py_ssize_t
    for k in range(n):
        target[k] |= bits


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _combine(
    a: cython.pointer(cython.const[cython.short]),
    b: cython.pointer(cython.const[cython.short]),
    out: cython.p_short,
    n: cython.Py_ssize_t,
) -> cython.void:
    k: cython.Py_ssize_t
    for k in range(n):
        out[k] = a[k] | b[k]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_traced_row(
    source: cython.const[cython.short][:, ::1],
    j: cython.longlong,
    starts: cython.const[cython.longlong][:],
    shift: cython.const[cython.longlong][:],
    low: cython.const[cython.longlong][:],
    high: cython.const[cython.longlong][:],
    buffer: cython.p_short,
    m: cython.longlong,
    x_shift: cython.longlong,
    vacated: cython.short,
) -> cython.void:
    """OR one row of the trace-shifted image into m elements, of which number k holds column ``k + x_shift``."""
    r: cython.Py_ssize_t
    first: cython.longlong
    end: cython.longlong
    origin: cython.longlong
    inside: cython.bint
    ny: cython.longlong = source.shape[0]
    nx: cython.longlong = source.shape[1]
    if j < 0 or j >= ny:
        _set_bits(buffer, _OUTSIDE, m)
        return
    first = min(max(-x_shift, 0), m)
    _set_bits(buffer, _OUTSIDE, first)
    first = min(max(nx - x_shift, 0), m)
    _set_bits(buffer + first, _OUTSIDE, m - first)
    for r in range(shift.shape[0]):
        origin = j
        inside = True
        if j < low[r]:
            origin = j + shift[r]
            inside = 0 <= origin < low[r]
        elif j > high[r]:
            origin = j + shift[r]
            inside = high[r] < origin < ny
        first = max(starts[r] - x_shift, 0)
        end = min(starts[r + 1] - x_shift, m)
        if first >= end:
            continue
        if inside:
            _combine(
                buffer + first, cython.address(source[origin, first + x_shift]), buffer + first, end - first
            )
        else:
            _set_bits(buffer + first, vacated, end - first)


def trace_and_smear(
    source: cython.const[cython.short][:, ::1],
    out: cython.short[:, ::1],
    starts: cython.const[cython.longlong][:],
    shift: cython.const[cython.longlong][:],
    low: cython.const[cython.longlong][:],
    high: cython.const[cython.longlong][:],
    first_row: cython.longlong,
    end_row: cython.longlong,
    y_first: cython.longlong,
    y_last: cython.longlong,
    x_first: cython.longlong,
    x_last: cython.longlong,
    vacated: cython.short = 0,
) -> None:
    """Follow the trace and spread the bits over a range of displacements.

    First columns are moved along y: ``moved[r] = source[r + shift]`` below and above the band of the lamp
    spectrum, which stays; rows without a source are `vacated`. Then ``out[j, i]`` is the OR of
    ``moved[j + sy, i + sx]`` over all displacements; beyond the image it counts as 128.

    Parameters
    ----------
    source, out : ndarray of int16, shape (ny, nx), contiguous
        Different arrays.
    starts : ndarray of int64, shape (n + 1,)
        Runs of columns with equal `shift`, `low` and `high`: run r begins at column ``starts[r]``.
    shift, low, high : ndarray of int64, shape (n,)
        Displacement, and first and last row of the band that stays.
    first_row, end_row : int
        Rows of `out` that are written.
    y_first, y_last, x_first, x_last : int
        Displacements, both ends included.
    vacated : int16
        Bits of rows without a source.
    """
    j: cython.longlong
    sy: cython.longlong
    width: cython.longlong
    valid: cython.longlong
    one: cython.p_short
    two: cython.p_short
    swap: cython.p_short
    nx: cython.longlong = source.shape[1]
    n: cython.longlong = x_last - x_first + 1
    m: cython.longlong = nx + n - 1
    check_lengths(source.shape[0], out.shape[0])
    check_lengths(source.shape[1], out.shape[1])
    check_lengths(starts.shape[0] - 1, shift.shape[0], low.shape[0], high.shape[0])
    if n < 1 or first_row < 0 or end_row > out.shape[0] or starts[0] < 0 or starts[shift.shape[0]] > nx:
        raise ValueError("rows, columns or displacements outside of what is possible")
    if nx == 0:
        return
    buffers: cython.short[:, ::1] = np.empty((2, nx + n - 1), np.int16)
    with cython.nogil:
        for j in range(first_row, end_row):
            one = cython.address(buffers[0, 0])
            two = cython.address(buffers[1, 0])
            for sy in range(m):
                one[sy] = 0
            for sy in range(y_first, y_last + 1):
                _add_traced_row(source, j + sy, starts, shift, low, high, one, m, x_first, vacated)
            # by doubling: after k rounds each element is the OR of 2**k neighbours
            width = 1
            valid = m
            while 2 * width <= n:
                valid -= width
                _combine(one, one + width, two, valid)
                swap = one
                one = two
                two = swap
                width *= 2
            _combine(one, one + n - width, cython.address(out[j, 0]), nx)


def count_bad(row: cython.const[cython.short][:], masked: np.ndarray, bits: cython.longlong) -> int:
    """Number of pixels of a row that are masked or have one of some bits.

    Parameters
    ----------
    row : ndarray of int16, shape (nx,)
    masked : ndarray of bool, shape (nx,)
    bits : int
    """
    i: cython.Py_ssize_t
    bad: cython.longlong = 0
    hidden: cython.const[cython.uchar][:] = masked.view(np.uint8)
    check_lengths(row.shape[0], hidden.shape[0])
    with cython.nogil:
        for i in range(row.shape[0]):
            bad += hidden[i] | ((row[i] & bits) != 0)
    return int(bad)
