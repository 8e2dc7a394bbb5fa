"""PHOTCORR: photometric keywords of NUV images. Specification 2, section 6."""

from __future__ import annotations

from pathlib import Path

from astropy.io import fits

from recos.data.exposure import Exposure
from recos.data.instrument import MIRRORS
from recos.data.mode import Mode
from recos.errors import InputError
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps.step import imaging, nothing, step

logger = get_logger(__name__)

_ZERO_POINT = -21.1
#: PHOTFLAM, PHOTFNU, PHOTBW and PHOTPLAM. The reference has these numbers built in and does not open IMPHTTAB.
_PHOTOMETRY = {
    ("MIRRORA", "PSA"): (4.816554456084e-18, 8.64540709538e-30, 382.88, 2319.7),
    ("MIRRORA", "BOA"): (1.107251346369e-15, 1.90968620531e-27, 370.65, 2273.9),
    ("MIRRORB", "PSA"): (9.720215320058e-17, 1.48789056193e-28, 466.56, 2142.4),
    ("MIRRORB", "BOA"): (1.866877735677e-14, 2.68068135014e-26, 451.56, 2075.3),
}


@step("PHOTCORR", when=imaging, files=("IMPHTTAB",), needs=nothing)
def photcorr(exposure: Exposure, refs: References) -> None:
    """Write PHOTFLAM, PHOTFNU, PHOTBW, PHOTPLAM and PHOTZPT of the mirror and the aperture.

    Raises
    ------
    InputError
        If OPT_ELEM is no mirror of which the photometry is known.
    """
    write_photometry(exposure.header, exposure.mode, exposure.path)


def write_photometry(header: fits.Header, mode: Mode, path: str | Path) -> None:
    """Write the photometric keywords of a mode into the header of an image; comments stay.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Changed in place.
    mode : Mode
    path : str or Path
        The file, for messages.

    Raises
    ------
    InputError
        See :func:`photometry`.
    """
    for keyword, value in photometry(mode.opt_elem, mode.aperture, path).items():
        header[keyword] = value  # Header.update would drop the comment


def photometry(opt_elem: str, aperture: str, path: str | Path = "photometry") -> dict[str, float]:
    """Photometric keywords of an NUV imaging mode.

    Parameters
    ----------
    opt_elem : str
        MIRRORA or MIRRORB, any case.
    aperture : str
        PSA or BOA, any case; any other counts as PSA, with a warning.
    path : str or Path
        The file that says so, for messages.

    Returns
    -------
    dict of str to float
        PHOTFLAM (erg/s/cm2/Angstrom per count/s), PHOTFNU (erg/s/cm2/Hz per count/s), PHOTBW (rms bandwidth,
        Angstrom), PHOTPLAM (pivot wavelength, Angstrom) and PHOTZPT (zero point of ST magnitudes).

    Raises
    ------
    InputError
        If `opt_elem` is no mirror of which the photometry is known, such as those of the TA1 optics.

    Examples
    --------
    >>> photometry("MIRRORA", "PSA")["PHOTPLAM"]
    2319.7
    """
    mirror, opening = opt_elem.strip().upper(), aperture.strip().upper()
    if mirror not in MIRRORS:
        raise InputError(
            f"{path}: OPT_ELEM = {opt_elem!r}; photometry is known of {' and '.join(MIRRORS)} only. "
            "Set PHOTCORR to OMIT to calibrate the image without photometric keywords."
        )
    if (mirror, opening) not in _PHOTOMETRY:
        warn(logger, f"No photometry is known for APERTURE = {aperture};", "that of PSA is used instead.")
        opening = "PSA"
    flam, fnu, width, pivot = _PHOTOMETRY[mirror, opening]
    return {
        "PHOTFLAM": flam,
        "PHOTFNU": fnu,
        "PHOTBW": width,
        "PHOTPLAM": pivot,
        "PHOTZPT": _ZERO_POINT,
    }
