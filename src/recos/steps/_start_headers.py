"""The headers begin with the configuration that is really used. Specification 1, section 13.5."""

from __future__ import annotations

from recos._version import CAL_VER
from recos.corrections import record_corrections
from recos.data.exposure import Exposure
from recos.data.switches import SWITCHES
from recos.references import References
from recos.steps.step import step


@step(without_events=True)
def start_headers(exposure: Exposure, refs: References) -> None:
    """Write the configuration that is really used into the working headers, before any step runs.

    Only keywords that are present are changed, except X_OFFSET, which is made.
    """
    primary, mode = exposure.primary, exposure.mode
    for switch in SWITCHES:
        if switch in primary and switch != "STATFLAG":
            primary[switch] = exposure.switches[switch]
    if "STATFLAG" in primary:
        primary["STATFLAG"] = exposure.switches["STATFLAG"] == "PERFORM"
    for keyword, name in refs.names.items():
        if keyword in primary:
            primary[keyword] = name
    values = {
        "CAL_VER": CAL_VER,
        "OPT_ELEM": mode.opt_elem,
        "CENWAVE": mode.cenwave,
        "FPOFFSET": mode.fpoffset,
        "OBSTYPE": mode.obstype,
        "EXPTYPE": mode.exptype,
        "APERTURE": mode.aperture,
    }
    for keyword, value in values.items():
        if keyword in primary:
            primary[keyword] = value
    record_corrections(primary, exposure.corrections, "events", "images")
    if not mode.is_spectroscopic and "DISPAXIS" in exposure.header:
        exposure.header["DISPAXIS"] = 0
    exposure.header["X_OFFSET"] = mode.x_offset
