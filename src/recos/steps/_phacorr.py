"""PHACORR: reject events with pulse heights unlike those of photons. Specification 2, section 17."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import DQ
from recos.errors import InputError, ReferenceFileError
from recos.io.read import ExposureHeaders
from recos.kernels.events import flag_pulse_heights
from recos.kernels.times import nint
from recos.messages import NOTICE, get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.references.tables import Row
from recos.steps._active_area import active_events
from recos.steps.step import step

logger = get_logger(__name__)

_CHUNK = 1 << 16
_UNKNOWN_LIMIT = -999


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    if "PHAFILE" in refs and mode.obsmode == "TIME-TAG":
        yield Need("PHAFILE", "PHACORR", extensions=((mode.segment, 1), (mode.segment, 2)))
    else:
        peaks = ("MIN_PEAK", "MAX_PEAK") if mode.obsmode == "ACCUM" else ()
        yield Need("PHATAB", "PHACORR", {"segment": mode.segment}, {"opt_elem": mode.opt_elem}, peaks)


@step("PHACORR", files=("PHAFILE", "PHATAB"), needs=_needs)
def phacorr(exposure: Exposure, refs: References) -> None:
    """Screen pulse heights by the limits of PHAFILE (for each pixel), or else of PHATAB.

    Sets DQ 512 on events of the active area outside the limits of PHATAB (the limits themselves are good);
    writes NPHA, PHALOWR and PHAUPPR. With PHAFILE, events are counted but not flagged, unless the correction
    ``phafile-flags`` is on. The pulse heights of an
    image are only a histogram, which is checked.

    Raises
    ------
    InputError
        If an ACCUM exposure comes without its histogram.
    """
    if exposure.mode.obsmode == "ACCUM":
        _check_histogram(exposure, refs)
    elif "PHAFILE" in refs:
        _screen_by_image(exposure, refs)
    else:
        _screen_by_table(exposure, refs)


def _limits(exposure: Exposure, refs: References) -> Row:
    """The row of PHATAB of the segment."""
    refs.announce("PHATAB")
    criteria = {"segment": exposure.mode.segment}
    if "OPT_ELEM" in refs.phatab:
        criteria["opt_elem"] = exposure.mode.opt_elem
    return refs.phatab.row(**criteria)


def _screen_by_table(exposure: Exposure, refs: References) -> None:
    row = _limits(exposure, refs)
    low, high = int(row["LLT"]), int(row["ULT"])
    events = exposure.events
    n_low, n_high, n_flagged = flag_pulse_heights(
        events.pha, active_events(exposure, refs), low, high, np.int16(DQ.PULSE_HEIGHT), events.dq
    )
    _report("PHATAB", n_low, n_high, f" {low}", f" {high}")
    _write_keywords(exposure, n_flagged, low, high)


def _check_histogram(exposure: Exposure, refs: References) -> None:
    """Warn if the pulse heights of an image are not distributed like those of photons."""
    row = _limits(exposure, refs)
    low, high = int(row["LLT"]), int(row["ULT"])
    exposure.header["PHALOWR" + exposure.mode.letter] = low
    exposure.header["PHAUPPR" + exposure.mode.letter] = high
    histogram = exposure.pulse_heights
    if histogram is None:
        raise InputError(
            f"{exposure.path}: the file of pulse heights ({exposure.root}_pha_…) is missing, which PHACORR "
            "needs for ACCUM data. Retrieve it, or set PHACORR to OMIT."
        )
    total = histogram.sum(dtype=np.float32)
    if total == 0.0:
        warn(logger, "Histogram is empty.")
        return
    peak = int(np.argsort(histogram)[-1])
    mean = np.sum(np.arange(len(histogram)) * histogram, dtype=np.float32) / total
    place = {
        "low": (4 * low, peak * float(row["MIN_PEAK"])),
        "high": (4 * high, peak * float(row["MAX_PEAK"])),
    }
    wrong = [
        f"{what} of the pulse-height distribution is too {side}."
        for side, limits in place.items()
        for what, value, limit in zip(("Peak", "Mean"), (peak, mean), limits, strict=True)
        if (value <= limit if side == "low" else value >= limit) and not (what == "Mean" and value == limit)
    ]
    for text in wrong:
        warn(logger, text)
    logger.log(
        NOTICE if wrong else logging.DEBUG,
        "Pulse-height distribution peak = %d, mean = %.6g;\n"
        "the peak should be between %.6g and %.6g,\nand the mean should be between %.6g and %.6g.",
        *(peak, mean, place["low"][0], place["high"][0], place["low"][1], place["high"][1]),
    )


def _screen_by_image(exposure: Exposure, refs: References) -> None:
    refs.announce("PHAFILE")
    (low, _), (high, _) = (refs.image("PHAFILE", (exposure.mode.segment, version)) for version in (1, 2))
    if low is None or high is None or low.shape != high.shape:
        raise ReferenceFileError(
            f"{refs.path('PHAFILE')} (PHAFILE): the images of lower and upper limits differ in shape; "
            "use another PHAFILE."
        )
    n_low = n_high = 0
    for first in range(0, len(exposure.events), _CHUNK):
        part = slice(first, first + _CHUNK)
        below, above = _outside(exposure, low, high, part)
        # QUIRK (specification 2, section 17.1): events outside the limits are counted but not flagged
        if "phafile-flags" in exposure.corrections:
            exposure.events.dq[part][below | above] |= int(DQ.PULSE_HEIGHT)
        n_low += int(below.sum())
        n_high += int(above.sum())
    _report("PHAFILE", n_low, n_high, " the cutoff", " the cutoff")
    _write_keywords(exposure, n_low + n_high, _UNKNOWN_LIMIT, _UNKNOWN_LIMIT)


def _outside(
    exposure: Exposure, low: np.ndarray, high: np.ndarray, part: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Which events of a part fall short of, and which exceed, the limits of their pixel."""
    events = exposure.events
    i, j = nint(events.xcorr[part]), nint(events.ycorr[part])
    on_image = (i >= 0) & (i < low.shape[1]) & (j >= 0) & (j < low.shape[0])
    i, j = np.where(on_image, i, 0), np.where(on_image, j, 0)
    pha = events.pha[part]
    return on_image & (pha < low[j, i]), on_image & (pha > high[j, i])


def _write_keywords(exposure: Exposure, n_outside: int, low: int, high: int) -> None:
    letter = exposure.mode.letter
    exposure.header["NPHA_" + letter] = n_outside
    exposure.header["PHALOWR" + letter] = low
    exposure.header["PHAUPPR" + letter] = high


def _report(keyword: str, n_low: int, n_high: int, low: str, high: str) -> None:
    logger.debug("Pulse heights screened by %s:", keyword)
    for n, relation in ((n_low, "less than" + low), (n_high, "greater than" + high)):
        number = {0: "no event was", 1: "one event was"}.get(n, f"{n} events were")
        logger.debug("  %s rejected because PHA was %s", number, relation)
