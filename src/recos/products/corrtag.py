"""The corrtag product: the corrected events, good time intervals and the timeline of one segment.

Specification 1, sections 3.3 and 13.5; 2, section 3.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.data.columns import Column
from recos.data.events import COLUMNS
from recos.data.exposure import Exposure
from recos.data.table import BinTable, TableColumn
from recos.io.fitsfile import FitsFile, start_tables


def events_table(exposure: Exposure, header: fits.Header) -> BinTable:
    """The EVENTS table; its arrays are those of the exposure."""
    columns = [TableColumn(c, getattr(exposure.events, c.name.lower())) for c in COLUMNS]
    return BinTable("EVENTS", header, columns)


def gti_tables(exposure: Exposure) -> list[BinTable]:
    """The GTI tables of the input, and a new one behind them if intervals were cut out."""
    tables = []
    versions = [0]
    for header, rows in exposure.gti_hdus:
        columns = [
            TableColumn(
                Column(str(n), "f8", header.get(f"TUNIT{i}"), header.get(f"TDISP{i}")),
                np.asarray(rows[n], "f8"),
            )
            for i, n in enumerate(rows.dtype.names or (), 1)
        ]
        tables.append(BinTable("GTI", header, columns))
        versions.append(int(header.get("EXTVER", 1)))
    if exposure.gti_changed:
        limits = exposure.gti.limits
        header = fits.Header([("EXTVER", max(versions) + 1, "extension version number")])
        columns = [
            TableColumn(Column("START", "f8", "s"), limits[:, 0]),
            TableColumn(Column("STOP", "f8", "s"), limits[:, 1]),
        ]
        tables.append(BinTable("GTI", header, columns))
    return tables


def start_corrtag(
    path: Path, exposure: Exposure, header: fits.Header, room: int = 0, overwrite: bool = False
) -> FitsFile:
    """Write the tables of the corrtag file of one segment into a new file, which is to be finished.

    Parameters
    ----------
    path : Path
    exposure : Exposure
        After its last step.
    header : astropy.io.fits.Header
        The EVENTS header, with the keywords of extraction and world coordinates; it may still change.
    room, overwrite
        See :class:`recos.io.fitsfile.FitsFile`.

    Raises
    ------
    OutputError, OutputExistsError
    """
    tables = [events_table(exposure, header), *gti_tables(exposure)]
    if exposure.timeline is not None:
        tables.append(exposure.timeline)
    return start_tables(path, exposure.primary, tables, room, overwrite)
