"""When the lamp was on: the flashes of an exposure from its count rate. Specification 4, section 9.2."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.data.exposure import Exposure
from recos.data.instrument import NUV_SHAPE
from recos.errors import InputError
from recos.kernels.shifts import binned_counts
from recos.kernels.times import time_slice
from recos.messages import get_logger
from recos.references import References
from recos.wavecal import lamp

logger = get_logger(__name__)

_BIN = 0.2
"""Seconds."""
_MINIMUM_RATE = 20.0
"""Counts per second in the brightest bin below which no flash is looked for."""
LAMP_IMAGE_X, LAMP_IMAGE_Y = 600.0, 606.0
"""Nominal pixel of the lamp in NUV images."""
_IMAGE_MARGIN = 100.0
"""Rows below it that count as rows of the lamp."""
_EARLY, _LATE = 2.0, 4.0
"""Seconds by which a flash may begin before and end after the commanded times."""
_BESIDE = 10.0
"""Seconds before and after a flash in which the rate without lamp is measured."""
_SIGNIFICANCE = 5.0
"""Signal to noise from which counts at the commanded times count as a flash."""


class Flash(NamedTuple):
    """One lamp flash, seconds since EXPSTART."""

    on: float
    off: float
    median: float
    """Median time of all events between on and off."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.off - self.on


def find_flashes(exposure: Exposure, refs: References) -> list[Flash]:
    """Find the lamp flashes of an exposure, and write them to the EVENTS header.

    QUIRK (specification 4, section 9.2): a flash is lost if anything else is brighter than four times its rate.

    Raises
    ------
    InputError
        If the header does not tell the commanded times.
    MissingRowError
        If XTRACTAB does not cover the mode.
    """
    flashes: list[Flash] = []
    time = exposure.events.time
    if len(time) and time[-1] > time[0]:
        rate, limits = _lamp_rate(exposure, refs), (float(time[0]), float(time[-1]))
        if "flash-finding" in exposure.corrections:
            flashes = _standing_out(rate, _expected(exposure, *limits), time)
        elif (cutoff := _cutoff(rate)) is not None:
            flashes = _located(rate > cutoff, _expected(exposure, *limits), time)
    _write_keywords(exposure.header, flashes)
    return flashes


def _lamp_rate(exposure: Exposure, refs: References) -> np.ndarray:
    """Counts per second around the lamp spectrum in bins of 0.2 s."""
    time = exposure.events.time
    low, high = _lamp_rows(exposure, refs)
    counts = np.zeros(math.ceil((float(time[-1]) - float(time[0])) / _BIN), np.int64)
    complete = "time-bins" in exposure.corrections
    binned_counts(time, exposure.events.ycorr, low, high, _BIN, complete, counts)
    return counts / _BIN


def _lamp_rows(exposure: Exposure, refs: References) -> tuple[int, int]:
    """First and last row around the lamp spectrum: for the NUV, from the first stripe to the end."""
    mode = exposure.mode
    if not mode.is_spectroscopic:
        return round(LAMP_IMAGE_Y + mode.plate_offset - _IMAGE_MARGIN), NUV_SHAPE[0] - 1
    row = lamp.extraction_row(refs, mode, mode.spectra[0])
    centre, height = float(row["B_SPEC"]) + mode.plate_offset, int(row["HEIGHT"])
    return round(centre - height), round(centre + height) if mode.is_fuv else NUV_SHAPE[0] - 1


