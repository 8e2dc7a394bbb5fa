"""Good time intervals, exposure time, and counts of bad events. Specification 2, sections 9 and 10."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from recos.data.exposure import Exposure
from recos.kernels.times import time_slice
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps._active_area import active_events
from recos.steps.step import step

logger = get_logger(__name__)

#: (start, stop) in seconds since EXPSTART. Bursts are float32, as the times of events, all others float64.
Interval = tuple[float, float]

_NOTEWORTHY_CHANGE = 1.0


@step()
def exposure_time(exposure: Exposure, refs: References) -> None:
    """Take the bad times out of the good time intervals; their sum becomes the exposure time."""
    _apply(exposure, exposure.bad_times)


@step()
def good_time(exposure: Exposure, refs: References) -> None:
    """Like :func:`exposure_time`, with bursts too, and count the bad events.

    Writes TBRST, NBRST, TBADT, NBADT, NOUT and NBADEVT.
    """
    _apply(exposure, [*exposure.bursts, *exposure.bad_times])
    _count_bad_events(exposure, refs)


@step()
def image_time(exposure: Exposure, refs: References) -> None:
    """The whole exposure time of an image is good."""
    exposure.gti = [(np.float64(0.0), np.float64(exposure.exptime))]
    if exposure.mode.is_fuv:
        exposure.header["EXPTIME" + exposure.mode.letter] = exposure.exptime


def trim(good: Sequence[Interval], bad: Interval) -> list[Interval]:
    """What is left of good intervals without a bad one.

    Examples
    --------
    >>> trim([(0.0, 10.0), (20.0, 30.0)], (5.0, 22.0))
    [(0.0, 5.0), (22.0, 30.0)]
    """
    left: list[Interval] = []
    for start, stop in good:
        if bad[0] >= stop or bad[1] <= start:
            left.append((start, stop))
            continue
        if bad[0] > start:
            left.append((start, bad[0]))
        if bad[1] < stop:
            left.append((bad[1], stop))
    return left


def _apply(exposure: Exposure, bad: Sequence[Interval]) -> None:
    """Set ``gti``, ``gti_changed`` and ``exptime``, and EXPTIME, EXPTIMEA or EXPTIMEB."""
    raw: list[Interval] = [(np.float64(start), np.float64(stop)) for start, stop in exposure.raw_gti]
    gti = raw
    if not raw:
        warn(logger, f"{exposure.path} has no good time intervals.", level=logging.INFO)
        gti = [(exposure.events.time[0], exposure.events.time[-1])]
    for interval in bad:
        gti = trim(gti, interval)
    total = np.float64(0.0)
    for start, stop in gti:
        total += stop - start
    exposure.gti, exposure.gti_changed = gti, gti != raw
    exposure.exptime = float(total)
    _write_exptime(exposure)


def _write_exptime(exposure: Exposure) -> None:
    before = float(exposure.header.get("EXPTIME", 0.0))
    if abs(exposure.exptime - before) > _NOTEWORTHY_CHANGE:
        warn(
            logger,
            f"exposure time in header was {before:.3f}",
            f"exptime has been corrected to {exposure.exptime:.3f}",
            level=logging.INFO,
        )
    exposure.header["EXPTIME"] = exposure.exptime
    if exposure.mode.is_fuv:
        exposure.header["EXPTIME" + exposure.mode.letter] = exposure.exptime


def _count_bad_events(exposure: Exposure, refs: References) -> None:
    """Times and numbers of events lost to each cause; an event with several causes counts several times."""
    header, time, letter = exposure.header, exposure.events.time, exposure.mode.letter
    first, last = np.float64(time[0]), np.float64(time[-1])
    clipped = [
        (max(start, first), min(stop, last))
        for start, stop in exposure.bad_times
        if stop > first and start < last
    ]
    bad_time = float(sum(stop - start for start, stop in clipped))
    n_bad_time = _count(time, clipped)
    if not exposure.mode.is_fuv:
        header["TBADT"], header["NBADT"], header["NBADEVNT"] = bad_time, n_bad_time, n_bad_time
        return
    n_burst = _count(time, exposure.bursts)
    n_outside = len(time) - int(np.count_nonzero(active_events(exposure, refs)))
    # added in float32, the type of the limits
    header["TBRST_" + letter] = sum((stop - start for start, stop in exposure.bursts), np.float32(0.0))
    header["NBRST_" + letter] = n_burst
    header["NOUT_" + letter] = n_outside
    header["TBADT_" + letter] = bad_time
    header["NBADT_" + letter] = n_bad_time
    header["NBADEVT" + letter] = n_burst + n_bad_time + n_outside + header.get("NPHA_" + letter, 0)


def _count(time: np.ndarray, intervals: Sequence[Interval]) -> int:
    slices = (time_slice(time, start, stop) for start, stop in intervals)
    return sum(s[1] - s[0] for s in slices if s is not None)
