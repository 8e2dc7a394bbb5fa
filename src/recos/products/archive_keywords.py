"""Keywords by which the archive is searched. Specification 5, section 5.8.4."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.instrument import SEGMENTS, STRIPES
from recos.references import References


def header_value(value: Any) -> Any:
    """A number as it goes into a header: float32 in its shortest decimal representation."""
    if isinstance(value, np.float32):
        return float(str(value))
    return value.item() if isinstance(value, np.generic) else value


def write_plate_scale(primary: fits.Header, segment: str, refs: References) -> None:
    """Write PLATESC (arcsec/pixel) and SPECRES of the mode into a primary header; without SPWCSTAB nothing.

    Parameters
    ----------
    primary : astropy.io.fits.Header
        Of an x1d or lampflash product; changed in place.
    segment : str
        That of the first row, or what the header says; NUV data count as NUVA, anything else as FUVA.
    refs : References

    Raises
    ------
    MissingRowError
        If SPWCSTAB has no row for the mode.
    """
    if "SPWCSTAB" not in refs:
        return
    aperture = str(primary["APERTURE"]).strip()
    row = refs.spwcstab.row(
        opt_elem=primary["OPT_ELEM"],
        cenwave=primary["CENWAVE"],
        segment=_known_segment(segment, primary),
        aperture=aperture if aperture in ("PSA", "BOA") else "PSA",
    )
    scale = row["CDELT2"] * 3600.0
    if primary.get("DETECTOR") == "NUV":
        scale = (scale + row["CDELT3"] * 3600.0) / 2.0
    primary["PLATESC"] = header_value(scale)
    primary["SPECRES"] = header_value(row["SPECRES"])


def _known_segment(segment: str, primary: fits.Header) -> str:
    if segment in (*SEGMENTS, *STRIPES):
        return segment
    return "NUVA" if primary.get("DETECTOR") == "NUV" else "FUVA"