def _cutoff(rate: np.ndarray) -> float | None:
    """Rate that tells lamp on from lamp off; None if the lamp was never on.

    Half the most frequent rate of the upper half of the histogram of rates.
    """
    largest = float(rate.max())
    if largest <= _MINIMUM_RATE:
        return None
    n = max(20, len(rate) // 100)
    step = largest / n
    level = np.floor(rate / step).astype(np.int64)
    histogram = np.bincount(level[rate / step < n], minlength=n)
    logger.debug("tagflash histogram = %s", histogram.tolist())
    logger.debug("step size for histogram = %g", step)
    peak = n // 2 + int(np.argmax(histogram[n // 2 :]))
    cutoff = peak / 2 * step
    logger.debug("tagflash cutoff = %.2f counts/s", cutoff)
    return cutoff


def _expected(exposure: Exposure, first: float, last: float) -> list[tuple[float, float]]:
    """Commanded times of the flashes, limited to the times of events."""
    header, tagflash = exposure.header, exposure.mode.tagflash

    def value(name: str, number: int) -> float:
        key = f"{name}{number}"
        if not isinstance(header.get(key), int | float):
            raise InputError(
                f"{exposure.path}: TAGFLASH = {tagflash}, but the EVENTS header has no number {key}. "
                "Retrieve the file again, or set WAVECORR to OMIT."
            )
        return float(header[key])

    n = int(header.get("NUMFLASH", 0))
    if tagflash == "AUTO":
        times = [(value("LMP_ON", i), value("LMPOFF", i)) for i in range(1, n + 1)]
        return [(max(on, first), min(off, last)) for on, off in times if off >= first and on <= last]
    if n < 1:
        return []
    on, duration = max(value("LMP_ON", 1), first), value("LMPDUR", 1)
    interval = value("LMP_ON", 2) - value("LMP_ON", 1) if n > 1 else 1.0
    starts = [on + i * interval for i in range(n)]
    return [(start, start + duration) for start in starts if start <= last]


def _located(lit: np.ndarray, windows: list[tuple[float, float]], time: np.ndarray) -> list[Flash]:
    """The flashes as the bins of time show them."""
    first, last = float(time[0]), float(time[-1])
    flashes = []
    for on, off in windows:
        begin = math.floor((on - _EARLY - first) / _BIN)
        end = math.ceil((off + _LATE - first) / _BIN)
        bins = np.flatnonzero(lit[max(begin, 0) : max(end + 1, 0)]) + max(begin, 0)
        if not len(bins):
            continue
        on, off = first + _BIN * int(bins[0]), min(first + _BIN * (int(bins[-1]) + 1), last)
        limits = time_slice(time, on, off)
        assert limits is not None  # both times are inside the exposure
        flashes.append(Flash(on, off, float(time[(limits[0] + limits[1]) // 2])))
    return flashes


def _standing_out(rate: np.ndarray, windows: list[tuple[float, float]], time: np.ndarray) -> list[Flash]:
    """Flashes that stand out from what is around them, whatever bursts or a bright target do elsewhere.

    The lamp is on where the rate exceeds the mean of those at the commanded times and beside them, where the darker
    side counts.
    """
    flashes = []
    for on, off in windows:
        start, stop = (math.floor((t - float(time[0])) / _BIN) for t in (on, off))
        before, after = max(start - round(_EARLY / _BIN), 0), stop + 1 + round(_LATE / _BIN)
        beside = (
            rate[max(before - round(_BESIDE / _BIN), 0) : before],
            rate[after:][: round(_BESIDE / _BIN)],
        )
        dark = min((float(np.median(side)) for side in beside if len(side)), default=0.0)
        lit = rate[start : stop + 1]
        counts, expected = _BIN * float(lit.sum()), _BIN * dark * len(lit)
        if counts - expected > _SIGNIFICANCE * math.sqrt(counts + expected):
            flashes += _located(rate > (float(np.median(lit)) + dark) / 2.0, [(on, off)], time)
    return flashes


def _write_keywords(header: fits.Header, flashes: list[Flash]) -> None:
    """Times of the flashes that were found; those of others as for flashes that were not commanded."""
    header["NUMFLASH"] = len(flashes)
    number = 1
    while f"LMP_ON{number}" in header:
        on, off, median = flashes[number - 1] if number <= len(flashes) else (-1.0, -1.0, -1.0)
        header[f"LMP_ON{number}"], header[f"LMPOFF{number}"] = on, off
        header[f"LMPDUR{number}"], header[f"LMPMED{number}"] = off - on, median
        number += 1


def log_flashes(flashes: list[Flash]) -> None:
    """Log the times of the flashes."""
    logger.info("lamp on, off, duration, median time:")
    for number, flash in enumerate(flashes, start=1):
        logger.info("%d:  %.1f  %.1f  %.1f  %.1f", number, flash.on, flash.off, flash.duration, flash.median)
