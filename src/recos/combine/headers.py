"""Headers of combined spectra. Specification 5, sections 5.12 and 5.13.6."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.headers import copy_header
from recos.data.overrides import merge_notes
from recos.errors import InputError
from recos.extract import Spectrum

_MJD_ZERO = 2400000.5
_SHIFT_KEYWORDS = tuple(root + letter for root in ("SHIFT1", "SHIFT2", "DPIXEL1") for letter in "ABC")
#: Keyword with all values, keyword of one value, and whether that is deleted even if there is only one.
_LISTS = (("MFPPOS", "FPPOS", True), ("MFPOFSET", "FPOFFSET", True), ("MCENWAVE", "CENWAVE", False))


def mark_as_product(header: fits.Header, filename: str) -> None:
    """Change ASN_MTYP from EXP to PROD if a file has the name of a product: its root ends in ``0``.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Of the first extension; changed in place.
    filename : str
        Such as ``ldfd01010_x1dsum.fits`` or ``ldfd01010_x1d_a.fits``.
    """
    stem = filename.removesuffix("_a.fits").removesuffix("_b.fits")
    root = stem.rpartition("_")[0]
    member_type = str(header.get("ASN_MTYP", ""))
    if root.endswith("0") and member_type.startswith(("EXP-", "EXP_")):
        header["ASN_MTYP"] = "PROD" + member_type.removeprefix("EXP")


def combined_primary(spectra: Sequence[Spectrum]) -> fits.Header:
    """The primary header: that of the first spectrum, with lists of what differs.

    The range of wavelengths is not yet that of the sum.
    """
    primary = copy_header(spectra[0].primary)
    for plural, keyword, always_deleted in _LISTS:
        values = list(dict.fromkeys(_require(s.primary, keyword, s) for s in spectra))
        primary.set(plural, ", ".join(str(value) for value in values), after=keyword)
        if always_deleted or len(values) > 1:
            del primary[keyword]
    for keyword in ("SEGMENT", "WAVECALS"):
        primary.remove(keyword, ignore_missing=True)
    merge_notes(primary, [s.primary for s in spectra[1:]])
    return primary


def combined_header(spectra: Sequence[Spectrum], as_sum: bool = False) -> fits.Header:
    """The SCI header: that of the first spectrum, with the times and rates of all; ASN_MTYP not yet.

    Parameters
    ----------
    spectra : sequence of Spectrum
    as_sum : bool
        A single spectrum gets the keywords of a sum, too.
    """
    header = copy_header(spectra[0].header)
    for keyword in _SHIFT_KEYWORDS:
        header.remove(keyword, ignore_missing=True)
    if as_sum or len(spectra) > 1:
        _exposure_times(header, spectra)
        _count_rates(header, spectra)
    return header


def _exposure_times(header: fits.Header, spectra: Sequence[Spectrum]) -> None:
    filled = [s for s in spectra if s.n_rows]
    if _is_fuv(spectra[0]):
        for letter in "AB":
            header["EXPTIME" + letter] = sum(
                (
                    s.header.get("EXPTIME" + letter, s.header["EXPTIME"])
                    for s in filled
                    if "FUV" + letter in s["SEGMENT"]
                ),
                0.0,
            )
        header["EXPTIME"] = max(header["EXPTIMEA"], header["EXPTIMEB"])
    else:
        header["EXPTIME"] = sum((s.header["EXPTIME"] for s in filled), 0.0)
    header["EXPSTART"] = min(_require(s.header, "EXPSTART", s) for s in spectra)
    header["EXPEND"] = max(_require(s.header, "EXPEND", s) for s in spectra)
    header["EXPSTRTJ"] = header["EXPSTART"] + _MJD_ZERO
    header["EXPENDJ"] = header["EXPEND"] + _MJD_ZERO
    header["PLANTIME"] = sum(_require(s.header, "PLANTIME", s) for s in spectra)


def _count_rates(header: fits.Header, spectra: Sequence[Spectrum]) -> None:
    keywords = {"FUVA": "GLOBRT_A", "FUVB": "GLOBRT_B"} if _is_fuv(spectra[0]) else {"NUVA": "GLOBRATE"}
    for segment, keyword in keywords.items():
        total = weight = 0.0
        for s in spectra:
            rate = s.header.get(keyword, -1.0)
            if rate < 0.0 or segment not in s["SEGMENT"]:
                continue
            exptime = float(s["EXPTIME"][list(s["SEGMENT"]).index(segment)])
            total += rate * exptime
            weight += exptime
        if weight > 0.0:
            header[keyword] = float(np.round(total / weight, 4))  # NumPy rounds ties otherwise than Python


def _is_fuv(spectrum: Spectrum) -> bool:
    return spectrum.primary.get("DETECTOR") == "FUV"


def _require(header: fits.Header, keyword: str, spectrum: Spectrum) -> Any:
    if keyword not in header:
        name = spectrum.primary.get("FILENAME", "a spectrum")
        raise InputError(
            f"{name}: the keyword {keyword} is missing, without which spectra cannot be combined."
        )
    return header[keyword]
