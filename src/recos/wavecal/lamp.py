"""What LAMPTAB and WCPTAB say about a mode. Specification 4, sections 4.1, 4.2 and 8.2."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from recos.data.mode import Mode
from recos.errors import MissingRowError
from recos.references import Dispersion, References, ReferenceTable, Row


class SearchParameters(NamedTuple):
    """Parameters of the search for lamp lines, from WCPTAB."""

    half_range: int
    """Largest trial displacement from the centre of the search, pixels."""
    centre: float
    """Displacement at the centre of the search, pixels."""
    threshold: float
    """Largest (and inverse of the smallest) reduced chi-square that is accepted."""
    cross_range: int
    """Half-width of the cross-dispersion search, pixels."""
    box: int
    """Width of the boxcar that smooths the cross-dispersion profile, pixels."""
    max_time_difference: float
    """Days within which a wavecal of another FPOFFSET may be used."""
    corrections: frozenset[str] = frozenset()
    """Named corrections that are switched on."""


def search_parameters(
    refs: References, opt_elem: str, fpoffset: int, corrections: frozenset[str] = frozenset()
) -> SearchParameters:
    """Search parameters of a grating, from WCPTAB, and the corrections with which to search.

    Raises
    ------
    MissingRowError
        If WCPTAB has no row for the grating.
    """
    row = refs.wcptab.row(opt_elem=opt_elem)
    centre = float(row["SEARCH_OFFSET"]) if "SEARCH_OFFSET" in row else 0.0
    if "FP_PIXEL_SHIFT" not in refs.lamptab:
        centre += fpoffset * float(row["STEPSIZE"])
    return SearchParameters(
        half_range=int(row["XC_RANGE"]),
        centre=centre,
        threshold=float(row["N_SIGMA"]) if "N_SIGMA" in row else 15.0,
        cross_range=int(row["XD_RANGE"]),
        box=int(row["BOX"]),
        max_time_difference=float(row["MAX_TIME_DIFF"]),
        corrections=corrections,
    )


class Template(NamedTuple):
    """Template lamp spectrum of one segment or stripe, and FPOFFSET."""

    spectrum: np.ndarray
    """Counts, one per pixel, in the dtype of the table."""
    fp_pixel_shift: float
    """Displacement from the template of FPOFFSET = 0, pixels."""

    def embedded(self, mode: Mode) -> Template:
        """The template at its place among the columns of the images, which may be wider than the detector."""
        n = mode.image_shape[1]
        if mode.x_offset == 0 and len(self.spectrum) == n:
            return self
        spectrum = np.zeros(n, self.spectrum.dtype)
        spectrum[mode.x_offset : mode.x_offset + len(self.spectrum)] = self.spectrum
        return self._replace(spectrum=spectrum)


def find_template(refs: References, mode: Mode, segment: str) -> Template:
    """Template of the mode and FPOFFSET of an exposure.

    Raises
    ------
    MissingRowError
        If LAMPTAB has none.
    """
    criteria = _criteria(mode, segment)
    if "FPOFFSET" in refs.lamptab:
        criteria["fpoffset"] = mode.fpoffset
    row = required_row(refs.lamptab, **criteria)
    return Template(row["INTENSITY"], _fp_pixel_shift(row))


def default_shift(refs: References, mode: Mode, segment: str) -> float:
    """Displacement to be expected without a measurement: that of the FPOFFSET, pixels; 0 if not tabulated."""
    if "FP_PIXEL_SHIFT" not in refs.lamptab:
        return 0.0
    row = refs.lamptab.find(**_criteria(mode, segment), fpoffset=mode.fpoffset)
    return 0.0 if row is None else _fp_pixel_shift(row)


def has_lines(refs: References, mode: Mode, segment: str) -> bool:
    """Whether the lamp shows usable lines in a segment.

    Raises
    ------
    MissingRowError
        If LAMPTAB has a column HAS_LINES but no row for the mode.
    """
    if "HAS_LINES" not in refs.lamptab:
        return not (mode.opt_elem == "G140L" and segment == "FUVB")
    return bool(required_row(refs.lamptab, **_criteria(mode, segment))["HAS_LINES"])


def fp_shifts(refs: References, mode: Mode, segment: str) -> dict[tuple[str, int], float]:
    """Displacement of every FPOFFSET of a segment, pixels, by (segment, FPOFFSET)."""
    table = refs.lamptab
    if "FPOFFSET" in table and "FP_PIXEL_SHIFT" in table:
        rows = table.rows(**_criteria(mode, segment))
        return {(segment, int(row["FPOFFSET"])): _fp_pixel_shift(row) for row in rows}
    step = float(refs.wcptab.row(opt_elem=mode.opt_elem)["STEPSIZE"])
    return {(segment, i): float(i * step) for i in (-2, -1, 0, 1)}


def extraction_row(refs: References, mode: Mode, segment: str) -> Row:
    """Row of XTRACTAB for the lamp spectrum of a segment.

    Raises
    ------
    MissingRowError
        If there is none.
    """
    return required_row(refs.xtractab, **_criteria(mode, segment), aperture="WCA")


def dispersion(refs: References, mode: Mode, segment: str) -> Dispersion:
    """Dispersion relation of the lamp spectrum of a segment or stripe.

    Raises
    ------
    MissingRowError
        If DISPTAB has none.
    """
    criteria = mode.row_filter("WCA", segment)
    found = refs.dispersion(mode.fpoffset, **criteria)
    if found is None:
        raise MissingRowError(
            f"{refs.path('DISPTAB')} (DISPTAB): no row for "
            + ", ".join(f"{key.upper()} = {value}" for key, value in criteria.items())
            + f", FPOFFSET = {mode.fpoffset}. Use a DISPTAB that covers this mode."
        )
    return found


def background_heights(row: Row) -> tuple[int, int]:
    """Heights of the two background regions of an XTRACTAB row, pixels."""
    if "B_HGT1" in row:
        return int(row["B_HGT1"]), int(row["B_HGT2"])
    return int(row["BHEIGHT"]), int(row["BHEIGHT"])


def required_row(table: ReferenceTable, **criteria: Any) -> Row:
    """The first row that satisfies the criteria, which several may do.

    Raises
    ------
    MissingRowError
        If there is none.
    """
    row = table.find(**criteria)
    return table.row(**criteria) if row is None else row


def _criteria(mode: Mode, segment: str) -> dict[str, Any]:
    return {"segment": segment, "opt_elem": mode.opt_elem, "cenwave": mode.cenwave}


def _fp_pixel_shift(row: Row) -> float:
    return float(row["FP_PIXEL_SHIFT"]) if "FP_PIXEL_SHIFT" in row else 0.0
