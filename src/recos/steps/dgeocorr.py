"""DGEOCORR: correct what the geometric correction leaves. Specification 2, section 13."""

from __future__ import annotations

from recos.data.exposure import Exposure, step
from recos.references import References
from recos.steps.distortion import subtract_distortion


@step("DGEOCORR")
def dgeocorr(exposure: Exposure, refs: References) -> None:
    """Subtract the residual distortion of DGEOFILE from XCORR and YCORR of all events."""
    subtract_distortion(exposure, refs, "DGEOFILE")
