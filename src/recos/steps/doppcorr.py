"""DOPPCORR: remove the Doppler shift of the orbital motion of HST. Specification 3, section 5."""

from __future__ import annotations

import logging
import math

import numpy as np

from recos.errors import MissingRowError
from recos.exposure import Exposure, step
from recos.instrument import APERTURES, SECONDS_PER_DAY, SPEED_OF_LIGHT
from recos.kernels.positions import doppler_shift
from recos.messages import warn
from recos.references import References
from recos.references.bands import doppler_boundary
from recos.references.dispersion import Dispersion
from recos.steps.active_area import active_events

logger = logging.getLogger(__name__)


@step("DOPPCORR")
def doppcorr(exposure: Exposure, refs: References) -> None:
    """Shift events from the sky along the dispersion by the motion of HST: XDOPP from XCORR.

    Only events of the active area below the lamp spectrum are shifted. Without a wavelength calibration XFULL
    follows.

    Raises
    ------
    MissingRowError
        If DISPTAB has no row for the mode.
    """
    refs.announce("XTRACTAB", "DISPTAB", "BRFTAB")
    events, mode = exposure.events, exposure.mode
    aperture = mode.aperture
    if aperture not in APERTURES:
        warn(logger, f"Aperture {aperture} temporarily set to PSA for computing Doppler correction.")
        aperture = "PSA"
    relation = _dispersion(exposure, refs, aperture)
    chosen = active_events(exposure, refs) & (events.ycorr < doppler_boundary(refs, mode))
    coefficients = np.array(relation.coefficients)
    doppler_shift(
        events.xcorr,
        events.time,
        chosen,
        coefficients,
        coefficients[1:] * np.arange(1, len(coefficients)),
        relation.delta - _fp_displacement(exposure, refs),
        (mode.expstart - _keyword(exposure, "DOPPZERO")) * SECONDS_PER_DAY,
        _keyword(exposure, "ORBITPER"),
        _keyword(exposure, "DOPPMAGV") / SPEED_OF_LIGHT,
        events.xdopp,
    )
    if exposure.performs("WAVECORR", "OMIT") and not exposure.is_corrtag:
        events.xfull[:] = events.xdopp


def doppler_range(exposure: Exposure, refs: References) -> tuple[float, float]:
    """Least and largest Doppler shift during the exposure, in pixels, float64; (0, 0) if none is corrected.

    QUIRK (specification 3, section 5.1): sampled each second for EXPTIME, from EXPSTART, gaps or not.

    Raises
    ------
    MissingRowError
        If DISPTAB has no row for the mode.
    """
    if not exposure.performs("DOPPCORR", "PERFORM", "COMPLETE"):
        return 0.0, 0.0
    mode = exposure.mode
    relation = _dispersion(exposure, refs, mode.aperture)
    width = mode.image_shape[1] - 2 * mode.x_offset
    per_pixel = float(relation.dispersion(width / 2.0))
    magnitude = 0.0
    if per_pixel > 0.0:
        magnitude = _keyword(exposure, "DOPPMAGV") / SPEED_OF_LIGHT * (mode.cenwave / per_pixel)
    seconds = np.arange(max(round(exposure.exptime), 1), dtype=np.float64)
    seconds += (mode.expstart - _keyword(exposure, "DOPPZERO")) * SECONDS_PER_DAY
    shift = magnitude * np.sin(2.0 * math.pi * seconds / _keyword(exposure, "ORBITPER"))
    return shift.min(), shift.max()


def _keyword(exposure: Exposure, keyword: str) -> float:
    return float(exposure.header.get(keyword, -1.0))


def _dispersion(exposure: Exposure, refs: References, aperture: str) -> Dispersion:
    mode = exposure.mode
    criteria = mode.row_filter(aperture)
    relation = refs.dispersion(mode.fpoffset, **criteria)
    if relation is None:
        raise MissingRowError(
            f"{refs.path('DISPTAB')} (DISPTAB): no row for FPOFFSET = {mode.fpoffset}, "
            + ", ".join(f"{k.upper()} = {v}" for k, v in criteria.items())
            + ". Use a DISPTAB that covers this mode."
        )
    return relation


def _fp_displacement(exposure: Exposure, refs: References) -> float:
    """Pixels by which FPOFFSET displaces the spectrum, if DISPTAB does not tell the FPOFFSETs apart."""
    if "FPOFFSET" in refs.disptab:
        return 0.0
    row = refs.wcptab.row(opt_elem=exposure.mode.opt_elem)
    return float(exposure.mode.fpoffset * int(row["STEPSIZE"]))
