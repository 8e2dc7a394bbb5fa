"""Displacement against time from the measurements at a few times. Specification 4, sections 9.7 and 9.8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.exposure import Exposure, ShiftHistory
from recos.kernels.shifts import shift_events
from recos.kernels.times import second_grid, slice_index


@dataclass(frozen=True, slots=True)
class Drift:
    """Displacements measured at the times of the flashes.

    Between flashes, and before the first of several, the displacement changes linearly; after the last it
    stays.

    Attributes
    ----------
    time : ndarray of float64, shape (m,)
        Median times of the flashes, seconds since EXPSTART.
    shift1, shift2 : ndarray of float64, shape (m,)
        Displacement in and across the dispersion direction, pixels.
    """

    time: np.ndarray
    shift1: np.ndarray
    shift2: np.ndarray

    def slopes(self, shift: np.ndarray) -> np.ndarray:
        """Change of one of the displacements after each flash, pixels per second."""
        slope = np.zeros(len(shift))
        step = np.diff(self.time)
        np.divide(np.diff(shift), step, out=slope[:-1], where=step > 0.0)
        return slope

    def average(self, shift: np.ndarray, first: float, last: float) -> float:
        """Mean of one of the displacements between two times, pixels.

        QUIRK (specification 4, section 9.8): before the first flash it is taken as constant, other than for
        the events.
        """
        total = (self.time[0] - first) * shift[0]
        total += np.sum(np.diff(self.time) * (shift[1:] + shift[:-1]) / 2.0)
        if last > self.time[-1]:
            total += (last - self.time[-1]) * shift[-1]
        return float(total / (last - first if last > first else 1.0))

    def history(self, first: float, last: float) -> np.ndarray:
        """Displacement in the dispersion direction, once per second, from first to last event; float32."""
        grid = exact_grid(first, last)
        latest = len(grid) - 1
        start = [0] + [min(max(round(t - first), 0), latest) for t in self.time[1:]] + [len(grid)]
        result = np.zeros(len(grid), np.float32)
        slopes = self.slopes(self.shift1)
        for i in range(len(self.time)):
            part = slice(start[i], start[i + 1])
            result[part] = (grid[part] - self.time[i]) * slopes[i] + self.shift1[i]
        return result


def exact_grid(first: float, last: float) -> np.ndarray:
    """One time per second from first to last event; float64, other than without flashes (section 9.8)."""
    return first + np.arange(round(last - first) + 1) if last > first else np.zeros(1)


def correct_events(exposure: Exposure, drift: Drift, low: int, high: int) -> float:
    """Remove the drift from the events of the active rows: XFULL from XDOPP, YFULL from YCORR.

    QUIRK (specification 4, section 9.7): an event on the upper limit is corrected in Y only.

    Parameters
    ----------
    exposure : Exposure
    drift : Drift
    low, high : int
        Limits of the active rows.

    Returns
    -------
    float
        Mean of XFULL minus its nearest integer over the corrected events; 0 without any.
    """
    events = exposure.events
    if not len(events):
        return 0.0
    later = [slice_index(events.time, float(t)) for t in drift.time[1:]]
    start = np.maximum.accumulate(np.array([0, *later, len(events)], np.int64))
    above = events.ycorr >= low

    def remove(
        source: np.ndarray, target: np.ndarray, selected: np.ndarray, shift: np.ndarray
    ) -> tuple[float, int]:
        slopes = drift.slopes(shift)
        return shift_events(source, target, events.time, selected, start, drift.time, shift, slopes)

    remove(events.ycorr, events.yfull, above & (events.ycorr <= high), drift.shift2)
    total, n = remove(events.xdopp, events.xfull, above & (events.ycorr < high), drift.shift1)
    return total / n if n else 0.0


def record_drift(exposure: Exposure, drift: Drift | None) -> tuple[float, float]:
    """Averages of the drift in and across the dispersion; its history is kept in the exposure.

    Without measurements or exposure time both are 0.
    """
    time = exposure.events.time
    if not len(time):
        exposure.shift_history = ShiftHistory(second_grid(None, None))
        return 0.0, 0.0
    first, last = float(time[0]), float(time[-1])
    exposure.shift_history = ShiftHistory(exact_grid(first, last))
    if drift is None or exposure.exptime <= 0.0:
        return 0.0, 0.0
    exposure.shift_history.shift1 = drift.history(first, last)
    return drift.average(drift.shift1, first, last), drift.average(drift.shift2, first, last)
