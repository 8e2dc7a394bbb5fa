"""Loops over positions of events: Doppler shift, wavelengths, trace, binning. Specification 3, 5 to 12."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _polynomial(coefficients, x):  # type: ignore[no-untyped-def]
    value = coefficients[len(coefficients) - 1]
    for k in range(len(coefficients) - 2, -1, -1):
        value = value * x + coefficients[k]
    return value


@njit(cache=True, nogil=True)
def doppler_shift(
    xcorr: np.ndarray,
    time: np.ndarray,
    chosen: np.ndarray,
    coefficients: np.ndarray,
    slope: np.ndarray,
    delta: float,
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
    chosen : ndarray of bool, shape (n,)
        Events to correct; the others are copied.
    coefficients, slope : ndarray of float64
        Polynomials in ``xcorr + delta``: wavelength, and its derivative.
    delta : float
    t0, period : float
        Phase of the orbit at ``time = 0`` and its period, seconds.
    amplitude : float
        Velocity in units of the speed of light.
    xdopp : ndarray of float32, shape (n,)
        Result.
    """
    for k in range(len(xcorr)):
        if not chosen[k]:
            xdopp[k] = xcorr[k]
            continue
        x = np.float64(xcorr[k])
        pixels = amplitude * _polynomial(coefficients, x + delta) / _polynomial(slope, x + delta)
        t = t0 + np.float64(time[k])
        xdopp[k] = np.float32(x - pixels * math.sin(2.0 * math.pi * t / period))


@njit(cache=True, nogil=True)
def assign_wavelengths(
    xfull: np.ndarray,
    yfull: np.ndarray,
    active: np.ndarray,
    shift: np.ndarray,
    boundary: int,
    coefficients: np.ndarray,
    delta: np.ndarray,
    velocity: float,
    wavelength: np.ndarray,
) -> None:
    """Wavelengths of active events: of the sky below a row, of the lamp from that row on.

    Parameters
    ----------
    xfull, yfull : ndarray of float32, shape (n,)
    active : ndarray of bool, shape (n,)
        The others keep their value.
    shift : ndarray of float32, shape (2,)
        Subtracted from `xfull` and `yfull`, in float32.
    boundary : int
        First row of the lamp.
    coefficients : ndarray of float64, shape (2, m)
        Polynomials of sky and lamp.
    delta : ndarray of float64, shape (2,)
        Added to the pixel.
    velocity : float
        Radial velocity (v/c) added to the wavelengths of the sky.
    wavelength : ndarray of float32, shape (n,)
        Result, Angstrom.
    """
    for k in range(len(xfull)):
        if not active[k]:
            continue
        x = np.float64(xfull[k] - shift[0])
        if yfull[k] - shift[1] < boundary:
            value = _polynomial(coefficients[0], x + delta[0])
            value += value * velocity
        else:
            value = _polynomial(coefficients[1], x + delta[1])
        wavelength[k] = np.float32(value)


@njit(cache=True, nogil=True)
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
    for k in range(len(x)):
        middle = centre + slope * np.float64(x[k])
        low, high = middle - height / 2.0, middle + height / 2.0
        outside[k] = chosen[k] and (y[k] - low) * (y[k] - high) >= 0.0
    return outside


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def add_offset(y: np.ndarray, chosen: np.ndarray, offset: float) -> None:
    """Add a number to chosen elements, in place, in float64."""
    for k in range(len(y)):
        if chosen[k]:
            y[k] = np.float32(np.float64(y[k]) + offset)


@njit(cache=True, nogil=True)
def difference_limits(a: np.ndarray, b: np.ndarray, chosen: np.ndarray) -> tuple[np.float32, np.float32]:
    """Least and largest ``a - b`` of chosen elements, in float32; infinities if there is none.

    Parameters
    ----------
    a, b : ndarray of float32, shape (n,)
    chosen : ndarray of bool, shape (n,)
    """
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for k in range(len(a)):
        if chosen[k]:
            difference = a[k] - b[k]
            low, high = min(low, difference), max(high, difference)
    return low, high


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
        if not (0 <= i < nx and 0 <= j < ny):
            continue
        w = words[j, i]
        low = (w & np.uint32(0xFF)) << np.uint32(24) | (w & np.uint32(0xFF00)) << np.uint32(8)
        high = (w >> np.uint32(8)) & np.uint32(0xFF00) | w >> np.uint32(24)
        flat = np.uint32(low | high).view(np.float32)
        if flat > np.float32(0.0):
            epsilon[k] = np.float32(epsilon[k] / flat)
