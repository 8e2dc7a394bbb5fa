"""Images: the counts of one segment binned in pixels, and what the flt and counts products show of them.

Specification 3, section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.kernels.rates import divide


@dataclass(slots=True)
class Images:
    """Binned events of one segment.

    Attributes
    ----------
    counts : ndarray of float32, shape (ny, nx)
        Number of events in each pixel.
    effective : ndarray of float32, shape (ny, nx)
        Sum of their weights EPSILON.
    dq : ndarray of int16, shape (ny, nx)
        Data-quality bits.
    exptime : float
        Exposure time in seconds; without any, rates and errors are zero.
    """

    counts: np.ndarray
    effective: np.ndarray
    dq: np.ndarray
    exptime: float
    blank: bool = False
    """Whether the counts were removed, so that the arrays can be used again."""

    def counts_rate(self, rows: slice = slice(None)) -> np.ndarray:
        """SCI of the counts file for a range of rows, count/s, float32."""
        return self._rate(self.counts[rows])

    def flat_rate(self, rows: slice = slice(None)) -> np.ndarray:
        """SCI of the flt file for a range of rows, count/s, float32."""
        return self._rate(self.effective[rows])

    def _rate(self, sums: np.ndarray) -> np.ndarray:
        if self.exptime <= 0.0:
            return np.zeros_like(sums)
        rate = np.empty(sums.shape, np.float32)
        divide(sums.reshape(-1), self.exptime, rate.reshape(-1))
        return rate
