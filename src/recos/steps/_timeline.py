"""The TIMELINE table: orbit, Sun, airglow and background second by second. Specification 3, section 13."""

from __future__ import annotations

from copy import copy

import numpy as np
from astropy.io import fits

from recos.data.columns import Column
from recos.data.exposure import Exposure
from recos.data.instrument import SECONDS_PER_DAY
from recos.data.table import BinTable, TableColumn
from recos.kernels.times import second_grid
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps.heliocentric import unit_vector
from recos.steps.orbit import hst_orbit
from recos.steps.region_rates import airglow_rate, dark_rate
from recos.steps.step import step
from recos.steps.sun import ephemeris_sun, sidereal_time, sun_position, turned_with_earth

logger = get_logger(__name__)

_EARTH_RADIUS = 6367.456
"""km"""


#: Layout of the table.
COLUMNS = (
    Column("TIME", "f4", "s", "F8.3"),
    Column("LONGITUDE", "f4", "degree", "F10.6"),
    Column("LATITUDE", "f4", "degree", "F10.6"),
    Column("SUN_ALT", "f4", "degree", "F6.2"),
    Column("SUN_ZD", "f4", "degree", "F6.2"),
    Column("TARGET_ALT", "f4", "degree", "F6.2"),
    Column("RADIAL_VEL", "f4", "km /s", "F7.5"),
    Column("SHIFT1", "f4", "pixel", "F7.3"),
    Column("LY_ALPHA", "f4", "count /s", "G15.6"),
    Column("OI_1304", "f4", "count /s", "G15.6"),
    Column("OI_1356", "f4", "count /s", "G15.6"),
    Column("DARKRATE", "f4", "count /s /pixel", "G15.6"),
)
#: Columns of a corrtag input that stay as they are where nothing new is known.
_KEPT = ("LONGITUDE", "LATITUDE", "SUN_ALT", "SUN_ZD", "TARGET_ALT", "RADIAL_VEL", "SHIFT1")
_AXIS_KEYWORDS = ("TCTYP", "TCUNI", "TCRPX", "TCRVL", "TCDLT")


@step(without_events=True)
def timeline(exposure: Exposure, refs: References) -> None:
    """Make ``exposure.timeline``; that of a corrtag input is brought up to date instead."""
    values = timeline_columns(exposure, refs)
    header, n = exposure.header, len(values["TIME"])
    if exposure.timeline_input is None:
        logger.info("Append a TIMELINE extension.")
    else:
        logger.info("Update the TIMELINE extension.")
        header, rows = exposure.timeline_input
        if len(rows) != n:
            warn(
                logger,
                f"Number of rows in TIMELINE extension is {len(rows)}, expected {n},",
                "so TIMELINE table will not be updated.",
            )
            values = {c.name: np.asarray(rows[c.name], dtype=np.float32) for c in COLUMNS}
    exposure.timeline = _table(values, header, "event-coordinates" not in exposure.corrections)


def timeline_columns(exposure: Exposure, refs: References) -> dict[str, np.ndarray]:
    """The columns of the table by name, float32, one row per second; 0 where nothing is known.

    Shifts and orbit of a corrtag input stay where nothing new is known.
    """
    history, events = exposure.shift_history, exposure.events
    if history is not None:
        time = history.time
    else:
        ends = (float(events.time[0]), float(events.time[-1])) if len(events) else (None, None)
        time = second_grid(*ends)
    values = {c.name: np.zeros(len(time), np.float32) for c in COLUMNS}
    if exposure.timeline_input is not None and len(exposure.timeline_input[1]) == len(time):
        for name in _KEPT:
            values[name][:] = exposure.timeline_input[1][name]
    values["TIME"] = time.astype(np.float32)
    shift = None if history is None else history.shift1
    if shift is not None:
        values["SHIFT1"] = shift.astype(np.float32)
    _add_rates(exposure, refs, values, time)
    if exposure.spt_header is None:
        warn(logger, "spt file not found, so TIMELINE extension is incomplete")
    else:
        _add_orbit(exposure, exposure.spt_header, values, time)
    return values


