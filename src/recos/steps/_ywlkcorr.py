"""YWLKCORR: correct the dependence of y on pulse height. Specification 2, section 14."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step
from recos.steps.walk import correct_walk, renew_active_area, walk_table

logger = get_logger(__name__)

_EXPECTED_SHAPE = (32, 1024)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield Need("YWLKFILE", "YWLKCORR", segment_header=headers.mode.segment)


@step("YWLKCORR", files=("YWLKFILE",), needs=_needs)
def ywlkcorr(exposure: Exposure, refs: References) -> None:
    """Subtract the walk of YWLKFILE from YCORR of the events in the active area."""
    table = walk_table(exposure, refs, "YWLKFILE")
    if table.shape != _EXPECTED_SHAPE:
        warn(
            logger,
            f"YWLKFILE has the shape {table.shape} instead of {_EXPECTED_SHAPE};",
            "the walk correction in y may be wrong, and with it the extraction of the spectrum.",
        )
    correct_walk(exposure, refs, "YWLKFILE", exposure.events.ycorr, table)
    renew_active_area(exposure, refs)
