"""Count rates of airglow lines and of the background, second by second. Specification 3, section 13.4."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import DQ, FUV_SHAPE, NUV_SHAPE
from recos.kernels.events import inside_box
from recos.kernels.times import slice_indices
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.tables import Row

logger = get_logger(__name__)

#: Lines of each airglow multiplet, Angstrom.
LINES = {
    "LY_ALPHA": (1215.67,),
    "OI_1304": (1302.2, 1304.9, 1306.0),
    "OI_1356": (1355.6, 1358.5),
}
_REPORTED = ("LY_ALPHA", "OI_1304")
_HALF_WIDTH = {"FUV": 92, "NUV": 30}
_HALF_HEIGHT = 30
"""Half of the size of an airglow region, pixels."""


def airglow_rate(
    exposure: Exposure, refs: References, name: str, shift1: float, time: np.ndarray
) -> np.ndarray:
    """Count rate in the region of an airglow multiplet; zeros if it is off the detector.

    Parameters
    ----------
    exposure : Exposure
    refs : References
    name : str
        A key of :data:`LINES`.
    shift1 : float
        Typical displacement in the dispersion direction, pixels.
    time : ndarray of float32, shape (n,)
        Beginnings of the seconds.

    Returns
    -------
    ndarray of float32, shape (n,)
        count/s. QUIRK (specification 3, section 13.4): events that are flagged count, too; with the correction
        ``timeline-rates`` not those whose pulse heights are not those of photons.
    """
    nothing = np.zeros(len(time), np.float32)
    row = _row(exposure, refs)
    mode = exposure.mode
    half_width, n_columns = _HALF_WIDTH[mode.detector], _n_columns(exposure)
    relation = refs.dispersion(mode.fpoffset, **mode.row_filter(segment=mode.spectra[0]))
    if row is None or relation is None:
        return nothing
    first, last = min(LINES[name]), max(LINES[name])
    left, right = -half_width - shift1, n_columns - 1 + half_width - shift1
    if last < float(relation.wavelength(left)) or first > float(relation.wavelength(right)):
        return nothing
    x_first, x_last = relation.pixel(first), relation.pixel(last)
    y = float(row["B_SPEC"]) + float(row["SLOPE"]) * (x_first + x_last) / 2.0
    x0, x1, y0, y1 = x_first - half_width, x_last + half_width, y - _HALF_HEIGHT, y + _HALF_HEIGHT
    if not np.isfinite([x0, x1]).all():
        return nothing
    if name in _REPORTED:
        logger.info("Airglow region for %s is X: %d to %d, Y: %d to %d", name, x0, x1 + 1, y0, y1 + 1)
    return _rate(exposure, _inside(exposure, x0, x1, y0, y1), time)


def dark_rate(exposure: Exposure, refs: References, shift1: float, time: np.ndarray) -> np.ndarray:
    """Count rate per pixel in the background regions of XTRACTAB; arguments as for :func:`airglow_rate`."""
    row = _row(exposure, refs)
    if row is None:
        return np.zeros(len(time), np.float32)
    x0, x1 = -shift1, _n_columns(exposure) - shift1
    names = ("B_HGT1", "B_HGT2") if "B_HGT1" in row else ("BHEIGHT", "BHEIGHT")
    centres = [float(row[name]) for name in ("B_BKG1", "B_BKG2")]
    halves = [int(row[name]) // 2 for name in names]
    low = sorted(c - h for c, h in zip(centres, halves, strict=True))
    high = sorted(c + h for c, h in zip(centres, halves, strict=True))
    n_pixels = (x1 - x0) * (high[0] - low[0] + high[1] - low[1])
    chosen = _inside(exposure, x0, x1, low[0], high[1])
    y = exposure.events.yfull
    chosen &= ~((y > np.float32(high[0])) & (y < np.float32(low[1])))
    return (_rate(exposure, chosen, time) / n_pixels).astype(np.float32)


def _n_columns(exposure: Exposure) -> int:
    """Columns of the detector."""
    return (FUV_SHAPE if exposure.mode.is_fuv else NUV_SHAPE)[1]


def _inside(exposure: Exposure, x0: float, x1: float, y0: float, y1: float) -> np.ndarray:
    """Which events lie in a box, edges included; its limits are rounded to float32 as the reference does."""
    limits = (float(np.float32(v)) for v in (x0, x1, y0, y1))
    return inside_box(exposure.events.xfull, exposure.events.yfull, *limits)


def _row(exposure: Exposure, refs: References) -> Row | None:
    criteria = exposure.mode.row_filter(segment=exposure.mode.spectra[0])
    row = refs.xtractab.find(**criteria)
    if row is None:
        warn(logger, "No matching row in the XTRACTAB; filter is:", str(criteria))
    return row


def _rate(exposure: Exposure, chosen: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Rate of the chosen events in each second, count/s, float32."""
    event_time = exposure.events.time
    if "timeline-rates" in exposure.corrections:  # not bursts and bad times, which the rates are to show
        chosen = chosen & ((exposure.events.dq & DQ.PULSE_HEIGHT) == 0)
    index = np.flatnonzero(chosen)
    if float(event_time[-1]) - float(event_time[0]) < 1.0:
        return np.full(len(time), len(index) / exposure.exptime, np.float32)
    width = time[1] - time[0] if len(time) > 1 else np.float32(1.0)
    end = time + width
    start, stop = (np.searchsorted(index, slice_indices(event_time, t)) for t in (time, end))
    rate = (stop - start) / width
    rate[(end < event_time[0]) | (time > event_time[-1])] = 0.0
    return rate.astype(np.float32)
