"""Displacement against time from the measurements at a few times. Specification 4, sections 9.7 and 9.8."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.exposure import Exposure, ShiftHistory
from recos.kernels.positions import label_rows
from recos.kernels.shifts import shift_events
from recos.kernels.times import second_grid, slice_index
from recos.references import References
from recos.references.bands import sky_aperture, sorted_bands


@dataclass(frozen=True, slots=True)
class Drift:
    """Displacements measured at the times of the flashes.

    Between flashes, and before the first of several, the displacement changes linearly; after the last it
    stays.

    Attributes
    ----------
    time : ndarray of float64, shape (m,)
        Median times of the flashes, seconds since EXPSTART.
    shift1 : dict of str to ndarray of float64, shape (m,)
        Displacement of each segment or stripe in the dispersion direction, pixels.
    shift2 : ndarray of float64, shape (m,)
        Displacement across the dispersion, pixels.
    """

    time: np.ndarray
    shift1: dict[str, np.ndarray]
    shift2: np.ndarray

    def slopes(self, shift: np.ndarray) -> np.ndarray:
        """Change of one of the displacements after each flash, pixels per second."""
        slope = np.zeros(len(shift))
        step = np.diff(self.time)
        np.divide(np.diff(shift), step, out=slope[:-1], where=step > 0.0)
        return slope

    def average(self, shift: np.ndarray, first: float, last: float, constant: bool = True) -> float:
        """Mean of one of the displacements between two times, pixels.

        Parameters
        ----------
        constant : bool
            Take it as constant before the first flash, other than for the events; QUIRK (specification 4, section
            9.8).
        """
        before = self.time[0] - first
        total = before * (shift[0] if constant else shift[0] - self.slopes(shift)[0] * before / 2.0)
        total += np.sum(np.diff(self.time) * (shift[1:] + shift[:-1]) / 2.0)
        if last > self.time[-1]:
            total += (last - self.time[-1]) * shift[-1]
        return float(total / (last - first if last > first else 1.0))

    def history(self, segment: str, first: float, last: float) -> np.ndarray:
        """Displacement of a segment in the dispersion direction, once per second, first to last event; float32."""
        grid = exact_grid(first, last)
        latest = len(grid) - 1
        start = [0] + [min(max(round(t - first), 0), latest) for t in self.time[1:]] + [len(grid)]
        result = np.zeros(len(grid), np.float32)
        shift = self.shift1[segment]
        slopes = self.slopes(shift)
        for i in range(len(self.time)):
            part = slice(start[i], start[i + 1])
            result[part] = (grid[part] - self.time[i]) * slopes[i] + shift[i]
        return result


def exact_grid(first: float, last: float) -> np.ndarray:
    """One time per second from first to last event; float64, other than without flashes (section 9.8)."""
    return first + np.arange(round(last - first) + 1) if last > first else np.zeros(1)


def correct_events(exposure: Exposure, refs: References, drift: Drift) -> dict[str, float]:
    """Remove the drift from the events: XFULL from XDOPP, YFULL from YCORR.

    FUV: events of the active rows. QUIRK (specification 4, section 9.7): an event on the upper limit is
    corrected in Y only, and there are no limits in X; the correction ``active-area`` takes the active area. NUV: all
    events, in X by the stripe in which they lie.

    Returns
    -------
    dict of str to float
        For each segment or stripe, the mean of XFULL minus its nearest integer over its corrected events (of
        its lowest range of rows); 0 without any.
    """
    events, mode = exposure.events, exposure.mode
    dpixel1 = dict.fromkeys(drift.shift1, 0.0)
    if not len(events):
        return dpixel1
    later = [slice_index(events.time, float(t)) for t in drift.time[1:]]
    start = np.maximum.accumulate(np.array([0, *later, len(events)], np.int64))

    in_y: np.ndarray
    in_x: np.ndarray
    spectra: tuple[str, ...]

    def remove(
        source: np.ndarray, target: np.ndarray, label: np.ndarray, shifts: list[np.ndarray]
    ) -> np.ndarray:
        total, number = np.zeros(len(shifts)), np.zeros(len(shifts), np.int64)
        slopes = np.array([drift.slopes(shift) for shift in shifts])
        values = np.array(shifts)
        shift_events(source, target, events.time, label, start, drift.time, values, slopes, total, number)
        return total / np.maximum(number, 1)

    if mode.is_fuv and "active-area" in exposure.corrections:
        in_y = exposure.require("active")
        in_x, spectra = in_y.view(np.int8), mode.spectra
    elif mode.is_fuv:
        low, high, _, _ = refs.active_area(mode.segment)
        above = events.ycorr >= low
        in_y, in_x = above & (events.ycorr <= high), (above & (events.ycorr < high)).view(np.int8)
        spectra = mode.spectra
    else:
        in_y = np.ones(len(events), bool)
        in_x, spectra = _stripes(exposure, refs, in_y)
    remove(events.ycorr, events.yfull, in_y.view(np.int8), [drift.shift2])
    means = remove(events.xdopp, events.xfull, in_x, [drift.shift1[segment] for segment in spectra])
    for segment, mean in reversed(list(zip(spectra, means, strict=True))):
        dpixel1[segment] = float(mean)
    return dpixel1


def _stripes(exposure: Exposure, refs: References, inside: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number of the range of rows of each NUV event, and the stripe of each range; imaging has one."""
    mode = exposure.mode
    if not mode.is_spectroscopic:
        return inside.view(np.int8), mode.spectra
    bands = sorted_bands(refs, mode, sky_aperture(exposure))
    label = label_rows(exposure.events.ycorr, np.array(bands.edges, np.float64), inside)
    return label, tuple(stripe for stripe, _ in bands.spectra)


def record_drift(exposure: Exposure, drift: Drift | None) -> tuple[dict[str, float], float]:
    """Averages of the drift in (by segment or stripe) and across the dispersion; its history is kept.

    Without measurements or exposure time they are 0.
    """
    time, mode = exposure.events.time, exposure.mode
    zeros = dict.fromkeys(mode.spectra, 0.0)
    if not len(time):
        exposure.shift_history = ShiftHistory(second_grid(None, None))
        return zeros, 0.0
    first, last = float(time[0]), float(time[-1])
    exposure.shift_history = ShiftHistory(exact_grid(first, last))
    if drift is None or exposure.exptime <= 0.0:
        return zeros, 0.0
    exposure.shift_history.shift1 = drift.history(mode.timeline_spectrum, first, last)
    constant = "shift-times" not in exposure.corrections
    averages = {s: drift.average(shift, first, last, constant) for s, shift in drift.shift1.items()}
    return averages, drift.average(drift.shift2, first, last, constant)
