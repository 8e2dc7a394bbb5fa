"""Spectrum: the table of extracted spectra, one row for each segment, and its columns, declared once.

Specification 5, section 5.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from astropy.io import fits
from numpy.typing import ArrayLike

from recos.data.columns import Column
from recos.data.headers import copy_header
from recos.data.table import BinTable, TableColumn

_FLUX = "erg /s /cm**2 /angstrom"

#: Columns of an x1d table, in the order of the file.
COLUMNS = (
    Column("SEGMENT", "U4"),
    Column("EXPTIME", "f8", "s", "F8.3"),
    Column("NELEM", "i4", None, "I6"),
    Column("WAVELENGTH", "f8", "angstrom", is_vector=True),
    Column("FLUX", "f4", _FLUX, is_vector=True),
    Column("ERROR", "f4", _FLUX, is_vector=True),
    Column("ERROR_LOWER", "f4", _FLUX, is_vector=True),
    Column("VARIANCE_FLAT", "f4", is_vector=True),
    Column("VARIANCE_COUNTS", "f4", is_vector=True),
    Column("VARIANCE_BKG", "f4", is_vector=True),
    Column("GROSS", "f4", "count /s", is_vector=True),
    Column("GCOUNTS", "f4", "count", is_vector=True),
    Column("NET", "f4", "count /s", is_vector=True),
    Column("BACKGROUND", "f4", "count /s", is_vector=True),
    Column("DQ", "i2", is_vector=True),
    Column("DQ_WGT", "f4", is_vector=True),
    Column("DQ_OUTER", "i2", is_vector=True),
    Column(
        "BACKGROUND_PER_PIXEL", "f4", "count /s /pixel", None, "Average background per pixel", is_vector=True
    ),
    Column("NUM_EXTRACT_ROWS", "i2", is_vector=True),
    Column("ACTUAL_EE", "f8", is_vector=True),
    Column("Y_LOWER_OUTER", "f8", is_vector=True),
    Column("Y_UPPER_OUTER", "f8", is_vector=True),
    Column("Y_LOWER_INNER", "f8", is_vector=True),
    Column("Y_UPPER_INNER", "f8", is_vector=True),
)

_RATE = "count /s"


def without_flux(layout: Sequence[Column]) -> tuple[Column, ...]:
    """Columns of spectra that are not calibrated in flux: their errors are those of the net rates."""
    return tuple(c._replace(unit=_RATE) if c.name.startswith("ERROR") else c for c in layout)


@dataclass(repr=False)
class Spectrum:
    """Extracted spectra of one exposure, or of several exposures combined.

    Attributes
    ----------
    primary, header : astropy.io.fits.Header
        Primary and SCI header.
    columns : dict of str to ndarray
        By name; shape (rows,) for SEGMENT, EXPTIME and NELEM, else (rows, pixels); native byte order and the
        types of `layout`.
    layout : tuple of Column
        Columns in the order of the file.
    """

    primary: fits.Header
    header: fits.Header
    columns: dict[str, np.ndarray]
    layout: tuple[Column, ...] = field(default=COLUMNS)

    @classmethod
    def from_rows(
        cls,
        primary: fits.Header,
        header: fits.Header,
        rows: Sequence[Mapping[str, ArrayLike]],
        n_pixels: int,
        layout: tuple[Column, ...] = COLUMNS,
    ) -> Spectrum:
        """A spectrum of rows, each a mapping from names of columns to values; what is missing is zero."""
        columns = {}
        for column in layout:
            shape = (len(rows), n_pixels) if column.is_vector else (len(rows),)
            columns[column.name] = np.zeros(shape, column.dtype)
            for i, row in enumerate(rows):
                if column.name in row:
                    columns[column.name][i] = row[column.name]
        return cls(primary, header, columns, layout)

    @classmethod
    def from_table(cls, primary: fits.Header, header: fits.Header, records: np.ndarray) -> Spectrum:
        """A spectrum of the records of an x1d table that was read from a file."""
        layout = tuple(c for c in COLUMNS if c.name in (records.dtype.names or ()))
        columns = {c.name: np.array(records[c.name]).astype(c.dtype) for c in layout}
        columns["SEGMENT"] = np.char.rstrip(columns["SEGMENT"])
        return cls(copy_header(primary), copy_header(header), columns, layout)

    def __repr__(self) -> str:
        names = ", ".join(map(str, self["SEGMENT"])) or "no spectrum"
        return f"<Spectrum: {names}, {self.n_pixels} pixels, columns {', '.join(self.columns)}>"

    @property
    def n_rows(self) -> int:
        """Spectra in the table: one per segment or stripe."""
        return int(self.columns["SEGMENT"].shape[0])

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @property
    def n_pixels(self) -> int:
        """Pixels along the dispersion."""
        return int(self.columns["WAVELENGTH"].shape[1])

    def copy(self) -> Spectrum:
        """A deep copy."""
        columns = {name: values.copy() for name, values in self.columns.items()}
        return Spectrum(copy_header(self.primary), copy_header(self.header), columns, self.layout)

    def mark(self, switch: str, value: str = "COMPLETE") -> None:
        """Record in the primary header what became of a step."""
        if switch in self.primary:
            self.primary[switch] = value

    def table(self) -> BinTable:
        """The SCI extension of the product."""
        return BinTable("SCI", self.header, [TableColumn(c, self.columns[c.name]) for c in self.layout])
