"""Keywords of the extraction: in the spectrum, back in events and images, and for archive searches.

Specification 5, section 5.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.spectrum import Spectrum
from recos.messages import get_logger, warn
from recos.products.archive_keywords import header_value, write_plate_scale
from recos.products.headers import image_header
from recos.references import References

logger = get_logger(__name__)

#: Keywords of the location of spectrum and background, without ``_A`` or ``_B``.
LOCATION_KEYWORDS = (
    "SP_LOC", "SP_OFF", "SP_ERR", "SP_NOM", "SP_SLP", "SP_HGT", "B_BKG1", "B_BKG2", "B_HGT1", "B_HGT2",
)  # fmt: skip
_UNSET = -999.0

_WCS_NUMBERED = ("CTYPE", "CRVAL", "CRPIX", "CDELT", "CUNIT")
_WCS_KEYWORDS = (
    *(f"{root}{axis}" for root in _WCS_NUMBERED for axis in (1, 2, 3)),
    "WCSAXES", "PV1_0", "PV1_1", "PV1_2", "PV1_6", "CD1_1", "CD1_2", "CD2_1", "CD2_2",
    "PC1_1", "PC1_2", "PC2_1", "PC2_2", "PC3_1", "PC3_2",
)  # fmt: skip
_IMAGE_KEYWORDS = ("BSCALE", "BZERO", "BUNIT", "DATAMIN", "DATAMAX")


def spectrum_header(events: fits.Header) -> fits.Header:
    """The SCI header of an x1d table: that of the images without what belongs to images only."""
    header = image_header(events)
    header.insert(0, ("EXTVER", 1, "extension version number"))
    for keyword in _IMAGE_KEYWORDS:
        header.remove(keyword, ignore_missing=True)
    for alternate in ("", "A", "B", "C"):
        for keyword in _WCS_KEYWORDS:
            header.remove(keyword + alternate, ignore_missing=True)
    return header


def write_location(
    header: fits.Header, letter: str, keywords: Mapping[str, Any], corrections: frozenset[str] = frozenset()
) -> None:
    """Write the location of one spectrum (:data:`LOCATION_KEYWORDS`) into an x1d header.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Changed in place.
    letter : str
        Of the segment or stripe.
    keywords : mapping
    corrections : frozenset of str
        Named corrections that are switched on.
    """
    for root, value in keywords.items():
        header[f"{root}_{letter}"] = header_value(value)
    # QUIRK (specification 5, section 5.8.1): the error of the other segment is reset.
    if "search-error" not in corrections:
        header["SP_ERR_" + ("B" if letter == "A" else "A")] = _UNSET


@dataclass(frozen=True, slots=True)
class CopiedKeywords:
    """Keywords of the extraction that other products of the exposure show.

    Attributes
    ----------
    events : dict
        For the EVENTS header of the corrtag: those of the segment itself.
    images : dict
        For the SCI headers of counts and flt: those of both FUV segments or all stripes, -999 where unknown.
    """

    events: dict[str, Any]
    images: dict[str, Any]


def copied_keywords(spectrum: Spectrum) -> CopiedKeywords:
    """What the corrtag, counts and flt files of one exposure repeat from its spectra; section 5.8.2.

    FUV: those of both segments; NUV: those of the stripes, without the error of the position.
    """
    if not spectrum.n_rows:
        return CopiedKeywords({}, {})
    letters = {str(segment)[-1] for segment in spectrum["SEGMENT"]}
    is_fuv = str(spectrum["SEGMENT"][0]).startswith("FUV")
    images = {
        f"{root}_{letter}": spectrum.header.get(f"{root}_{letter}", _UNSET)
        for letter in ("AB" if is_fuv else "ABC")
        for root in LOCATION_KEYWORDS
        if is_fuv or root != "SP_ERR"
    }
    events = {keyword: value for keyword, value in images.items() if keyword[-1] in letters}
    return CopiedKeywords(events, images)


# ---------------------------------------------------------------------------------------------- archive


def write_archive_keywords(spectrum: Spectrum, refs: References) -> None:
    """Write plate scale, resolving power and range of wavelengths into the primary header; section 5.8.4.

    Raises
    ------
    MissingRowError
        If SPWCSTAB has no row for the mode.
    """
    segment = str(spectrum["SEGMENT"][0]) if spectrum.n_rows else str(spectrum.primary.get("SEGMENT", ""))
    write_plate_scale(spectrum.primary, segment, refs)
    if spectrum.n_rows:
        write_wavelength_range(spectrum)


def write_wavelength_range(spectrum: Spectrum, warn_of_bad: bool = True) -> None:
    """Write MINWAVE, MAXWAVE, BANDWID and CENTRWV of the pixels of positive weight."""
    wavelength, weight = spectrum["WAVELENGTH"], spectrum["DQ_WGT"]
    shortest, longest = wavelength[0, -1], wavelength[0, 0]
    for i, segment in enumerate(spectrum["SEGMENT"]):
        good = weight[i] > 0.0
        if not good.any():
            if warn_of_bad:
                warn(logger, f"DQ_WGT is all 0 for '{segment}'")
            good[:] = True
        shortest = min(shortest, wavelength[i, good].min())
        longest = max(longest, wavelength[i, good].max())
    spectrum.primary["MINWAVE"] = float(shortest)
    spectrum.primary["MAXWAVE"] = float(longest)
    spectrum.primary["BANDWID"] = float(longest - shortest)
    spectrum.primary["CENTRWV"] = float((longest + shortest) / 2.0)


# ---------------------------------------------------------------------------------------------- statistics


def write_statistics(spectrum: Spectrum) -> None:
    """Write NGOODPIX, GOODMEAN and GOODMAX of the net counts if STATFLAG is true; section 5.9.

    Raises
    ------
    KeyError
        If the header has no SDQFLAGS.
    """
    if not spectrum.n_rows or spectrum.primary.get("STATFLAG") is not True:
        return
    sdqflags = int(spectrum.header["SDQFLAGS"])
    goods = [
        # big-endian as in the file: the rounding of the mean depends on it
        net[(dq & sdqflags) == 0].astype(">f4")
        for net, dq in zip(spectrum["NET"], spectrum["DQ"], strict=True)
    ]
    goods = [good for good in goods if len(good)]
    total = sum(len(good) for good in goods)
    mean = maximum = np.float32(0.0)
    if goods:
        mean = (
            sum((good.mean() * len(good) for good in goods), mean) / total
            if len(goods) > 1
            else goods[0].mean()
        )
        maximum = max(good.max() for good in goods)
    if spectrum.n_rows > 1:
        # QUIRK (specification 5, section 5.9): of several rows the maximum is never negative.
        maximum = max(maximum, np.float32(0.0))
    exptime = float(spectrum["EXPTIME"].mean())
    spectrum.header["NGOODPIX"] = total
    spectrum.header["GOODMEAN"] = exptime * float(mean)
    spectrum.header["GOODMAX"] = exptime * float(maximum)
