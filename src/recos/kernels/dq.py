"""Loops over data-quality images. Specification 3, section 11."""

from __future__ import annotations

import math

import numpy as np

from recos.kernels.compiled import kernel

OUTSIDE = np.int16(128)
GOOD = np.int16(0)


@kernel
def paint(
    image: np.ndarray,
    x0: np.ndarray,
    x1: np.ndarray,
    y0: np.ndarray,
    y1: np.ndarray,
    dq: np.ndarray,
    first_row: int,
    end_row: int,
) -> None:
    """Set bits in rectangles of an image, in place.

    Parameters
    ----------
    image : ndarray of int16, shape (ny, nx)
    x0, x1, y0, y1 : ndarray of int64, shape (n,)
        First and last column and row; what lies outside the image is cut off.
    dq : ndarray of int16, shape (n,)
        Bits.
    first_row, end_row : int
        Only rows ``first_row <= row < end_row`` are painted.
    """
    ny, nx = image.shape
    for k in range(len(dq)):
        left, right = max(x0[k], 0), min(x1[k] + 1, nx)
        if left >= right:
            continue
        for j in range(max(y0[k], first_row, 0), min(y1[k] + 1, end_row, ny)):
            row = image[j, left:right]
            for i in range(len(row)):
                row[i] |= dq[k]


@kernel
def flag_events(
    x: np.ndarray,
    y: np.ndarray,
    flags: np.ndarray,
    image: np.ndarray,
    lx: np.ndarray,
    ly: np.ndarray,
    ux: np.ndarray,
    uy: np.ndarray,
    dq: np.ndarray,
) -> None:
    """Give events the bits of the regions that contain them, in place.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
        An event belongs to the nearest pixel, halves up.
    flags : ndarray of int16, shape (n,)
        Bits of the events.
    image : ndarray of int16, shape (ny, nx)
        The regions, painted.
    lx, ly, ux, uy : ndarray of int64, shape (m,)
        The regions, for the few events that lie outside the image.
    dq : ndarray of int16, shape (m,)
    """
    ny, nx = image.shape
    for k in range(len(x)):
        i = math.floor(np.float64(x[k]) + 0.5)
        j = math.floor(np.float64(y[k]) + 0.5)
        if 0 <= i < nx and 0 <= j < ny:
            flags[k] |= image[j, i]
            continue
        for r in range(len(dq)):
            if lx[r] <= i <= ux[r] and ly[r] <= j <= uy[r]:
                flags[k] |= dq[r]


def flag_out_of_bounds(
    image: np.ndarray,
    boxes: np.ndarray,
    y_low: np.ndarray,
    y_high: np.ndarray,
    x_left: np.ndarray,
    x_right: np.ndarray,
) -> None:
    """Set bit 128 outside boxes and a curved frame, in place.

    Parameters
    ----------
    image : ndarray of int16, shape (ny, nx)
    boxes : ndarray of int64, shape (n, 4)
        y0, y1, x0, x1; half-open, inside the image.
    y_low, y_high : ndarray of float32, shape (nx,)
        Lower and upper edge of the frame in each column; of length 0 if there is no frame.
    x_left, x_right : ndarray of float32, shape (ny,)
        Left and right edge in each row.
    """
    nx = image.shape[1]
    low, high, row = np.zeros(nx, np.int64), np.zeros(nx, np.int64), np.empty(nx, np.int16)
    _flag_out_of_bounds(image, boxes, y_low, y_high, x_left, x_right, low, high, row)


@kernel
def _flag_out_of_bounds(  # type: ignore[no-untyped-def]
    image, boxes, y_low, y_high, x_left, x_right, low, high, row
):
    ny, nx = image.shape
    framed = len(y_low) > 0
    first, last = ny, -1
    inner_low, inner_high = 0, ny
    if framed:
        least, most = np.float64(y_low[0]), np.float64(y_high[0])
        for i in range(nx):
            least, most = min(least, np.float64(y_low[i])), max(most, np.float64(y_high[i]))
            low[i] = math.floor(np.float64(y_low[i]) + 0.5)
            high[i] = math.floor(np.float64(y_high[i]) + 0.5)
            inner_low, inner_high = max(inner_low, low[i]), min(inner_high, high[i])
        first, last = math.ceil(least), math.floor(most)
    for j in range(ny):
        row[:] = OUTSIDE
        for b in range(len(boxes)):
            if boxes[b, 0] <= j < boxes[b, 1]:
                row[boxes[b, 2] : boxes[b, 3]] = 0
        if framed and first <= j <= last:
            left = max(math.ceil(x_left[j]), 0)
            right = min(math.floor(x_right[j]), nx - 1)
            if inner_low <= j <= inner_high:
                row[left : right + 1] = 0
            else:
                for i in range(left, right + 1):
                    if low[i] <= j <= high[i]:
                        row[i] = 0
        for i in range(nx):
            image[j, i] |= row[i]


