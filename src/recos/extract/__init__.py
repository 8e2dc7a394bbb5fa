"""Extraction of spectra: BOXCAR and TWOZONE, flux, keywords, concatenation of the FUV segments.

Specification 5, sections 5.1 to 5.10.
"""

from recos.data.spectrum import COLUMNS, Spectrum
from recos.extract.concat import concatenate, finish
from recos.extract.exposure import extract_exposure
from recos.extract.keywords import CopiedKeywords, copied_keywords
from recos.extract.wavelengths import update_wavecal_wavelengths

__all__ = [
    "COLUMNS",
    "CopiedKeywords",
    "Spectrum",
    "concatenate",
    "copied_keywords",
    "extract_exposure",
    "finish",
    "update_wavecal_wavelengths",
]
