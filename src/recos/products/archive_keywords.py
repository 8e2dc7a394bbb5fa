"""Keywords by which the archive is searched. Specification 5, section 5.8.4."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits

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
        That of the first row; anything but FUVA and FUVB counts as FUVA.
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
        segment=segment if segment in ("FUVA", "FUVB") else "FUVA",
        aperture=aperture if aperture in ("PSA", "BOA") else "PSA",
    )
    primary["PLATESC"] = header_value(row["CDELT2"] * 3600.0)
    primary["SPECRES"] = header_value(row["SPECRES"])
