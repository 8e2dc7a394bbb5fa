"""Good time intervals, exposure time, and counts of bad events. Specification 2, sections 9 and 10."""

from __future__ import annotations

import logging

import numpy as np

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.kernels.times import time_slice
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps._active_area import active_events
from recos.steps.step import step

logger = get_logger(__name__)

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
    _apply(exposure, GTI.of([*exposure.bursts, *exposure.bad_times]))
    _count_bad_events(exposure, refs)


@step()
def image_time(exposure: Exposure, refs: References) -> None:
    """The whole exposure time of an image is good."""
    exposure.gti = GTI.of([(np.float64(0.0), np.float64(exposure.exptime))])
    if exposure.mode.is_fuv:
        exposure.header["EXPTIME" + exposure.mode.letter] = exposure.exptime


def _apply(exposure: Exposure, bad: GTI) -> None:
    """Set ``gti``, ``gti_changed`` and ``exptime``, and EXPTIME, EXPTIMEA or EXPTIMEB."""
    # NumPy's scalars: a Python float would take the type of a burst's float32
    raw = GTI.of((np.float64(start), np.float64(stop)) for start, stop in exposure.raw_gti)
    gti = raw
    if not len(raw):
        warn(logger, f"{exposure.path} has no good time intervals.", level=logging.INFO)
        gti = GTI.of([(exposure.events.time[0], exposure.events.time[-1])])
    gti = gti.without(bad)
    exposure.gti, exposure.gti_changed = gti, gti != raw
    exposure.exptime = gti.total
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
    clipped = GTI.of(
        (max(start, first), min(stop, last))
        for start, stop in exposure.bad_times
        if stop > first and start < last
    )
    bad_time = float(sum(clipped.durations))
    n_bad_time = _count(time, clipped)
    if not exposure.mode.is_fuv:
        header["TBADT"], header["NBADT"], header["NBADEVNT"] = bad_time, n_bad_time, n_bad_time
        return
    n_burst = _count(time, exposure.bursts)
    n_outside = len(time) - int(np.count_nonzero(active_events(exposure, refs)))
    # added in float32, the type of the limits
    header["TBRST_" + letter] = sum(exposure.bursts.durations, np.float32(0.0))
    header["NBRST_" + letter] = n_burst
    header["NOUT_" + letter] = n_outside
    header["TBADT_" + letter] = bad_time
    header["NBADT_" + letter] = n_bad_time
    header["NBADEVT" + letter] = n_burst + n_bad_time + n_outside + header.get("NPHA_" + letter, 0)


def _count(time: np.ndarray, intervals: GTI) -> int:
    slices = (time_slice(time, start, stop) for start, stop in intervals)
    return sum(s[1] - s[0] for s in slices if s is not None)
