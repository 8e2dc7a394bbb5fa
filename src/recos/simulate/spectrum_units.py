"""Units of spectra that users bring: parsed, and converted to Angstrom and erg/s/cm2/Angstrom."""

from __future__ import annotations

import re
import warnings

import numpy as np
from astropy import units as u

from recos.errors import InputError

FLUX_UNIT = u.erg / u.s / u.cm**2 / u.AA

_WORDS = {
    "A": "Angstrom",  # never ampere
    "angstroms": "Angstrom",
    "ergs": "erg",
    "sec": "s",
    "photons": "photon",
    "jy": "Jy",
    "hz": "Hz",
    "nanometers": "nm",
    "microns": "um",
    "flam": "erg/s/cm2/Angstrom",
    "fnu": "erg/s/cm2/Hz",
    "photlam": "photon/s/cm2/Angstrom",
    "photnu": "photon/s/cm2/Hz",
}
"""Words for units in the files of HST (CALSPEC, synphot) and of people, which astropy does not know."""
_WAVELENGTHS = "Angstrom, nm, um, Hz, eV"
_FLUXES = "erg/s/cm2/Angstrom, W/m2/um, Jy, photon/s/cm2/Angstrom"


def parse_unit(text: str) -> u.UnitBase | None:
    """The unit that a text means; None if that is not known.

    Parameters
    ----------
    text : str
        E.g. ``Angstrom``, ``ANGSTROMS``, ``erg /s /cm**2 /angstrom``, ``FLAM``.
    """
    word = re.sub(r"[A-Za-z]+", lambda m: _WORDS.get(m[0], _WORDS.get(m[0].lower(), m[0])), text.strip())
    for spelling in (word, word.lower()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", u.UnitsWarning)
            try:
                unit = u.Unit(spelling)
            except (ValueError, TypeError):
                continue
        if isinstance(unit, u.UnitBase):
            return unit
    return None


def is_wavelength(unit: u.UnitBase | None) -> bool:
    """Whether a unit is one of wavelength, frequency or photon energy."""
    return unit is not None and unit.is_equivalent(u.AA, u.spectral())


def is_flux(unit: u.UnitBase | None) -> bool:
    """Whether a unit is one of flux per wavelength or frequency, in energy or photons."""
    return unit is not None and unit.is_equivalent(FLUX_UNIT, u.spectral_density(1500.0 * u.AA))


def to_angstrom(values: np.ndarray, unit: u.UnitBase, what: str) -> np.ndarray:
    """Wavelengths in Angstrom, float64.

    Raises
    ------
    InputError
        If `unit` is no unit of wavelength; `what` names the file and the column.
    """
    if not is_wavelength(unit):
        raise InputError(
            f"{what} has the unit {_name(unit)}, which is no unit of wavelength. Possible: {_WAVELENGTHS}, …"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.asarray(values, np.float64) * unit).to_value(u.AA, u.spectral())


def to_flux_density(values: np.ndarray, unit: u.UnitBase, wavelength: np.ndarray, what: str) -> np.ndarray:
    """Fluxes in erg/s/cm2/Angstrom, float64.

    Parameters
    ----------
    wavelength : ndarray
        Angstrom, of each value.

    Raises
    ------
    InputError
        If `unit` is no unit of flux per wavelength or frequency; `what` names the file and the column.
    """
    if not is_flux(unit):
        raise InputError(
            f"{what} has the unit {_name(unit)}, which is no unit of flux per wavelength or frequency. "
            f"Possible: {_FLUXES}, …"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.asarray(values, np.float64) * unit).to_value(
            FLUX_UNIT, u.spectral_density(wavelength * u.AA)
        )


def _name(unit: u.UnitBase) -> str:
    return f"'{unit}'" if str(unit) else "1 (a pure number)"
