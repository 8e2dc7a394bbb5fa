"""LampFlashes: the measurements of the lamp flashes of one segment, and the lampflash product.

Specification 4, sections 9.4 to 9.6.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from astropy.io import fits

from recos.data.columns import Column
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.data.table import BinTable, TableColumn
from recos.products.archive_keywords import write_plate_scale
from recos.products.headers import describes_column
from recos.products.merge import join_headers, join_primaries
from recos.references import References

_WCS_KEYWORDS = (
    *(f"{word}{i}" for word in ("TCTYP", "TCRVL", "TCRPX", "TCDLT", "TCUNI", "TALEN") for i in (2, 3)),
    *("TC2_2", "TC2_3", "TC3_2", "TC3_3"),
)


@dataclass(slots=True)
class FlashRow:
    """One row of the lampflash table: one flash of one segment; names and units are those of the columns."""

    segment: str
    time: float
    exptime: float
    lamp_on: float
    lamp_off: float
    wavelength: np.ndarray
    net: np.ndarray
    gross: np.ndarray
    background: np.ndarray
    shift_disp: float
    shift_xdisp: float
    spec_found: bool
    chi_square: float
    n_deg_freedom: int


_COLUMNS = (
    Column("SEGMENT", "U4"),
    Column("TIME", "f8", "s", "F8.3"),
    Column("EXPTIME", "f8", "s", "F8.3"),
    Column("LAMP_ON", "f8", "s", "F8.3"),
    Column("LAMP_OFF", "f8", "s", "F8.3"),
    Column("NELEM", "i4", None, "I6"),
    Column("WAVELENGTH", "f8", "angstrom", is_vector=True),
    Column("NET", "f4", "count /s", is_vector=True),
    Column("GROSS", "f4", "count /s", is_vector=True),
    Column("BACKGROUND", "f4", "count /s", is_vector=True),
    Column("SHIFT_DISP", "f4", "pixel"),
    Column("SHIFT_XDISP", "f4", "pixel"),
    Column("SPEC_FOUND", "?"),
    Column("CHI_SQUARE", "f4"),
    Column("N_DEG_FREEDOM", "i4", None, "I5"),
)


@dataclass(slots=True)
class LampFlashes:
    """The lamp flashes of one segment.

    Attributes
    ----------
    primary, header : astropy.io.fits.Header
        Headers of the lampflash product: copies of those of the exposure, changed.
    n : int
        Pixels of a spectrum.
    rows : list of FlashRow
    """

    primary: fits.Header
    header: fits.Header
    n: int
    rows: list[FlashRow] = field(default_factory=list)

    @classmethod
    def for_exposure(cls, exposure: Exposure) -> LampFlashes:
        """An empty table with the headers of an exposure."""
        primary, header = copy_header(exposure.primary), copy_header(exposure.header)
        for letter in "ABC":
            if f"SHIFT1{letter}" in header:
                header[f"SHIFT1{letter}"] = 0.0
        for key in [*_WCS_KEYWORDS, *filter(describes_column, set(header))]:
            header.remove(key, ignore_missing=True)
        primary["NEXTEND"] = 1
        name = exposure.path.name
        for mark in ("_rawtag", "_corrtag"):
            name = name.replace(mark, "_lampflash")
        primary["FILENAME"] = name.removesuffix(".gz")
        return cls(primary, header, exposure.mode.image_shape[1])

    def column(self, name: str) -> np.ndarray:
        """One value per flash, in the dtype of the FITS column; `name` in upper case."""
        dtype = next(c.dtype for c in _COLUMNS if c.name == name)
        if name == "NELEM":
            return np.full(len(self.rows), self.n, dtype)
        return np.array([getattr(row, name.lower()) for row in self.rows], dtype)

    def write_statistics(self) -> None:
        """Count and describe the pixels of the spectra in the header (STATFLAG)."""
        gross = self.column("GROSS")
        self.header["NGOODPIX"] = gross.size
        total = np.float32(0.0)
        for spectrum in gross:
            total += spectrum.sum()
        mean = total / np.float32(max(gross.size, 1))
        # as many digits as a float32 has
        self.header["GOODMEAN"], self.header["GOODMAX"] = float(str(mean)), float(str(gross.max(initial=0.0)))

    def _write_wavelength_range(self) -> None:
        """Keywords by which the archive is searched."""
        if not self.rows:
            return
        wavelength = self.column("WAVELENGTH")
        low, high = float(wavelength.min()), float(wavelength.max())
        self.primary["MINWAVE"], self.primary["MAXWAVE"] = low, high
        self.primary["BANDWID"], self.primary["CENTRWV"] = high - low, (high + low) / 2.0

    def table(self) -> BinTable:
        """The LAMPFLASH extension."""
        columns = []
        for column in _COLUMNS:
            array = self.column(column.name)
            if column.is_vector:
                array = array.reshape(len(self.rows), self.n)
            columns.append(TableColumn(column, array))
        return BinTable("LAMPFLASH", self.header, columns)


def concatenate(a: LampFlashes, b: LampFlashes, refs: References) -> LampFlashes:
    """The flashes of segment A, then those of segment B of the same exposure."""
    joined = LampFlashes(
        join_primaries(a.primary, b.primary, len(a.rows), len(b.rows)),
        join_headers(a.header, b.header),
        a.n,
        [*a.rows, *b.rows],
    )
    joined._write_wavelength_range()
    write_plate_scale(joined.primary, joined.rows[0].segment if joined.rows else "", refs)
    if joined.primary.get("STATFLAG") is True:
        joined.write_statistics()
    return joined
