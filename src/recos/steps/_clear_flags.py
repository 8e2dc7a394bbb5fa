"""Forget results of an earlier calibration. Specification 2, section 1.2, steps 8 and 31."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.references import References
from recos.steps.step import step


@step()
def clear_flags(exposure: Exposure, refs: References) -> None:
    """Clear the DQ column of a corrtag input whose DQICORR is to be done again, before any step sets flags."""
    if exposure.is_corrtag and exposure.performs("DQICORR"):
        exposure.events.dq[:] = 0


@step()
def clear_wavecals(exposure: Exposure, refs: References) -> None:
    """No wavecal has been applied yet: WAVECALS becomes empty."""
    exposure.primary["WAVECALS"] = ""
