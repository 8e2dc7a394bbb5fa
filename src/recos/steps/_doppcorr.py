"""DOPPCORR: remove the Doppler shift of the orbital motion of HST. Specification 3, section 5."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import APERTURES, FUV_SHAPE, NUV_SHAPE, SECONDS_PER_DAY, SPEED_OF_LIGHT
from recos.errors import InputError, MissingRowError
from recos.io.read import ExposureHeaders
from recos.kernels.positions import doppler_shift, label_rows
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.bands import doppler_boundary, sky_aperture, spectrum_bands
from recos.references.dispersion import Dispersion, coefficient_table
from recos.references.need import Need
from recos.steps._active_area import active_events
from recos.steps.step import DONE_AGAIN, spectroscopic, step

logger = get_logger(__name__)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    home = "BOA" if mode.aperture == "BOA" and mode.is_fuv else "PSA"
    aperture = "PSA" if mode.aperture == "N/A" else mode.aperture
    for spectrum in mode.spectra:
        yield Need("XTRACTAB", "DOPPCORR", mode.row_filter(home, spectrum))
        yield Need("XTRACTAB", "DOPPCORR", mode.row_filter("WCA", spectrum))
        if mode.obsmode == "TIME-TAG":
            row = mode.row_filter(aperture, spectrum)
            yield Need("DISPTAB", "DOPPCORR", row, {"fpoffset": mode.fpoffset})


@step(
    "DOPPCORR", values=DONE_AGAIN, when=spectroscopic, files=("XTRACTAB", "DISPTAB", "BRFTAB"), needs=_needs
)
def doppcorr(exposure: Exposure, refs: References) -> None:
    """Shift events from the sky along the dispersion by the motion of HST: XDOPP from XCORR.

    Only events of the active area below the lamp spectrum (FUV), or in the external stripes (NUV), are
    shifted. Without a wavelength calibration XFULL follows.

    Raises
    ------
    MissingRowError
        If DISPTAB has no row for the mode.
    InputError
        If ORBITPER is 0.
    """
    refs.announce("XTRACTAB", "DISPTAB", *(("BRFTAB",) if exposure.mode.is_fuv else ()))
    events, mode = exposure.events, exposure.mode
    aperture = mode.aperture
    if aperture not in APERTURES:
        warn(logger, f"Aperture {aperture} temporarily set to PSA for computing Doppler correction.")
        aperture = "PSA"
    if _keyword(exposure, "ORBITPER") == 0.0:
        raise InputError(
            f"{exposure.path}: ORBITPER = 0; without the orbital period the motion of HST is not known. Correct the "
            "keyword, or set DOPPCORR to OMIT."
        )
    relations = [_dispersion(exposure, refs, aperture, segment) for segment in mode.spectra]
    coefficients = coefficient_table(relations)
    doppler_shift(
        events.xcorr,
        events.time,
        label_rows(events.ycorr, _sky_edges(exposure, refs), active_events(exposure, refs)),
        coefficients,
        coefficients[:, 1:] * np.arange(1, coefficients.shape[1]),
        np.array([r.delta for r in relations]) - _fp_displacement(exposure, refs),
        (mode.expstart - _keyword(exposure, "DOPPZERO")) * SECONDS_PER_DAY,
        _keyword(exposure, "ORBITPER"),
        _keyword(exposure, "DOPPMAGV") / SPEED_OF_LIGHT,
        events.xdopp,
    )
    if exposure.performs("WAVECORR", "OMIT") and not exposure.is_corrtag:
        events.xfull[:] = events.xdopp


def _sky_edges(exposure: Exposure, refs: References) -> np.ndarray:
    """Limits of the rows of the external spectra."""
    mode = exposure.mode
    if mode.is_fuv:
        return np.array([-math.inf, doppler_boundary(refs, mode)])
    bands = spectrum_bands(refs, mode, sky_aperture(exposure))
    return np.array(bands.edges[: len(mode.spectra) + 1], np.float64)


def doppler_range(exposure: Exposure, refs: References) -> tuple[float, float]:
    """Least and largest Doppler shift during the exposure, in pixels, float64; (0, 0) if none is corrected.

    QUIRK (specification 3, section 5.1): sampled each second for EXPTIME, from EXPSTART, gaps or not, for CENWAVE in
    the middle of the detector. With the correction ``doppler-range`` from the first to the last good time, for the
    wavelength that moves most.

    Raises
    ------
    MissingRowError
        If DISPTAB has no row for the mode.
    """
    if not exposure.performs("DOPPCORR", "PERFORM", "COMPLETE"):
        return 0.0, 0.0
    mode = exposure.mode
    if mode.obsmode == "ACCUM":
        magnitude, zero, period = (_keyword(exposure, k) for k in ("DOPMAGT", "DOPZEROT", "ORBTPERT"))
    else:
        magnitude = _magnitude(exposure, refs)
        zero, period = _keyword(exposure, "DOPPZERO"), _keyword(exposure, "ORBITPER")
    first, last = 0.0, exposure.exptime
    if "doppler-range" in exposure.corrections and len(exposure.gti):
        first, last = float(exposure.gti.intervals[0][0]), float(exposure.gti.intervals[-1][1])
    seconds = first + np.arange(max(round(last - first), 1), dtype=np.float64)
    seconds += (mode.expstart - zero) * SECONDS_PER_DAY
    shift = magnitude * np.sin(2.0 * math.pi * seconds / period)
    return shift.min(), shift.max()


def _magnitude(exposure: Exposure, refs: References) -> float:
    """Largest Doppler shift of TIME-TAG data, pixels in the middle of the detector (of stripe B)."""
    mode = exposure.mode
    if "doppler-range" in exposure.corrections:
        return _keyword(exposure, "DOPPMAGV") / SPEED_OF_LIGHT * _largest_shift(exposure, refs)
    relation = _dispersion(exposure, refs, mode.aperture, mode.segment if mode.is_fuv else "NUVB")
    width = (FUV_SHAPE if mode.is_fuv else NUV_SHAPE)[1]
    per_pixel = float(relation.dispersion(width / 2.0))
    if per_pixel <= 0.0:
        return 0.0
    return _keyword(exposure, "DOPPMAGV") / SPEED_OF_LIGHT * (mode.cenwave / per_pixel)


def _largest_shift(exposure: Exposure, refs: References) -> float:
    """Pixels by which a velocity in units of that of light shifts a spectrum at most, in the active area."""
    mode = exposure.mode
    ends = refs.active_area(mode.segment)[2:] if mode.is_fuv else (0, NUV_SHAPE[1] - 1)
    relations = [_dispersion(exposure, refs, mode.aperture, segment) for segment in mode.spectra]
    return max(float(r.wavelength(x) / r.dispersion(x)) for r in relations for x in ends)


def _keyword(exposure: Exposure, keyword: str) -> float:
    return float(exposure.header.get(keyword, -1.0))


def _dispersion(exposure: Exposure, refs: References, aperture: str, segment: str) -> Dispersion:
    mode = exposure.mode
    criteria = mode.row_filter(aperture, segment)
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
    return float(exposure.mode.fpoffset * row["STEPSIZE"])
