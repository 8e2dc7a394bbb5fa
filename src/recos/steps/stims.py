"""Stim pulses: where the electronics put two fixed points of the FUV detector. Specification 2, section 12.

Their positions measure how temperature shifts and stretches the coordinates; their rate tells the live time
independently of the count rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recos.data.exposure import Exposure
from recos.kernels.events import inside_box
from recos.kernels.times import slice_indices, time_steps
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.tables import Row
from recos.steps.step import Settings, nothing, step

logger = get_logger(__name__)

_LOWEST_ROW, _HIGHEST_ROW = 1, 1022


class Point(NamedTuple):
    """Detector pixel, NumPy scalars of the type of the BRFTAB columns."""

    x: np.floating
    y: np.floating


class StimMeasurement(NamedTuple):
    """One stim in one time step."""

    position: Point
    """Mean position; without events, the last one found, or the reference position."""
    counts: np.float32
    spread: Point
    """Sums of the squared distances from the mean."""

    @property
    def found(self) -> bool:
        """Whether the step holds events of the stim."""
        return bool(self.counts > 0)


class StimStep(NamedTuple):
    """The two stims in one time step."""

    first: int
    last: int
    """Range of events, `last` excluded."""
    begin: float
    end: float
    """Seconds since EXPSTART."""
    left: StimMeasurement
    right: StimMeasurement


class StimAverage(NamedTuple):
    """One stim over the exposure; -1 if it was never found."""

    counts: float
    mean: tuple[float, float]
    rms: tuple[float, float]


@dataclass(slots=True)
class Stims:
    """Result of the search for stims.

    Attributes
    ----------
    references : tuple of Point
        Where the stims belong: left, right.
    steps : list of StimStep
    averages : tuple of StimAverage
    count_rate : float or None
        Rate of one stim, count/s; None if none was found.
    livetime : float
        Live time fraction from the rate, 1 if unknown.
    """

    references: tuple[Point, Point]
    steps: list[StimStep]
    averages: tuple[StimAverage, StimAverage]
    count_rate: float | None
    livetime: float


def _needed(settings: Settings) -> bool:
    return settings.performs("TEMPCORR") or settings.performs("DEADCORR")


@step(when=_needed, files=("BRFTAB",), needs=nothing)
def find_stims(exposure: Exposure, refs: References) -> None:
    """Measure the stims in time steps of TIMESTEP of BRFTAB; sets ``exposure.stims``.

    Lines for the stim file go to ``exposure.log_text["stim"]``.
    """
    row = refs.brftab.row(segment=exposure.mode.segment)
    references = (Point(row["SX1"], row["SY1"]), Point(row["SX2"], row["SY2"]))
    # the events of an image all have the same time
    step = 1.0 if exposure.mode.obsmode == "ACCUM" else refs.brftab.time_step
    steps = _measure(exposure, row, references, step)
    averages = (_average([s.left for s in steps]), _average([s.right for s in steps]))
    rate = _count_rate(averages, exposure.elapsed)
    stimrate = float(exposure.header.get("STIMRATE", 0.0))
    livetime = rate / (stimrate / 2.0) if rate is not None and stimrate > 0.0 else 1.0
    exposure.stims = Stims(references, steps, averages, rate, livetime)
    _report(exposure, step)


def _measure(exposure: Exposure, row: Row, references: tuple[Point, Point], step: float) -> list[StimStep]:
    time = exposure.events.time
    edges = time_steps(float(time[0]), float(time[-1]), step, closed=True)
    indices = slice_indices(time, edges)
    left, right = (_Stim(exposure, row, reference) for reference in references)
    return [
        StimStep(int(i), int(j), float(t0), float(t1), left.measure(i, j), right.measure(i, j))
        for i, j, t0, t1 in zip(indices[:-1], indices[1:], edges[:-1], edges[1:], strict=True)
        if i < j
    ]


class _Stim:
    """The events of one stim, selected once; they are few."""

    def __init__(self, exposure: Exposure, row: Row, reference: Point) -> None:
        x, y = exposure.events.xcorr, exposure.events.ycorr
        low = max(reference.y - row["YWIDTH"], _LOWEST_ROW)
        high = min(reference.y + row["YWIDTH"], _HIGHEST_ROW)
        box = (reference.x - row["XWIDTH"], reference.x + row["XWIDTH"], low, high)
        self._index = np.flatnonzero(inside_box(x, y, *map(float, box)))
        self._x, self._y = x[self._index], y[self._index]
        self._reference = self._last = reference

    def measure(self, i: int, j: int) -> StimMeasurement:
        """The stim in events i to j-1."""
        a, b = np.searchsorted(self._index, (i, j))
        counts = np.float32(b - a)
        if not counts:
            return StimMeasurement(self._last, counts, Point(np.float64(0.0), np.float64(0.0)))
        place = self._index[a:b] - i
        columns = ((self._x[a:b], self._reference.x), (self._y[a:b], self._reference.y))
        self._last = Point(*(_sum(c - r, place, j - i) / counts + r for c, r in columns))
        spread = (_sum((c[0] - m) ** 2, place, j - i) for c, m in zip(columns, self._last, strict=True))
        return StimMeasurement(self._last, counts, Point(*spread))


def _sum(values: np.ndarray, place: np.ndarray, length: int) -> np.floating:
    """Sum of `values` that stand at the indices `place` of an array of zeros.

    In float32 (tables with single-precision columns) the last digits depend on how NumPy groups the terms,
    and so on the zeros between them.
    """
    if values.dtype == np.float32:
        padded = np.zeros(length, np.float32)
        padded[place] = values
        values = padded
    total: np.floating = np.sum(values)
    return total


def _average(measurements: list[StimMeasurement]) -> StimAverage:
    found = [m for m in measurements if m.found]
    if not found:
        return StimAverage(0.0, (-1.0, -1.0), (-1.0, -1.0))
    counts = float(sum(float(m.counts) for m in found))
    x, y = (sum(float(m.position[k]) * float(m.counts) for m in found) / counts for k in (0, 1))
    freedom = counts - 1.0 if counts > 1.0 else 1.0
    rms_x, rms_y = (float(np.sqrt(sum(float(m.spread[k]) for m in found) / freedom)) for k in (0, 1))
    return StimAverage(counts, (x, y), (rms_x, rms_y))


def _count_rate(averages: tuple[StimAverage, StimAverage], elapsed: float) -> float | None:
    counts = [a.counts for a in averages if a.counts > 0.0]
    if not counts:
        return None
    return sum(counts) / (len(counts) * elapsed) if elapsed > 0.0 else float("inf")


def _report(exposure: Exposure, step: float) -> None:
    """Log the positions of every step, and write them for the stim file."""
    logger.debug("Stim positions for the thermal correction; time step is %.6g s:", step)
    time = exposure.events.time
    lines = exposure.log_text.setdefault("stim", [])
    lines += [f"# {exposure.path}", "# t0 t1 stim_locations"]
    for s in exposure.require("stims").steps:
        shown, written = f"  {s.first:7d} ... {s.last - 1:7d}", ""
        for number, stim in enumerate((s.left, s.right), start=1):
            place = f"  {stim.position.x:.1f} {stim.position.y:.1f}"
            shown += place if stim.found else f"{place} (stim{number} not found)"
            written += place if stim.found else "  INDEF INDEF"
        lines.append(f"{s.begin:.0f} {min(s.end, float(time[-1])):.0f}{written}")
        if s.left.found and s.right.found:
            logger.debug("%s", shown)
        else:
            covered = float(time[s.last - 1]) - float(time[s.first])
            warn(logger, shown.strip(), f"The time interval is {covered:g} s")
