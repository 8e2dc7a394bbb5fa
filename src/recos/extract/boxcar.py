"""BOXCAR extraction: sum a tilted box of constant height, subtract the mean of two boxes beside it.

Specification 5, sections 5.4.1 to 5.4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recos.data.instrument import NUV_SHAPE
from recos.extract.boxes import Box, rate_errors, smooth, tilted_box
from recos.extract.inputs import BackgroundBoxes, Extraction, ExtractionInput
from recos.extract.target_search import Target, accepted, search
from recos.messages import get_logger

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a spectrum is extracted.

    Attributes
    ----------
    centre : float
        Row of the centre of the box at the left edge of the detector.
    at_middle : float
        The same at the middle column of the image: keyword SP_LOC.
    nominal_at_middle : float
        The row expected there: keyword SP_NOM.
    background_shift : float
        Added to the positions of the background boxes.
    target : Target or None
        Result of the search; None for a wavecal.
    """

    centre: float
    at_middle: float
    nominal_at_middle: float
    background_shift: float
    target: Target | None


def extract_boxcar(data: ExtractionInput) -> Extraction:
    """Extract one spectrum with a box.

    Parameters
    ----------
    data : ExtractionInput
        With a row of XTRACTAB.

    Returns
    -------
    Extraction
        The columns of the table except FLUX, and the keywords of the location.

    Raises
    ------
    ReferenceFileError
        If the extraction or a background box leaves the image.
    """
    row = data.row
    slope = data.slope
    height = int(row["HEIGHT"])
    boxes = BackgroundBoxes.from_row(row)
    location = locate(data, slope)
    centres = tuple(b + location.background_shift for b in boxes.centres)

    box = tilted_box(data.shape, slope, location.centre, height, data.x_offset)
    box.require_inside("extraction box")
    quality = box.cut(data.quality)
    effective = box.cut(data.effective).sum(axis=0, dtype=np.float64)
    gross = box.cut(data.counts).sum(axis=0, dtype=np.float64)
    weight = effective / np.where(gross <= 0.0, 1.0, gross)
    weight[effective == 0.0] = 1.0
    scale = height / sum(boxes.heights)
    background = (
        _background(data, slope, centres, boxes, scale) if data.subtract_background else np.zeros_like(gross)
    )
    net = weight * (gross - background)

    columns = _uncertainties(data, weight, gross, background, net, height, scale / boxes.smoothing)
    dq = np.bitwise_or.reduce(quality, axis=0)
    columns |= {
        "GROSS": gross,
        "GCOUNTS": gross * data.exptime,
        "NET": net,
        "BACKGROUND": background,
        "DQ": dq,
        "DQ_WGT": (dq & data.sdqflags) == 0,
        "DQ_OUTER": dq,
        "BACKGROUND_PER_PIXEL": background / height,
        "NUM_EXTRACT_ROWS": height,
        "ACTUAL_EE": 1.0,
    }
    columns |= _rows_reported(data, location.centre, box)
    return Extraction(columns, _keywords(data, slope, height, location, centres, boxes))


# ---------------------------------------------------------------------------------------------- location


