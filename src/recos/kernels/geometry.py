"""Subtraction of distortion maps. Specification 2, section 13.

Maps are read where events lie, from big-endian files mapped into memory, so that only those pages are loaded.
"""

from __future__ import annotations

import math

import numpy as np

from recos.kernels.compiled import kernel


def file_words(image: np.ndarray) -> np.ndarray:
    """The pixels of a float32 image as they stand in a FITS file, big-endian; no copy if they do already."""
    return np.ascontiguousarray(image, dtype=">f4").view(np.uint32)


@kernel
def _pixel(words: np.ndarray, j: int, i: int) -> np.float32:
    w = np.uint32(words[j, i])
    low = (w & np.uint32(0xFF)) << np.uint32(24) | (w & np.uint32(0xFF00)) << np.uint32(8)
    high = (w >> np.uint32(8)) & np.uint32(0xFF00) | w >> np.uint32(24)
    return np.uint32(low | high).view(np.float32)


@kernel
def subtract_interpolated(
    x: np.ndarray, y: np.ndarray, x_map: np.ndarray, y_map: np.ndarray, origin: np.ndarray, bins: np.ndarray
) -> None:
    """Subtract two maps from positions, in place, by bilinear interpolation in float32.

    Both maps are evaluated at the original position. Events outside the maps stay where they are; in the
    outer half pixel the maps are extrapolated.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    x_map, y_map : ndarray of uint32, shape (ny, nx)
        From :func:`file_words`; at least 2 x 2.
    origin, bins : ndarray of float32, shape (2,)
        Position (x, y) of the first map pixel and size of a map pixel, in detector pixels.
    """
    ny, nx = x_map.shape
    half = np.float32(0.5)
    one = np.float32(1.0)
    for k in range(len(x)):
        u = (x[k] - origin[0]) / bins[0]
        v = (y[k] - origin[1]) / bins[1]
        if not (-half < u < np.float32(nx) - half and -half < v < np.float32(ny) - half):
            continue
        i = min(max(math.floor(u), 0), nx - 2)
        j = min(max(math.floor(v), 0), ny - 2)
        q = u - np.float32(i)
        p = one - q
        s = v - np.float32(j)
        r = one - s
        pr, qr, ps, qs = p * r, q * r, p * s, q * s
        dx = pr * _pixel(x_map, j, i) + qr * _pixel(x_map, j, i + 1)
        dx = dx + ps * _pixel(x_map, j + 1, i) + qs * _pixel(x_map, j + 1, i + 1)
        dy = pr * _pixel(y_map, j, i) + qr * _pixel(y_map, j, i + 1)
        dy = dy + ps * _pixel(y_map, j + 1, i) + qs * _pixel(y_map, j + 1, i + 1)
        x[k] -= dx
        y[k] -= dy


@kernel
def subtract_nearest(
    x: np.ndarray, y: np.ndarray, x_map: np.ndarray, y_map: np.ndarray, origin: np.ndarray, bins: np.ndarray
) -> None:
    """Like :func:`subtract_interpolated`, with the value of the nearest pixel, halves up."""
    ny, nx = x_map.shape
    for k in range(len(x)):
        u = math.floor(np.float64((x[k] - origin[0]) / bins[0]) + 0.5)
        v = math.floor(np.float64((y[k] - origin[1]) / bins[1]) + 0.5)
        if 0 <= u < nx and 0 <= v < ny:
            x[k] -= _pixel(x_map, int(v), int(u))
            y[k] -= _pixel(y_map, int(v), int(u))