@kernel
def _or_into(target, source):  # type: ignore[no-untyped-def]
    for k in range(len(target)):
        target[k] |= source[k]


@kernel
def _or_pair(a, b, out):  # type: ignore[no-untyped-def]
    # slices of equal length instead of displaced indices: only such loops become vector instructions
    for k in range(len(out)):
        out[k] = a[k] | b[k]


@kernel
def _add_traced_row(source, j, starts, shift, low, high, buffer, x_shift, vacated):  # type: ignore[no-untyped-def]
    """OR one row of the trace-shifted image into a buffer whose element k holds column ``k + x_shift``."""
    ny, nx = source.shape
    m = len(buffer)
    if j < 0 or j >= ny:
        for k in range(m):
            buffer[k] |= OUTSIDE
        return
    for k in range(min(-x_shift, m)):
        buffer[k] |= OUTSIDE
    for k in range(max(nx - x_shift, 0), m):
        buffer[k] |= OUTSIDE
    for r in range(len(shift)):
        origin = j
        if j < low[r]:
            origin = j + shift[r]
            inside = 0 <= origin < low[r]
        elif j > high[r]:
            origin = j + shift[r]
            inside = high[r] < origin < ny
        else:
            inside = True
        if not inside and vacated == 0:
            continue
        first, end = max(starts[r] - x_shift, 0), min(starts[r + 1] - x_shift, m)
        if first < end and not inside:
            for k in range(first, end):
                buffer[k] |= vacated
        elif first < end:
            _or_into(buffer[first:end], source[origin, first + x_shift : end + x_shift])


def trace_and_smear(
    source: np.ndarray,
    out: np.ndarray,
    starts: np.ndarray,
    shift: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    first_row: int,
    end_row: int,
    y_first: int,
    y_last: int,
    x_first: int,
    x_last: int,
    vacated: np.int16 = GOOD,
) -> None:
    """Follow the trace and spread the bits over a range of displacements.

    First columns are moved along y: ``moved[r] = source[r + shift]`` below and above the band of the lamp
    spectrum, which stays; rows without a source are `vacated`. Then ``out[j, i]`` is the OR of
    ``moved[j + sy, i + sx]`` over all displacements; beyond the image it counts as 128.

    Parameters
    ----------
    source, out : ndarray of int16, shape (ny, nx)
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
    n = x_last - x_first + 1
    one, two = (np.empty(source.shape[1] + n - 1, np.int16) for _ in range(2))
    _trace_and_smear(
        *(source, out, starts, shift, low, high, first_row, end_row),
        *(y_first, y_last, x_first, n, one, two, vacated),
    )


@kernel
def _trace_and_smear(  # type: ignore[no-untyped-def]
    source, out, starts, shift, low, high, first_row, end_row, y_first, y_last, x_first, n, one, two, vacated
):
    nx = source.shape[1]
    for j in range(first_row, end_row):
        one[:] = 0
        for sy in range(y_first, y_last + 1):
            _add_traced_row(source, j + sy, starts, shift, low, high, one, x_first, vacated)
        # by doubling: after k rounds each element is the OR of 2**k neighbours
        width, valid = 1, len(one)
        while 2 * width <= n:
            valid -= width
            _or_pair(one[:valid], one[width : width + valid], two[:valid])
            one, two = two, one
            width *= 2
        rest = n - width
        _or_pair(one[:nx], one[rest : rest + nx], out[j])


@kernel
def count_bad(row: np.ndarray, masked: np.ndarray, bits: int) -> int:
    """Number of pixels of a row that are masked or have one of some bits.

    Parameters
    ----------
    row : ndarray of int16, shape (nx,)
    masked : ndarray of bool, shape (nx,)
    bits : int
    """
    bad = 0
    for i in range(len(row)):
        bad += masked[i] | ((row[i] & bits) != 0)
    return bad
