"""Column: the FITS format that follows from the type of the values."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from astropy.io import fits

from recos.data import columns, events, spectrum
from recos.data.columns import Column
from recos.data.table import TableColumn
from recos.steps._timeline import COLUMNS as TIMELINE
from recos.wavecal.flashes import _COLUMNS as LAMPFLASH


def test_examples():
    result = doctest.testmod(columns)
    assert (result.failed, result.attempted) == (0, 1)


@pytest.mark.parametrize("layout", [events.COLUMNS, spectrum.COLUMNS, TIMELINE, LAMPFLASH])
def test_astropy_reads_the_declared_types(layout):
    """What a table of these formats holds has the declared types, whatever the number of rows."""
    values = [np.zeros((2, 5) if c.is_vector else 2, c.dtype) for c in layout]
    made = [TableColumn(c, array) for c, array in zip(layout, values, strict=True)]
    table = fits.BinTableHDU.from_columns([fits.Column(c.name, c.form, array=c.array) for c in made])
    for column, array in zip(layout, values, strict=True):
        read = table.data[column.name]
        assert read.shape == array.shape
        expected = np.dtype(column.dtype)
        assert read.dtype.newbyteorder("=") == expected or read.dtype.kind == expected.kind == "U"


def test_format_of_a_table_without_rows():
    assert TableColumn(Column("X", "f8", is_vector=True), np.zeros((0, 7))).form == "7D"
    assert TableColumn(Column("X", "f8"), np.zeros(0)).form == "1D"
