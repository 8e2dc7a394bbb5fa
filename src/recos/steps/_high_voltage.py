"""High-voltage keywords of the FUV detector. Specification 2, section 5."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import SEGMENTS
from recos.errors import ReferenceFileError
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.references.tables import ReferenceTable
from recos.steps.step import step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    if headers.mode.is_fuv and "HVTAB" in refs:
        yield Need("HVTAB", "the high voltage", extensions=(("FUVA", 1), ("FUVB", 1)))


@step(without_events=True, files=("HVTAB",), needs=_needs)
def high_voltage(exposure: Exposure, refs: References) -> None:
    """Write the commanded high voltage of both segments at the start of the exposure, from HVTAB.

    Sets HVLEVELA, HVLEVELB and ``exposure.hvlevel``. Does nothing with ``HVTAB = N/A``: newer raw files carry
    the keywords already.

    Raises
    ------
    ReferenceFileError
        If HVTAB has no rows for a segment.
    """
    if "HVTAB" not in refs:
        return
    refs.announce("HVTAB")
    for segment in SEGMENTS:
        keyword = "HVLEVEL" + segment[-1]
        table = refs.table("HVTAB", (segment, 1))
        level = int(table.column(keyword)[_row_in_force(table, exposure.mode.expstart)])
        exposure.header[keyword] = level
        if segment == exposure.mode.segment:
            exposure.hvlevel = level


def _row_in_force(table: ReferenceTable, mjd: float) -> int:
    """The row with the latest DATE not after `mjd`, the first of equals; row 0 before the first date."""
    if not len(table):
        raise ReferenceFileError(f"{table.path} (HVTAB): the table has no rows; use another HVTAB.")
    age = mjd - table.column("DATE")
    return 0 if age[0] < 0.0 else int(np.argmin(np.where(age >= 0.0, age, np.inf)))
