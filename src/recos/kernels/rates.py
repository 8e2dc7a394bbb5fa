"""Rates and errors of binned images, as the bytes of FITS images. Specification 3, section 12."""

from __future__ import annotations

import numpy as np

from recos.kernels.compiled import kernel


@kernel
def _swapped(value):  # type: ignore[no-untyped-def]
    """The bits of a float32, bytes in reverse order."""
    v = np.float32(value).view(np.uint32)
    return np.uint32(
        ((v >> np.uint32(24)) & np.uint32(0xFF))
        | ((v >> np.uint32(8)) & np.uint32(0xFF00))
        | ((v << np.uint32(8)) & np.uint32(0xFF0000))
        | ((v << np.uint32(24)) & np.uint32(0xFF000000))
    )


@kernel
def rate_bytes(counts, effective, table, exptime, out):  # type: ignore[no-untyped-def]
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
    any_counts = False
    for k in range(counts.size):
        if counts[k] != 0.0:
            any_counts = True
            break
    empty = _swapped(table[0] / exptime)
    if not any_counts:
        for k in range(counts.size):
            out[1, k] = empty
            out[3, k] = empty
        return False
    for k in range(counts.size):
        c = counts[k]
        if c == 0.0:
            out[0, k] = 0
            out[1, k] = empty
            out[2, k] = 0
            out[3, k] = empty
        else:
            e = effective[k]
            error = np.float32(table[int(c)] / exptime)
            ratio = (e if e != 0.0 else np.float32(1.0)) / c
            out[0, k] = _swapped(c / exptime)
            out[1, k] = _swapped(error)
            out[2, k] = _swapped(e / exptime)
            out[3, k] = _swapped(np.float32(error * ratio))
    return True


@kernel
def divide(counts: np.ndarray, exptime: float, rate: np.ndarray) -> None:
    """Rates of pixels, most of which hold no counts: divided in float64 and rounded once.

    Parameters
    ----------
    counts : ndarray of float32, shape (n,)
    exptime : float
        Seconds, > 0.
    rate : ndarray of float32, shape (n,)
        Result, count/s.
    """
    for k in range(counts.size):
        rate[k] = counts[k] / exptime if counts[k] != 0.0 else 0.0
