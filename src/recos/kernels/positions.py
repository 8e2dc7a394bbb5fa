# mypy: disable-error-code="valid-type, untyped-decorator"
"""Loops over positions of events: Doppler shift, wavelengths, trace, binning. Specification 3, sections 5 to 12."""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.libc.math import pi, sin
from cython.cimports.recos.kernels.rounding import floored, from_file, truncated

from recos.kernels.shapes import check_lengths

_ROWS = 1024


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _polynomial(
    coefficients: cython.const[cython.double][:, :], row: cython.Py_ssize_t, x: cython.double
) -> cython.double:
    k: cython.Py_ssize_t
    value: cython.double = coefficients[row, coefficients.shape[1] - 1]
    for k in range(coefficients.shape[1] - 2, -1, -1):
        value = value * x + coefficients[row, k]
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
    _label_rows(y, rows.astype(np.int8), inside.view(np.uint8), label)
    return label


def _label_rows(
    y: cython.const[cython.float][:],
    rows: cython.const[cython.schar][::1],
    inside: cython.const[cython.uchar][:],
    label: cython.schar[::1],
) -> None:
    k: cython.Py_ssize_t
    last: cython.longlong = rows.shape[0] - 1
    check_lengths(y.shape[0], inside.shape[0])
    with cython.nogil:
        for k in range(y.shape[0]):
            label[k] = rows[min(max(floored(y[k]) + 1, 0), last)] if inside[k] else 0


