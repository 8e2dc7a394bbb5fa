"""Loops over events: boxes, walk, counts in time bins. Specification 2, sections 4, 14 and 18."""

from __future__ import annotations

import math

import numpy as np

from recos.kernels.compiled import kernel


def inside_box(
    x: np.ndarray, y: np.ndarray, x_low: float, x_high: float, y_low: float, y_high: float
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
    inside = np.empty(len(x), np.bool_)
    _inside_box(x, y, x_low, x_high, y_low, y_high, inside)
    return inside


@kernel
def _inside_box(x, y, x_low, x_high, y_low, y_high, inside):  # type: ignore[no-untyped-def]
    for k in range(len(x)):
        inside[k] = (x_low <= x[k]) & (x[k] <= x_high) & (y_low <= y[k]) & (y[k] <= y_high)


@kernel
def accumulate(image: np.ndarray, pixel: np.ndarray, weight: np.ndarray) -> None:
    """Add weights to the pixels of an image, in order, in float32.

    Parameters
    ----------
    image : ndarray of float32, shape (m,)
    pixel : ndarray of int32, shape (n,)
    weight : ndarray of float32, shape (n,)
    """
    for k in range(len(pixel)):
        image[pixel[k]] += weight[k]


@kernel
def subtract_walk(position: np.ndarray, pha: np.ndarray, chosen: np.ndarray, table: np.ndarray) -> None:
    """Subtract a shift that depends on position and pulse height, in place.

    Linear interpolation in position, in float64; pulse heights beyond the table have the last row.

    Parameters
    ----------
    position : ndarray of float32, shape (n,)
    pha : ndarray of uint8, shape (n,)
    chosen : ndarray of bool, shape (n,)
        Events to be changed.
    table : ndarray of float32, shape (pulse heights, positions)
        Shift in pixels.
    """
    last_row = table.shape[0] - 1
    last = table.shape[1] - 1
    for k in range(len(position)):
        if not chosen[k]:
            continue
        c = min(np.float64(position[k]), np.float64(last)) if position[k] > 0.0 else 0.0
        i = int(c)
        w = c - i
        row = min(int(pha[k]), last_row)
        right = table[row, i + 1] if i < last else np.float32(0.0)
        shift = np.float64(table[row, i]) * (1.0 - w) + np.float64(right) * w
        position[k] = np.float32(np.float64(position[k]) - shift)


def flag_pulse_heights(
    pha: np.ndarray, chosen: np.ndarray, low: int, high: int, flag: np.int16, dq: np.ndarray
) -> tuple[int, int, int]:
    """Flag chosen events whose pulse height is below `low` or above `high`, in place.

    Parameters
    ----------
    pha : ndarray of uint8, shape (n,)
    chosen : ndarray of bool, shape (n,)
    low, high : int
        Good limits.
    flag : int16
    dq : ndarray of int16, shape (n,)

    Returns
    -------
    n_low, n_high, n_flagged : int
        Chosen events below and above the limits, and all events that have the flag afterwards.
    """
    numbers = np.zeros(3, np.int64)
    _flag_pulse_heights(pha, chosen, low, high, flag, dq, numbers)
    n_low, n_high, n_flagged = numbers.tolist()
    return n_low, n_high, n_flagged


@kernel
def _flag_pulse_heights(pha, chosen, low, high, flag, dq, numbers):  # type: ignore[no-untyped-def]
    for k in range(len(pha)):
        if chosen[k] and pha[k] < low:
            numbers[0] += 1
            dq[k] |= flag
        elif chosen[k] and pha[k] > high:
            numbers[1] += 1
            dq[k] |= flag
        if dq[k] & flag:
            numbers[2] += 1


def count_in_rows(
    y: np.ndarray, dq: np.ndarray, start: np.ndarray, stop: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Count the unflagged events of ranges of events in bands of detector rows.

    Parameters
    ----------
    y : ndarray of float32, shape (n,)
        An event belongs to the nearest row, halves up.
    dq : ndarray of int16, shape (n,)
        Events with any bit are left out.
    start, stop : ndarray of int64, shape (bins,)
        Index ranges.
    rows : ndarray of int64, shape (bands, 2)
        First and last row of each band; a row in several bands counts in the first.

    Returns
    -------
    ndarray of int64, shape (bands, bins)
    """
    counts = np.zeros((rows.shape[0], len(start)), np.int64)
    _count_in_rows(y, dq, start, stop, rows, counts)
    return counts


@kernel
def _count_in_rows(y, dq, start, stop, rows, counts):  # type: ignore[no-untyped-def]
    for b in range(len(start)):
        for k in range(start[b], stop[b]):
            if dq[k] != 0:
                continue
            row = math.floor(np.float64(y[k]) + 0.5)
            for r in range(rows.shape[0]):
                if rows[r, 0] <= row <= rows[r, 1]:
                    counts[r, b] += 1
                    break


@kernel
def find_bins(
    x: np.ndarray, y: np.ndarray, binx: int, biny: int, nx: int, ny: int, pixel: np.ndarray
) -> None:
    """Find the pixel of a binned image that each event falls in.

    QUIRK (specification 2, section 20.3): division is towards zero, so that positions just below 0 fall in bin 0.

    Parameters
    ----------
    x, y : ndarray of float32 or int16, shape (n,)
        An event belongs to the nearest detector pixel, halves up.
    binx, biny : int
        Detector columns and rows in a bin.
    nx, ny : int
        Size of the image, bins.
    pixel : ndarray of int32, shape (n,)
        Result: ``row * nx + column``, -1 outside the image.
    """
    for k in range(len(x)):
        column = math.floor(np.float64(x[k]) + 0.5)
        row = math.floor(np.float64(y[k]) + 0.5)
        column = -(-column // binx) if column < 0 else column // binx
        row = -(-row // biny) if row < 0 else row // biny
        inside = 0 <= column < nx and 0 <= row < ny
        pixel[k] = row * nx + column if inside else -1
