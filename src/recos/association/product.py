"""Book-keeping of an association at the end: its table and its support file.

Specification 1, sections 15.4 and 15.5.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.io.fits import open_fits
from recos.io.fitsfile import AtomicFile
from recos.messages import get_logger

logger = get_logger(__name__)

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


class SupportFile(NamedTuple):
    """A support file in memory."""

    hdus: fits.HDUList
    groups: fits.Card | None
    """The card GROUPS, which astropy drops from copies."""


def read_support_file(spt: Path) -> SupportFile:
    """Read the support file of an exposure.

    Raises
    ------
    InputError
        If it is damaged.
    """
    with open_fits(spt) as hdus:
        hdus.readall()
        copies = fits.HDUList([hdu.copy() for hdu in hdus])
        return SupportFile(copies, hdus[0].header.cards["GROUPS"] if "GROUPS" in hdus[0].header else None)


def write_support_file(support: SupportFile, target: Path, memtype: str, overwrite: bool = False) -> Path:
    """Write a copy of a support file for the archive, under the name of the product.

    Parameters
    ----------
    support : SupportFile
        Of an exposure; becomes that of the product.
    target : Path
        ``<product>_jnk.fits``.
    memtype : str
        MEMTYPE of the product.
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    OutputError, OutputExistsError
        If the copy cannot be written.
    """
    product = target.name.removesuffix("_jnk.fits")
    copies, groups = support
    primary = copies[0].header
    if groups is not None:
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
