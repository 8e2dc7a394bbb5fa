"""BADTCORR: flag events of catalogued bad time intervals. Specification 2, section 8."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.instrument import DQ, SECONDS_PER_DAY
from recos.kernels.times import first_index
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps.step import step

logger = get_logger(__name__)


@step("BADTCORR", files=("BADTTAB",))
def badtcorr(exposure: Exposure, refs: References) -> None:
    """Set DQ 2048 on the events of the bad time intervals of BADTTAB, limits included.

    All intervals of the segment go to ``exposure.bad_times`` (seconds since EXPSTART), by which the exposure
    time is corrected later, also those outside the exposure.

    Events of an image all have the time of its middle: QUIRK (specification 2, section 8), all of them are flagged or
    none. With the correction ``image-bad-times`` none is, and TBADT tells how much bad time the image contains.
    """
    refs.announce("BADTTAB")
    time, dq = exposure.events.time, exposure.events.dq
    expstart = exposure.mode.expstart
    found = []
    images = exposure.mode.obsmode == "ACCUM" and "image-bad-times" in exposure.corrections
    for row in refs.badttab.rows(segment=exposure.mode.segment):
        # QUIRK (specification 2, section 8): SEGMENT = N/A of the NUV matches FUVA and FUVB, too
        foreign = not exposure.mode.is_fuv and str(row["SEGMENT"]).startswith("FUV")
        if foreign and "nuv-bad-times" in exposure.corrections:
            continue
        start = (row["START"] - expstart) * SECONDS_PER_DAY
        stop = (row["STOP"] - expstart) * SECONDS_PER_DAY
        found.append((start, stop))
        if not images:
            dq[first_index(time, start) : first_index(time, stop, after=True)] |= int(DQ.BAD_TIME)
    exposure.bad_times = GTI.of(found)
    if images:
        _tell_bad_time(exposure)


def _tell_bad_time(exposure: Exposure) -> None:
    """Write how many seconds of an image are bad; its counts and its exposure time contain them."""
    lost = exposure.exptime - exposure.bad_times.complement(0.0, exposure.exptime).total
    exposure.header[exposure.key("TBADT_") if exposure.mode.is_fuv else "TBADT"] = lost
    if lost > 0.0:
        warn(
            logger,
            f"{exposure.path.name}: {lost:.3f} s of its {exposure.exptime:.3f} s are bad time (BADTTAB),",
            "which cannot be taken out of an ACCUM image; its fluxes are uncertain.",
        )
