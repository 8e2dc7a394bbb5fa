"""The calibration switches: which there are, their values, and which the mode rules out.

Specification 1, section 7.
"""

from __future__ import annotations

import logging
from pathlib import Path

from astropy.io import fits

from recos.data.mode import Mode
from recos.messages import get_logger, warn

logger = get_logger(__name__)

#: Switches of the primary header, in the order of the header.
SWITCHES = (
    "FLATCORR", "DEADCORR", "DQICORR", "STATFLAG", "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "RANDCORR",
    "XWLKCORR", "YWLKCORR", "PHACORR", "TRCECORR", "ALGNCORR", "BADTCORR", "DOPPCORR", "HELCORR", "X1DCORR",
    "BACKCORR", "WAVECORR", "FLUXCORR", "BRSTCORR", "TDSCORR", "HVDSCORR", "PHOTCORR",
)  # fmt: skip

#: Those of steps that only FUV data have.
FUV_SWITCHES = (
    "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "RANDCORR", "PHACORR", "XWLKCORR", "YWLKCORR", "TRCECORR",
    "ALGNCORR", "BRSTCORR", "HVDSCORR",
)  # fmt: skip

#: Switches of steps that decide where and with which weight an event falls in the csum image.
_OF_CSUM = (
    "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "DEADCORR", "XWLKCORR", "YWLKCORR", "RANDCORR",
)  # fmt: skip


def extraction_switches(switches: dict[str, str]) -> dict[str, str]:
    """Switches of a corrtag file of which the spectrum is to be extracted again."""
    return switches | {"X1DCORR": "PERFORM"}


def csum_switches(switches: dict[str, str], raw: bool) -> dict[str, str]:
    """Switches of an exposure of which only the csum image is wanted; `raw`: in raw coordinates.

    Specification 1, section 7.4.
    """
    kept = () if raw else _OF_CSUM
    return {s: "OMIT" if value == "PERFORM" and s not in kept else value for s, value in switches.items()}


def read_switches(primary: fits.Header) -> dict[str, str]:
    """Values of the calibration switches, upper case; N/A when missing; STATFLAG as PERFORM or OMIT."""
    values = {key: str(primary.get(key, "N/A")).strip().upper() for key in SWITCHES}
    if "STATFLAG" in primary:
        values["STATFLAG"] = "PERFORM" if primary["STATFLAG"] is True else "OMIT"
    return values


def reset_switches(
    switches: dict[str, str], primary: fits.Header, header: fits.Header, mode: Mode, path: str | Path
) -> dict[str, str]:
    """Switches without those that the mode or a missing reference file rules out. Specification 1, section 7."""
    values = dict(switches)
    for switch, keyword in (
        ("BADTCORR", "BADTTAB"),
        ("XWLKCORR", "XWLKFILE"),
        ("YWLKCORR", "YWLKFILE"),
        ("TDSCORR", "TDSTAB"),
    ):
        if values[switch] == "PERFORM" and str(primary.get(keyword, "N/A")).strip() in ("N/A", ""):
            values[switch] = "SKIPPED"
            warn(logger, f"{switch} will be set to SKIPPED because", f"{keyword} = N/A")
    if mode.is_wavecal:
        values.update(dict.fromkeys(("DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR"), "OMIT"))
    reset: list[str] = []
    if mode.aperture in ("WCA", "FCA"):
        reset.append("PHOTCORR")
    if not mode.is_spectroscopic or mode.kind in ("TARGET_ACQ", "ACQ_IMAGE"):
        reset += ["DOPPCORR", "HELCORR", "BACKCORR", "FLUXCORR", "X1DCORR"]
    else:
        magnitude = "DOPMAGT" if mode.obsmode == "ACCUM" else "DOPPMAGV"
        if float(header.get(magnitude, -1.0)) == 0.0:
            reset.append("DOPPCORR")
        if mode.ra_targ < 0.0:
            reset.append("HELCORR")
        if values["X1DCORR"] != "PERFORM":
            reset += ["BACKCORR", "FLUXCORR", "TDSCORR"]
    if not mode.is_fuv:
        reset += FUV_SWITCHES
    changed = dict.fromkeys((switch for switch in reset if values[switch] == "PERFORM"), "OMIT")
    shifted_on_board = header.get("DOPPONT", False) is True
    if mode.obsmode == "ACCUM" and values["DOPPCORR"] == "PERFORM" and not shifted_on_board:
        changed.setdefault("DOPPCORR", "SKIPPED")
    values |= changed
    if changed:
        lines = [f"{switch} reset to {value}" for switch, value in changed.items()]
        plural = "es" if len(changed) > 1 else ""
        warn(logger, f"These calibration switch{plural} do not apply to {path}:", *lines, level=logging.INFO)
    return values
