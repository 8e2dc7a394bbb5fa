"""BADTCORR: flag events of catalogued bad time intervals. Specification 2, section 8."""

from __future__ import annotations

from recos.exposure import Exposure, step
from recos.instrument import DQ, SECONDS_PER_DAY
from recos.kernels.times import first_index
from recos.references import References


@step("BADTCORR")
def badtcorr(exposure: Exposure, refs: References) -> None:
    """Set DQ 2048 on the events of the bad time intervals of BADTTAB, limits included.

    All intervals of the segment go to ``exposure.bad_times`` (seconds since EXPSTART), by which the exposure
    time is corrected later, also those outside the exposure.
    """
    refs.announce("BADTTAB")
    time, dq = exposure.events.time, exposure.events.dq
    expstart = exposure.mode.expstart
    exposure.bad_times = []
    for row in refs.badttab.rows(segment=exposure.mode.segment):
        start = (row["START"] - expstart) * SECONDS_PER_DAY
        stop = (row["STOP"] - expstart) * SECONDS_PER_DAY
        exposure.bad_times.append((start, stop))
        dq[first_index(time, start) : first_index(time, stop, after=True)] |= int(DQ.BAD_TIME)
