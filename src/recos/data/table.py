"""BinTable: a binary table in memory, as products write it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from astropy.io import fits

from recos.data.columns import Column
from recos.data.truth import NoTruthValue


@dataclass(slots=True)
class TableColumn:
    """A column with its values.

    Attributes
    ----------
    layout : Column
    array : ndarray of the type of `layout`, shape (rows,) or (rows, pixels)
        Native byte order.
    keywords : dict
        Further keywords of the column, without its number (TCTYP for TCTYP2).
    """

    layout: Column
    array: np.ndarray
    keywords: dict[str, str | int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """FITS name."""
        return self.layout.name

    @property
    def form(self) -> str:
        """FITS format."""
        return self.layout.form(self.array.shape[1] if self.layout.is_vector else 1)


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
