"""Weight of each pixel by the flat field under the spectrum. Specification 5, section 5.13.3."""

from __future__ import annotations

import numpy as np

from recos.combine.inputs import InputSpectrum
from recos.data.instrument import SECONDS_PER_DAY, SPEED_OF_LIGHT
from recos.errors import InputError
from recos.messages import get_logger, warn
from recos.references import References

logger = get_logger(__name__)

_ROWS = 15
"""Rows of the flat field that are averaged."""
_HALF_STEP = 50
"""Half the pixels over which the dispersion at the middle of the spectrum is measured."""


def flat_weight(spectrum: InputSpectrum, refs: References) -> np.ndarray | None:
    """Mean flat field along the spectrum as the detector saw it, smeared by the Doppler motion.

    Parameters
    ----------
    spectrum : InputSpectrum
    refs : References
        For FLATFILE, of which only the rows under the spectrum are read.

    Returns
    -------
    ndarray of float64, shape (pixels,), or None
        One where the flat field does not reach; None if no flat field was applied or it is too wide.
    """
    primary, header = spectrum.primary, spectrum.header
    if primary.get("FLATCORR") not in ("COMPLETE", "PERFORM"):
        return None
    image, flat_header = refs.flat_field(spectrum.segment)
    shift1 = shift2 = 0.0
    if str(primary.get("EXPTYPE", "")).startswith("EXTERNAL"):
        shift1, shift2 = (
            spectrum.require("SHIFT1" + spectrum.letter),
            spectrum.require("SHIFT2" + spectrum.letter),
        )
    location = spectrum.require("SP_LOC_" + spectrum.letter)
    row = location - _ROWS // 2 + shift2 - flat_header.get("ORIGIN_Y", 0)
    profile = _mean_rows(image, round(row))
    if len(profile) > spectrum.n_pixels:
        warn(
            logger,
            f"Flat field is wider than data array, {len(profile)} vs {spectrum.n_pixels};",
            "flat will not be included in weight.",
        )
        return None
    x_offset = header.get("X_OFFSET", 0)
    weight = _place(
        profile, round(flat_header.get("ORIGIN_X", 0) - round(shift1) + x_offset), spectrum.n_pixels
    )
    return _smear(spectrum, weight)


def _mean_rows(image: np.ndarray, low: int) -> np.ndarray:
    """Mean of 15 rows from row `low` on; of all rows if that is outside the flat field."""
    n_rows = image.shape[0]
    high = low + _ROWS
    rows = slice(max(low, 0), min(high, n_rows))
    if high < 0 or low >= n_rows:
        warn(logger, "Target is outside range of flat field")
        rows = slice(0, n_rows)
    elif rows.stop <= rows.start:
        logger.error("Height of flat field slice is 0")
        rows = slice(0, n_rows)
    return np.asarray(image[rows]).mean(axis=0, dtype=np.float64)


def _place(profile: np.ndarray, offset: int, n: int) -> np.ndarray:
    """The flat field at its place in an array of ones."""
    weight = np.ones(n)
    first, last = max(offset, 0), min(offset + len(profile), n)
    if last - first < len(profile):
        logger.debug("The flat field is cut at the edge of the spectrum.")
    if last > first:
        weight[first:last] = profile[first - offset : last - offset]
    return weight


# ---------------------------------------------------------------------------------------------- Doppler


def _smear(spectrum: InputSpectrum, weight: np.ndarray) -> np.ndarray:
    """The weight averaged over the positions that the Doppler correction gave to each detector pixel."""
    magnitude, zero, period = _doppler(spectrum)
    start, stop = spectrum.require("EXPSTART"), spectrum.require("EXPEND")
    n_seconds = round((stop - start) * SECONDS_PER_DAY)
    if magnitude <= 0.0 or n_seconds <= 0:
        return weight
    reach = int(np.ceil(magnitude + 1.0))
    time = np.arange(n_seconds) + (start - zero) * SECONDS_PER_DAY
    displacement = np.rint(-magnitude * np.sin(2.0 * np.pi * time / period)).astype(np.int64)
    seconds = np.bincount(displacement + reach, minlength=2 * reach + 1)
    kernel = seconds / n_seconds
    n = len(weight)
    smeared = np.ones(n)
    if n > 2 * reach:
        smeared[reach : n - reach] = np.convolve(weight, kernel, "valid")
    return smeared


def _doppler(spectrum: InputSpectrum) -> tuple[float, float, float]:
    """Magnitude (pixels), time of zero velocity (MJD) and period (s) of the Doppler motion."""
    primary, header = spectrum.primary, spectrum.header
    if primary.get("DOPPCORR") in ("OMIT", "SKIPPED"):
        return 0.0, 0.0, 1.0
    if str(primary.get("OBSMODE")) != "TIME-TAG":
        return spectrum.require("DOPMAGT"), spectrum.require("DOPZEROT"), spectrum.require("ORBTPERT")
    wavelength, n = spectrum.wavelength, spectrum.n_pixels
    middle = n // 2 if spectrum.segment.startswith("FUV") else header.get("X_OFFSET", 0) + 512
    if middle - _HALF_STEP <= 0 or middle + _HALF_STEP >= n:
        raise InputError(f"The spectrum of {spectrum.segment} is too short for a Doppler shift ({n} pixels).")
    dispersion = (wavelength[middle + _HALF_STEP] - wavelength[middle - _HALF_STEP]) / (2 * _HALF_STEP)
    magnitude = spectrum.require("DOPPMAGV") / SPEED_OF_LIGHT * wavelength[middle] / dispersion
    return float(magnitude), spectrum.require("DOPPZERO"), spectrum.require("ORBITPER")
