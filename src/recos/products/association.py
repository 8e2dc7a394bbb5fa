"""Book-keeping of an association at the end: its table and its support file.

Specification 1, sections 15.4 and 15.5.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.errors import InputError
from recos.products.fitsfile import AtomicFile
from recos.reading import open_fits

logger = logging.getLogger(__name__)

_COMMENTS = (
    "Please ignore this file, which is a copy of an input spt file.",
    "This file is used by the archive to obtain certain keywords.",
)


def update_table(table: Path, target: Path, has_product: bool, overwrite: bool = False) -> Path:
    """Mark the product of an association as present.

    Parameters
    ----------
    table : Path
        The association table.
    target : Path
        Where the updated table goes: `table` itself, or a copy.
    has_product : bool
        Members of the product were calibrated; if not, the copy says the same as the original.
    overwrite : bool
        Replace an existing copy.

    Raises
    ------
    OutputError, OutputExistsError
        If the target cannot be written.
    """
    with open_fits(table) as hdus:
        hdus.readall()
        if has_product:
            logger.debug("updateMempresent")
            hdus[0].header["ASN_PROD"] = True
            rows = hdus[1].data
            products = np.flatnonzero(["PROD" in str(kind).upper() for kind in rows["MEMTYPE"]])
            rows["MEMPRSNT"][products[:1]] = True
        _write(hdus, target, overwrite or target == table)
    return target


def write_support_file(spt: Path, target: Path, memtype: str, overwrite: bool = False) -> Path:
    """Copy a support file for the archive, under the name of the product.

    Parameters
    ----------
    spt : Path
        Support file of an exposure.
    target : Path
        ``<product>_jnk.fits``.
    memtype : str
        MEMTYPE of the product.
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    InputError
        If the support file is unreadable.
    OutputError, OutputExistsError
        If the copy cannot be written.
    """
    logger.debug("copy %s to %s", spt, target)
    product = target.name.removesuffix("_jnk.fits")
    with open_fits(spt) as hdus:
        try:
            hdus.readall()
            copies = fits.HDUList([hdu.copy() for hdu in hdus])
            groups = hdus[0].header.cards["GROUPS"] if "GROUPS" in hdus[0].header else None
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"{spt}: the support file is damaged ({error}). Retrieve or remove it."
            ) from None
    primary = copies[0].header
    if groups is not None:
        # astropy drops it from copies
        primary.set(*groups, after="EXTEND")
    primary["FILENAME"] = target.name
    primary["ROOTNAME"] = product
    primary["OBSET_ID"] = product[4:6]
    primary["OBSERVTN"] = product[-3:].upper()
    primary["ASN_MTYP"] = memtype
    for comment in _COMMENTS:
        primary.add_comment(comment)
    for hdu in copies[1:]:
        hdu.header["ROOTNAME"] = product
    _write(copies, target, overwrite)
    return target


def _write(hdus: fits.HDUList, target: Path, overwrite: bool) -> None:
    buffer = io.BytesIO()
    hdus.writeto(buffer, output_verify="silentfix+ignore")
    with AtomicFile(target, overwrite) as file:
        file.write(0, buffer.getvalue())
