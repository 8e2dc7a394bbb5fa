# mypy: disable-error-code="valid-type"
"""Rates and errors of binned images, as the bytes of FITS images. Specification 3, section 12."""

from __future__ import annotations

import cython
from cython.cimports.recos.kernels.rounding import to_file

from recos.kernels.shapes import check_lengths


def rate_bytes(
    counts: cython.const[cython.float][::1],
    effective: cython.const[cython.float][::1],
    table: cython.const[cython.float][::1],
    exptime: cython.double,
    out: cython.uint[:, ::1],
) -> bool:
    """Rates and errors of a block of pixels.

    Parameters
    ----------
    counts, effective : ndarray of float32, shape (n,)
        Number of events and sum of their weights.
    table : ndarray of float32
        Upper error of 0, 1, 2, … counts.
    exptime : float
        Seconds, > 0.
    out : ndarray of uint32, shape (4, n)
        Receives big-endian float32: counts rate, its error, flat-fielded rate, its error.

    Returns
    -------
    bool
        Whether any pixel holds counts; if not, rows 0 and 2 of `out` are not written (they are zeros).
    """
    k: cython.Py_ssize_t
    n: cython.Py_ssize_t = counts.shape[0]
    c: cython.float
    e: cython.float
    error: cython.float
    ratio: cython.float
    any_counts: cython.bint = False
    check_lengths(n, effective.shape[0], out.shape[1])
    check_lengths(out.shape[0], 4)
    empty: cython.uint = to_file(cython.cast(cython.float, table[0] / exptime))
    with cython.nogil:
        for k in range(n):
            if counts[k] != 0.0:
                any_counts = True
                break
        if any_counts:
            for k in range(n):
                c = counts[k]
                if c == 0.0:
                    out[0, k] = 0
                    out[1, k] = empty
                    out[2, k] = 0
                    out[3, k] = empty
                else:
                    e = effective[k]
                    error = cython.cast(cython.float, table[cython.cast(cython.Py_ssize_t, c)] / exptime)
                    ratio = (e if e != 0.0 else cython.cast(cython.float, 1.0)) / c
                    out[0, k] = to_file(cython.cast(cython.float, c / exptime))
                    out[1, k] = to_file(error)
                    out[2, k] = to_file(cython.cast(cython.float, e / exptime))
                    out[3, k] = to_file(error * ratio)
        else:
            for k in range(n):
                out[1, k] = empty
                out[3, k] = empty
    return bool(any_counts)


def divide(counts: cython.const[cython.float][::1], exptime: cython.double, rate: cython.float[::1]) -> None:
    """Rates of pixels: divided in float64 and rounded once.

    Parameters
    ----------
    counts : ndarray of float32, shape (n,)
    exptime : float
        Seconds, > 0.
    rate : ndarray of float32, shape (n,)
        Result, count/s.
    """
    k: cython.Py_ssize_t
    check_lengths(counts.shape[0], rate.shape[0])
    with cython.nogil:
        for k in range(counts.shape[0]):
            rate[k] = cython.cast(cython.float, counts[k] / exptime)
