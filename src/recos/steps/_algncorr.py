"""ALGNCORR: align the spectrum with the reference profile. Specification 3, section 10.3."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.images import Images
from recos.data.instrument import DQ, EVENT_REJECTION, FUV_SHAPE
from recos.errors import MissingRowError
from recos.io.read import ExposureHeaders
from recos.kernels.dq import count_bad
from recos.kernels.positions import add_offset, bin_events
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.references.tables import Row
from recos.steps._dqicorr import dq_flags
from recos.steps.airglow import MULTIPLETS, airglow_limits
from recos.steps.centroid import (
    ITERATIONS,
    LARGEST_MOVE,
    Found,
    Layout,
    Rows,
    Sums,
    centroid_error,
    find_centroid,
    reference_centroid,
)
from recos.steps.science_events import science_events
from recos.steps.step import step

logger = get_logger(__name__)

_WAVELENGTH_LIMITS = (900.0, 2100.0)
"""Angstrom: light outside is not used for the centroid."""
_NOT_SET = -990.0
_GOOD_COLUMNS = 100
"""A row with fewer good pixels lies outside the usable detector."""
_UNDEFINED = -999.0


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    yield Need("XTRACTAB", "TRCECORR and ALGNCORR", mode.row_filter("WCA"))
    yield Need("PROFTAB", "ALGNCORR", mode.row_filter())
    yield Need("XTRACTAB" if mode.xtrctalg == "BOXCAR" else "TWOZXTAB", "ALGNCORR", mode.row_filter())
    yield Need("DISPTAB", "ALGNCORR", mode.row_filter(), {"fpoffset": 0})


@step("ALGNCORR", files=("PROFTAB", "XTRACTAB", "TWOZXTAB", "DISPTAB"), needs=_needs)
def algncorr(exposure: Exposure, refs: References, context: Context) -> str | None:
    """Shift YFULL of the science events so that the centroid of the spectrum is that of PROFTAB.

    The TWOZONE extraction needs it. SP_SET, if given, is used instead of the measured offset. Where the
    centroid cannot be trusted, the nominal position of the spectrum counts as its centroid, and ALGNCORR
    becomes SKIPPED. Writes SP_LOC, SP_ERR, SP_OFF.

    Raises
    ------
    MissingRowError, ReferenceFileError
        If TWOZXTAB (BOXCAR: XTRACTAB) or PROFTAB has no row for the mode, or lacks a column.
    """
    refs.announce("PROFTAB")
    logger.info("Calculating centroid")
    geometry = _geometry(exposure, refs)
    profile = refs.proftab.row(**exposure.mode.row_filter())
    dq = dq_flags(exposure, refs, context.workspace)
    exposure.dq_image = dq  # its memory is used again by DQICORR
    logger.info("Starting center = %f", geometry.start)
    field = _Field(exposure, dq, _masked_columns(exposure, refs), geometry)
    found, error = _measure(field, geometry)
    logger.info("Using profile reference file %s", refs.path("PROFTAB"))
    reference = reference_centroid(
        profile["PROFILE"],
        int(profile["ROW_0"]),
        float(profile["CENTER"]),
        found.layout,
        weighted="profile-background" in exposure.corrections,
    )
    offset, outcome = _choose_offset(exposure, found, reference, geometry.start)
    add_offset(exposure.events.yfull, science_events(exposure, refs), offset)
    _write_keywords(exposure, reference, error, offset)
    return outcome


@dataclass(frozen=True, slots=True)
class _Geometry:
    """Where spectrum and background are expected: position, displacements from it, heights."""

    start: float
    below: int
    above: int
    half_height: int
    half_background: int
    largest_error: float

    def rows(self, centre: float) -> tuple[Rows, Rows, Rows]:
        """Spectrum, lower and upper background about a centre."""
        k, h, b = round(centre), self.half_height, self.half_background
        return (
            Rows(k - h, k + h),
            Rows(k + self.below - b, k + self.below + b),
            Rows(k + self.above - b, k + self.above + b),
        )


def _geometry(exposure: Exposure, refs: References) -> _Geometry:
    row: Row = refs.extraction_row(exposure.mode.xtrctalg, **exposure.mode.row_filter())
    b_spec = float(row["B_SPEC"])
    slope = float(row["SLOPE"]) if "SLOPE" in row else 0.0
    return _Geometry(
        start=b_spec + slope * FUV_SHAPE[1] / 2,
        below=round(float(row["B_BKG1"]) - b_spec),
        above=round(float(row["B_BKG2"]) - b_spec),
        half_height=int(row["HEIGHT"]) // 2,
        half_background=int(row["BHEIGHT"]) // 2,
        largest_error=float(row["YERRMAX"]),
    )


def _masked_columns(exposure: Exposure, refs: References) -> np.ndarray:
    """Columns of airglow lines, and those outside the range of useful wavelengths; bool, shape (nx,)."""
    masked = np.zeros(FUV_SHAPE[1], bool)
    for multiplet in MULTIPLETS:
        limits = airglow_limits(exposure.mode, refs, multiplet)
        if limits is not None:
            # QUIRK (specification 3, section 10.3): a negative first column counts from the right end; harmless,
            # because such a line lies outside the active area, whose columns do not count
            masked[int(limits[0]) : int(limits[1] + 1)] = True
    criteria = exposure.mode.row_filter()
    relation = refs.dispersion(0, **criteria)
    if relation is None:
        raise MissingRowError(
            f"{refs.path('DISPTAB')} (DISPTAB): no row for {criteria}; use another DISPTAB."
        )
    first, last = (relation.pixel(wavelength) for wavelength in _WAVELENGTH_LIMITS)
    for name, wavelength, column in zip(("Lower", "Upper"), _WAVELENGTH_LIMITS, (first, last), strict=True):
        if not math.isnan(column):
            logger.info("%s wavelength limit of %f corresponds to column %d", name, wavelength, column)
    if first >= 0:
        masked[: int(first + 1)] = True
    if last <= len(masked):
        masked[int(last) :] = True
    return masked


class _Field:
    """The part of the detector image that centroids need: rows about the spectrum and its background."""

    def __init__(self, exposure: Exposure, dq: np.ndarray, masked: np.ndarray, geometry: _Geometry) -> None:
        self._dq, self._masked, self._geometry = dq, masked, geometry
        serious = int(exposure.header.get("SDQFLAGS", exposure.mode.sdqflags)) | int(DQ.LOW_RESPONSE)
        # gain-sag holes do not spoil a column
        self._serious = np.int16(serious & ~int(DQ.GAIN_SAG_HOLE))
        self._good_rows = _good_rows(dq, masked, serious)
        rows = geometry.rows(geometry.start)
        margin = math.ceil(ITERATIONS * LARGEST_MOVE)
        self._first = max(min(r.start for r in rows) - margin, 0)
        part = slice(self._first, max(min(max(r.stop for r in rows) + margin + 1, len(dq)), self._first))
        # the memory is used again for the images of the products
        exposure.images = Images(np.zeros(dq.shape, np.float32), np.zeros(dq.shape, np.float32), dq, 0.0)
        self._counts, self._effective = exposure.images.counts[part], exposure.images.effective[part]
        e = exposure.events
        bin_events(
            e.xfull,
            e.yfull,
            e.epsilon,
            e.dq,
            EVENT_REJECTION,
            0.0,
            self._first,
            self._counts,
            self._effective,
        )

    def lay_out(self, centre: float) -> Layout:
        """Rows and good columns for a position of the spectrum."""
        spectrum, below, above = self._geometry.rows(centre)
        below = Rows(max(below.start, self._good_rows.start), below.stop)
        above = Rows(above.start, min(above.stop, self._good_rows.stop))
        flags = np.zeros(self._dq.shape[1], np.int16)
        for rows in (spectrum, below, above):
            part = self._dq[max(rows.start, 0) : max(rows.stop + 1, 0)]
            if len(part):
                flags |= np.bitwise_or.reduce(part, axis=0)
        return Layout(centre, spectrum, below, above, ((flags & self._serious) == 0) & ~self._masked)

    def effective(self, columns: np.ndarray) -> Sums:
        """Sums of weights."""
        return Sums(self._effective, columns, self._first)

    def counts(self, columns: np.ndarray) -> Sums:
        """Sums of numbers of events."""
        return Sums(self._counts, columns, self._first)


def _good_rows(dq: np.ndarray, masked: np.ndarray, serious: int) -> Rows:
    """First and last row with enough good pixels; no row at all if there is none."""
    ny, nx = dq.shape

    def is_good(j: int) -> bool:
        return bool(count_bad(dq[j], masked, serious) < nx - _GOOD_COLUMNS)

    first = next((j for j in range(ny) if is_good(j)), None)
    if first is None:
        return Rows(ny, -1)
    return Rows(first, next(j for j in range(ny - 1, -1, -1) if is_good(j)))


def _measure(field: _Field, geometry: _Geometry) -> tuple[Found, float | None]:
    """Centroid of the spectrum and its error; an error that is too large makes the status so."""
    found = find_centroid(geometry.start, field.lay_out, field.effective)
    error = centroid_error(field.counts(found.layout.columns), found.layout)
    if error is not None and error > geometry.largest_error:
        warn(logger, f"Error on flux-weighted centroid > {geometry.largest_error:f}")
        found = Found(found.value, found.layout, "error too large")
    return found, error


def _choose_offset(
    exposure: Exposure, found: Found, reference: float, start: float
) -> tuple[float, str | None]:
    """Offset to add to YFULL, and the value of the switch."""
    user = float(exposure.header.get("SP_SET_" + exposure.mode.letter, _UNDEFINED))
    if user >= _NOT_SET:
        logger.info("Using user-supplied offset of %f", -user)
        return -user, "USER-SUPPLIED"
    if found.status == "converged":
        offset = reference - found.value
        logger.info("Using calculated offset of %f", offset)
        return offset, None
    offset = reference - start
    logger.info("Using offset of %+f calculated using", offset)
    logger.info("initial reference file aperture center")
    return offset, "SKIPPED"


def _write_keywords(exposure: Exposure, reference: float, error: float | None, offset: float) -> None:
    header, letter = exposure.header, exposure.mode.letter
    other = "B" if letter == "A" else "A"
    header["SP_LOC_" + letter] = reference
    header["SP_ERR_" + letter] = _UNDEFINED if error is None else error
    if "SP_ERR_" + other not in header:
        header["SP_ERR_" + other] = _UNDEFINED
    header["SP_OFF_" + letter] = -offset
