"""The keyword LAMPUSED, checked against what the lamp did. Specification 4, sections 9.8 and 10.1."""

from __future__ import annotations

from astropy.io import fits

from recos.messages import get_logger, warn

logger = get_logger(__name__)


def set_lamp_used(lamp_on: bool, *headers: fits.Header) -> None:
    """Correct LAMPUSED in primary headers of one exposure; the first is the one that is checked."""
    used = str(headers[0].get("LAMPUSED", "NONE"))
    plan = headers[0].get("LAMPPLAN")
    if lamp_on and used == "NONE":
        if plan is None:
            warn(logger, f"The wavecal lamp was on, but LAMPUSED = {used} and LAMPPLAN is missing.")
            return
        logger.info("LAMPUSED = %s, which is incorrect; the value will be reset to %s.", used, plan)
        used = str(plan)
    elif not lamp_on and used != "NONE":
        logger.info("LAMPUSED = %s, and it will be reset to NONE.", used)
        used = "NONE"
    elif lamp_on:
        return
    for header in headers:
        header["LAMPUSED"] = used
