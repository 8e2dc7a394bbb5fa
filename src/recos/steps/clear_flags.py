"""Forget the data-quality flags of an earlier calibration. Specification 2, section 1.2, step 8."""

from __future__ import annotations

from recos.exposure import Exposure
from recos.references import References


def clear_flags(exposure: Exposure, refs: References) -> None:
    """Clear the DQ column of a corrtag input whose DQICORR is to be done again, before any step sets flags."""
    if exposure.is_corrtag and exposure.performs("DQICORR"):
        exposure.events.dq[:] = 0
