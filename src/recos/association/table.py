"""The file of an association table: its rows, and writing it anew with others. Specification 1, section 4.1."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.association.members import TableRow, read_table, table_name
from recos.data.names import rootname
from recos.errors import InputError, UsageError
from recos.io.fits import open_fits
from recos.io.fitsfile import AtomicFile, header_bytes, padded

NAME_WIDTH = 40
"""Characters of MEMNAME in tables that recos makes: full file names fit, also those that a user puts in later."""

_TYPE_WIDTH = 14
_WIDTHS = {"MEMNAME": NAME_WIDTH, "MEMTYPE": _TYPE_WIDTH}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that is to be written.

    Attributes
    ----------
    memname, memtype : str
        As they are to stand in the table.
    present : bool
    source : int or None
        The row of the old table that further columns are taken from.
    """

    memname: str
    memtype: str
    present: bool
    source: int | None = None

    @property
    def is_product(self) -> bool:
        """The row names the product."""
        return "PROD" in self.memtype.upper()

    @property
    def is_wavecal(self) -> bool:
        """The row names a wavelength calibration."""
        return self.memtype.upper().endswith("WAVE")

    @property
    def key(self) -> str:
        """The name as files have it: names of files keep their case, rootnames are lower case."""
        return self.memname if self.memname.endswith(".fits") else self.memname.lower()

    def in_folder(self, folder: Path) -> TableRow:
        """The row as it is read from a table in `folder`."""
        return TableRow(self.key, self.memtype.upper(), self.present, folder / self.key)


def checked_name(path: Path) -> Path:
    """The name of an association table; ``.fits`` may be left out.

    Raises
    ------
    UsageError
        If it is no name of an association table.
    """
    name = table_name(path)
    if name is None:
        raise UsageError(f"{path}: the name of an association table ends in _asn.fits.")
    return name


def read_rows(path: Path) -> list[Row]:
    """The rows of an association table, names as they stand there.

    Raises
    ------
    InputError, AssociationError
        As :func:`recos.association.members.read_table`.
    """
    rows = read_table(path)
    with open_fits(path) as hdus:
        names = [str(name).strip() for name in hdus[1].data["MEMNAME"]]
    return [
        Row(name, row.memtype, row.present, i) for i, (name, row) in enumerate(zip(names, rows, strict=True))
    ]


def member_files(path: Path) -> list[Path]:
    """Raw files of a member by their names alone: of its rootname, or the file and that of the other segment."""
    if not path.name.endswith(".fits"):
        return sorted(path.parent.glob(glob.escape(path.name) + "_raw*.fits"))
    found = [path]
    for own, other in (("_a.fits", "_b.fits"), ("_b.fits", "_a.fits")):
        if path.name.endswith(own):
            found.append(path.with_name(path.name.removesuffix(own) + other))
    return sorted(file for file in found if file.is_file()) if path.is_file() else []


def has_root(row: Row, root: str) -> bool:
    """Whether a row names the exposure of a rootname, as such or by a file."""
    return rootname(row.key).lower() == root.lower()


def with_product(rows: list[Row], product: str) -> list[Row]:
    """The rows with a product of another name; one of type PROD-FP if there was none.

    Raises
    ------
    UsageError
        If it is no rootname.
    """
    if not product or "/" in product or "." in product or not product.isascii():
        raise UsageError(f"{product!r}: expected the rootname of the product, such as ldel05050.")
    if not any(row.is_product for row in rows):
        return [*rows, Row(product.upper(), "PROD-FP", False)]
    return [replace(row, memname=product.upper()) if row.is_product else row for row in rows]


