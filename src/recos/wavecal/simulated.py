"""Lifetime position 6: a third point between two wavecals, because the drift after an OSM move is not linear.

Specification 4, section 11.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.instrument import SECONDS_PER_DAY
from recos.data.mode import Mode
from recos.errors import ReferenceFileError
from recos.messages import get_logger
from recos.references import References, Row
from recos.wavecal.records import WavecalRecord, usable_wavecals

logger = get_logger(__name__)

_DELAY = 600.0
"""Seconds from the start of the preceding wavecal to the point that is inserted."""
_COLUMNS = ("TCROSSOVER", "FRACSHORT", "FRACLONG", "OFFSET_SHORT", "OFFSET_LONG", "MIN_EXPTIME")


@dataclass(frozen=True, slots=True)
class SimulatedDrift:
    """Displacement that is linear in time before and after one point.

    Attributes
    ----------
    change : float
        Time of that point, seconds since EXPSTART; may be negative.
    early, late : (float, float)
        Displacement at EXPSTART, pixels, and its change, pixels per second, before and after the point.
    """

    change: float
    early: tuple[float, float]
    late: tuple[float, float]

    def shift(self, elapsed: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Displacement in pixels, float64; `elapsed` counts from the first event, `time` from EXPSTART."""
        elapsed = elapsed.astype(np.float64)
        before, after = (z + m * elapsed for z, m in (self.early, self.late))
        return np.where(time < self.change, before, after)

    def shift_at(self, time: float) -> float:
        """Displacement at one time, pixels."""
        z, m = self.early if time < self.change else self.late
        return z + m * time

    def history(self, time: np.ndarray) -> np.ndarray:
        """Displacement at many times, float32, for the TIMELINE table."""
        return self.shift(time, time).astype(np.float32)


def simulated_drift(exposure: Exposure, refs: References, context: Context) -> SimulatedDrift | None:
    """The drift with the inserted point; None if the exposure is not to get one.

    Raises
    ------
    ReferenceFileError
        If WCPTAB lacks the parameters of the model.
    """
    mode = exposure.mode
    if not (context.simulates_wavecals and mode.is_fuv):
        return None
    row = refs.wcptab.row(opt_elem=mode.opt_elem)
    missing = [name for name in _COLUMNS if name not in row]
    if missing:
        raise ReferenceFileError(
            f"{refs.path('WCPTAB')} (WCPTAB): the columns {', '.join(missing)} are missing; they are needed "
            "for wavecals of the type EXP-SWAVE. Use an updated WCPTAB."
        )
    pair = _bracket(usable_wavecals(exposure, context), mode)
    reason = _why_not(exposure, float(row["MIN_EXPTIME"]), pair)
    if reason or pair is None:
        logger.info("Don't add simulated wavecal because %s", reason)
        return None
    key = "shift1" + mode.letter.lower()
    if any(key not in record.values for record in pair):
        key = "shift1" + ("b" if key.endswith("a") else "a")
    logger.info("Adding simulated wavecal")
    return _drift(exposure, row, *pair, key)


def _bracket(wavecals: list[WavecalRecord], mode: Mode) -> tuple[WavecalRecord, WavecalRecord] | None:
    """The wavecals of the same setting before and after the middle of an exposure."""
    same = sorted(
        (r for r in wavecals if (r.cenwave, r.fpoffset) == (mode.cenwave, mode.fpoffset)),
        key=lambda r: r.time,
    )
    before = [r for r in same if r.time < mode.mid_time]
    after = [r for r in same if r.time > mode.mid_time]
    return (before[-1], after[0]) if before and after else None


def _why_not(exposure: Exposure, shortest: float, pair: object) -> str:
    time = exposure.events.time
    if not len(time):
        return "no events recorded"
    if float(time[-1]) - float(time[0]) < shortest:
        return f"events duration < {shortest}"
    return "" if pair is not None else "#wavecals != 2"


def _drift(
    exposure: Exposure, row: Row, before: WavecalRecord, after: WavecalRecord, key: str
) -> SimulatedDrift:
    length = "SHORT" if exposure.exptime < float(row["TCROSSOVER"]) else "LONG"
    fraction, offset = float(row["FRAC" + length]), float(row["OFFSET_" + length])
    start = exposure.mode.expstart
    point = before.expstart + _DELAY / SECONDS_PER_DAY
    v_before, v_after = float(before.values[key]), float(after.values[key])
    shift = v_before + fraction * (v_after - v_before) + offset
    early = (shift - v_before) / ((point - before.time) * SECONDS_PER_DAY)
    late = (v_after - shift) / ((after.time - point) * SECONDS_PER_DAY)
    logger.info("For exposure of %.4fs, frac=%.4f, offset=%.4f", exposure.exptime, fraction, offset)
    for word, record, value in (("before", before, v_before), ("after", after, v_after)):
        seconds = (record.time - start) * SECONDS_PER_DAY
        logger.info(
            "Wavecal %s exposure has %s=%.4f at t=%.4f (%.4fs)", word, key, value, record.time, seconds
        )
    change = (point - start) * SECONDS_PER_DAY
    logger.info("Simulated shift of %.4f added at t=%.4fs", shift, change)
    since = (start - point) * SECONDS_PER_DAY
    return SimulatedDrift(change, (shift + since * early, early), (shift + since * late, late))
