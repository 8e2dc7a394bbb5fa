# mypy: disable-error-code="valid-type"
"""Frequentist 1-sigma limits of Poisson counts. Specification 2, section 2.7, and 5, section 5.1.3.

The limits are quantiles of the gamma distribution for one tail probability, as float32 exact to its last digit.
"""

from __future__ import annotations

import math

import cython
import numpy as np
from cython.cimports.libc.math import exp, fabs, lgamma, log

#: One-sided tail probability of 1 sigma, normal.sf(1).
TAIL = 0.15865525393145707

#: From this shape on the expansion is used; its error is then 1e-13 of the distance from the mean.
_LARGE = 15.0
#: Below it, Newton's method, which needs no more steps than these.
_STEPS = 8
#: It squares the error: after a step as short as this, less than 1e-11 is left.
_SHORT = 1e-6
#: Least term of the power series, with respect to its sum.
_PRECISION = 1e-16
#: Cornish-Fisher expansion: the quantile at 1 sigma of the gamma distribution of shape ``a`` is
#: ``a + sqrt(a) * sum(C[k] * e**k)`` with ``e = 1 / sqrt(a)``, and at -1 sigma with ``e = -1 / sqrt(a)``.
#: The quantile at z sigma is ``a + sqrt(a) * w(z)`` with
#: ``w'' * (1 + e * w) + z * w' * (1 + e * w) = w'**2 * (w + e)``; sorted by powers of e, this is solved by
#: polynomials in z, of which these are the values at 1.
_EXPANSION = (
    1.0,
    0.0,
    -1.0 / 6.0,
    1.0 / 135.0,
    -7.0 / 1620.0,
    53.0 / 34020.0,
    23797.0 / 6123600.0,
    -491.0 / 367416.0,
    858799.0 / 440899200.0,
    -63563657.0 / 46766808000.0,
    -2007762641.0 / 13749441552000.0,
    34932785479.0 / 536228220528000.0,
    -160479010322251.0 / 193042159390080000.0,
    277319600307773.0 / 289563239085120000.0,
    -666602324945653.0 / 3474758869021440000.0,
)


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
    counts = np.asarray(counts)
    wide = counts.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        shape = (counts * counts.dtype.type(2) + counts.dtype.type(2)).astype(np.float64) / 2.0
        lower = np.where(wide == 0.0, 0.0, -_from_shape(wide, -1.0))
        upper = _from_shape(shape, 1.0) + (shape - wide)
    return lower.astype(np.float32), upper.astype(np.float32)


def upper_error_table(largest: int) -> np.ndarray:
    """Upper errors of 0, 1, … `largest` counts, float32."""
    upper: np.ndarray = poisson_errors(np.arange(largest + 1, dtype=np.float64))[1]
    return upper


def _from_shape(shape: np.ndarray, sigma: float) -> np.ndarray:
    """Quantile of the gamma distribution at -1 or 1 `sigma`, minus its shape, which is positive; else NaN."""
    root = np.sqrt(shape)
    distance: np.ndarray = sigma * root * np.polynomial.polynomial.polyval(sigma / root, _EXPANSION)
    small = (shape > 0.0) & (shape < _LARGE)
    quantile = shape[small] + distance[small]
    _improve(shape[small], quantile, math.log(TAIL if sigma < 0 else 1.0 - TAIL))
    distance[small] = quantile - shape[small]
    return distance


def _improve(
    shape: cython.const[cython.double][::1], quantile: cython.double[::1], log_probability: cython.double
) -> None:
    """Improve quantiles by Newton's method, in place.

    It works on the logarithm of the probability as a function of that of the quantile.

    This curve bends down, so that the method converges from everywhere, from its second step on from below. With
    the probability as a power series, ``P(x) = x**a * exp(-x) / gamma(a + 1) * (1 + x / (a + 1) + ...)``, its slope
    is a divided by the sum of the series.
    """
    k: cython.Py_ssize_t
    _step: cython.int
    a: cython.double
    x: cython.double
    log_x: cython.double
    log_gamma: cython.double
    term: cython.double
    total: cython.double
    above: cython.double
    change: cython.double
    steps: cython.int = _STEPS
    short: cython.double = _SHORT
    precision: cython.double = _PRECISION
    with cython.nogil:
        for k in range(shape.shape[0]):
            a = shape[k]
            log_gamma = lgamma(a + 1.0)
            # where the first guess is bad: exp(-x) and the series are left out
            log_x = log(quantile[k]) if a > 0.5 else (log_probability + log_gamma) / a
            for _step in range(steps):
                x = exp(log_x)
                term = 1.0
                total = 1.0
                above = 1.0
                while term > precision * total:
                    term *= x / (a + above)
                    total += term
                    above += 1.0
                change = (a * log_x - x - log_gamma + log(total) - log_probability) * total / a
                log_x -= change
                if fabs(change) < short:
                    break
            quantile[k] = exp(log_x)
