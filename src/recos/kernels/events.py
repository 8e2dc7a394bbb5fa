# mypy: disable-error-code="valid-type"
"""Loops over events: boxes, walk, counts in time bins. Specification 2, sections 4, 14 and 18."""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.recos.kernels.rounding import nearest

from recos.kernels.shapes import check_lengths

_Position = cython.fused_type(cython.float, cython.short)


def inside_box(
    x: cython.const[cython.float][::1],
    y: cython.const[cython.float][::1],
    x_low: cython.double,
    x_high: cython.double,
    y_low: cython.double,
    y_high: cython.double,
) -> np.ndarray:
    """Which points lie in a box, its edges included.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    x_low, x_high, y_low, y_high : float
        Compared in float64.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    k: cython.Py_ssize_t
    check_lengths(x.shape[0], y.shape[0])
    result = np.empty(x.shape[0], np.bool_)
    inside: cython.uchar[::1] = result.view(np.uint8)
    with cython.nogil:
        for k in range(x.shape[0]):
            inside[k] = (x_low <= x[k]) & (x[k] <= x_high) & (y_low <= y[k]) & (y[k] <= y_high)
    return result


def accumulate(
    image: cython.float[::1], pixel: cython.const[cython.int][:], weight: cython.const[cython.float][:]
) -> None:
    """Add weights to the pixels of an image, in order, in float32.

    Parameters
    ----------
    image : ndarray of float32, shape (m,)
    pixel : ndarray of int32, shape (n,)
        Inside the image.
    weight : ndarray of float32, shape (n,)
    """
    k: cython.Py_ssize_t
    check_lengths(pixel.shape[0], weight.shape[0])
    with cython.nogil:
        for k in range(pixel.shape[0]):
            image[pixel[k]] += weight[k]


def subtract_walk(
    position: cython.float[:],
    pha: cython.const[cython.uchar][:],
    mask: np.ndarray,
    table: cython.const[cython.float][:, :],
) -> None:
    """Subtract a shift that depends on position and pulse height, in place.

    Linear interpolation in position, in float64; pulse heights beyond the table have the last row.

    Parameters
    ----------
    position : ndarray of float32, shape (n,)
    pha : ndarray of uint8, shape (n,)
    mask : ndarray of bool, shape (n,)
        Events to be changed.
    table : ndarray of float32, shape (pulse heights, positions)
        Shift in pixels.
    """
    k: cython.Py_ssize_t
    i: cython.Py_ssize_t
    row: cython.Py_ssize_t
    c: cython.double
    w: cython.double
    right: cython.float
    last_row: cython.Py_ssize_t = table.shape[0] - 1
    last: cython.Py_ssize_t = table.shape[1] - 1
    changed: cython.const[cython.uchar][:] = mask.view(np.uint8)
    check_lengths(position.shape[0], pha.shape[0], changed.shape[0])
    with cython.nogil:
        for k in range(position.shape[0]):
            if not changed[k]:
                continue
            c = 0.0
            if position[k] > 0.0:
                c = last if position[k] > last else position[k]
            i = cython.cast(cython.Py_ssize_t, c)
            w = c - i
            row = pha[k] if pha[k] < last_row else last_row
            right = table[row, i + 1] if i < last else 0.0
            position[k] = cython.cast(
                cython.float,
                cython.cast(cython.double, position[k])
                - (
                    cython.cast(cython.double, table[row, i]) * (1.0 - w)
                    + cython.cast(cython.double, right) * w
                ),
            )


def flag_pulse_heights(
    pha: cython.const[cython.uchar][:],
    mask: np.ndarray,
    low: cython.longlong,
    high: cython.longlong,
    flag: cython.short,
    dq: cython.short[:],
) -> tuple[int, int, int]:
    """Flag the events of a mask whose pulse height is below `low` or above `high`, in place.

    Parameters
    ----------
    pha : ndarray of uint8, shape (n,)
    mask : ndarray of bool, shape (n,)
    low, high : int
        Good limits.
    flag : int16
    dq : ndarray of int16, shape (n,)

    Returns
    -------
    n_low, n_high, n_flagged : int
        Events of the mask below and above the limits, and all events that have the flag afterwards.
    """
    k: cython.Py_ssize_t
    n_low: cython.longlong = 0
    n_high: cython.longlong = 0
    n_flagged: cython.longlong = 0
    considered: cython.const[cython.uchar][:] = mask.view(np.uint8)
    check_lengths(pha.shape[0], considered.shape[0], dq.shape[0])
    with cython.nogil:
        for k in range(pha.shape[0]):
            if considered[k] and pha[k] < low:
                n_low += 1
                dq[k] |= flag
            elif considered[k] and pha[k] > high:
                n_high += 1
                dq[k] |= flag
            if dq[k] & flag:
                n_flagged += 1
    return n_low, n_high, n_flagged


def count_in_rows(
    y: cython.const[cython.float][:],
    dq: cython.const[cython.short][:],
    start: cython.const[cython.longlong][:],
    stop: cython.const[cython.longlong][:],
    rows: cython.const[cython.longlong][:, :],
) -> np.ndarray:
    """Count the unflagged events of ranges of events in bands of detector rows.

    Parameters
    ----------
    y : ndarray of float32, shape (n,)
        An event belongs to the nearest row, rounded half up.
    dq : ndarray of int16, shape (n,)
        Events with any bit are left out.
    start, stop : ndarray of int64, shape (bins,)
        Index ranges, from 0 to n.
    rows : ndarray of int64, shape (bands, 2)
        First and last row of each band; a row in several bands counts in the first.

    Returns
    -------
    ndarray of int64, shape (bands, bins)
    """
    b: cython.Py_ssize_t
    k: cython.Py_ssize_t
    r: cython.Py_ssize_t
    row: cython.double
    check_lengths(y.shape[0], dq.shape[0])
    check_lengths(start.shape[0], stop.shape[0])
    result = np.zeros((rows.shape[0], start.shape[0]), np.int64)
    counts: cython.longlong[:, ::1] = result
    with cython.nogil:
        for b in range(start.shape[0]):
            for k in range(start[b], stop[b]):
                if dq[k] != 0:
                    continue
                row = y[k] + 0.5
                for r in range(rows.shape[0]):
                    if rows[r, 0] <= row < rows[r, 1] + 1:
                        counts[r, b] += 1
                        break
    return result


def find_bins(
    x: cython.const[_Position][:],
    y: cython.const[_Position][:],
    binx: cython.longlong,
    biny: cython.longlong,
    nx: cython.longlong,
    ny: cython.longlong,
    pixel: cython.int[:],
) -> None:
    """Find the pixel of a binned image that each event falls in.

    QUIRK (specification 2, section 20.3): division is towards zero, so that positions just below 0 fall in bin 0.

    Parameters
    ----------
    x, y : ndarray of float32 or int16, shape (n,)
        An event belongs to the nearest detector pixel, rounded half up.
    binx, biny : int
        Detector columns and rows in a bin, at least 1.
    nx, ny : int
        Size of the image, bins.
    pixel : ndarray of int32, shape (n,)
        Result: ``row * nx + column``, -1 outside the image.
    """
    k: cython.Py_ssize_t
    column: cython.longlong
    row: cython.longlong
    check_lengths(x.shape[0], y.shape[0], pixel.shape[0])
    with cython.nogil:
        for k in range(x.shape[0]):
            column = nearest(x[k]) // binx  # towards zero, as C divides
            row = nearest(y[k]) // biny
            pixel[k] = -1
            if 0 <= column < nx and 0 <= row < ny:
                pixel[k] = row * nx + column
