"""The data-quality image: bad regions and borders in corrected positions. Specification 3, section 11."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recos.data.context import Workspace
from recos.data.exposure import Exposure
from recos.data.instrument import DQ
from recos.kernels.dq import GOOD, OUTSIDE, trace_and_smear
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.bands import doppler_boundary
from recos.references.regions import Regions, paint_regions, regions_for
from recos.steps._doppcorr import doppler_range
from recos.steps._shift_range import ShiftRange
from recos.steps._trcecorr import read_trace
from recos.steps.out_of_bounds import flag_outside_detector
from recos.steps.out_of_bounds_nuv import flag_outside_nuv_detector

logger = get_logger(__name__)

_NO_BOUNDARY = -10
_NO_OFFSET = -998.0
_MARGIN = 0.25
"""QUIRK (specification 3, section 11.5): pixels by which the smear is wider, whatever BPIXTAB says."""
_ALIGNED = ("COMPLETE", "SKIPPED", "USER-SUPPLIED")
"""Values of ALGNCORR with which events were moved."""

Spread = tuple[int, int, int, int, int, int]
"""First row, end row, and displacements: least and largest y, least and largest x."""


@dataclass(slots=True)
class Quality:
    """What the image is made from; kept between ALGNCORR and DQICORR.

    Attributes
    ----------
    regions : Regions
    doppler : (float, float)
        Least and largest Doppler shift, pixels.
    boundary : int
        First row without Doppler shift; negative if there is none anywhere.
    static : ndarray of int16 or None
        The image before it follows the trace.
    """

    regions: Regions
    doppler: tuple[float, float]
    boundary: int
    static: np.ndarray | None = None
    made: tuple[list[Spread], np.ndarray] | None = None
    """For slices: how far the static image was spread last, and the result."""

    def same_as(self, other: Quality) -> bool:
        """Whether regions and Doppler shifts are the same, and so the static image of the same exposure."""
        return (self.doppler, self.boundary) == (other.doppler, other.boundary) and self.regions.same_as(
            other.regions
        )


def quality_of(exposure: Exposure, refs: References, workspace: Workspace) -> Quality:
    """The regions and Doppler shifts of an exposure, found once."""
    if workspace.quality is None:
        doppler = doppler_range(exposure, refs)
        boundary = _NO_BOUNDARY
        if exposure.mode.is_spectroscopic and doppler[0] != 0.0 and doppler[1] != 0.0:
            boundary = min(doppler_boundary(refs, exposure.mode), exposure.mode.image_shape[0])
        found = Quality(regions_for(exposure, refs), doppler, boundary)
        if workspace.qualities is not None:
            found = next((known for known in list(workspace.qualities) if known.same_as(found)), found)
            workspace.qualities[:] = [found]
        workspace.quality = found
    return workspace.quality


def quality_image(exposure: Exposure, refs: References, workspace: Workspace) -> np.ndarray:
    """The data-quality image by the present headers (SP_OFF, TRCECORR), int16, shape of the images.

    It may be the array of an earlier call, filled again.
    """
    quality = quality_of(exposure, refs, workspace)
    ranges = exposure.shift_range or [ShiftRange()]
    trace = _trace(exposure, refs)
    if trace is None:
        return _painted(exposure, refs, quality, ranges, quality.doppler)
    y_shift = float(exposure.header.get("SHIFT2" + exposure.mode.letter, 0.0))
    if quality.static is None:
        lamp_only = [
            ShiftRange(0.0, 0.0, y_shift, y_shift, shifts.rows)  # type: ignore[arg-type]  # float64 decides rounding
            for shifts in ranges
        ]
        # with the margin of BPIXTAB along the dispersion in the spread, it must not be applied twice
        x_margin = 0.0 if "dq-margin" in exposure.corrections else None
        quality.static = _painted(exposure, refs, quality, lamp_only, (0.0, 0.0), True, x_margin)
    # at this point the range across the dispersion counts from the shift that the static image has already
    rest = [
        replace(shifts, shift2_min=shifts.shift2_min - y_shift, shift2_max=shifts.shift2_max - y_shift)
        for shifts in ranges
    ]
    spreads = _spreads(exposure, quality, rest)
    if quality.made is not None and quality.made[0] == spreads:
        return quality.made[1]
    out = exposure.dq_image
    if out is None or out.shape != quality.static.shape:
        out = np.empty_like(quality.static)
    _follow(exposure, refs, quality.static, spreads, trace, out)
    if workspace.qualities is not None:  # slices have the same trace, and only look at their images
        quality.made = spreads, out
    return out


def _painted(
    exposure: Exposure,
    refs: References,
    quality: Quality,
    ranges: list[ShiftRange],
    doppler: tuple[float, float],
    borders: bool = False,
    x_margin: float | None = None,
) -> np.ndarray:
    """Regions and borders, displaced; nothing follows the trace.

    `borders`: of the NUV detector, too. `x_margin`: of the regions, in the dispersion direction, instead of WIDEN.
    """
    image = initial_flags(exposure)
    ny = image.shape[0]
    for shifts in ranges:
        shift1 = (shifts.shift1_min, shifts.shift1_max)
        shift2 = (shifts.shift2_min, shifts.shift2_max)
        moved = (shift1[0] + doppler[0], shift1[1] + doppler[1])
        split = _bands(quality.boundary, ny) if exposure.mode.is_fuv else [shifts.rows]
        for low, high in split:
            first, end = round(low - shift2[1]), round(high - shift2[0])
            if end < 0 or first >= ny:
                continue
            shifted = moved if (low + high) // 2 < quality.boundary else shift1
            rows = (max(0, first), min(ny, end))
            paint_regions(image, quality.regions, shifted, shift2, rows, exposure.mode.x_offset, x_margin)
    if exposure.mode.is_fuv:
        flag_outside_detector(exposure, refs, image, ranges[0], doppler)
    else:
        flag_outside_nuv_detector(exposure, image, ranges, doppler, quality.boundary)
    if exposure.mode.is_fuv or borders:
        _flag_outside_active_area(exposure, refs, image, ranges[0], doppler)
    return image


def initial_flags(exposure: Exposure) -> np.ndarray:
    """The data-quality image before anything is flagged: that of raw ACCUM images, else zeros; a new array."""
    if exposure.raw_flags is not None:
        return exposure.raw_flags.copy()
    return np.zeros(exposure.mode.image_shape, np.int16)


def _bands(boundary: int, ny: int) -> list[tuple[int, int]]:
    return [(0, boundary), (boundary, ny)] if boundary > 0 else [(0, ny)]


def _flag_outside_active_area(
    exposure: Exposure, refs: References, image: np.ndarray, shifts: ShiftRange, doppler: tuple[float, float]
) -> None:
    low, high, left, right = refs.active_area(exposure.mode.segment)
    left -= round(shifts.shift1_min) + round(doppler[0]) - exposure.mode.x_offset
    right -= round(shifts.shift1_max) + round(doppler[1]) - exposure.mode.x_offset
    low -= round(shifts.shift2_min)
    high -= round(shifts.shift2_max)
    ny, nx = image.shape
    flag = np.int16(DQ.OUT_OF_BOUNDS)
    if low >= 0:
        image[:low] |= flag
    if high < ny - 1:
        image[max(high + 1, 0) :] |= flag
    if left >= 0:
        image[:, :left] |= flag
    if right < nx - 1:
        image[:, max(right + 1, 0) :] |= flag


def _trace(exposure: Exposure, refs: References) -> np.ndarray | None:
    """Displacement of each column across the dispersion by TRCECORR and ALGNCORR; None if there was none.

    QUIRK (specification 3, section 11.5): in a corrtag file, SP_OFF may also be where the extraction found the
    spectrum, with BOXCAR and in the NUV, and then displaces the flags, but not the events; not so with the
    correction ``corrtag-flags``.
    """
    offset = float(exposure.header.get("SP_OFF_" + exposure.mode.letter, -999.0))
    aligned = offset > _NO_OFFSET
    if "corrtag-flags" in exposure.corrections:
        aligned = aligned and exposure.primary.get("ALGNCORR") in _ALIGNED
    if not aligned:
        offset = 0.0
    if "TRCECORR" not in exposure.primary:
        return None
    if exposure.primary["TRCECORR"] == "COMPLETE":
        trace = exposure.trace if exposure.trace is not None else read_trace(exposure, refs)
        return trace + offset
    if not aligned:
        return None
    warn(logger, "No trace profile, using zero")
    return np.full(exposure.mode.image_shape[1], offset)


def _spreads(exposure: Exposure, quality: Quality, ranges: list[ShiftRange]) -> list[Spread]:
    """How far the static image is spread, for each range of rows.

    QUIRK (specification 3, section 11.9): in the NUV, the range of stripe A counts for all external stripes if
    there is a Doppler shift, and the rows of the lamp then have no flags.
    """
    boundary, doppler = quality.boundary, quality.doppler
    own = "dq-margin" in exposure.corrections
    # across the dispersion, the static image has the margin of BPIXTAB already
    x_margin, y_margin = (quality.regions.widen, 0.0) if own else (_MARGIN, _MARGIN)
    if exposure.mode.is_fuv:
        bands = [(*rows, ranges[0]) for rows in _bands(boundary, exposure.mode.image_shape[0])]
    elif boundary > 0:
        bands = [(0, boundary, ranges[0])]
    else:
        warn(logger, "Flags are moved along the trace without a boundary for the Doppler shift")
        bands = [(*shifts.rows, shifts) for shifts in ranges]
    spreads = []
    for low, high, rest in bands:
        moving = doppler if (low + high) // 2 < boundary else (0.0, 0.0)
        x_range = _limits(rest.shift1_min + moving[0], rest.shift1_max + moving[1], x_margin)
        y_range = _limits(rest.shift2_min, rest.shift2_max, y_margin)
        spreads.append((low, high, *y_range, *x_range))
    return spreads


def _follow(
    exposure: Exposure,
    refs: References,
    static: np.ndarray,
    spreads: list[Spread],
    trace: np.ndarray,
    out: np.ndarray,
) -> None:
    """Move the static image along the trace, and spread it over the range of displacements."""
    runs = _runs(exposure, refs, trace)
    # QUIRK (specification 3, section 11.9): rows that no event reaches are good
    vacated = OUTSIDE if "vacated-rows" in exposure.corrections else GOOD
    out[max(end for _, end, *_ in spreads) :] = 0
    for spread in spreads:
        low, high, y_first, y_last, x_first, x_last = spread
        logger.info(
            "DQ of rows %d to %d: shifting by %d to %d, %d to %d",
            *(low, high - 1, x_first, x_last, y_first, y_last),
        )
        trace_and_smear(static, out, *runs, *spread, vacated)


def _limits(low: np.floating | float, high: np.floating | float, margin: float) -> tuple[int, int]:
    first, last = round(low - margin), round(high + margin)
    return min(first, last), max(first, last)


def _runs(
    exposure: Exposure, refs: References, trace: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Runs of columns that move alike: first columns (and the end), shift, rows of the lamp, which stay."""
    mode = exposure.mode
    row = refs.xtractab.row(**mode.row_filter("WCA", mode.spectra[0]))
    columns = np.arange(len(trace))
    centre = row["B_SPEC"] + np.rint(columns * row["SLOPE"])
    half = int(row["HEIGHT"]) // 2
    table = np.stack([np.rint(trace), np.trunc(centre - half), np.trunc(centre + half)]).astype(np.int64)
    first = np.flatnonzero(np.any(table[:, 1:] != table[:, :-1], axis=0)) + 1
    starts = np.concatenate([[0], first, [len(trace)]])
    shift, low, high = np.ascontiguousarray(table[:, starts[:-1]])
    return starts, shift, low, high
