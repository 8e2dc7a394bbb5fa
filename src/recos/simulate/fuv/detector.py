"""The FUV detector as functions of position, pulse height and time; the same in all modes.

Positions are zero-indexed pixels. "Corrected" means after all corrections of specification 2, sections 11 to 14
(XCORR, YCORR), "raw" what the electronics digitise. Each function is tabulated into a reference file and inverted to
make events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recos.data.instrument import FUV_SHAPE
from recos.simulate.plan import Effects

ROWS, COLUMNS = FUV_SHAPE
PULSE_HEIGHT_LIMITS = (2, 23)
"""Pulse heights of photons, both included."""
DARK_RATE = 1.5e-6
"""Background of the detector, count/s/pixel."""
DEAD_TIME = 7.4e-6
"""Seconds lost per event."""
STIM_RATE = 30.0
"""Both stims together, count/s."""
STIM_WIDTH = 0.8
STRAY_RATE = 1.0
"""Events outside the active area, count/s."""
LARGEST_RESPONSE = 1.05
"""No pixel is more sensitive than this times the mean."""


class Layout(NamedTuple):
    """What differs between the segments."""

    left: int
    right: int
    low: int
    high: int
    """Active area, both ends included."""
    stims: tuple[tuple[float, float], tuple[float, float]]
    """Reference positions (x, y) of the electronic stims."""
    thermal: tuple[float, float, float, float]
    """Corrected coordinate = x0 + xslope * raw, y0 + yslope * raw, at the start of an exposure."""
    phase: float
    """Of the periodic patterns below, so that the segments differ."""


LAYOUT = {
    "FUVA": Layout(
        1060, 15250, 296, 734, ((389.0, 984.0), (16000.0, 33.0)), (-3.1, 1.00042, 1.4, 0.9993), 0.0
    ),
    "FUVB": Layout(
        809, 15182, 360, 785, ((384.0, 32.0), (16010.0, 982.0)), (2.3, 0.99965, -0.8, 1.0008), 1.7
    ),
}
_THERMAL_DRIFT = (2.0e-4, -1.0e-4)
"""Of x0 and y0, pixel/s."""
HV_HISTORY = {
    "FUVA": ((54952.0, 169), (56100.0, 167), (57500.0, 173)),
    "FUVB": ((54952.0, 167), (56100.0, 169), (57500.0, 175)),
}
"""MJD from which a commanded high voltage holds, and its level."""
HV_LEVELS = (163, 167, 169, 173, 175, 178)
"""Levels for which gain-sag holes are known."""
LIFETIME_OFFSET = {1: 0.0, 2: 41.0, 3: -31.0, 4: -62.0, 5: 62.0, 6: 85.0}
"""Rows between the spectrum at a lifetime position and that at the first."""
_HOLE_ROWS = {"FUVA": 488.0, "FUVB": 548.0}
_HOLES_PER_POSITION = 50


def active(segment: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether corrected positions lie in the active area."""
    s = LAYOUT[segment]
    return (x >= s.left) & (x <= s.right) & (y >= s.low) & (y <= s.high)


# ------------------------------------------------------------------------------------------ geometry


