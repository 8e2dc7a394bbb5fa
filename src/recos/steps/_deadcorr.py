"""DEADCORR: weight events by the time in which the detector was live. Specification 2, section 15."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.kernels.times import slice_indices, time_steps
from recos.messages import NOTICE, get_logger, notice, warn
from recos.references import References
from recos.references.need import Need
from recos.references.tables import ReferenceTable
from recos.steps.step import step

logger = get_logger(__name__)

_TOLERANCE = 0.1
"""Relative difference of two estimates of the live time that deserves a warning."""
_SHORTEST_STEP = 0.5
"""Shortest last step whose own rate is used, in units of the time step."""


class LivetimeCurve(NamedTuple):
    """Live time fraction against observed rate (count/s), as in DEADTAB: increasing rates."""

    observed: np.ndarray
    livetime: np.ndarray

    def __call__(self, rate: np.ndarray | float) -> Any:
        """Live time at observed rates.

        Linear interpolation; the last value above the table, and 1 below it (QUIRK of specification 2, section 2.3:
        a step at the lowest rate). Rates of the type of the table
        are interpolated in that type, others in float64. An array for an array, a scalar for a scalar.
        """
        r = np.atleast_1d(rate)
        observed, live = self.observed, self.livetime
        if len(observed) == 1:
            result = np.full(r.shape, live[0])
        else:
            k = np.clip(np.searchsorted(observed, r, side="right") - 1, 0, len(observed) - 2)
            p = (r - observed[k]) / (observed[k + 1] - observed[k])
            result = live[k] * (1 - p) + live[k + 1] * p
            result = np.where(r >= observed[-1], live[-1], np.where(r < observed[0], 1.0, result))
        result = np.where(r <= 0.0, 1.0, result)
        return result if np.ndim(rate) else result[0]

    def from_zero(self) -> LivetimeCurve:
        """The curve, continued to live time 1 at rate 0."""
        if self.observed[0] <= 0.0:
            return self
        observed, livetime = (
            np.concatenate([column.dtype.type([first]), column])
            for first, column in ((0.0, self.observed), (1.0, self.livetime))
        )
        return LivetimeCurve(observed, livetime)


class DeadtimeStep(NamedTuple):
    """Events `first` to `last` - 1, from `begin` to `end` seconds, with their rate and live time."""

    first: int
    last: int
    begin: float
    end: float
    rate: float
    livetime: np.floating


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield Need("DEADTAB", "DEADCORR", {"segment": headers.mode.segment})


@step("DEADCORR", files=("DEADTAB",), needs=_needs)
def deadcorr(exposure: Exposure, refs: References) -> str | None:
    """Divide EPSILON by the live time at the count rate of the time step (TIMESTEP of DEADTAB).

    All events count for the rate. Images have one rate. If the event counter of the electronics disagrees by
    more than 10 % and the exposure used subarrays, the rate of the counter holds for the whole exposure
    instead; for images, if they are subarrays. Writes DEADRT, DEADMT and LIVETM; lines for the live-time file go to
    ``exposure.log_text["live"]``. SKIPPED for an image without exposure time.
    """
    refs.announce("DEADTAB")
    curve = livetime_curve(exposure, refs)
    time, accum = exposure.events.time, exposure.mode.obsmode == "ACCUM"
    if accum and exposure.elapsed <= 0.0:
        warn(logger, f"No live time without exposure time (EXPTIME = {exposure.elapsed:.6g}).")
        _write_keywords(exposure, 0.0, "SKIPPED", 1.0)
        return "SKIPPED"
    span = np.float64(exposure.elapsed if accum else np.float64(time[-1]) - np.float64(time[0]))
    actual = np.float64(len(time) / span if span > 0.0 else 0.0)
    keyword, counter = _event_counter(exposure)
    from_data, from_counter = curve(actual), curve(curve.observed.dtype.type(counter))
    differ = bool(abs(from_counter - from_data) > _TOLERANCE * from_data)
    use_counter = _is_subarray(exposure) and (accum or (differ and exposure.header.get("NSUBARRY", 0) > 0))
    _report(
        exposure,
        (actual, from_data),
        (counter, from_counter, keyword),
        differ,
        f"digital event counter ({keyword})" if use_counter else "actual count rate",
    )
    if use_counter:
        exposure.events.epsilon /= from_counter
        _write_keywords(exposure, counter, "DEVENT" if exposure.mode.is_fuv else keyword, from_counter)
    elif accum:
        exposure.events.epsilon /= from_data
        _write_keywords(exposure, actual, "DATA", from_data)
    else:
        steps = deadtime_steps(time, refs.deadtab.time_step, curve)
        _report_steps(exposure, refs.deadtab, steps)
        _write_keywords(exposure, actual, "DATA", _correct(exposure.events.epsilon, steps))
    return None


def livetime_curve(exposure: Exposure, refs: References) -> LivetimeCurve:
    """The curve of DEADTAB for the segment."""
    rows = refs.deadtab.indices(segment=exposure.mode.segment)
    curve = LivetimeCurve(refs.deadtab.column("OBS_RATE")[rows], refs.deadtab.column("LIVETIME")[rows])
    return curve.from_zero() if "low-rate-livetime" in exposure.corrections else curve


def deadtime_steps(time: np.ndarray, length: float, curve: LivetimeCurve) -> list[DeadtimeStep]:
    """Rate and live time in steps of `length` seconds; steps without events are left out.

    A last step shorter than half of `length` takes the rate of the step before.
    """
    last = float(time[-1])
    edges = time_steps(float(time[0]), last, length)
    indices = slice_indices(time, edges)
    counts = np.diff(indices)
    full = edges[1:] < last
    rates = counts / np.where(full, length, last - edges[:-1])
    # in full steps the reference interpolates in the precision of the table
    live = curve(rates.astype(curve.observed.dtype))
    steps: list[DeadtimeStep] = []
    for k in np.flatnonzero(counts > 0):
        begin, rate, livetime = edges[k], rates[k], live[k]
        if not full[k]:
            livetime = curve(rate)
            if steps and last - begin < _SHORTEST_STEP * length:
                rate, livetime = (
                    steps[-1].rate,
                    next((s.livetime for s in reversed(steps) if s.livetime > 0), 1),
                )
                notice(
                    logger,
                    f"The last time step has only {last - begin:.6g} s, so the live time before it is used.",
                )
        steps.append(
            DeadtimeStep(int(indices[k]), int(indices[k + 1]), begin, min(edges[k + 1], last), rate, livetime)
        )
    return steps


def _correct(epsilon: np.ndarray, steps: list[DeadtimeStep]) -> np.floating | float:
    """Divide the weights by the live time of their step; the mean live time."""
    total = duration = np.float64(0.0)
    for s in steps:
        if s.livetime > 0:
            epsilon[s.first : s.last] /= s.livetime
        total += s.livetime * (s.end - s.begin)
        duration += s.end - s.begin
    return total / duration if duration > 0.0 else 1.0


def _event_counter(exposure: Exposure) -> tuple[str, float]:
    """Keyword of the digital event counter, and its rate in count/s."""
    segment = exposure.mode.segment
    keyword = "MEVENTS"
    if exposure.mode.is_fuv:
        keyword = "DEVENTA" if segment == "FUVA" else "DEVENTB"
    return keyword, float(exposure.header.get(keyword, exposure.primary.get(keyword, 0.0)))


def _is_subarray(exposure: Exposure) -> bool:
    """Whether the header says that only a part of the detector was read out."""
    header = exposure.header
    if exposure.primary.get("SUBARRAY", False) is not True:
        return False
    number = 4 if exposure.mode.segment == "FUVB" else 0
    size = (header.get(f"SIZE{number}X", 0), header.get(f"SIZE{number}Y", 0))
    return size != (1024, 1024) and not (exposure.mode.is_fuv and size == (16384, 1024))


def _write_keywords(exposure: Exposure, rate: float, method: str, livetime: np.floating | float) -> None:
    suffix = "_" + exposure.mode.letter if exposure.mode.is_fuv else ""
    exposure.header["DEADRT" + suffix] = float(rate)
    exposure.header["DEADMT" + suffix] = method
    exposure.header["LIVETM" + suffix] = livetime


def _report(
    exposure: Exposure,
    from_data: tuple[float, float],
    from_counter: tuple[float, float, str],
    differ: bool,
    source: str,
) -> None:
    """Log the estimates of the live time, and write them for the live-time file."""
    lines = []
    if exposure.mode.is_fuv:
        stims = exposure.stims
        if stims is None or stims.count_rate is None:
            lines.append("stim countrate and livetime could not be determined")
        else:
            lines.append(f"stim countrate and livetime:  {stims.count_rate:.6g}, {stims.livetime:6.4f}")
    lines.append("actual (average) event rate and livetime:  {:.6g}, {:6.4f}".format(*from_data))
    lines.append("countrate and livetime from {2}:  {0:.6g}, {1:6.4f}".format(*from_counter))
    lines.append(f"Livetime is based on {source}.")
    if differ:
        warn(logger, "livetime estimates differ.")
    for line in lines:
        logger.log(NOTICE if differ else logging.DEBUG, "%s", line)
    exposure.log_text.setdefault("live", []).extend(["", *lines])


def _report_steps(exposure: Exposure, table: ReferenceTable, steps: list[DeadtimeStep]) -> None:
    logger.debug("Live time in steps of %.6g s:", table.time_step)
    logger.debug("  time range    rate   livetime")
    lines = exposure.log_text.setdefault("live", [])
    lines += [f"# {exposure.path}", "# t0 t1 countrate livetime"]
    for s in steps:
        logger.debug("%6.1f %6.1f   %.6g %.6g", s.begin, s.end, s.rate, s.livetime)
        lines.append(f"{s.begin:.0f} {s.end:.0f} {s.rate:.6g} {s.livetime:.6g}")
