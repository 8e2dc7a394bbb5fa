"""Header keywords of raw and corrtag files that the calibration takes for numbers.

They are checked when the headers are read, before anything is calibrated. Specification 1, section 6.
"""

from __future__ import annotations

import re
from pathlib import Path

from astropy.io import fits

from recos.errors import InputError

_LARGEST = 1e10
"""Larger than any number of COS headers."""
_IN_PRIMARY = re.compile("CENWAVE|FPOFFSET|FPPOS|LIFE_ADJ|RANDSEED|RA_TARG|DEC_TARG|DEVENT[AB]|MEVENTS")
_IN_EXTENSION = re.compile(
    "EXPSTART|EXPEND|EXPTIME[AB]?|PLANTIME|RA_APER|DEC_APER|PA_APER|DISPAXIS|SDQFLAGS|SDQOUTER|SNR_FF|"
    "NUMFLASH|NSUBARRY|CORNER[0-9]+[XY]|SIZE[0-9]+[XY]|DOPPMAGV|DOPMAGT|DOPPZERO|DOPZEROT|ORBITPER|ORBTPERT|"
    "NEVENTS[AB]?|STIMRATE|DEVENT[AB]|MEVENTS|HVLEVEL[AB]?|STIM[AB][0_][LR][XY]|PHALOWR[AB]|PHAUPPR[AB]|NPHA_[AB]|"
    "X_OFFSET|SHIFT[12][ABC]|DPIXEL1[ABC]|SP_SET_[AB]|SP_LOC_[ABC]|SP_OFF_[ABC]|SP_ERR_[ABC]|V_HELIO|EXTVER"
)


def check_numbers(primary: fits.Header, header: fits.Header, path: str | Path) -> None:
    """Check that keywords hold numbers of possible size where the calibration needs numbers.

    Parameters
    ----------
    primary, header : astropy.io.fits.Header
        Of the primary HDU and of the first extension with data.
    path : str or Path
        For the message.

    Raises
    ------
    InputError
        That lists all that do not.
    """
    bad = [
        f"{key} = {found[key]!r}" if isinstance(found[key], str) else f"{key} = {found[key]}"
        for found, pattern in ((primary, _IN_PRIMARY), (header, _IN_EXTENSION))
        for key in found
        if pattern.fullmatch(key) and not _is_number(found[key])
    ]
    if bad:
        raise InputError(
            f"{path}: {', '.join(bad)} in the header; expected a number. Correct the keyword, or retrieve the file "
            "again."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
