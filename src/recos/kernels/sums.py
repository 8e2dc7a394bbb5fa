# mypy: disable-error-code="valid-type"
"""Sums over the pixels of a mask, and over zones of rows, of each column."""

from __future__ import annotations

import cython
import numpy as np

from recos.kernels.shapes import check_lengths

_Float = cython.fused_type(cython.float, cython.double)


def sum_masked(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Sum of the pixels of a mask in each column, added row by row in float64.

    Parameters
    ----------
    image : ndarray of float, shape (rows, columns)
        In any byte order.
    mask : ndarray of bool, same shape

    Returns
    -------
    ndarray of float64, shape (columns,)
    """
    total = np.zeros(image.shape[1])
    _add_masked(
        np.ascontiguousarray(image, image.dtype.newbyteorder("=")),
        np.ascontiguousarray(mask).view(np.uint8),
        total,
    )
    return total


def _add_masked(
    image: cython.const[_Float][:, ::1], mask: cython.const[cython.uchar][:, ::1], total: cython.double[::1]
) -> None:
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    before: cython.double
    after: cython.double
    check_lengths(image.shape[0], mask.shape[0])
    check_lengths(image.shape[1], mask.shape[1])
    with cython.nogil:
        for j in range(image.shape[0]):
            for i in range(image.shape[1]):
                before = total[i]  # read in any case, so that the loop becomes vector instructions
                after = before + image[j, i]
                total[i] = after if mask[j, i] else before


def sum_zones_of(
    image: cython.const[cython.float][:, :],
    limits: cython.const[cython.double][:, :],
    used: np.ndarray,
) -> np.ndarray:
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
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    zone: cython.Py_ssize_t
    mask: cython.const[cython.uchar][:] = used.view(np.uint8)
    result = np.zeros((3, image.shape[1]))
    parts: cython.double[:, ::1] = result
    check_lengths(image.shape[1], limits.shape[1], mask.shape[0])
    check_lengths(limits.shape[0], 4)
    with cython.nogil:
        for j in range(image.shape[0]):
            for i in range(image.shape[1]):
                if mask[i] and limits[0, i] <= j <= limits[3, i]:
                    zone = 0 if j < limits[1, i] else 1 if j > limits[2, i] else 2
                    parts[zone, i] += image[j, i]
    total: np.ndarray = (result[0] + result[1] + result[2]).astype(np.float32)
    return total


def bits_of_zones(
    quality: cython.const[cython.short][:, :],
    limits: cython.const[cython.double][:, :],
    used: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """All bits in the inner zone, and in the edges, of each column; int16. Parameters as :func:`sum_zones_of`."""
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    mask: cython.const[cython.uchar][:] = used.view(np.uint8)
    result = np.zeros((2, quality.shape[1]), np.int16)
    bits: cython.short[:, ::1] = result
    check_lengths(quality.shape[1], limits.shape[1], mask.shape[0])
    check_lengths(limits.shape[0], 4)
    with cython.nogil:
        for j in range(quality.shape[0]):
            for i in range(quality.shape[1]):
                if mask[i] and limits[0, i] <= j <= limits[3, i]:
                    if limits[1, i] <= j <= limits[2, i]:
                        bits[0, i] |= quality[j, i]
                    else:
                        bits[1, i] |= quality[j, i]
    return result[0], result[1]
