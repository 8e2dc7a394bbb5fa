"""The kinds of reference files: keyword, FILETYPE, least version of the reference implementation they demand.

Specification 1, section 8.3. The columns are those that every calibration with the file reads.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of reference file."""

    keyword: str
    filetype: str
    minimum_version: str = "2.0"
    columns: str = ""
    """Names, with blanks in between."""
    arrays: str = ""
    """Those columns that hold an array in each row; all others hold one value."""


#: Columns of text; all others hold numbers.
TEXT_COLUMNS = ("SEGMENT", "OPT_ELEM", "APERTURE", "PEDIGREE", "DESCRIP", "COMMENT", "TYPE", "CTYPE1")


KINDS = {
    kind.keyword: kind
    for kind in (
        Kind("FLATFILE", "FLAT FIELD REFERENCE IMAGE"),
        Kind("HVTAB", "FUV HIGH VOLTAGE HISTORY"),
        Kind("XWLKFILE", "X WALK CORRECTION LOOKUP REFERENCE IMAGE", "3.1"),
        Kind("YWLKFILE", "Y WALK CORRECTION LOOKUP REFERENCE IMAGE", "3.1"),
        Kind("BPIXTAB", "DATA QUALITY INITIALIZATION TABLE", columns="LX LY DX DY DQ"),
        Kind("GSAGTAB", "GAIN SAG REFERENCE TABLE"),
        Kind("SPOTTAB", "TRANSIENT BAD PIXEL REFERENCE TABLE"),
        Kind(
            "BRFTAB",
            "BASELINE REFERENCE FRAME TABLE",
            columns="SX1 SY1 SX2 SY2 XWIDTH YWIDTH A_LEFT A_RIGHT A_LOW A_HIGH",
        ),
        Kind("GEOFILE", "GEOMETRIC DISTORTION REFERENCE IMAGE"),
        Kind("DGEOFILE", "DELTA GEOMETRIC CORRECTION REFERENCE IMAGE"),
        Kind(
            "TWOZXTAB",
            "TWO-ZONE SPECTRAL EXTRACTION PARAMETERS TABLE",
            columns="B_SPEC HEIGHT B_BKG1 B_BKG2 BHEIGHT BWIDTH",
        ),
        Kind("DEADTAB", "DEADTIME REFERENCE TABLE", columns="OBS_RATE LIVETIME"),
        Kind("PHAFILE", "PULSE HEIGHT THRESHOLD REFERENCE IMAGE"),
        Kind("PHATAB", "PULSE HEIGHT PARAMETERS REFERENCE TABLE", columns="LLT ULT"),
        Kind("BRSTTAB", "BURST PARAMETERS TABLE"),
        Kind("BADTTAB", "BAD TIME INTERVALS TABLE", columns="START STOP"),
        Kind("TRACETAB", "1D SPECTRAL TRACE TABLE", columns="TRACE", arrays="TRACE"),
        Kind(
            "XTRACTAB", "1-D EXTRACTION PARAMETERS TABLE", columns="B_SPEC SLOPE HEIGHT B_BKG1 B_BKG2 BWIDTH"
        ),
        Kind("LAMPTAB", "TEMPLATE CAL LAMP SPECTRA TABLE", columns="INTENSITY", arrays="INTENSITY"),
        Kind("DISPTAB", "DISPERSION RELATION REFERENCE TABLE", columns="NELEM COEFF", arrays="COEFF"),
        Kind(
            "FLUXTAB",
            "PHOTOMETRIC SENSITIVITY REFERENCE TABLE",
            columns="WAVELENGTH SENSITIVITY",
            arrays="WAVELENGTH SENSITIVITY",
        ),
        Kind("IMPHTTAB", "IMAGING PHOTOMETRIC TABLE"),
        Kind("PHOTTAB", "PHOTOMETRIC SENSITIVITY REFERENCE TABLE", arrays="WAVELENGTH SENSITIVITY"),
        Kind("SPWCSTAB", "SPECTROSCOPIC WCS PARAMETERS TABLE", columns="CDELT2 SPECRES"),
        Kind("WCPTAB", "WAVECAL PARAMETERS REFERENCE TABLE", columns="XC_RANGE XD_RANGE BOX MAX_TIME_DIFF"),
        Kind(
            "TDSTAB",
            "TIME DEPENDENT SENSITIVITY TABLE",
            columns="NT NWL TIME WAVELENGTH SLOPE INTERCEPT",
            arrays="TIME WAVELENGTH SLOPE INTERCEPT",
        ),
        Kind("PROFTAB", "2D SPECTRUM PROFILE TABLE", columns="PROFILE ROW_0 CENTER", arrays="PROFILE"),
        Kind(
            "HVDSTAB",
            "HV SENSITIVITY TABLE TO CORRECT EPSILON BASED ON EXPOSURE HV",
            "3.4",
            columns="INTERCEPT SLOPE ZEROPOINT",
        ),
    )
}