def locate(data: ExtractionInput, slope: float) -> Location:
    """Choose the position of the extraction box: nominal, found in the data, or given by the user."""
    middle = slope * (data.shape[1] // 2 - data.x_offset)
    nominal = data.row["B_SPEC"] + data.shift2
    target = None if data.is_wavecal else search(data, slope, nominal)
    if data.location is not None:
        centre, shift = data.location - middle, 0.0
    elif target is not None and accepted(data, target):
        centre, shift = target.position, 0.0
    else:
        centre, shift = nominal, data.shift2
    # QUIRK (specification 5, section 5.4.1): the background follows neither a target found nor a given
    # position, and then lacks SHIFT2.
    if "background-position" in data.corrections and not data.fixed_background:
        shift = float(centre - data.row["B_SPEC"])
    if target is not None or data.location is not None:
        logger.info("Spectrum will be extracted at y = %.2f", centre + middle)
    return Location(centre, centre + middle, nominal + middle, shift, target)


# ---------------------------------------------------------------------------------------------- background


def _background(
    data: ExtractionInput, slope: float, centres: tuple[float, ...], boxes: BackgroundBoxes, scale: float
) -> np.ndarray:
    """Count rate of the background in the extraction box, smoothed along the dispersion.

    Smoothing begins and ends at the first and last column with a good pixel, for the NUV inside the detector.
    The rates of columns without any are those of their bad pixels.
    """
    total = np.zeros(data.shape[1])
    good_total = np.zeros(data.shape[1])
    n_good = np.zeros(data.shape[1], np.int64)
    for centre, height in zip(centres, boxes.heights, strict=True):
        box: Box = tilted_box(data.shape, slope, centre, height, data.x_offset)
        box.require_inside("background box")
        good = (box.cut(data.quality) & data.sdqflags) == 0
        rates = box.cut(data.counts)
        total += rates.sum(axis=0, dtype=np.float64)
        good_total += np.where(good, rates, np.float32(0.0)).sum(axis=0, dtype=np.float64)
        n_good += good.sum(axis=0)
    background = good_total * sum(boxes.heights) / np.maximum(n_good, 1) * scale
    background = np.where(n_good == 0, total * scale, background)
    inside = smoothed_columns(data, n_good > 0)
    # QUIRK (specification 5, section 5.5.3 for TWOZONE): columns without good pixels are smoothed in
    used = n_good[inside] > 0 if "background-gaps" in data.corrections else None
    background[inside] = smooth(background[inside], boxes.smoothing, used)
    return background


def smoothed_columns(data: ExtractionInput, good: np.ndarray) -> slice:
    """The columns whose background is smoothed: from the first to the last good one inside the detector.

    Parameters
    ----------
    data : ExtractionInput
    good : ndarray of bool, shape (columns,)
        Columns with a good pixel of the background boxes.
    """
    n = data.shape[1]
    first, end = 0, n
    if data.x_offset > 0:
        first = round(data.x_offset - data.shift1)
        end = min(first + NUV_SHAPE[1], n)
        first = max(first, 0)
    after = np.flatnonzero(good[first:])
    first += int(after[0]) if len(after) else 0
    before = np.flatnonzero(good[first:end])
    # QUIRK (specification 5, section 5.4.2): without any good column the range is one column longer
    return slice(first, first + int(before[-1]) + 1 if len(before) else end + 1)


# ---------------------------------------------------------------------------------------------- results


def _uncertainties(
    data: ExtractionInput,
    weight: np.ndarray,
    gross: np.ndarray,
    background: np.ndarray,
    net: np.ndarray,
    height: int,
    background_scale: float,
) -> dict[str, Any]:
    t = data.exptime
    flat = (net * t / (height * data.flat_snr)) ** 2 if data.flat_snr > 0.0 else np.zeros_like(net)
    counts = weight**2 * gross * t
    sky = weight * weight * (background * t * background_scale)
    lower, upper = rate_errors(flat + counts + sky, t)
    return {
        "VARIANCE_FLAT": flat,
        "VARIANCE_COUNTS": counts,
        "VARIANCE_BKG": sky,
        "ERROR": upper,
        "ERROR_LOWER": lower,
    }


def _rows_reported(data: ExtractionInput, centre: float, box: Box) -> dict[str, np.ndarray]:
    columns = np.arange(data.shape[1], dtype=np.float64)
    # QUIRK (specification 5, section 5.4.3): without X_OFFSET, so not the rows that were summed for the NUV.
    lower = np.trunc((centre - box.height // 2) + data.slope * columns + 0.5)
    if "rows-reported" in data.corrections:
        lower = box.first.astype(np.float64)
    upper = lower + box.height - 1
    return {
        "Y_LOWER_OUTER": lower,
        "Y_UPPER_OUTER": upper,
        "Y_LOWER_INNER": lower,
        "Y_UPPER_INNER": upper,
    }


def _keywords(
    data: ExtractionInput,
    slope: float,
    height: int,
    location: Location,
    centres: tuple[float, ...],
    boxes: BackgroundBoxes,
) -> dict[str, Any]:
    target = location.target
    tilt = slope * data.detector_middle
    return {
        "SP_LOC": location.at_middle,
        "SP_ERR": 999.0 if target is None else target.sigma,
        "SP_OFF": -999.0 if target is None else target.offset + data.shift2,
        "SP_NOM": location.nominal_at_middle,
        "SP_SLP": slope,
        "SP_HGT": height,
        "B_BKG1": centres[0] + tilt,
        "B_BKG2": centres[1] + tilt,
        "B_HGT1": boxes.heights[0],
        "B_HGT2": boxes.heights[1],
    }
