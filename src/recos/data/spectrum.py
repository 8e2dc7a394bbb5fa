"""Spectrum: the table of extracted spectra, one row for each segment, and its columns, declared once.

Specification 5, section 5.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits

from recos.data.headers import copy_header
from recos.data.table import BinTable, TableColumn

_FLUX = "erg /s /cm**2 /angstrom"
_TYPES: dict[str, Any] = {"A": "U4", "D": np.float64, "E": np.float32, "J": np.int32, "I": np.int16}
_SCALAR_FORMS = {"SEGMENT": "4A", "EXPTIME": "1D", "NELEM": "1J"}


class Column(NamedTuple):
    """One column of an x1d table."""

    name: str
    code: str
    """FITS type: A, D, E, J or I."""
    unit: str | None = None
    disp: str | None = None
    comment: str | None = None

    @property
    def dtype(self) -> np.dtype:
        """Type of the values in memory."""
        dtype: np.dtype = np.dtype(_TYPES[self.code])
        return dtype

    @property
    def is_scalar(self) -> bool:
        """One value in each row, not one for each pixel."""
        return self.name in _SCALAR_FORMS

    def form(self, n_pixels: int) -> str:
        """FITS format."""
        return _SCALAR_FORMS.get(self.name, f"{n_pixels}{self.code}")


#: Columns of an x1d table, in the order of the file.
COLUMNS = (
    Column("SEGMENT", "A"),
    Column("EXPTIME", "D", "s", "F8.3"),
    Column("NELEM", "J", None, "I6"),
    Column("WAVELENGTH", "D", "angstrom"),
    Column("FLUX", "E", _FLUX),
    Column("ERROR", "E", _FLUX),
    Column("ERROR_LOWER", "E", _FLUX),
    Column("VARIANCE_FLAT", "E"),
    Column("VARIANCE_COUNTS", "E"),
    Column("VARIANCE_BKG", "E"),
    Column("GROSS", "E", "count /s"),
    Column("GCOUNTS", "E", "count"),
    Column("NET", "E", "count /s"),
    Column("BACKGROUND", "E", "count /s"),
    Column("DQ", "I"),
    Column("DQ_WGT", "E"),
    Column("DQ_OUTER", "I"),
    Column("BACKGROUND_PER_PIXEL", "E", "count /s /pixel", None, "Average background per pixel"),
    Column("NUM_EXTRACT_ROWS", "I"),
    Column("ACTUAL_EE", "D"),
    Column("Y_LOWER_OUTER", "D"),
    Column("Y_UPPER_OUTER", "D"),
    Column("Y_LOWER_INNER", "D"),
    Column("Y_UPPER_INNER", "D"),
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
        rows: Sequence[Mapping[str, Any]],
        n_pixels: int,
        layout: tuple[Column, ...] = COLUMNS,
    ) -> Spectrum:
        """A spectrum of rows, each a mapping from names of columns to values; what is missing is zero."""
        columns = {}
        for column in layout:
            shape = (len(rows),) if column.is_scalar else (len(rows), n_pixels)
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
        n = self.n_pixels
        columns = [
            TableColumn(c.name, c.form(n), c.unit, c.disp, self.columns[c.name], c.comment)
            for c in self.layout
        ]
        return BinTable("SCI", self.header, columns)
