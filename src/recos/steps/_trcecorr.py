"""TRCECORR: straighten the spectrum. Specification 3, section 10.2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.errors import ReferenceFileError
from recos.io.read import ExposureHeaders
from recos.kernels.positions import subtract_trace
from recos.references import References
from recos.references.need import Need
from recos.steps.science_events import science_events
from recos.steps.step import step

_NO_TRACE = -999.0


def trace_needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    """The trace, and where the lamp spectrum is, which stays."""
    mode = headers.mode
    yield Need("TRACETAB", "TRCECORR", mode.row_filter(), life_adj=mode.life_adj)
    if headers.performs("TRCECORR"):
        yield Need("XTRACTAB", "TRCECORR and ALGNCORR", mode.row_filter("WCA"))


@step("TRCECORR", files=("TRACETAB", "XTRACTAB"), needs=trace_needs)
def trcecorr(exposure: Exposure, refs: References) -> None:
    """Subtract the trace of TRACETAB from YFULL of the science events; sets ``exposure.trace``.

    Raises
    ------
    ReferenceFileError
        If TRACETAB was made for another lifetime position.
    MissingRowError
        If it has no row for the mode.
    """
    refs.announce("TRACETAB")
    _check_lifetime_position(exposure, refs)
    trace = read_trace(exposure, refs)
    subtract_trace(exposure.events.xcorr, exposure.events.yfull, science_events(exposure, refs), trace)
    exposure.trace = trace


def read_trace(exposure: Exposure, refs: References) -> np.ndarray:
    """The trace of the mode, float64, shape (16384,); 0 where TRACETAB has none (-999)."""
    row = refs.tracetab.row(**exposure.mode.row_filter())
    trace = np.array(row["TRACE"], dtype=np.float64)
    trace[trace == _NO_TRACE] = 0.0
    return trace


def _check_lifetime_position(exposure: Exposure, refs: References) -> None:
    found = refs.tracetab.primary.get("LIFE_ADJ")
    if found != exposure.mode.life_adj:
        raise ReferenceFileError(
            f"{refs.path('TRACETAB')} (TRACETAB): LIFE_ADJ = {found}, but the data have LIFE_ADJ = "
            f"{exposure.mode.life_adj}. Use the TRACETAB of that lifetime position; "
            "if this one must be used, change LIFE_ADJ of one of the two files."
        )
