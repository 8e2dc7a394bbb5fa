"""BRSTCORR: flag bursts of background events. Specification 2, section 18.

Events are counted in time bins, in the source region and in the background around it. A large burst exceeds
a multiple of the median background; a small one stands out of the running median.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.instrument import DQ
from recos.errors import ReferenceFileError
from recos.io.read import ExposureHeaders
from recos.kernels.events import count_in_rows
from recos.kernels.times import first_index
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.references.tables import Row
from recos.steps.step import step

logger = get_logger(__name__)

_LARGE, _SMALL = -20, -10
"""Marks of bins in a burst, in place of their background counts."""
_FEWEST_BINS = 3
_LAST_ROW = 1023


class Regions(NamedTuple):
    """First and last detector row of the source region and of the background on either side."""

    source: tuple[int, int]
    below: tuple[int, int]
    above: tuple[int, int]

    @property
    def scale(self) -> float:
        """Ratio of the number of rows of the source to that of the background."""
        background = self.below[1] - self.below[0] + self.above[1] - self.above[0] + 2
        return (self.source[1] - self.source[0] + 1) / background


class Bins(NamedTuple):
    """Time bins of `length` seconds: events start to stop - 1, counts of the background and the source."""

    length: float
    start: np.ndarray
    stop: np.ndarray
    background: np.ndarray
    source: np.ndarray


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield Need("BRSTTAB", "BRSTCORR")  # without a row the step warns and finds no burst


@step("BRSTCORR", files=("BRSTTAB", "XTRACTAB", "BRFTAB"), needs=_needs)
def brstcorr(exposure: Exposure, refs: References) -> str | None:
    """Find bursts; sets ``exposure.bursts`` (by which the exposure time is corrected) and DQ 64.

    Only the events of large bursts are flagged; with the correction ``small-bursts`` those of all. SKIPPED if the
    exposure is too short, or a reference table has no row for it. Lines for the burst file go to
    ``exposure.log_text["burst"]``.
    """
    refs.announce("BRSTTAB", "XTRACTAB")
    exposure.bursts = GTI()
    parameters = refs.brsttab.row(segment=exposure.mode.segment)
    try:
        regions = burst_regions(exposure, refs)
    except ReferenceFileError as error:
        warn(logger, "Can't screen for bursts:", str(error))
        return "SKIPPED"
    bins = _bin_events(exposure, parameters, regions)
    if bins is None:
        return "SKIPPED"
    background = bins.background.copy()
    _reject_large(exposure, parameters, bins, background)
    _reject_small(exposure, parameters, bins, background)
    exposure.bursts = _intervals(exposure.events.time, bins.start, background < 0)
    _write_log(exposure, bins, background)
    return None


def burst_regions(exposure: Exposure, refs: References) -> Regions:
    """Detector rows in which bursts are sought, limits included.

    Raises
    ------
    ReferenceFileError
        If XTRACTAB or BRFTAB has no row for the exposure.
    """
    mode = exposure.mode
    row = refs.xtractab.row(**mode.row_filter())
    height, center = int(row["HEIGHT"]), round(float(row["B_SPEC"]))
    low, high, _, _ = refs.active_area(mode.segment)
    source = (center - height // 2, center + height // 2)
    above = source[1] + height // 4
    if mode.has_flashes:
        lamp = refs.xtractab.row(**mode.row_filter("WCA"))
        above = round(float(lamp["B_SPEC"])) + height * 3 // 4
    regions = Regions(source, (max(0, low), source[0] - height // 4), (above, min(_LAST_ROW, high)))
    logger.debug(
        "source region is rows %d to %d; background regions are %d to %d and %d to %d",
        *(limit for region in regions for limit in region),
    )
    return regions


def _bin_events(exposure: Exposure, parameters: Row, regions: Regions) -> Bins | None:
    """Counts in time bins; None if the exposure is too short to be screened."""
    time = exposure.events.time
    first, last = float(time[0]), float(time[-1])
    if exposure.exptime <= 0.0:
        warn(logger, f"Can't screen for bursts because exptime = {exposure.exptime:g}")
        return None
    rate = len(time) / exposure.exptime
    logger.info(
        "Total counts = %d, exposure time = %g s, count rate = %g c/s", len(time), exposure.exptime, rate
    )
    if last <= first:
        return None
    length = float(parameters["DELTA_T"])
    if rate > float(parameters["HIGH_RATE"]):
        length = float(parameters["DELTA_T_HIGH"])
        logger.info("High count rate; time bin set to %g s", length)
    number = math.ceil((last - first) / length)
    if number <= _FEWEST_BINS:
        warn(logger, f"Burst detection is not practical with so few time bins ({number}).")
        return None
    start, stop = bin_limits(time, length, number, complete="time-bins" in exposure.corrections)
    rows = np.array(regions, dtype=np.int64)
    counts = count_in_rows(exposure.events.yfull, exposure.events.dq, start, stop, rows)
    background = counts[1] + counts[2]
    source = np.trunc(counts[0] - background * regions.scale).astype(np.int64)
    return Bins(length, start, stop, background, source)


def bin_limits(
    time: np.ndarray, length: float, number: int, *, complete: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Index ranges of the events in equal time bins from the first event on.

    Parameters
    ----------
    time : ndarray of float32, shape (n,)
    length : float
        Seconds.
    number : int
        Number of bins.
    complete : bool
        Every event belongs to a bin; limits are rounded to float32, like times (correction ``time-bins``).

    Returns
    -------
    start, stop : ndarray of int64, shape (number,)
    """
    if complete:
        edges = (np.float64(time[0]) + np.arange(number + 1) * length).astype(np.float32)
        index = np.searchsorted(time, edges)
        index[-1] = len(time)
        return index[:-1], index[1:]
    begin = np.float64(time[0]) + np.arange(number) * length
    # no bin begins before the one before it ends, whatever the rounding of the limits
    end = first_index(time, begin + length)
    start = np.maximum(first_index(time, begin), np.concatenate([[0], np.maximum.accumulate(end)[:-1]]))
    stop = np.maximum(start, end)
    # QUIRK (specification 2, section 18.3): the last event before an empty bin is lost, and one at the very end
    lost = (stop > start) & (stop < len(time)) & (stop >= first_index(time, begin + 2 * length))
    return start, stop - lost


