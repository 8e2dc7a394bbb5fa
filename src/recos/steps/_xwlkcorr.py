"""XWLKCORR: correct the dependence of x on pulse height. Specification 2, section 14."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step
from recos.steps.walk import correct_walk, renew_active_area, walk_table


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield Need("XWLKFILE", "XWLKCORR", segment_header=headers.mode.segment)


@step("XWLKCORR", files=("XWLKFILE",), needs=_needs)
def xwlkcorr(exposure: Exposure, refs: References) -> None:
    """Subtract the walk of XWLKFILE from XCORR of the events in the active area."""
    table = walk_table(exposure, refs, "XWLKFILE")
    correct_walk(exposure, refs, "XWLKFILE", exposure.events.xcorr, table)
    if not exposure.performs("YWLKCORR"):  # which corrects the same events
        renew_active_area(exposure, refs)
