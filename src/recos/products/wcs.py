"""World coordinates of spectra: wavelength, and angle across it. Specification 3, section 17."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from astropy.io import fits

from recos.instrument import SPEED_OF_LIGHT

X_COLUMN, Y_COLUMN = 7, 8
"""XFULL and YFULL among the columns of the corrtag table."""


@dataclass(frozen=True, slots=True)
class SpectralWCS:
    """World coordinates of one spectrum.

    Attributes
    ----------
    ctype : str
        Type of the spectral axis.
    crpix : (float, float)
        Reference pixel of the image, 1-indexed.
    wavelength : float
        At the reference pixel, Angstrom.
    cdelt : (float, float, float)
        Angstrom per pixel, and degrees per pixel for the two celestial axes.
    grism : dict
        Parameters of the grating by their number m (PV1_m).
    pointing : (float, float, float)
        RA_APER, DEC_APER and PA_APER, degrees.
    """

    ctype: str
    crpix: tuple[float, float]
    wavelength: float
    cdelt: tuple[float, float, float]
    grism: dict[int, float | int]
    pointing: tuple[float, float, float]


def spectral_wcs(
    spwcs: Mapping[str, Any],
    xtract: Mapping[str, Any],
    header: Mapping[str, Any],
    x_offset: int = 0,
    heliocentric: bool = True,
) -> SpectralWCS:
    """World coordinates from the reference tables.

    Parameters
    ----------
    spwcs, xtract : mapping
        Rows of SPWCSTAB and XTRACTAB for the mode.
    header : mapping
        EVENTS header: V_HELIO, RA_APER, DEC_APER, PA_APER; a missing one counts as 0.
    x_offset : int
        Image column of detector column 0.
    heliocentric : bool
        Refer the wavelength to the Sun (HELCORR).
    """
    velocity = float(header.get("V_HELIO", 0.0)) if heliocentric else 0.0
    across = xtract["B_SPEC"] + (spwcs["CRPIX1"] - 1) * xtract["SLOPE"] + 1
    ra, dec, pa = (float(header.get(key, 0.0)) for key in ("RA_APER", "DEC_APER", "PA_APER"))
    return SpectralWCS(
        ctype=str(spwcs["CTYPE1"]),
        crpix=(_decimal(spwcs["CRPIX1"] + x_offset), _decimal(across)),
        wavelength=_decimal(spwcs["CRVAL1"] + spwcs["CRVAL1"] * (-velocity) / SPEED_OF_LIGHT),
        cdelt=(_decimal(spwcs["CDELT1"]), _decimal(spwcs["CDELT2"]), _decimal(spwcs["CDELT3"])),
        grism={
            0: _decimal(spwcs["G"]),
            1: int(spwcs["SPORDER"]),
            2: _decimal(spwcs["ALPHA"]),
            6: _decimal(spwcs["THETA"]),
        },
        pointing=(ra, dec, pa),
    )


def _decimal(value: Any) -> float:
    """A number of a table; of a float32, the shortest decimal that stands for it."""
    return float(str(value))


def write_image_wcs(header: fits.Header, wcs: SpectralWCS) -> None:
    """Write the world coordinates into the SCI header of a counts or flt file, in place.

    Keywords of the raw coordinates go; present ones are changed where they stand, new ones follow at the end,
    WCSAXES stands before all other coordinates.
    """
    columns = (X_COLUMN, Y_COLUMN)
    stale = ["TALEN2", "TALEN3", "CUNIT2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"]
    stale += [f"{root}{i}" for root in ("TCTYP", "TCRPX", "TCRVL", "TCDLT", "TCUNI") for i in columns]
    stale += [f"TPC{i}_{j}" for i in columns for j in columns]
    stale += [f"TPV{X_COLUMN}_{m}" for m in wcs.grism]
    _remove(header, stale)
    if "WCSAXES" in header:
        header["WCSAXES"] = 3
    else:
        header.insert(header.index("GCOUNT") + 1 if "GCOUNT" in header else 0, ("WCSAXES", 3))
    ra, dec, pa = wcs.pointing
    angle = pa * math.pi / 180.0
    sin_pa, cos_pa = math.sin(angle), math.cos(angle)
    values: dict[str, float | str] = {"CTYPE1": wcs.ctype, "CTYPE2": "RA---TAN", "CTYPE3": "DEC--TAN"}
    values |= {"CRPIX1": wcs.crpix[0], "CRPIX2": wcs.crpix[1]}
    values |= {"CRVAL1": wcs.wavelength, "CRVAL2": ra, "CRVAL3": dec}
    values |= {
        "PC1_1": 1.0,
        "PC1_2": 0.0,
        "PC2_1": cos_pa,
        "PC2_2": -sin_pa,
        "PC3_1": sin_pa,
        "PC3_2": cos_pa,
    }
    values |= {f"CDELT{i}": value for i, value in enumerate(wcs.cdelt, 1)}
    values |= {"CUNIT1": "angstrom"} | {f"PV1_{m}": value for m, value in wcs.grism.items()}
    _write(header, values)


def write_corrtag_wcs(header: fits.Header, wcs: SpectralWCS) -> None:
    """Write the world coordinates of XFULL and YFULL into the EVENTS header of a corrtag file, in place.

    QUIRK (specification 3, section 17): the reference pixel counts from 1 in the image, although the columns
    count from 0 on the detector.
    """
    _remove(header, [f"{root}{i}" for root in ("TCTYP", "TCRVL", "TCDLT", "TCRPX", "TCUNI") for i in (2, 3)])
    _remove(header, ["TC2_2", "TC2_3", "TC3_2", "TC3_3"])
    x, y = X_COLUMN, Y_COLUMN
    values: dict[str, float | str] = {f"TCTYP{x}": wcs.ctype, f"TCTYP{y}": "ANGLE"}
    values |= {f"TCRPX{x}": wcs.crpix[0], f"TCRPX{y}": wcs.crpix[1]}
    values |= {f"TCRVL{x}": wcs.wavelength, f"TCRVL{y}": 0.0}
    values |= {f"TPC{x}_{x}": 1.0, f"TPC{x}_{y}": 0.0, f"TPC{y}_{x}": 0.0, f"TPC{y}_{y}": 1.0}
    values |= {f"TCDLT{x}": wcs.cdelt[0], f"TCDLT{y}": wcs.cdelt[2]}
    values |= {f"TCUNI{x}": "angstrom", f"TCUNI{y}": "deg"}
    values |= {f"TPV{x}_{m}": value for m, value in wcs.grism.items()}
    _write(header, values)


def _remove(header: fits.Header, keywords: list[str]) -> None:
    for keyword in keywords:
        header.remove(keyword, ignore_missing=True, remove_all=True)


def _write(header: fits.Header, values: Mapping[str, Any]) -> None:
    for keyword, value in values.items():
        if keyword in header:
            header[keyword] = value
        else:
            header.append((keyword, value), end=True)
