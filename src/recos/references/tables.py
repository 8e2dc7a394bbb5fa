"""ReferenceTable: one extension of a reference file with the row selection of the reference implementation.

Specification 1, section 18.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.reference_kinds import KINDS, TEXT_COLUMNS
from recos.data.truth import NoTruthValue
from recos.errors import MissingRowError, ReferenceFileError, UsageError
from recos.messages import get_logger, warn

logger = get_logger(__name__)

Criterion = str | int | float | None
"""What a column must have; see :meth:`ReferenceTable.indices`."""
_MATCHES_ALL = ("ANY", "N/A")


class Row(NoTruthValue, Mapping[str, Any]):
    """One row of a reference table; values in native byte order, by column name in any case.

    Strings come without trailing blanks, scalars as NumPy scalars of the type of the column.
    """

    def __init__(self, table: ReferenceTable, index: int) -> None:
        self._table, self.index = table, index
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        name = name.upper()
        if name not in self._values:
            self._values[name] = self._table.value(name, self.index)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return str(name).upper() in self._table.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.columns)

    def __len__(self) -> int:
        return len(self._table.columns)


class ReferenceTable(NoTruthValue):
    """A table extension, read when needed, columns used for selection kept.

    Parameters
    ----------
    keyword : str
        Header keyword that names the file, for messages.
    path : Path
        The file.
    hdu : astropy.io.fits.BinTableHDU
        The extension.
    primary : astropy.io.fits.Header
        Primary header of the file.
    owner : object, optional
        What keeps the file open; it lives as long as the table.

    Attributes
    ----------
    columns : tuple of str
        Names in upper case.
    header, primary : astropy.io.fits.Header
    """

    def __init__(
        self,
        keyword: str,
        path: Path,
        hdu: fits.BinTableHDU,
        primary: fits.Header,
        owner: object = None,
    ) -> None:
        self.keyword, self.path = keyword, path
        self.header, self.primary = hdu.header, primary
        self._hdu, self._owner = hdu, owner
        self._n_rows = int(hdu.header["NAXIS2"])
        self._names = {n.upper(): n for n in hdu.columns.names}
        self.columns = tuple(self._names)
        self._cache: dict[str, np.ndarray] = {}
        self._fields: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return self._n_rows

    def __contains__(self, name: str) -> bool:
        return name.upper() in self._names

    def is_scalar(self, name: str) -> bool:
        """Whether a column has one value per row."""
        return self._field(name).ndim == 1

    @property
    def rows_in_file(self) -> np.ndarray:
        """The rows as they are in the file, mapped into memory where possible."""
        return np.asarray(self._hdu.data)

    def column(self, name: str) -> np.ndarray:
        """A whole column, native byte order; strings without trailing blanks.

        Raises
        ------
        ReferenceFileError
            If the table has no such column, or one of another form.
        """
        name = name.upper()
        if name not in self._cache:
            data = np.asarray(self._field(name))
            if data.dtype.kind in "SU":
                try:
                    data = np.char.rstrip(data.astype("U"))
                except UnicodeDecodeError:
                    raise ReferenceFileError(
                        f"{self.path} ({self.keyword}): a text in the column {name} is garbled; the file is damaged. "
                        "Retrieve it again."
                    ) from None
            self._cache[name] = np.array(data, dtype=data.dtype.newbyteorder("="))
        return self._cache[name]

    @property
    def time_step(self) -> float:
        """Keyword TIMESTEP of the extension, seconds.

        Raises
        ------
        ReferenceFileError
            If it is missing or not positive.
        """
        step = self.header.get("TIMESTEP")
        if not isinstance(step, int | float) or step <= 0:
            raise ReferenceFileError(
                f"{self.path} ({self.keyword}): TIMESTEP = {step!r} in the header of the table; "
                f"expected a positive number of seconds. Use a newer {self.keyword}."
            )
        return float(step)

    def value(self, name: str, index: int) -> Any:
        """The value of one row; only this cell is read."""
        cell = self._field(name)[index]
        if isinstance(cell, str | bytes):
            return str(cell).rstrip()
        cell = np.asarray(cell)
        cell = np.array(cell, dtype=cell.dtype.newbyteorder("="))
        return cell[()] if cell.ndim == 0 else cell

    def require(self, name: str) -> None:
        """Raise ReferenceFileError if the table has no such column."""
        if name.upper() not in self._names:
            raise ReferenceFileError(
                f"{self.path} ({self.keyword}): the table has no column {name.upper()}; it has "
                f"{', '.join(self.columns)}. Use a {self.keyword} for this mode, or a newer one."
            )

    def check_column(self, name: str) -> None:
        """Raise ReferenceFileError if the table has no such column, or one of another form."""
        self.require(name)
        if len(self):
            self._field(name)

    def _field(self, name: str) -> np.ndarray:
        self.require(name)
        name = self._names[name.upper()]
        if name not in self._fields:  # astropy makes them anew each time
            field = self._hdu.data.field(name)
            self._check_form(name.upper(), field)
            self._fields[name] = field
        return self._fields[name]

    def _check_form(self, name: str, field: np.ndarray) -> None:
        is_array = name in KINDS[self.keyword].arrays.split()
        is_text = name in TEXT_COLUMNS
        if (field.dtype.kind in "SU") != is_text or (field.ndim > 1) != is_array:
            expected = "a text" if is_text else "an array of numbers" if is_array else "one number"
            raise ReferenceFileError(
                f"{self.path} ({self.keyword}): the column {name} has the format {self._hdu.columns[name].format}; "
                f"expected {expected} per row. The file is damaged or of another kind; use another {self.keyword}."
            )

    def with_cells(self, cells: Mapping[int, Mapping[str, Any]]) -> ReferenceTable:
        """A copy in memory with other values in some cells.

        Parameters
        ----------
        cells : mapping
            New scalar values by row and column.

        Raises
        ------
        UsageError
            If a value does not fit the type of its column.
        """
        changed = ReferenceTable(self.keyword, self.path, self._hdu, self.primary, self._owner)
        changed._fields = dict(self._fields)
        for index, values in cells.items():
            for name, value in values.items():
                column = np.array(changed._field(name))
                column[index] = value
                if column.dtype.kind in "iu" and column[index] != value:
                    raise UsageError(
                        f"{self.path} ({self.keyword}): {name} holds whole numbers of type {column.dtype.name}, "
                        f"not {value}."
                    )
                changed._fields[self._names[name.upper()]] = column
        return changed

    def indices(self, **criteria: Criterion) -> np.ndarray:
        """Indices of the rows that satisfy all criteria, in table order.

        A criterion ``ANY`` or ``N/A`` matches every row; a text ``ANY`` in the table matches every criterion;
        numbers have no wildcard; comparison is case-sensitive without trailing blanks.
        """
        keep = np.ones(len(self), bool)
        for name, wanted in criteria.items():
            if isinstance(wanted, str) and wanted in _MATCHES_ALL:
                continue
            column = self.column(name)
            if column.dtype.kind == "U":
                keep &= (column == str(wanted).rstrip()) | (column == "ANY")
            else:
                keep &= column == wanted
        return np.flatnonzero(keep)

    def rows(self, **criteria: Criterion) -> list[Row]:
        """All rows that satisfy the criteria (see :meth:`indices`)."""
        return [Row(self, int(i)) for i in self.indices(**criteria)]

    def find(self, **criteria: Criterion) -> Row | None:
        """The first row that satisfies the criteria, or None."""
        found = self.indices(**criteria)
        return Row(self, int(found[0])) if len(found) else None

    def row(self, **criteria: Criterion) -> Row:
        """The first row that satisfies the criteria; warns if there are several.

        Raises
        ------
        MissingRowError
            If no row does.
        """
        found = self.indices(**criteria)
        if not len(found):
            raise MissingRowError(
                f"{self.path} ({self.keyword}): no row for "
                + ", ".join(f"{k.upper()} = {v}" for k, v in criteria.items())
                + f". The table does not cover this mode; use a {self.keyword} that does."
            )
        if len(found) > 1:
            warn(
                logger,
                f"{len(found)} rows of {self.path} match",
                ", ".join(f"{k.upper()} = {v}" for k, v in criteria.items()) + ";",
                "the first is used.",
            )
        return Row(self, int(found[0]))
