"""The aperture must be one of COS. Specification 1, section 13.2, step 27."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.data.instrument import APERTURES
from recos.errors import BadApertureError
from recos.references import References
from recos.steps.step import step


@step()
def check_aperture(exposure: Exposure, refs: References) -> None:
    """Check that APERTURE names an aperture; dark exposures may say N/A.

    Raises
    ------
    BadApertureError
    """
    aperture = exposure.mode.aperture
    if aperture in APERTURES or (aperture == "N/A" and exposure.mode.targname == "DARK"):
        return
    raise BadApertureError(
        f"{exposure.path}: APERTURE = {aperture!r} in the primary header; expected {', '.join(APERTURES)}. "
        "Set the keyword to the aperture that was used."
    )
