# mypy: disable-error-code="valid-type"
"""Subtraction of distortion maps. Specification 2, section 13.

Maps are read where events lie, from big-endian files mapped into memory, so that only those pages are loaded.
"""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.recos.kernels.rounding import floored, from_file

from recos.kernels.shapes import check_lengths


def file_pixels(image: np.ndarray) -> np.ndarray:
    """The pixels of a float32 image as a FITS file has them, big-endian, as uint32; no copy if they are already."""
    return np.ascontiguousarray(image, dtype=">f4").view(np.uint32)


def subtract_interpolated(
    x: cython.float[:],
    y: cython.float[:],
    x_map: cython.const[cython.uint][:, :],
    y_map: cython.const[cython.uint][:, :],
    origin: cython.const[cython.float][:],
    bins: cython.const[cython.float][:],
) -> None:
    """Subtract two maps from positions, in place, by bilinear interpolation in float32.

    Both maps are evaluated at the original position. Events outside the maps stay where they are; in the
    outer half pixel the maps are extrapolated.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    x_map, y_map : ndarray of uint32, shape (ny, nx)
        From :func:`file_pixels`; at least 2 x 2.
    origin, bins : ndarray of float32, shape (2,)
        Position (x, y) of the first map pixel and size of a map pixel, in detector pixels.

    Raises
    ------
    ValueError
        If shapes do not fit together.
    ZeroDivisionError
        If a map pixel has no size.
    """
    k: cython.Py_ssize_t
    i: cython.longlong
    j: cython.longlong
    u: cython.float
    v: cython.float
    p: cython.float
    q: cython.float
    r: cython.float
    s: cython.float
    pr: cython.float
    qr: cython.float
    ps: cython.float
    qs: cython.float
    dx: cython.float
    dy: cython.float
    half: cython.float = 0.5
    one: cython.float = 1.0
    ny: cython.longlong = x_map.shape[0]
    nx: cython.longlong = x_map.shape[1]
    right: cython.float = cython.cast(cython.float, nx) - half
    top: cython.float = cython.cast(cython.float, ny) - half
    _check(x.shape[0], y.shape[0], (nx, ny), (y_map.shape[1], y_map.shape[0]), bins[0], bins[1])
    with cython.nogil:
        for k in range(x.shape[0]):
            u = (x[k] - origin[0]) / bins[0]
            v = (y[k] - origin[1]) / bins[1]
            if not (-half < u < right and -half < v < top):
                continue
            i = min(max(floored(u), 0), nx - 2)
            j = min(max(floored(v), 0), ny - 2)
            q = u - cython.cast(cython.float, i)
            p = one - q
            s = v - cython.cast(cython.float, j)
            r = one - s
            pr = p * r
            qr = q * r
            ps = p * s
            qs = q * s
            dx = pr * from_file(x_map[j, i]) + qr * from_file(x_map[j, i + 1])
            dx = dx + ps * from_file(x_map[j + 1, i]) + qs * from_file(x_map[j + 1, i + 1])
            dy = pr * from_file(y_map[j, i]) + qr * from_file(y_map[j, i + 1])
            dy = dy + ps * from_file(y_map[j + 1, i]) + qs * from_file(y_map[j + 1, i + 1])
            x[k] -= dx
            y[k] -= dy


def subtract_nearest(
    x: cython.float[:],
    y: cython.float[:],
    x_map: cython.const[cython.uint][:, :],
    y_map: cython.const[cython.uint][:, :],
    origin: cython.const[cython.float][:],
    bins: cython.const[cython.float][:],
) -> None:
    """Like :func:`subtract_interpolated`, with the value of the nearest pixel, rounded half up."""
    k: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    u: cython.float
    v: cython.float
    column: cython.double
    row: cython.double
    ny: cython.longlong = x_map.shape[0]
    nx: cython.longlong = x_map.shape[1]
    _check(x.shape[0], y.shape[0], (nx, ny), (y_map.shape[1], y_map.shape[0]), bins[0], bins[1])
    with cython.nogil:
        for k in range(x.shape[0]):
            u = (x[k] - origin[0]) / bins[0]
            v = (y[k] - origin[1]) / bins[1]
            column = u + 0.5
            row = v + 0.5
            if 0.0 <= column < nx and 0.0 <= row < ny:
                i = cython.cast(cython.Py_ssize_t, column)
                j = cython.cast(cython.Py_ssize_t, row)
                x[k] -= from_file(x_map[j, i])
                y[k] -= from_file(y_map[j, i])


def _check(
    n: int, m: int, shape: tuple[int, int], other: tuple[int, int], width: float, height: float
) -> None:
    check_lengths(n, m)
    if shape != other or min(shape) < 2:
        raise ValueError(f"maps of {shape} and {other} pixels; expected equal shapes of at least 2 x 2")
    if width == 0.0 or height == 0.0:
        raise ZeroDivisionError("pixels of a map have no size")
