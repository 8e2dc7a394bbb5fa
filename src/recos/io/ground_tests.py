"""Configuration of exposures of the ground tests, whose headers do not tell it: from the position of the OSM.

In the thermal-vacuum tests of 2003 (TARGNAME = Thermal_Vac) OPT_ELEM, CENWAVE and FPOFFSET were often not filled in.
The Optics Select Mechanisms tell what was in the beam; their steps are in the support file. Specification 1,
section 5.4.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from recos.io.fits import open_fits
from recos.messages import warn

logger = logging.getLogger(__name__)


class Setting(NamedTuple):
    """What the mechanism puts into the beam."""

    opt_elem: str
    cenwave: int
    fpoffset: int


# CENWAVE:step of FPOFFSET -2; -1, 0 and 1 are the next steps
_FUV = {
    "G130M": "1291:7999 1300:7995 1309:7991 1318:7987 1327:7983",
    "G160M": "1577:11201 1589:11197 1600:11193 1611:11189 1623:11185",
    "G140L": "1105:1596 1230:1589",
}
_FUV_SINGLE = {1593: Setting("G140L", 1230, 0)}
# CENWAVE:step of FPOFFSET 0; *: -2, -1 and 1 are beside it; CENWAVE:step:FPOFFSET
_NUV_EARLY = {
    "G185M": "1817:1304 1850:1285* 1882:1267 1921:1245 1953:1226 1986:1208",
    "G225M": "2217:6421 2250:6401* 2268:6390 2283:6381 2325:6356 2357:6337 2357:6344:7 2390:6318",
    "G285M": "2637:3949 2657:3939 2676:3929 2709:3912 2850:3840* 2952:3788 2952:3793:5 2979:3774 3018:3754 3035:3751 "
    "3057:3734 3074:3730*",
    "G230L": "2635:11540 3000:11521* 3360:11502",
}
_NUV_MIDDLE = {
    "G185M": "1786:1324 1817:1308* 1835:1298 1850:1289* 1864:1282 1882:1272 1890:1267 1900:1263* 1913:1255 "
    "1921:1251* 1941:1240 1953:1233* 1971:1223 1986:1214 2010:1200 2010:1150:-50 2010:1175:-25 2010:1190:-10",
    "G225M": "2186:6442 2186:6432:-10 2217:6424 2233:6414* 2250:6404 2268:6393 2283:6384 2306:6372 2325:6360* "
    "2339:6352 2357:6340 2373:6331* 2390:6321 2410:6309",
    "G285M": "2617:3959 2637:3949* 2657:3940 2676:3931 2695:3921* 2709:3914 2719:3910* 2739:3900 2850:3844* "
    "2850:3834:-10 2850:3854:10 2952:3793* 2979:3780 2996:3771 3018:3760 3057:3739 3094:3720",
    "G230L": "2635:11543* 2950:11527 3000:11524* 3360:11505*",
}
_NUV_LATE = {
    "G185M": "1786:1319 1817:1303 1835:1293 1850:1284 1864:1277 1882:1267 1890:1262 1900:1258 1913:1250 1921:1246 "
    "1941:1235 1953:1228 1971:1218 1986:1209 2010:1195",
    "G225M": "2186:6437 2217:6419 2233:6409 2250:6399 2268:6388 2283:6379 2306:6367 2325:6355 2339:6347 2357:6335 "
    "2373:6326 2390:6316 2410:6304",
    "G285M": "2850:3839",
    "G230L": "3000:11519",
}
_TARGET_ACQUISITION = (
    (range(8952, 8966), Setting("TA1Image", 0, 0)),
    (range(9419, 9426), Setting("TA1Brght", 0, 0)),
)


def setting(detector: str, step: int, day: int = 0) -> Setting | None:
    """What is in the beam at a step of the mechanism (OSM1 for FUV, OSM2 for NUV); None if nothing is known there.

    Parameters
    ----------
    detector : {"FUV", "NUV"}
    step : int
        LOM1STP (FUV) or LOM2STP (NUV).
    day : int
        Day of the year; the NUV mechanism was changed twice during the tests.
    """
    if detector == "FUV":
        return {**dict(_settings(_FUV, first=-2)), **_FUV_SINGLE}.get(step)
    for steps, found in _TARGET_ACQUISITION:
        if step in steps:
            return found
    table = _NUV_EARLY if day < 264 else _NUV_MIDDLE if day < 295 else _NUV_LATE
    return dict(_settings(table, first=0)).get(step)


def _settings(table: dict[str, str], first: int) -> Iterator[tuple[int, Setting]]:
    """Step and setting of the words of a table; `first`: FPOFFSET of the step that the table names."""
    for opt_elem, words in table.items():
        for word in words.split():
            cenwave, step, *single = word.rstrip("*").split(":")
            if single:
                offsets: tuple[int, ...] = (int(single[0]),)
                base = int(step) - offsets[0]
            else:
                offsets = (-2, -1, 0, 1) if first or word.endswith("*") else (0,)
                base = int(step) - first
            for offset in offsets:
                yield base + offset, Setting(opt_elem, int(cenwave), offset)


def true_setting(detector: str, given: Setting, spt: Path) -> Setting:
    """The configuration that the support file of a ground exposure tells; warns where the header disagrees.

    Parameters
    ----------
    detector : {"FUV", "NUV"}
    given : Setting
        As in the header of the exposure; returned if the support file does not help.
    spt : Path
        The support file.
    """
    if not spt.is_file():
        warn(logger, f"spt file {spt} not found", "can't check OPT_ELEM, CENWAVE, FPOFFSET")
        return given
    with open_fits(spt) as hdus:
        rootname = str(hdus[0].header.get("ROOTNAME", ""))
        key = "LOM1STP" if detector == "FUV" else "LOM2STP"
        step = int(hdus[2].header.get(key, -1)) if len(hdus) > 2 else -1
    day = rootname[12:15]
    if detector == "NUV" and not day.isdigit():
        warn(logger, f"{spt}: ROOTNAME = {rootname!r} tells no date; can't check OPT_ELEM, CENWAVE, FPOFFSET")
        return given
    found = setting(detector, step, int(day) if detector == "NUV" else 0)
    if found is None:
        warn(logger, f"{spt} has invalid {key} {step}")
        return given
    if given.opt_elem != "RelMvReq":
        for name, old, new in zip(("OPT_ELEM", "CENWAVE", "FPOFFSET"), given, found, strict=True):
            if old != new and not (name == "CENWAVE" and given.cenwave < 1000):
                warn(logger, f"{name} = {old}; will be replaced with {new}, based on OSM position")
    return found
