"""Keywords that sum up a spectrum. Specification 5, sections 5.8.4 and 5.9."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.extract import finish
from recos.references import References
from recos.steps.step import extracted, step


@step(after=("x1dcorr",), when=extracted, without_events=True)
def spectrum_keywords(exposure: Exposure, refs: References) -> None:
    """Write archive-search keywords and statistics of ``exposure.spectrum``, when it is otherwise complete.

    Raises
    ------
    MissingRowError
        If SPWCSTAB has no row for the mode.
    """
    finish(exposure.require("spectrum"), refs)
