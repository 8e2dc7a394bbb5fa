"""Loops over positions of events: Doppler shift, wavelengths, trace, binning. Specification 3, 5 to 12."""

from __future__ import annotations

import math

import numpy as np

from recos.kernels.compiled import kernel

_ROWS = 1024


@kernel
def _polynomial(coefficients, x):  # type: ignore[no-untyped-def]
    value = coefficients[len(coefficients) - 1]
    for k in range(len(coefficients) - 2, -1, -1):
        value = value * x + coefficients[k]
    return value


def label_rows(y: np.ndarray, edges: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Number of the range of rows in which each event lies.

    Parameters
    ----------
    y : ndarray of float32, shape (n,)
    edges : ndarray of float64, shape (m + 1,)
        Increasing whole numbers from 0 to 1024, or infinite; range i is ``edges[i - 1] <= y < edges[i]``.
    inside : ndarray of bool, shape (n,)
        The others are in no range.

    Returns
    -------
    ndarray of int8, shape (n,)
        From 1 to m; 0 outside all ranges.
    """
    rows = np.searchsorted(edges, np.arange(-1.0, _ROWS + 1.0), side="right")
    rows[rows == len(edges)] = 0
    label = np.empty(len(y), np.int8)
    _label_rows(y, rows.astype(np.int8), inside, label)
    return label


@kernel
def _label_rows(y, rows, inside, label):  # type: ignore[no-untyped-def]
    last = len(rows) - 1
    for k in range(len(y)):
        row = min(max(math.floor(y[k]) + 1, 0), last)
        label[k] = rows[row] if inside[k] else 0


@kernel
def doppler_shift(
    xcorr: np.ndarray,
    time: np.ndarray,
    label: np.ndarray,
    coefficients: np.ndarray,
    slope: np.ndarray,
    delta: np.ndarray,
    t0: float,
    period: float,
    amplitude: float,
    xdopp: np.ndarray,
) -> None:
    """Subtract the orbital Doppler shift; float64, rounded once.

    Parameters
    ----------
    xcorr, time : ndarray of float32, shape (n,)
        Pixel; seconds.
    label : ndarray of int8, shape (n,)
        Number of the spectrum in which the event lies, from 1; events of none (0) are copied.
    coefficients, slope : ndarray of float64, shape (m, k)
        For each spectrum, polynomials in ``xcorr + delta``: wavelength, and its derivative.
    delta : ndarray of float64, shape (m,)
    t0, period : float
        Phase of the orbit at ``time = 0`` and its period, seconds.
    amplitude : float
        Velocity in units of the speed of light.
    xdopp : ndarray of float32, shape (n,)
        Result.
    """
    last_time, sine = np.float32(np.nan), 0.0
    for k in range(len(xcorr)):
        if label[k] == 0:
            xdopp[k] = xcorr[k]
            continue
        if time[k] != last_time:  # many events have the same time
            last_time = time[k]
            sine = math.sin(2.0 * math.pi * (t0 + np.float64(last_time)) / period)
        s = label[k] - 1
        x = np.float64(xcorr[k])
        shifted = x + delta[s]
        pixels = amplitude * _polynomial(coefficients[s], shifted) / _polynomial(slope[s], shifted)
        xdopp[k] = np.float32(x - pixels * sine)


@kernel
def assign_wavelengths(
    xfull: np.ndarray,
    label: np.ndarray,
    shift: np.ndarray,
    coefficients: np.ndarray,
    delta: np.ndarray,
    velocity: np.ndarray,
    wavelength: np.ndarray,
) -> None:
    """Wavelengths of the events of some spectra.

    Parameters
    ----------
    xfull : ndarray of float32, shape (n,)
    label : ndarray of int8, shape (n,)
        Number of the spectrum in which the event lies, from 1; events of none (0) keep their value.
    shift : ndarray of float32, shape (m,)
        Subtracted from `xfull`, in float32.
    coefficients : ndarray of float64, shape (m, k)
        Polynomials.
    delta : ndarray of float64, shape (m,)
        Added to the pixel.
    velocity : ndarray of float64, shape (m,)
        Radial velocity (v/c) added to the wavelengths.
    wavelength : ndarray of float32, shape (n,)
        Result, Angstrom.
    """
    for k in range(len(xfull)):
        if label[k] == 0:
            continue
        s = label[k] - 1
        value = _polynomial(coefficients[s], np.float64(xfull[k] - shift[s]) + delta[s])
        wavelength[k] = np.float32(value + value * velocity[s])


def outside_band(
    x: np.ndarray, y: np.ndarray, chosen: np.ndarray, centre: float, slope: float, height: float
) -> np.ndarray:
    """Which of the chosen events lie outside a sloped band, or on its edge.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    chosen : ndarray of bool, shape (n,)
    centre, slope, height : float
        The band is ``centre + slope * x``, give or take half of `height`.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    outside = np.empty(len(x), np.bool_)
    _outside_band(x, y, chosen, centre, slope, height, outside)
    return outside


@kernel
def _outside_band(x, y, chosen, centre, slope, height, outside):  # type: ignore[no-untyped-def]
    for k in range(len(x)):
        middle = centre + slope * np.float64(x[k])
        low, high = middle - height / 2.0, middle + height / 2.0
        outside[k] = chosen[k] and (y[k] - low) * (y[k] - high) >= 0.0


@kernel
def subtract_trace(xcorr: np.ndarray, yfull: np.ndarray, chosen: np.ndarray, trace: np.ndarray) -> None:
    """Subtract a trace, interpolated in x, from the y of chosen events; in place, float64, rounded once.

    Parameters
    ----------
    xcorr, yfull : ndarray of float32, shape (n,)
    chosen : ndarray of bool, shape (n,)
    trace : ndarray of float64, shape (m,)
        One value for each pixel of `xcorr`; extrapolated beyond the first and the last.
    """
    last = len(trace) - 2
    for k in range(len(xcorr)):
        if not chosen[k]:
            continue
        x = np.float64(xcorr[k])
        i = min(max(int(x), 0), last)
        r = x - i
        yfull[k] = np.float32(np.float64(yfull[k]) - ((1.0 - r) * trace[i] + r * trace[i + 1]))


@kernel
def add_offset(y: np.ndarray, chosen: np.ndarray, offset: float) -> None:
    """Add a number to chosen elements, in place, in float64."""
    for k in range(len(y)):
        if chosen[k]:
            y[k] = np.float32(np.float64(y[k]) + offset)


def difference_limits(a: np.ndarray, b: np.ndarray, chosen: np.ndarray) -> tuple[np.float32, np.float32]:
    """Least and largest ``a - b`` of chosen elements, in float32; infinities if there is none.

    Parameters
    ----------
    a, b : ndarray of float32, shape (n,)
    chosen : ndarray of bool, shape (n,)
    """
    limits = np.array([np.inf, -np.inf], np.float32)
    _difference_limits(a, b, chosen, limits)
    return limits[0], limits[1]


@kernel
def _difference_limits(a, b, chosen, limits):  # type: ignore[no-untyped-def]
    low, high = limits[0], limits[1]
    for k in range(len(a)):
        if chosen[k]:
            difference = a[k] - b[k]
            low, high = min(low, difference), max(high, difference)
    limits[0], limits[1] = low, high


@kernel
def bin_events(
    x: np.ndarray,
    y: np.ndarray,
    epsilon: np.ndarray,
    dq: np.ndarray,
    rejected: int,
    x_offset: float,
    first_row: int,
    counts: np.ndarray,
    effective: np.ndarray,
) -> None:
    """Add events to images, in order, in float32.

    Parameters
    ----------
    x, y, epsilon : ndarray of float32, shape (n,)
        Position and weight. An event falls in the nearest pixel, halves up.
    dq : ndarray of int16, shape (n,)
    rejected : int
        Events with one of these bits are left out.
    x_offset : float
        Image column of detector column 0.
    first_row : int
        Detector row of image row 0.
    counts, effective : ndarray of float32, shape (ny, nx)
        Receive the number of events and the sum of their weights.
    """
    ny, nx = counts.shape
    shift = np.float32(x_offset)
    for k in range(len(x)):
        if dq[k] & rejected:
            continue
        i = math.floor(np.float64(np.float32(x[k] + shift)) + 0.5)
        j = math.floor(np.float64(y[k]) + 0.5) - first_row
        if 0 <= i < nx and 0 <= j < ny:
            counts[j, i] += np.float32(1.0)
            effective[j, i] += epsilon[k]


@kernel
def clear_pixels(
    x: np.ndarray, y: np.ndarray, x_offset: float, counts: np.ndarray, effective: np.ndarray
) -> None:
    """Set pixels with events to 0 in both images; parameters as :func:`bin_events`."""
    ny, nx = counts.shape
    shift = np.float32(x_offset)
    for k in range(len(x)):
        i = math.floor(np.float64(np.float32(x[k] + shift)) + 0.5)
        j = math.floor(np.float64(y[k]) + 0.5)
        if 0 <= i < nx and 0 <= j < ny:
            counts[j, i] = effective[j, i] = np.float32(0.0)


@kernel
def _flat_pixel(words, j, i):  # type: ignore[no-untyped-def]
    """A float32 pixel of an array of big-endian words; 1 beside it."""
    if not 0 <= i < words.shape[1]:
        return np.float32(1.0)
    w = words[j, i]
    low = (w & np.uint32(0xFF)) << np.uint32(24) | (w & np.uint32(0xFF00)) << np.uint32(8)
    high = (w >> np.uint32(8)) & np.uint32(0xFF00) | w >> np.uint32(24)
    return np.uint32(low | high).view(np.float32)


@kernel
def divide_by_flat(
    x: np.ndarray, y: np.ndarray, epsilon: np.ndarray, words: np.ndarray, origin_x: int, origin_y: int
) -> None:
    """Divide weights by the flat field, in place, in float32, where it is positive.

    Parameters
    ----------
    x, y, epsilon : ndarray of float32, shape (n,)
        An event lies in the nearest pixel, halves up.
    words : ndarray of uint32, shape (ny, nx)
        Flat field, from :func:`recos.kernels.geometry.file_words`.
    origin_x, origin_y : int
        Detector pixel of its first element.
    """
    ny, nx = words.shape
    for k in range(len(x)):
        i = math.floor(np.float64(x[k]) + 0.5) - origin_x
        j = math.floor(np.float64(y[k]) + 0.5) - origin_y
        if 0 <= i < nx and 0 <= j < ny:
            flat = _flat_pixel(words, j, i)
            if flat > np.float32(0.0):
                epsilon[k] = np.float32(epsilon[k] / flat)


@kernel
def divide_by_smeared_flat(
    x: np.ndarray,
    y: np.ndarray,
    epsilon: np.ndarray,
    words: np.ndarray,
    origin_x: int,
    origin_y: int,
    kernel: np.ndarray,
) -> None:
    """Like :func:`divide_by_flat`, by the flat field convolved along its rows; beside it, it counts as 1.

    Parameters
    ----------
    kernel : ndarray of float32, shape (2 m + 1,)
        Weights of the shifts from -m to m pixels; sums are formed in float32.
    """
    ny, nx = words.shape
    reach = len(kernel) // 2
    last_i, last_j, flat = -1, -1, np.float32(0.0)
    for k in range(len(x)):
        i = math.floor(np.float64(x[k]) + 0.5) - origin_x
        j = math.floor(np.float64(y[k]) + 0.5) - origin_y
        if not (0 <= i < nx and 0 <= j < ny):
            continue
        if i != last_i or j != last_j:
            last_i, last_j, flat = i, j, np.float32(0.0)
            for m in range(len(kernel)):
                flat += np.float32(kernel[len(kernel) - 1 - m] * _flat_pixel(words, j, i + m - reach))
        if flat > np.float32(0.0):
            epsilon[k] = np.float32(epsilon[k] / flat)
