"""World coordinates of spectra: wavelength, and angle across it. Specification 3, section 17."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from astropy.io import fits

from recos.data.instrument import SPEED_OF_LIGHT

X_COLUMN, Y_COLUMN = 7, 8
"""XFULL and YFULL among the columns of the corrtag table."""
_COLUMNS = (X_COLUMN, Y_COLUMN)
_ROOTS = ("TCTYP", "TCRPX", "TCRVL", "TCDLT", "TCUNI")
_ALTERNATE_ROOTS = ("TCTY", "TCRP", "TCRV", "TCDE", "TCUN")
_COLUMN_KEYWORDS = (
    *(f"{root}{i}" for root in _ROOTS for i in _COLUMNS),
    *(f"TPC{i}_{j}" for i in _COLUMNS for j in _COLUMNS),
    *(f"TPV{X_COLUMN}_{m}" for m in (0, 1, 2, 6)),
)
_COLUMN_ALTERNATES = tuple(f"{root}{i}" for root in _ALTERNATE_ROOTS for i in _COLUMNS)


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


def write_image_wcs(header: fits.Header, descriptions: Mapping[str, SpectralWCS]) -> None:
    """Write the world coordinates into the SCI header of a counts or flt file, in place.

    Keywords of the raw coordinates go; present ones are changed where they stand, new ones follow at the end,
    WCSAXES stands before all other coordinates.

    Parameters
    ----------
    header : astropy.io.fits.Header
    descriptions : mapping of str to SpectralWCS
        By their letter in keywords, which is empty for the first one.
    """
    stale = ["TALEN2", "TALEN3", "CUNIT2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"]
    for alternate in descriptions:
        stale += [name + alternate.lower() for name in _COLUMN_KEYWORDS]
        stale += [name + alternate.lower() for name in _COLUMN_ALTERNATES] if alternate else []
    _remove(header, stale)
    position = header.index("GCOUNT") + 1 if "GCOUNT" in header else 0
    for number, (alternate, wcs) in enumerate(descriptions.items()):
        if "WCSAXES" + alternate in header:
            header["WCSAXES" + alternate] = 3
        else:
            header.insert(position + number, ("WCSAXES" + alternate, 3))
        _write(header, {keyword + alternate: value for keyword, value in _image_values(wcs).items()})


def _image_values(wcs: SpectralWCS) -> dict[str, float | str]:
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
    return values | {"CUNIT1": "angstrom"} | {f"PV1_{m}": value for m, value in wcs.grism.items()}


def write_corrtag_wcs(
    header: fits.Header, descriptions: Mapping[str, SpectralWCS], x_origin: int, y_origin: int
) -> None:
    """Write the world coordinates of XFULL and YFULL into the EVENTS header of a corrtag file, in place.

    Parameters
    ----------
    header, descriptions
        As for :func:`write_image_wcs`.
    x_origin, y_origin : int
        What reference pixels of the image exceed those of the columns by.
    """
    _remove(header, [f"{root}{i}" for root in ("TCTYP", "TCRVL", "TCDLT", "TCRPX", "TCUNI") for i in (2, 3)])
    _remove(header, ["TC2_2", "TC2_3", "TC3_2", "TC3_3"])
    for alternate, wcs in descriptions.items():
        pixel = (wcs.crpix[0] - x_origin, wcs.crpix[1] - y_origin)
        _write(header, _column_values(replace(wcs, crpix=pixel), alternate.lower()))


def _column_values(wcs: SpectralWCS, a: str) -> dict[str, float | str]:
    """Keywords of the columns; those of an alternate description have shorter roots."""
    x, y = X_COLUMN, Y_COLUMN
    ctype, crpix, crval, cdelt, cunit = _ALTERNATE_ROOTS if a else _ROOTS
    values: dict[str, float | str] = {f"{ctype}{x}{a}": wcs.ctype, f"{ctype}{y}{a}": "ANGLE"}
    values |= {f"{crpix}{x}{a}": wcs.crpix[0], f"{crpix}{y}{a}": wcs.crpix[1]}
    values |= {f"{crval}{x}{a}": wcs.wavelength, f"{crval}{y}{a}": 0.0}
    matrix = {f"TPC{x}_{x}": 1.0, f"TPC{x}_{y}": 0.0, f"TPC{y}_{x}": 0.0, f"TPC{y}_{y}": 1.0}
    values |= {keyword + a: value for keyword, value in matrix.items()}
    values |= {f"{cdelt}{x}{a}": wcs.cdelt[0], f"{cdelt}{y}{a}": wcs.cdelt[2]}
    values |= {f"{cunit}{x}{a}": "angstrom", f"{cunit}{y}{a}": "deg"}
    return values | {f"TPV{x}_{m}{a}": value for m, value in wcs.grism.items()}


def _remove(header: fits.Header, keywords: list[str]) -> None:
    for keyword in keywords:
        header.remove(keyword, ignore_missing=True, remove_all=True)


def _write(header: fits.Header, values: Mapping[str, Any]) -> None:
    for keyword, value in values.items():
        if keyword in header:
            header[keyword] = value
        else:
            header.append((keyword, value), end=True)