def new_table(path: Path, **keywords: Any) -> fits.HDUList:
    """A table without rows, with keywords of its primary header."""
    primary = fits.PrimaryHDU()
    root = path.name.removesuffix("_asn.fits")
    primary.header.update(
        {
            "FILENAME": path.name,
            "FILETYPE": "ASN_TABLE",
            "TELESCOP": "HST",
            "INSTRUME": "COS",
            "ROOTNAME": root,
            **keywords,
            "ASN_ID": root.upper(),
            "ASN_TAB": path.name,
            "ASN_PROD": False,
        }
    )
    columns = [
        fits.Column("MEMNAME", f"{NAME_WIDTH}A"),
        fits.Column("MEMTYPE", f"{_TYPE_WIDTH}A"),
        fits.Column("MEMPRSNT", "L"),
    ]
    return fits.HDUList([primary, fits.BinTableHDU.from_columns(columns, name="ASN")])


def write_rows(path: Path, hdus: fits.HDUList, rows: Sequence[Row], overwrite: bool = False) -> None:
    """Write a table with other rows than `hdus` has; everything else of it stays.

    Parameters
    ----------
    path : Path
        The new table.
    hdus : astropy.io.fits.HDUList
        The old one.
    rows : sequence of Row
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    InputError
        If the table has columns of variable length.
    OutputError, OutputExistsError
        If the table cannot be written. Nothing is left behind.
    """
    names: dict[str, str | int] = {
        key: path.name for key in ("FILENAME", "ASN_TAB") if hdus[0].header.get(key) not in (None, path.name)
    }
    data = _data(hdus[1], rows, path)
    pieces = [
        header_bytes(hdus[0].header, values=names),
        header_bytes(hdus[1].header, values=_structure(hdus[1], data)),
        data.tobytes().ljust(padded(data.nbytes), b"\0"),
        *(_extension(hdu) for hdu in hdus[2:]),
    ]
    with AtomicFile(path, overwrite) as file:
        file.write(0, b"".join(pieces))


def _data(hdu: fits.BinTableHDU, rows: Sequence[Row], path: Path) -> np.ndarray:
    """The rows as FITS stores them; string columns are widened where names need it."""
    if hdu.header.get("PCOUNT"):
        raise InputError(
            f"{path}: the table has columns of variable length, which no association table needs. Remove them."
        )
    old = np.asarray(hdu.data).view(np.ndarray)
    values: dict[str, list[Any]] = {
        "MEMNAME": [row.memname for row in rows],
        "MEMTYPE": [row.memtype for row in rows],
        "MEMPRSNT": [ord("T") if row.present else ord("F") for row in rows],
    }
    fields: list[Any] = []
    for name in old.dtype.names or ():
        kind = old.dtype[name]
        longest = max(map(len, values[name.upper()])) if name.upper() in _WIDTHS else 0
        if longest > kind.itemsize:
            kind = np.dtype(f"S{max(longest, _WIDTHS[name.upper()])}")
        fields.append((name, kind))
    data = np.zeros(len(rows), fields)
    for name in data.dtype.names or ():
        if name.upper() in values:
            data[name] = values[name.upper()]
        else:
            for i, row in enumerate(rows):
                if row.source is not None:
                    data[name][i] = old[name][row.source]
    return data


def _structure(hdu: fits.BinTableHDU, data: np.ndarray) -> dict[str, str | int]:
    """Cards of the table that describe the new rows."""
    found: dict[str, str | int] = {"NAXIS1": data.dtype.itemsize, "NAXIS2": len(data)}
    for i, column in enumerate(hdu.columns, 1):
        width = data.dtype[column.name].itemsize
        if column.name.upper() in _WIDTHS and width != hdu.columns.dtype[column.name].itemsize:
            found[f"TFORM{i}"], found[f"TDISP{i}"] = f"{width}A", f"A{width}"
    return found


def _extension(hdu: Any) -> bytes:
    """A further extension, as it stands in its file."""
    place = hdu.fileinfo()
    with Path(place["file"].name).open("rb") as file:
        file.seek(place["hdrLoc"])
        return file.read(place["datLoc"] + place["datSpan"] - place["hdrLoc"])
