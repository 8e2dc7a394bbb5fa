"""Regions of bad pixels: BPIXTAB, GSAGTAB and SPOTTAB. Specification 3, section 11.2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.instrument import SECONDS_PER_DAY
from recos.data.truth import NoTruthValue
from recos.errors import ReferenceFileError
from recos.kernels.dq import paint
from recos.messages import get_logger, warn
from recos.references.collection import References
from recos.references.tables import ReferenceTable

logger = get_logger(__name__)

NO_EXTENSION = -1
_DEFAULT_WIDEN = 0.25
_COLUMNS = ("LX", "LY", "DX", "DY", "DQ")


@dataclass(frozen=True, slots=True)
class Regions(NoTruthValue):
    """Rectangles of detector pixels and their data-quality bits.

    Attributes
    ----------
    lx, ly, ux, uy : ndarray of int, shape (n,)
        First and last column and row, both inside; in the integer type of the tables, which decides the
        precision of shifted borders.
    dq : ndarray of int16, shape (n,)
        Bits.
    gsag_extension : int or None
        Extension of GSAGTAB that was used, -1 if none fits, None without GSAGTAB.
    widen : float
        Margin in pixels added on each side when regions are painted into an image.
    """

    lx: np.ndarray
    ly: np.ndarray
    ux: np.ndarray
    uy: np.ndarray
    dq: np.ndarray
    gsag_extension: int | None = None
    widen: float = _DEFAULT_WIDEN

    def __len__(self) -> int:
        return len(self.dq)

    def same_as(self, other: Regions) -> bool:
        """Whether all fields are equal."""
        arrays = ("lx", "ly", "ux", "uy", "dq")
        return (self.gsag_extension, self.widen) == (other.gsag_extension, other.widen) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays
        )


def regions_for(exposure: Exposure, refs: References, gti: GTI | None = None) -> Regions:
    """The regions that apply to an exposure.

    Parameters
    ----------
    exposure : Exposure
    refs : References
    gti : GTI, optional
        Intervals for SPOTTAB; by default ``exposure.gti``.

    Raises
    ------
    ReferenceFileError
        If a table lacks a column, or WIDEN is no number.
    """
    mode = exposure.mode
    table = refs.bpixtab
    parts = [_columns(table, table.indices(segment=mode.segment))]
    extension = None
    # QUIRK (specification 3, section 11.2): without a row of BPIXTAB the other two tables are not looked at
    if mode.is_fuv and (len(parts[0][0]) or "dq-regions" in exposure.corrections):
        if "GSAGTAB" in refs:
            extension = gsag_extension(exposure, refs)
            if extension != NO_EXTENSION:
                gsag = refs.table("GSAGTAB", extension)
                parts.append(_columns(gsag, np.flatnonzero(gsag.column("DATE") <= mode.expstart)))
        if "SPOTTAB" in refs:
            spots = refs.spottab
            parts.append(_columns(spots, _spots(exposure, spots, exposure.gti if gti is None else gti)))
    parts = [part for part in parts if len(part[0])]
    if not parts:
        empty = np.zeros(0, np.int32)
        return Regions(empty, empty, empty, empty, np.zeros(0, np.int16), extension)
    lx, ly, dx, dy, dq = (np.concatenate(column) for column in zip(*parts, strict=True))
    widen = table.header.get("WIDEN", _DEFAULT_WIDEN)
    if not isinstance(widen, int | float):
        raise ReferenceFileError(
            f"{table.path} (BPIXTAB): WIDEN = {widen!r}; expected a number. Use another BPIXTAB."
        )
    return Regions(lx, ly, lx + dx - 1, ly + dy - 1, dq.astype(np.int16), extension, float(widen))


def _columns(table: ReferenceTable, rows: np.ndarray) -> list[np.ndarray]:
    return [table.column(name)[rows] for name in _COLUMNS]


def _spots(exposure: Exposure, table: ReferenceTable, gti: GTI) -> np.ndarray:
    """Rows of SPOTTAB that overlap the exposure in time."""
    start, stop = table.column("START"), table.column("STOP")
    on_segment = table.column("SEGMENT") == exposure.mode.segment
    found = np.zeros(len(table), bool)
    for first, last in gti:
        begin = exposure.mode.expstart + first / SECONDS_PER_DAY
        end = exposure.mode.expstart + last / SECONDS_PER_DAY
        found |= on_segment & (start <= end) & (stop >= begin)
        # QUIRK (specification 3, section 11.2): the first interval with any match decides
        if found.any() and "dq-regions" not in exposure.corrections:
            break
    return np.flatnonzero(found)


def gsag_extension(exposure: Exposure, refs: References) -> int:
    """Extension of GSAGTAB for the segment and its commanded high voltage; -1 if there is none.

    The voltage itself is preferred, then the next higher one.
    """
    mode, level = exposure.mode, exposure.hvlevel
    found, extension = nearest_gsag(mode.segment, level, refs)
    if found == level and extension != NO_EXTENSION:
        return extension
    shown = "N/A" if level is None else level
    text = f"No extension of the gain sag table matches SEGMENT={mode.segment}, HVLEVEL{mode.letter}={shown}"
    if extension != NO_EXTENSION:
        warn(logger, text + ";", f"extension {extension} is used instead.")
    else:
        warn(logger, text)
    return extension


def nearest_gsag(segment: str, level: int | None, refs: References) -> tuple[int | None, int]:
    """High voltage and extension of GSAGTAB: the voltage itself, else the next higher one, else None and -1."""
    if level is None:
        return None, NO_EXTENSION
    index = _gsag_index(refs, "HVLEVEL" + segment[-1])
    # the first extension of a voltage counts
    return min(
        ((hv, i) for i, name, hv in index if name == segment and hv >= level), default=(None, NO_EXTENSION)
    )


def _gsag_index(refs: References, keyword: str) -> list[tuple[int, str, int]]:
    """Number, segment and high voltage of each extension of GSAGTAB; the headers are read once per run."""

    def make() -> list[tuple[int, str, int]]:
        headers = [hdu.header for hdu in refs.file("GSAGTAB")]
        return [
            (i, str(h.get("SEGMENT", "")), int(h.get(keyword, -999))) for i, h in enumerate(headers) if i > 0
        ]

    return refs.cache.get((refs.path("GSAGTAB"), keyword, "extensions"), make)


Limits = tuple[np.floating | float, np.floating | float]


def paint_regions(
    image: np.ndarray,
    regions: Regions,
    shift1: Limits = (0.0, 0.0),
    shift2: Limits = (0.0, 0.0),
    rows: tuple[int, int] | None = None,
    x_offset: int = 0,
    x_margin: float | None = None,
) -> None:
    """Set the bits of regions in an image of corrected positions, in place.

    Events of a region lie within its borders moved by the displacements that were removed from them, so the
    region grows by the range of displacements, and by the margin WIDEN. Specification 3, section 11.4.

    Parameters
    ----------
    image : ndarray of int16, shape (ny, nx)
    regions : Regions
    shift1, shift2 : (float, float)
        Least and largest displacement in and across the dispersion, pixels.
    rows : (int, int), optional
        First row, and row behind the last, that may be painted.
    x_offset : int
        Image column of detector column 0.
    x_margin : float, optional
        In the dispersion direction, instead of WIDEN.
    """
    x_margin = regions.widen if x_margin is None else x_margin
    first, end = rows or (0, image.shape[0])
    paint(
        image,
        _pixels(regions.lx - shift1[1] - x_margin) + x_offset,
        _pixels(regions.ux - shift1[0] + x_margin) + x_offset,
        _pixels(regions.ly - shift2[1] - regions.widen),
        _pixels(regions.uy - shift2[0] + regions.widen),
        regions.dq,
        first,
        end,
    )


def _pixels(position: np.ndarray) -> np.ndarray:
    pixels: np.ndarray = np.rint(position).astype(np.int64)
    return pixels
