"""GEOCORR: correct the geometric distortion of the FUV detector. Specification 2, section 13."""

from __future__ import annotations

from recos.data.exposure import Exposure, step
from recos.references import References
from recos.steps.distortion import subtract_distortion


@step("GEOCORR")
def geocorr(exposure: Exposure, refs: References) -> None:
    """Subtract the distortion of GEOFILE from XCORR and YCORR of all events."""
    subtract_distortion(exposure, refs, "GEOFILE")