def _is_external(exposure: Exposure) -> bool:
    return exposure.mode.exptype.startswith("EXT")


def _add_rates(exposure: Exposure, refs: References, values: dict[str, np.ndarray], time: np.ndarray) -> None:
    mode = exposure.mode
    if not (_is_external(exposure) and mode.aperture in ("PSA", "BOA")):
        return
    if exposure.exptime <= 0.0 or not len(exposure.events) or not mode.is_spectroscopic:
        return
    # QUIRK (specification 3, section 13.4): for corrtag input without WAVECORR the regions are not shifted
    shift = None if exposure.shift_history is None else exposure.shift_history.shift1
    middle = 0.0 if shift is None else float(np.sort(shift.astype(np.float32))[len(shift) // 2])
    for name in ("LY_ALPHA", "OI_1304", "OI_1356"):
        values[name] = airglow_rate(exposure, refs, name, middle, time)
    values["DARKRATE"] = dark_rate(exposure, refs, middle, time)


def _add_orbit(exposure: Exposure, spt: fits.Header, values: dict[str, np.ndarray], time: np.ndarray) -> None:
    mode = exposure.mode
    mjd = time.astype(np.float64) / SECONDS_PER_DAY + mode.expstart
    position, velocity = hst_orbit(spt, mjd)
    if "timeline-positions" in exposure.corrections:
        ground, sun = turned_with_earth(position, mjd), ephemeris_sun(mjd)
        longitude = np.mod(np.arctan2(ground[1], ground[0]), 2.0 * np.pi)
    else:
        ground, sun = position, sun_position(mjd)
        right_ascension = np.mod(np.arctan2(position[1], position[0]), 2.0 * np.pi)
        longitude = right_ascension - 2.0 * np.pi * sidereal_time(mjd)
        longitude = np.where(longitude < 0.0, longitude + 2.0 * np.pi, longitude)
    angles = {
        "LONGITUDE": longitude,
        "LATITUDE": np.arctan2(ground[2], np.hypot(ground[0], ground[1])),
        "SUN_ALT": _altitude(position, sun - position),
        "SUN_ZD": _angle(position, sun),
    }
    if _is_external(exposure):
        target = unit_vector(mode.ra_targ, mode.dec_targ)[:, np.newaxis]
        values["RADIAL_VEL"] = (-np.sum(target * velocity, axis=0)).astype(np.float32)
        angles["TARGET_ALT"] = _altitude(position, target)
    for name, angle in angles.items():
        values[name] = np.degrees(angle).astype(np.float32)


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle between vectors of shape (3, n), radians."""
    a, b = a / np.sqrt(np.sum(a * a, axis=0)), b / np.sqrt(np.sum(b * b, axis=0))
    angle: np.ndarray = np.arccos(np.sum(a * b, axis=0))
    return angle


def _altitude(position: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Altitude above the horizon of the Earth, seen from a position (km), radians."""
    radius = np.sqrt(np.sum(position * position, axis=0))
    altitude: np.ndarray = np.pi / 2.0 + np.arccos(_EARTH_RADIUS / radius) - _angle(position, direction)
    return altitude


def _table(values: dict[str, np.ndarray], header: fits.Header, with_axes: bool = True) -> BinTable:
    """The table, with all keywords of a header.

    QUIRK (specification 3, section 13.3), `with_axes`: coordinates of columns 2 and 3 of the events become attributes
    of LONGITUDE and LATITUDE.
    """
    axes, columns = _AXIS_KEYWORDS if with_axes else (), []
    for i, column in enumerate(COLUMNS, 1):
        keywords = {r: header[f"{r}{i}"] for r in axes if i in (2, 3) and f"{r}{i}" in header}
        columns.append(TableColumn(column, values[column.name], keywords))
    moved = {f"{root}{i}" for root in _AXIS_KEYWORDS for i in (2, 3)} | {"EXTNAME", "EXTVER"}
    result = fits.Header([("EXTVER", 1, "extension version number")])
    kept = [copy(c) for c in header.cards if c.keyword not in moved]
    result.extend(kept, strip=False, end=True)
    return BinTable("TIMELINE", result, columns)
