"""GEOCORR: correct the geometric distortion of the FUV detector. Specification 2, section 13."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.distortion import distortion_need, subtract_distortion
from recos.steps.step import step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield distortion_need("GEOCORR", "GEOFILE", headers.mode)


@step("GEOCORR", files=("GEOFILE",), needs=_needs)
def geocorr(exposure: Exposure, refs: References) -> None:
    """Subtract the distortion of GEOFILE from XCORR and YCORR of all events."""
    subtract_distortion(exposure, refs, "GEOFILE")
