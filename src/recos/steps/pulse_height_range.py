"""Whether a reference file was made for the same range of pulse heights. Specification 3, section 2.6."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.messages import get_logger, warn
from recos.references import References

logger = get_logger(__name__)


def compare_pulse_height_range(exposure: Exposure, refs: References, keyword: str) -> None:
    """Warn if PHARANGE of a reference file differs from the range by which PHACORR selected (FUV)."""
    if not exposure.mode.is_fuv:
        return
    text = refs.file(keyword)[0].header.get("PHARANGE")
    low, high = (int(exposure.header.get(exposure.key(root), -1)) for root in ("PHALOWR", "PHAUPPR"))
    if text is None or low < 0 or high < 0:
        return
    try:
        first, last = (int(part) for part in str(text).split("_"))
    except ValueError:
        warn(logger, f"Can't compare pulse height ranges for {refs.path(keyword)}; PHARANGE = {text}")
        return
    if (first, last) != (low, high):
        warn(
            logger,
            f"Pulse height ranges for {refs.path(keyword)} don't agree:",
            f"PHATAB limits are {low} to {high}, but PHARANGE limits are {first} to {last}",
        )
