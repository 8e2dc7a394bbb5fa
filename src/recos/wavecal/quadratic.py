"""Quadratic fits through a few equidistant points, and their extremum. Specification 4, section 5.8."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Quadratic(NamedTuple):
    """Least-squares parabola ``c0 + c1 x + c2 x**2`` of equidistant points from x = 0."""

    coefficients: tuple[float, float, float]
    variances: tuple[float, float, float]
    """QUIRK (specification 4, section 5.8): scaled by the rms residual instead of its square."""

    @property
    def extremum(self) -> float | None:
        """Position of the extremum; None for a straight line. Its kind and range are not tested."""
        _, c1, c2 = self.coefficients
        return None if c2 == 0.0 else -c1 / (2.0 * c2)

    def inner_extremum(self, n: int, kind: int) -> float | None:
        """Position of the extremum if it is a minimum (`kind` 1) or a maximum (-1) among the `n` points."""
        extremum = self.extremum
        right = extremum is not None and self.coefficients[2] * kind > 0.0 and 0.0 <= extremum <= n - 1.0
        return extremum if right else None

    @property
    def extremum_error(self) -> float:
        """Error of the position of the extremum; 0 without one."""
        _, c1, c2 = self.coefficients
        if c2 == 0.0:
            return 0.0
        _, v1, v2 = self.variances
        return 0.5 * float(np.sqrt(v1 / c2**2 + v2 * c1**2 / c2**4))


def fit_quadratic(y: np.ndarray) -> Quadratic | None:
    """Unweighted least-squares parabola; None for fewer than three points.

    Parameters
    ----------
    y : ndarray of float32 or float64, shape (n,)
        Values at x = 0 … n-1; the first is subtracted in this dtype before the fit.
    """
    n = len(y)
    if n < 3:
        return None
    x = np.arange(n, dtype=np.float64)
    design = np.stack((np.ones(n), x, x * x))
    inverse = np.linalg.inv(design @ design.T)
    residual_from_first = (y - y[0]).astype(np.float64)
    c = inverse @ (design @ residual_from_first)
    rms = 0.0
    if n > 3:
        rms = float(np.sqrt(np.sum((residual_from_first - c @ design) ** 2) / (n - 3)))
    v = np.diag(inverse) * rms
    return Quadratic((float(c[0] + y[0]), float(c[1]), float(c[2])), (float(v[0]), float(v[1]), float(v[2])))
