"""BinTable: a binary table in memory, as products write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.truth import NoTruthValue


@dataclass(slots=True)
class TableColumn:
    """One column: FITS name, format, unit, display format, and the values, native byte order, rows first."""

    name: str
    form: str
    unit: str | None
    disp: str | None
    array: np.ndarray
    comment: str | None = None
    """Comment of the TTYPE card."""
    keywords: dict[str, Any] = field(default_factory=dict)
    """Further keywords of the column, without its number (TCTYP for TCTYP2)."""


@dataclass(slots=True)
class BinTable(NoTruthValue):
    """A binary table extension.

    Attributes
    ----------
    header : astropy.io.fits.Header
        Keywords besides those of the table structure; EXTNAME is `name`.
    """

    name: str
    header: fits.Header
    columns: list[TableColumn] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.columns[0].array) if self.columns else 0

    def __getitem__(self, name: str) -> np.ndarray:
        for column in self.columns:
            if column.name == name:
                return column.array
        raise KeyError(name)