def distortion(segment: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What GEOCORR subtracts from x and y at the thermally corrected position, pixels."""
    phase = LAYOUT[segment].phase
    dx = 11.0 * np.sin(x / 2600.0 + phase) + 2.0 * np.cos(y / 190.0)
    dy = 4.0 * np.cos(x / 3900.0 + phase) + 1.5 * np.sin(y / 240.0)
    return dx, dy


def delta_distortion(segment: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What DGEOCORR subtracts from x and y at the position after GEOCORR, pixels."""
    phase = LAYOUT[segment].phase
    dx = 0.5 * np.sin(x / 700.0 + phase) + 0.1 * np.sin(y / 80.0)
    dy = 0.3 * np.cos(x / 900.0 + phase) + 0.1 * np.cos(y / 110.0)
    return dx, dy


def walk_x(pha: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What XWLKCORR subtracts from x for a pulse height, at the position before it, pixels."""
    return 0.03 * (pha - 11.5) * (1.0 + 0.3 * np.sin(x / 4000.0))


def walk_y(pha: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What YWLKCORR subtracts from y for a pulse height, at the position before it, pixels."""
    return 0.12 * (pha - 11.5) * (1.0 + 0.2 * np.cos(y / 150.0))


def thermal(segment: str, time: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, float]:
    """Intercept and slope in x and in y that lead from raw to thermally corrected coordinates at a time."""
    x0, xslope, y0, yslope = LAYOUT[segment].thermal
    return x0 + _THERMAL_DRIFT[0] * time, xslope, y0 + _THERMAL_DRIFT[1] * time, yslope


def to_raw(
    segment: str, time: np.ndarray, x: np.ndarray, y: np.ndarray, pha: np.ndarray, effects: Effects
) -> tuple[np.ndarray, np.ndarray]:
    """Raw positions of events at corrected ones: the corrections of specification 2, sections 11 to 14, undone.

    Parameters
    ----------
    segment : str
    time : ndarray of float64
        Seconds since the start of the exposure.
    x, y : ndarray of float64
        Corrected position, pixels.
    pha : ndarray of int
        Pulse height, 0 to 31.
    effects : Effects
        Which of walk, distortion and thermal drift there are.

    Returns
    -------
    rawx, rawy : ndarray of float64
        Before they are digitised.
    """
    if effects.walk:
        x, y = _before(lambda u, v: (walk_x(pha, u), walk_y(pha, v)), x, y)
    if effects.distortion:
        x, y = _before(lambda u, v: delta_distortion(segment, u, v), x, y)
        x, y = _before(lambda u, v: distortion(segment, u, v), x, y)
    return without_thermal(segment, time, x, y) if effects.thermal else (x, y)


def without_thermal(
    segment: str, time: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Raw positions that TEMPCORR moves to (x, y)."""
    x0, xslope, y0, yslope = thermal(segment, time)
    return (x - x0) / xslope, (y - y0) / yslope


def _before(correction: Callable, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions from which subtracting `correction`, evaluated there, leads to (x, y)."""
    u, v = x, y
    # corrections change by less than 1 % of a pixel per pixel: four steps are exact to 1e-7 pixel
    for _ in range(4):
        dx, dy = correction(u, v)
        u, v = x + dx, y + dy
    return u, v


# ------------------------------------------------------------------------------------------ response


def flat(
    segment: str, column: np.ndarray, row: np.ndarray, pattern: bool = True, wires: bool = True
) -> np.ndarray:
    """Response of pixels relative to the mean, at most :data:`LARGEST_RESPONSE`.

    Parameters
    ----------
    column, row : ndarray of int
        Corrected pixels; they are broadcast against each other.
    pattern, wires : bool
        Whether there is a pattern that differs from pixel to pixel; shadows of the grid wires, which follow
        the columns.
    """
    column, row = np.asarray(column, np.int64), np.asarray(row, np.int64)
    response = np.ones(np.broadcast_shapes(column.shape, row.shape))
    if pattern:
        noise = _pixel_noise(column, row, ord(segment[-1]))
        response += 0.03 * noise + 0.02 * np.sin(column / 97.0) * np.cos(row / 31.0)
    if wires:
        distance = (column - wire_columns(segment)[0] + WIRE_SPACING // 2) % WIRE_SPACING - WIRE_SPACING // 2
        response = response * (1.0 - 0.22 * np.exp(-0.5 * (distance / 6.0) ** 2))
    return response


WIRE_SPACING = 840


def wire_columns(segment: str) -> np.ndarray:
    """Columns of the shadows of the grid wires in the active area."""
    s = LAYOUT[segment]
    return np.arange(s.left + 300, s.right, WIRE_SPACING)


def _pixel_noise(column: np.ndarray, row: np.ndarray, seed: int) -> np.ndarray:
    """A number in [-1, 1) for each pixel, without visible order: an integer hash (after T. Mueller)."""
    mask = 0xFFFFFFFF
    h = (column * 16384 + row * 40503 + seed * 2654435761) & mask
    for _ in range(2):
        h = (((h >> 16) ^ h) * 0x45D9F3B) & mask
    h = (h >> 16) ^ h
    return h / 2.0**31 - 1.0


# ----------------------------------------------------------------------------------- pulse heights


def high_voltage(segment: str, mjd: float) -> int:
    """Commanded level of the high voltage at a time."""
    levels = [level for date, level in HV_HISTORY[segment] if date <= mjd]
    return levels[-1] if levels else HV_HISTORY[segment][0][1]


def hv_sensitivity(segment: str, level: int) -> float:
    """By what HVDSCORR multiplies the weight of an event at a level of the high voltage."""
    intercept, slope, zero = HV_SENSITIVITY[segment]
    return intercept + slope * (level - zero)


HV_SENSITIVITY = {"FUVA": (1.0, -0.004, 169.0), "FUVB": (1.0, -0.003, 175.0)}
"""Intercept, slope per level, level at which the correction is the intercept."""


def sag_holes(segment: str, level: int) -> np.ndarray:
    """Gain-sag holes at a level of the high voltage, in order of the date when each became one.

    Returns
    -------
    ndarray of record
        Fields lx, ly, dx, dy (pixels) and date (MJD). A hole lies around the spectrum of some lifetime
        position; at a higher voltage it appears later.
    """
    rng = np.random.default_rng([8192, ord(segment[-1])])
    s = LAYOUT[segment]
    rows = np.repeat(_HOLE_ROWS[segment] + np.array(list(LIFETIME_OFFSET.values())), _HOLES_PER_POSITION)
    n = len(rows)
    holes = np.zeros(n, [(name, np.int32) for name in ("lx", "ly", "dx", "dy")] + [("date", np.float64)])
    holes["lx"] = rng.integers(s.left, s.right - 60, n)
    holes["dx"] = rng.integers(8, 45, n)
    holes["dy"] = rng.integers(5, 12, n)
    holes["ly"] = np.rint(rows + rng.normal(0.0, 3.0, n) - holes["dy"] / 2)
    holes["date"] = rng.uniform(55200.0, 60200.0, n) + 60.0 * (level - 167)
    return np.sort(holes, order="date")


def sag_map(segment: str, mjd: float) -> np.ndarray:
    """Where the gain is low at a time: bool, shape (1024, 16384)."""
    image = np.zeros(FUV_SHAPE, bool)
    for hole in sag_holes(segment, high_voltage(segment, mjd)):
        if hole["date"] <= mjd:
            image[hole["ly"] : hole["ly"] + hole["dy"], hole["lx"] : hole["lx"] + hole["dx"]] = True
    return image


def photon_pulse_heights(rng: np.random.Generator, x: np.ndarray, sagged: np.ndarray) -> np.ndarray:
    """Pulse heights of photons at columns `x`: ndarray of int64, 0 to 31; low where the gain is sagged."""
    mean = np.where(sagged, 2.6, 11.5 + 0.6 * np.sin(x / 3000.0))
    pha = mean + np.where(sagged, 1.3, 2.5) * rng.standard_normal(len(x))
    return np.clip(np.rint(pha), 0, 31).astype(np.int64)


def background_pulse_heights(rng: np.random.Generator, n: int) -> np.ndarray:
    """Pulse heights of the dark background: int64, an exponential with a flat tail."""
    low = rng.exponential(6.0, n)
    return np.where(rng.uniform(size=n) < 0.8, np.minimum(low, 31), rng.uniform(0, 32, n)).astype(np.int64)


def livetime(observed_rate: np.ndarray | float) -> np.ndarray:
    """Fraction of the time in which the detector can record an event, at an observed rate in count/s."""
    return 1.0 - np.asarray(observed_rate, np.float64) * DEAD_TIME
