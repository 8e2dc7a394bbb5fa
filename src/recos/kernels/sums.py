"""Sums over chosen pixels, and over zones of rows, of each column."""

from __future__ import annotations

import numpy as np

from recos.kernels.compiled import kernel


def sum_chosen(image: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Sum of the chosen pixels of each column, added row by row in float64.

    Parameters
    ----------
    image : ndarray of float, shape (rows, columns)
        In any byte order.
    chosen : ndarray of bool, same shape

    Returns
    -------
    ndarray of float64, shape (columns,)
    """
    total = np.zeros(image.shape[1])
    _add_chosen(image.astype(image.dtype.newbyteorder("="), copy=False), chosen, total)
    return total


@kernel
def _add_chosen(image, chosen, total):  # type: ignore[no-untyped-def]
    for j in range(image.shape[0]):
        for i in range(image.shape[1]):
            if chosen[j, i]:
                total[i] += image[j, i]


def sum_zones_of(image: np.ndarray, limits: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Sum of each column between the outer limits: lower edge, upper edge, then the inner zone, in float64.

    Parameters
    ----------
    image : ndarray of float32, shape (rows, columns)
    limits : ndarray of float64, shape (4, columns)
        First row of the outer and of the inner zone, last row of the inner and of the outer zone.
    used : ndarray of bool, shape (columns,)
        Columns that are summed; others are 0.

    Returns
    -------
    ndarray of float32, shape (columns,)
    """
    parts = np.zeros((3, image.shape[1]))
    _add_zones(image, limits[0], limits[1], limits[2], limits[3], used, parts)
    return (parts[0] + parts[1] + parts[2]).astype(np.float32)


@kernel
def _add_zones(image, lower_outer, lower_inner, upper_inner, upper_outer, used, parts):  # type: ignore[no-untyped-def]
    for j in range(image.shape[0]):
        for i in range(image.shape[1]):
            if used[i] and lower_outer[i] <= j <= upper_outer[i]:
                zone = 0 if j < lower_inner[i] else 1 if j > upper_inner[i] else 2
                parts[zone, i] += image[j, i]


def bits_of_zones(quality: np.ndarray, limits: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All bits in the inner zone, and in the edges, of each column; int16. Parameters as :func:`sum_zones_of`."""
    inner, edges = (np.zeros(quality.shape[1], np.int16) for _ in range(2))
    _add_bits(quality, limits[0], limits[1], limits[2], limits[3], used, inner, edges)
    return inner, edges


@kernel
def _add_bits(quality, lower_outer, lower_inner, upper_inner, upper_outer, used, inner, edges):  # type: ignore[no-untyped-def]
    for j in range(quality.shape[0]):
        for i in range(quality.shape[1]):
            if used[i] and lower_outer[i] <= j <= upper_outer[i]:
                if lower_inner[i] <= j <= upper_inner[i]:
                    inner[i] |= quality[j, i]
                else:
                    edges[i] |= quality[j, i]
