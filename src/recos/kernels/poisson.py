"""Frequentist 1-sigma limits of Poisson counts. Specification 2, section 2.7, and 5, section 5.1.3."""

from __future__ import annotations

import numpy as np

#: One-sided tail probability of 1 sigma, normal.sf(1).
TAIL = 0.15865525393145707


def poisson_errors(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance from counts to the lower and to the upper 1-sigma confidence limit.

    Parameters
    ----------
    counts : ndarray of float32 or float64
        Counts or variances, need not be integers. ``2 counts + 2`` is formed in this dtype, as the reference
        does.

    Returns
    -------
    lower, upper : ndarray of float32
        Zero counts give (0, 1.8410217); negative ones NaN, except the upper limit between -1 and 0.
    """
    from scipy.special import gammainccinv, gammaincinv

    counts = np.asarray(counts)
    wide = counts.astype(np.float64)
    with np.errstate(invalid="ignore"):
        lower_limit = np.where(wide == 0.0, 0.0, gammaincinv(wide, TAIL))
        shape = (counts * counts.dtype.type(2) + counts.dtype.type(2)).astype(np.float64) / 2.0
        upper_limit = gammainccinv(shape, TAIL)
    return (wide - lower_limit).astype(np.float32), (upper_limit - wide).astype(np.float32)


def upper_error_table(largest: int) -> np.ndarray:
    """Upper errors of 0, 1, … `largest` counts, float32."""
    return poisson_errors(np.arange(largest + 1, dtype=np.float64))[1]
