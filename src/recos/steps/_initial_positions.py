"""First values of XDOPP, XFULL and YFULL. Specification 2, section 1.2, step 20."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.references import References
from recos.steps.step import step


@step()
def initial_positions(exposure: Exposure, refs: References) -> None:
    """Start XDOPP, XFULL and YFULL from XCORR and YCORR; those of a corrtag input are kept."""
    if exposure.is_corrtag:
        return
    events = exposure.events
    events.xdopp[:] = events.xcorr
    events.xfull[:] = events.xcorr
    events.yfull[:] = events.ycorr