def doppler_shift(
    xcorr: cython.const[cython.float][:],
    time: cython.const[cython.float][:],
    label: cython.const[cython.schar][:],
    coefficients: cython.const[cython.double][:, :],
    slope: cython.const[cython.double][:, :],
    delta: cython.const[cython.double][:],
    t0: cython.double,
    period: cython.double,
    amplitude: cython.double,
    xdopp: cython.float[:],
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

    Raises
    ------
    ValueError
        If shapes do not fit together.
    ZeroDivisionError
        If the period is 0.
    """
    k: cython.Py_ssize_t
    s: cython.Py_ssize_t
    x: cython.double
    shifted: cython.double
    pixels: cython.double
    last_time: cython.float = float("nan")
    sine: cython.double = 0.0
    check_lengths(xcorr.shape[0], time.shape[0], label.shape[0], xdopp.shape[0])
    check_lengths(coefficients.shape[0], slope.shape[0], delta.shape[0])
    if period == 0.0:
        raise ZeroDivisionError("an orbit of no period")
    with cython.nogil:
        for k in range(xcorr.shape[0]):
            if label[k] == 0:
                xdopp[k] = xcorr[k]
                continue
            if time[k] != last_time:  # many events have the same time
                last_time = time[k]
                sine = sin(2.0 * pi * (t0 + last_time) / period)
            s = label[k] - 1
            x = xcorr[k]
            shifted = x + delta[s]
            pixels = amplitude * _polynomial(coefficients, s, shifted) / _polynomial(slope, s, shifted)
            xdopp[k] = cython.cast(cython.float, x - pixels * sine)


def assign_wavelengths(
    xfull: cython.const[cython.float][:],
    label: cython.const[cython.schar][:],
    shift: cython.const[cython.float][:],
    coefficients: cython.const[cython.double][:, :],
    delta: cython.const[cython.double][:],
    velocity: cython.const[cython.double][:],
    wavelength: cython.float[:],
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
    k: cython.Py_ssize_t
    s: cython.Py_ssize_t
    x: cython.float
    value: cython.double
    check_lengths(xfull.shape[0], label.shape[0], wavelength.shape[0])
    check_lengths(shift.shape[0], coefficients.shape[0], delta.shape[0], velocity.shape[0])
    with cython.nogil:
        for k in range(xfull.shape[0]):
            if label[k] == 0:
                continue
            s = label[k] - 1
            x = xfull[k] - shift[s]
            value = _polynomial(coefficients, s, x + delta[s])
            wavelength[k] = cython.cast(cython.float, value + value * velocity[s])


def outside_band(
    x: cython.const[cython.float][::1],
    y: cython.const[cython.float][::1],
    mask: np.ndarray,
    centre: cython.double,
    slope: cython.double,
    height: cython.double,
) -> np.ndarray:
    """Which of the events of a mask lie outside a sloped band, or on its edge.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    mask : ndarray of bool, shape (n,)
    centre, slope, height : float
        The band is ``centre + slope * x``, give or take half of `height`.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    k: cython.Py_ssize_t
    middle: cython.double
    low: cython.double
    high: cython.double
    considered: cython.const[cython.uchar][::1] = mask.view(np.uint8)
    check_lengths(x.shape[0], y.shape[0], considered.shape[0])
    result = np.empty(x.shape[0], np.bool_)
    outside: cython.uchar[::1] = result.view(np.uint8)
    with cython.nogil:
        for k in range(x.shape[0]):
            middle = centre + slope * x[k]
            low = middle - height / 2.0
            high = middle + height / 2.0
            outside[k] = considered[k] & ((y[k] - low) * (y[k] - high) >= 0.0)
    return result


def subtract_trace(
    xcorr: cython.const[cython.float][:],
    yfull: cython.float[:],
    mask: np.ndarray,
    trace: cython.const[cython.double][:],
) -> None:
    """Subtract a trace, interpolated in x, from the y of the events of a mask; in place, float64, rounded once.

    Parameters
    ----------
    xcorr, yfull : ndarray of float32, shape (n,)
    mask : ndarray of bool, shape (n,)
    trace : ndarray of float64, shape (m,)
        One value for each pixel of `xcorr`, at least two; extrapolated beyond the first and the last.
    """
    k: cython.Py_ssize_t
    i: cython.longlong
    r: cython.double
    last: cython.longlong = trace.shape[0] - 2
    moved: cython.const[cython.uchar][:] = mask.view(np.uint8)
    check_lengths(xcorr.shape[0], yfull.shape[0], moved.shape[0])
    if last < 0:
        raise ValueError("a trace of fewer than two pixels")
    with cython.nogil:
        for k in range(xcorr.shape[0]):
            if moved[k]:
                i = min(max(truncated(xcorr[k]), 0), last)
                r = cython.cast(cython.double, xcorr[k]) - i
                yfull[k] = cython.cast(
                    cython.float,
                    cython.cast(cython.double, yfull[k]) - ((1.0 - r) * trace[i] + r * trace[i + 1]),
                )


def add_offset(y: cython.float[::1], mask: np.ndarray, offset: cython.double) -> None:
    """Add a number to the elements of a mask, in place, in float64."""
    k: cython.Py_ssize_t
    before: cython.float
    after: cython.float
    moved: cython.const[cython.uchar][::1] = mask.view(np.uint8)
    check_lengths(y.shape[0], moved.shape[0])
    with cython.nogil:
        for k in range(y.shape[0]):
            before = y[k]  # read in any case, so that the loop becomes vector instructions
            after = cython.cast(cython.float, before + offset)
            y[k] = after if moved[k] else before


def difference_limits(
    a: cython.const[cython.float][:], b: cython.const[cython.float][:], mask: np.ndarray
) -> tuple[np.float32, np.float32]:
    """Least and largest ``a - b`` of the elements of a mask, in float32; infinities if there is none.

    Parameters
    ----------
    a, b : ndarray of float32, shape (n,)
    mask : ndarray of bool, shape (n,)
    """
    k: cython.Py_ssize_t
    difference: cython.float
    low: cython.float = float("inf")
    high: cython.float = -float("inf")
    considered: cython.const[cython.uchar][:] = mask.view(np.uint8)
    check_lengths(a.shape[0], b.shape[0], considered.shape[0])
    with cython.nogil:
        for k in range(a.shape[0]):
            if considered[k]:
                difference = a[k] - b[k]
                low = difference if difference < low else low
                high = difference if difference > high else high
    return np.float32(low), np.float32(high)


def bin_events(
    x: cython.const[cython.float][:],
    y: cython.const[cython.float][:],
    epsilon: cython.const[cython.float][:],
    dq: cython.const[cython.short][:],
    rejected: cython.longlong,
    x_offset: cython.float,
    first_row: cython.longlong,
    counts: cython.float[:, :],
    effective: cython.float[:, :],
) -> None:
    """Add events to images, in order, in float32.

    Parameters
    ----------
    x, y, epsilon : ndarray of float32, shape (n,)
        Position and weight. An event falls in the nearest pixel, rounded half up.
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
    k: cython.Py_ssize_t
    u: cython.double
    v: cython.double
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    moved: cython.float
    ny: cython.longlong = counts.shape[0]
    nx: cython.longlong = counts.shape[1]
    check_lengths(x.shape[0], y.shape[0], epsilon.shape[0], dq.shape[0])
    _check_images(ny, nx, effective.shape[0], effective.shape[1])
    with cython.nogil:
        for k in range(x.shape[0]):
            if dq[k] & rejected:
                continue
            moved = x[k] + x_offset
            u = moved + 0.5
            v = y[k] + 0.5 - first_row
            if 0.0 <= u < nx and 0.0 <= v < ny:
                i = cython.cast(cython.Py_ssize_t, u)
                j = cython.cast(cython.Py_ssize_t, v)
                counts[j, i] += cython.cast(cython.float, 1.0)
                effective[j, i] += epsilon[k]


def clear_pixels(
    x: cython.const[cython.float][:],
    y: cython.const[cython.float][:],
    x_offset: cython.float,
    counts: cython.float[:, :],
    effective: cython.float[:, :],
) -> None:
    """Set pixels with events to 0 in both images; parameters as :func:`bin_events`."""
    k: cython.Py_ssize_t
    u: cython.double
    v: cython.double
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    moved: cython.float
    ny: cython.longlong = counts.shape[0]
    nx: cython.longlong = counts.shape[1]
    check_lengths(x.shape[0], y.shape[0])
    _check_images(ny, nx, effective.shape[0], effective.shape[1])
    with cython.nogil:
        for k in range(x.shape[0]):
            moved = x[k] + x_offset
            u = moved + 0.5
            v = y[k] + 0.5
            if 0.0 <= u < nx and 0.0 <= v < ny:
                i = cython.cast(cython.Py_ssize_t, u)
                j = cython.cast(cython.Py_ssize_t, v)
                counts[j, i] = 0.0
                effective[j, i] = 0.0


def _check_images(ny: int, nx: int, other_ny: int, other_nx: int) -> None:
    check_lengths(ny, other_ny)
    check_lengths(nx, other_nx)


def divide_by_flat(
    x: cython.const[cython.float][:],
    y: cython.const[cython.float][:],
    epsilon: cython.float[:],
    flat: cython.const[cython.uint][:, :],
    origin_x: cython.longlong,
    origin_y: cython.longlong,
) -> None:
    """Divide weights by the flat field, in place, in float32, where it is positive.

    Parameters
    ----------
    x, y, epsilon : ndarray of float32, shape (n,)
        An event lies in the nearest pixel, rounded half up.
    flat : ndarray of uint32, shape (ny, nx)
        Flat field, from :func:`recos.kernels.geometry.file_pixels`.
    origin_x, origin_y : int
        Detector pixel of its first element.
    """
    k: cython.Py_ssize_t
    u: cython.double
    v: cython.double
    value: cython.float
    check_lengths(x.shape[0], y.shape[0], epsilon.shape[0])
    with cython.nogil:
        for k in range(x.shape[0]):
            u = x[k] + 0.5 - origin_x
            v = y[k] + 0.5 - origin_y
            if 0.0 <= u < flat.shape[1] and 0.0 <= v < flat.shape[0]:
                value = from_file(flat[cython.cast(cython.Py_ssize_t, v), cython.cast(cython.Py_ssize_t, u)])
                if value > 0.0:
                    epsilon[k] = epsilon[k] / value


def divide_by_smeared_flat(
    x: cython.const[cython.float][:],
    y: cython.const[cython.float][:],
    epsilon: cython.float[:],
    flat: cython.const[cython.uint][:, :],
    origin_x: cython.longlong,
    origin_y: cython.longlong,
    weights: cython.const[cython.float][:],
) -> None:
    """Like :func:`divide_by_flat`, by the flat field convolved along its rows; beside it, it counts as 1.

    Parameters
    ----------
    weights : ndarray of float32, shape (2 m + 1,)
        Of the shifts from -m to m pixels; sums are formed in float32.
    """
    k: cython.Py_ssize_t
    m: cython.Py_ssize_t
    u: cython.double
    v: cython.double
    i: cython.longlong
    j: cython.longlong
    column: cython.longlong
    one: cython.float = 1.0
    pixel: cython.float
    value: cython.float = 0.0
    last_i: cython.longlong = -1
    last_j: cython.longlong = -1
    n: cython.Py_ssize_t = weights.shape[0]
    reach: cython.longlong = n // 2
    check_lengths(x.shape[0], y.shape[0], epsilon.shape[0])
    with cython.nogil:
        for k in range(x.shape[0]):
            u = x[k] + 0.5 - origin_x
            v = y[k] + 0.5 - origin_y
            if not (0.0 <= u < flat.shape[1] and 0.0 <= v < flat.shape[0]):
                continue
            i = cython.cast(cython.longlong, u)
            j = cython.cast(cython.longlong, v)
            if i != last_i or j != last_j:
                last_i = i
                last_j = j
                value = 0.0
                for m in range(n):
                    column = i + m - reach
                    pixel = from_file(flat[j, column]) if 0 <= column < flat.shape[1] else one
                    value += weights[n - 1 - m] * pixel
            if value > 0.0:
                epsilon[k] = epsilon[k] / value
