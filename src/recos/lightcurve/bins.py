"""Time bins of a light curve, and the good time within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.gti import GTI
from recos.data.truth import NoTruthValue
from recos.errors import UsageError

_TOLERANCE = 1e-6
"""Seconds, far below the resolution of event times; less good time than this is none."""
_MOST_BINS = 5_000_000


@dataclass(frozen=True, slots=True)
class TimeBins(NoTruthValue):
    """Bins of equal length whose edges are multiples of it.

    Attributes
    ----------
    edges : ndarray of float64, shape (bins + 1,)
        Seconds since EXPSTART.
    """

    edges: np.ndarray

    @classmethod
    def covering(cls, gti: GTI, step: float) -> TimeBins:
        """The bins from EXPSTART (or from the first good time, if that is earlier) to the last good time.

        Parameters
        ----------
        gti : GTI
            At least one interval, of Python floats.
        step : float
            Length of a bin, seconds, > 0.

        Raises
        ------
        UsageError
            If the bins are too many.
        """
        first = min(0.0, np.floor(min(start for start, _ in gti) / step + _TOLERANCE))
        last = np.ceil((max(stop for _, stop in gti) - _TOLERANCE) / step)
        if last - first > _MOST_BINS:
            raise UsageError(
                f"A step of {step:g} s divides the exposure into {last - first:.3g} bins, more than "
                f"{_MOST_BINS}. Choose a longer step; the times of events have a resolution of 0.032 s."
            )
        return cls(np.arange(first, max(last, first + 1.0) + 1.0) * step)

    def __len__(self) -> int:
        return len(self.edges) - 1

    def good_time(self, gti: GTI) -> np.ndarray:
        """Good time in each bin, seconds, float64, shape (bins,)."""
        elapsed = np.zeros(len(self.edges))
        for start, stop in gti:
            elapsed += np.clip(self.edges, start, stop) - start
        good = np.diff(elapsed)
        good[good < _TOLERANCE] = 0.0
        return good

    def index(self, time: np.ndarray, gti: GTI) -> np.ndarray:
        """The bin of each event, int64; -1 outside the good time.

        Both ends of an interval are good, as BADTCORR and BRSTCORR leave them. An event at its very end belongs
        to the last bin with good time, also if the next one begins there.

        Parameters
        ----------
        time : ndarray of float32, shape (n,)
            Seconds since EXPSTART.
        """
        intervals = GTI.of(sorted(gti)).limits
        # in the precision of the times of events: an event at a limit is good, however the limit was rounded
        limits = intervals.astype(np.float32)
        which = np.searchsorted(limits[:, 0], time, side="right") - 1
        inside = (which >= 0) & (time <= limits[which, 1])
        low = np.searchsorted(self.edges, intervals[:, 0] + _TOLERANCE, side="right") - 1
        high = np.searchsorted(self.edges, intervals[:, 1] - _TOLERANCE, side="left") - 1
        found = np.searchsorted(self.edges, time.astype(np.float64), side="right") - 1
        found = np.minimum(np.maximum(found, low[which]), high[which])
        return np.where(inside, found, -1)
