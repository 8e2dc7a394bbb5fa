"""DGEOCORR: correct what the geometric correction leaves. Specification 2, section 13."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.distortion import distortion_need, subtract_distortion
from recos.steps.step import step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    yield distortion_need("DGEOCORR", "DGEOFILE", headers.mode)


@step("DGEOCORR", files=("DGEOFILE",), needs=_needs)
def dgeocorr(exposure: Exposure, refs: References) -> None:
    """Subtract the residual distortion of DGEOFILE from XCORR and YCORR of all events."""
    subtract_distortion(exposure, refs, "DGEOFILE")
