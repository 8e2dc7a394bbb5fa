"""Whether the regions that a user wants for an extraction are possible and sensible, before anything is done.

COS Data Handbook, section 3.6.3: background regions should overlap neither the spectrum nor the lamp spectrum (WCA),
nor lie where the spectra of another lifetime position left the detector gain-sagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from recos.data.instrument import FUV_SHAPE, NUV_SHAPE
from recos.data.mode import Mode
from recos.errors import UsageError
from recos.extract.inputs import BackgroundBoxes
from recos.extract.region_tables import (
    ChangedRow,
    aligns,
    changed_rows,
    check_algorithm,
    check_location,
    tailor_references,
)
from recos.io.read import ExposureHeaders
from recos.messages import get_logger, warn
from recos.options.regions import Tailoring
from recos.references import ReferenceCache, References
from recos.references.regions import NO_EXTENSION, nearest_gsag

logger = get_logger(__name__)

_TOLERATED_HOLES = 0.01
"""Part of a background region that may be gain-sagged without a warning."""
_GEOMETRY = ("HEIGHT", "B_SPEC", "B_BKG1", "B_BKG2", "BHEIGHT")


class Region(NamedTuple):
    """Rows of a region in the middle column of the detector, both ends included."""

    name: str
    first: float
    last: float

    def overlaps(self, other: Region) -> bool:
        """Whether the regions have rows in common."""
        return self.first <= other.last and other.first <= self.last


def check_tailoring(files: Sequence[ExposureHeaders], tailoring: Tailoring, cache: ReferenceCache) -> None:
    """Check that exposures can be extracted as a user wants; warn of regions that overlap now.

    Parameters
    ----------
    files : sequence of ExposureHeaders
        Their reference files have been checked.
    tailoring : Tailoring
    cache : ReferenceCache

    Raises
    ------
    UsageError
        If a region leaves the detector, or a value does not fit into a table.
    """
    concerned = [h for h in files if _is_extracted(h)]
    if not concerned:
        warn(logger, "No spectrum is extracted, so that height, center and the like have no effect.")
    warnings: dict[str, None] = {}
    for headers in concerned:
        refs = References.from_header(headers.primary, cache)
        changes = list(changed_rows(refs, tailoring, headers.mode, headers.primary))
        tailored, _ = tailor_references(refs, tailoring, headers.mode, headers.primary)
        for change in changes:
            offset = (change.choice.offset or 0.0) if aligns(headers.primary) else 0.0
            _check_inside(change, headers.mode, offset)
            if any(column in change.cells for column in _GEOMETRY):
                _check_profile(change, headers.mode, refs)
                new = tailored.table(change.keyword).row(**headers.mode.row_filter(segment=change.segment))
                old = set(_overlaps(change.row, headers.mode, change.segment, refs))
                found = (
                    text for text in _overlaps(new, headers.mode, change.segment, tailored) if text not in old
                )
                warnings |= dict.fromkeys(found)
                warnings |= dict.fromkeys(_aged(change.row, new, headers, change.segment, refs))
    for text in warnings:
        warn(logger, text)


def check_choices(
    files: Iterable[ExposureHeaders], tailoring: Tailoring, corrections: frozenset[str]
) -> None:
    """Check what can be checked without reference files.

    Parameters
    ----------
    files : iterable of ExposureHeaders
    tailoring : Tailoring
    corrections : frozenset of str
        Those that the user switched on.

    Raises
    ------
    UsageError
        If there are more values than spectra.
    InputError
        If a choice does not apply to the extraction algorithm of an exposure.
    """
    for headers in files:
        if _is_extracted(headers):
            tailoring.check_number(headers.mode.is_fuv)
            for segment in headers.mode.spectra:
                choice, name = tailoring.of(segment), str(headers.path)
                check_algorithm(choice, headers.mode, headers.primary, name)
                check_location(choice, headers.mode, corrections, name)


def _is_extracted(headers: ExposureHeaders) -> bool:
    mode, switches = headers.mode, headers.switches
    asked = "PERFORM" in (switches["X1DCORR"], switches["ALGNCORR"])
    return asked and mode.is_spectroscopic and not mode.is_wavecal and bool(headers.n_events)


def _check_inside(change: ChangedRow, mode: Mode, offset: float) -> None:
    """Regions must not leave the detector; `offset` is that of the spectrum in ALGNCORR."""
    row = {**change.row, **change.cells}
    rows, columns = FUV_SHAPE if mode.is_fuv else NUV_SHAPE
    tilt = _slope(row) * columns
    regions = []
    if offset or change.cells.keys() & {"HEIGHT", "B_SPEC"}:
        regions.append(("extraction box", float(row["B_SPEC"]) + offset, row["HEIGHT"]))
    if change.cells.keys() & {"B_BKG1", "B_BKG2", "BHEIGHT"}:
        boxes = BackgroundBoxes.from_row(row)
        regions += [("background region", c, h) for c, h in zip(boxes.centres, boxes.heights, strict=True)]
    for name, centre, height in regions:
        low = min(float(centre), float(centre) + tilt) - int(height) // 2
        high = max(float(centre), float(centre) + tilt) + (int(height) - 1) // 2
        if low < 0 or high > rows - 1:
            raise UsageError(
                f"The {name} of {change.segment}, {int(height)} rows about row {centre:g}, reaches from row "
                f"{low:.1f} to {high:.1f}, outside the detector, rows 0 to {rows - 1}. Give other values."
            )


def _check_profile(change: ChangedRow, mode: Mode, refs: References) -> None:
    """The reference profile of TWOZONE must have rows enough."""
    if change.keyword != "TWOZXTAB" or "HEIGHT" not in change.cells:
        return
    row = refs.proftab.row(**mode.row_filter(segment=change.segment))
    n_rows = row["PROFILE"].size // FUV_SHAPE[1]
    centre = round(float(row["CENTER"]) - float(row["ROW_0"]))
    most = 2 * min(centre, n_rows - 1 - centre) + 1
    if change.cells["HEIGHT"] > most:
        raise UsageError(
            f"height = {change.cells['HEIGHT']} of {change.segment}: the reference profile in PROFTAB has {n_rows} "
            f"rows; with its centre in row {centre}, HEIGHT can be {most} at most."
        )


def _slope(row: Mapping[str, Any]) -> float:
    return float(row["SLOPE"]) if "SLOPE" in row else 0.0


def _background(row: Mapping[str, Any], segment: str, middle: int) -> Iterator[Region]:
    boxes = BackgroundBoxes.from_row(row)
    for number, (centre, height) in enumerate(zip(boxes.centres, boxes.heights, strict=True), 1):
        yield _region(f"Background region {number} of {segment}", centre, height, _slope(row), middle)


def _overlaps(row: Mapping[str, Any], mode: Mode, segment: str, refs: References) -> Iterator[str]:
    """What background regions overlap with, as warnings."""
    middle = (FUV_SHAPE if mode.is_fuv else NUV_SHAPE)[1] // 2
    others = [_spectrum("its own spectrum", row, middle), *_other_spectra(mode, segment, refs, middle)]
    for region in _background(row, segment, middle):
        for other in others:
            if region.overlaps(other):
                yield (
                    f"{region.name}, rows {region.first:.0f} to {region.last:.0f}, overlaps {other.name}, "
                    f"rows {other.first:.0f} to {other.last:.0f}."
                )


def _aged(
    old: Mapping[str, Any], new: Mapping[str, Any], headers: ExposureHeaders, segment: str, refs: References
) -> Iterator[str]:
    """Background regions that are now where spectra, of other lifetime positions above all, aged the detector."""
    holes = _holes(headers, segment, refs)
    middle = FUV_SHAPE[1] // 2
    for before, region in zip(*(_background(row, segment, middle) for row in (old, new)), strict=True):
        share = _covered(region, holes)
        if share > max(_covered(before, holes), _TOLERATED_HOLES):
            yield (
                f"{region.name}, rows {region.first:.0f} to {region.last:.0f}: {100.0 * share:.0f} % of it is "
                "gain-sagged (GSAGTAB). Spectra of another lifetime position probably fell there."
            )


def _holes(headers: ExposureHeaders, segment: str, refs: References) -> np.ndarray:
    """Gain-sagged rectangles at the time and the high voltage of an exposure: LX, LY, DX, DY."""
    mode = headers.mode
    if mode.is_fuv and "GSAGTAB" in refs and headers.switches["DQICORR"] != "OMIT":
        level = headers.header.get(f"HVLEVEL{mode.letter}")
        extension = nearest_gsag(segment, None if level is None else int(level), refs)[1]
        if extension != NO_EXTENSION:
            table = refs.table("GSAGTAB", extension)
            since = table.column("DATE") <= mode.expstart
            return np.stack([table.column(name)[since] for name in ("LX", "LY", "DX", "DY")], axis=1)
    return np.zeros((0, 4), int)


def _covered(region: Region, holes: np.ndarray) -> float:
    """Which part of a region rectangles cover."""
    first, end = round(region.first), round(region.last) + 1
    covered = np.zeros((end - first, FUV_SHAPE[1]), bool)
    for lx, ly, dx, dy in holes:
        covered[max(ly - first, 0) : max(ly + dy - first, 0), max(lx, 0) : max(lx + dx, 0)] = True
    return float(covered.mean())


def _other_spectra(mode: Mode, segment: str, refs: References, middle: int) -> Iterator[Region]:
    """Spectra of the other apertures, and of the other stripes (NUV)."""
    table = refs.table("XTRACTAB")
    for row in table.rows(opt_elem=mode.opt_elem, cenwave=mode.cenwave):
        where = str(row["SEGMENT"]), str(row["APERTURE"])
        if where[0] in (segment, *mode.spectra) and where != (segment, mode.aperture):
            name = f"the spectrum of {where[1]}"
            yield _spectrum(name if where[0] == segment else f"{name} in {where[0]}", row, middle)


def _spectrum(name: str, row: Mapping[str, Any], middle: int) -> Region:
    return _region(name, row["B_SPEC"], row["HEIGHT"], _slope(row), middle)


def _region(name: str, centre: Any, height: Any, slope: float, middle: int) -> Region:
    row = float(centre) + slope * middle
    return Region(name, row - int(height) // 2, row + (int(height) - 1) // 2)