def _reject_large(exposure: Exposure, parameters: Row, bins: Bins, background: np.ndarray) -> None:
    """Flag bins far above the median of all, and mark them in `background`."""
    median = int(np.sort(background)[len(background) // 2])
    if median < 1:
        warn(logger, f"median = {median} is unreasonable, reset to 1.", level=logging.INFO)
        median = 1
    cutoff = float(parameters["MEDIAN_N"]) * median
    logger.info("Check for large bursts,")
    logger.info("  median = %d, cutoff = %g; time interval = %.1f", median, cutoff, bins.length)
    time, dq = exposure.events.time, exposure.events.dq
    large = np.flatnonzero(background > cutoff)
    for k in large:
        dq[bins.start[k] : bins.stop[k]] |= int(DQ.BURST)
        begin = int(float(time[bins.start[k]]) + bins.length / 2)
        logger.info("large burst at time %d, counts = %d", begin, background[k])
    background[large] = _LARGE
    logger.info("%s detected.", f"{len(large)} large bursts" if len(large) else "No large burst")


def _reject_small(exposure: Exposure, parameters: Row, bins: Bins, background: np.ndarray) -> None:
    """Mark the bins in `background` that stand out of the running median, until none is left."""
    logger.info("Check for smaller bursts;")
    logger.info("  median filter over time = %d s", float(parameters["MEDIAN_DT"]))
    half = round(float(parameters["MEDIAN_DT"]) / bins.length) // 2
    complete = "small-bursts" in exposure.corrections
    for iteration in range(1, int(parameters["MAX_ITER"]) + 1):
        median = running_median(background, half, fewest=1 if complete else 2)
        excess = background - median
        small = background > 0
        small &= excess > float(parameters["BURST_MIN"]) * bins.length
        small &= excess > float(parameters["STDREJ"]) * np.sqrt(np.maximum(background, 0))
        small &= excess > float(parameters["SOURCE_FRAC"]) * bins.source
        found = np.flatnonzero(small)
        for k in found:
            begin = int(float(exposure.events.time[bins.start[k]]) + bins.length / 2)
            numbers = (begin, background[k], median[k], excess[k], bins.source[k])
            logger.info("burst at time %d, counts = %d, median = %d, diff = %d, source = %d", *numbers)
            # QUIRK (specification 2, section 18.5): small bursts shorten the good time, but are not flagged
            if complete:
                exposure.events.dq[bins.start[k] : bins.stop[k]] |= int(DQ.BURST)
        background[found] = _SMALL
        if not len(found):
            after = f"further burst after iteration {iteration}" if iteration > 1 else "small burst"
            logger.info("No %s detected.", after)
            return
        logger.info("After iteration %d, %d intervals are affected by bursts.", iteration, len(found))


def running_median(counts: np.ndarray, half: int, fewest: int = 2) -> np.ndarray:
    """Lower median of the nonnegative counts in windows of 2 `half` + 1 bins, cut off at the ends.

    Parameters
    ----------
    counts : ndarray of int64, shape (n,)
        Negative ones mark bins to be ignored.
    half : int
    fewest : int
        QUIRK (specification 2, section 18.5): the reference takes a window with one count for an empty one.

    Returns
    -------
    ndarray of int64, shape (n,)
        -20 where the window holds fewer than `fewest` counts.
    """
    ignored = np.iinfo(np.int64).max
    padded = np.pad(np.where(counts < 0, ignored, counts), half, constant_values=ignored)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    valid = np.count_nonzero(windows != ignored, axis=1)
    middle = windows[np.arange(len(counts)), np.maximum(valid - 1, 0) // 2]
    return np.where(valid >= fewest, middle, _LARGE)


def _intervals(time: np.ndarray, start: np.ndarray, bad: np.ndarray) -> GTI:
    """Time from the first event of each run of bad bins to the first event after it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]])))
    at = np.concatenate([time[np.minimum(start, len(time) - 1)], time[-1:]])
    return GTI.of((at[k0], at[k1]) for k0, k1 in zip(edges[::2], edges[1::2], strict=True))


def _write_log(exposure: Exposure, bins: Bins, background: np.ndarray) -> None:
    middle = float(exposure.events.time[0]) + (np.arange(len(background)) + 0.5) * bins.length
    exposure.log_text.setdefault("burst", []).extend(
        f"{t:.3f} {counts} {mark == _LARGE:d} {mark == _SMALL:d}"
        for t, counts, mark in zip(middle, bins.background, background, strict=True)
    )
