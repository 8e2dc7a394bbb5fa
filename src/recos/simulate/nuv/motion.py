"""Motion of HST around the Earth, and of the Earth around the Sun, with respect to the target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recos.instrument import SECONDS_PER_DAY, SPEED_OF_LIGHT
from recos.simulate.plan import PlannedExposure

PERIOD = 5728.0
"""Seconds."""
_SPEED = 7.59
"""km/s"""
_INCLINATION = np.deg2rad(28.47)
_NODE_PERIOD = 54.0
"""Days in which the orbital plane turns once around the pole."""
_EPOCH = 57000.0
"""MJD of the passage through the ascending node, which then is at right ascension 0."""


class Orbit(NamedTuple):
    """Velocity of HST away from a target: a sine of time."""

    amplitude: float
    """km/s"""
    zero: float
    """MJD at which HST begins to recede from the target, less than one period before the exposure."""
    period: float = PERIOD
    """Seconds."""

    def velocity(self, mjd: np.ndarray) -> np.ndarray:
        """Velocity of HST away from the target, km/s."""
        return self.amplitude * np.sin(2.0 * np.pi * (mjd - self.zero) * SECONDS_PER_DAY / self.period)


def orbit(planned: PlannedExposure) -> Orbit:
    """The circular orbit of HST as seen from the target of an exposure; at rest if the effect is off."""
    if not planned.effects.doppler or planned.is_wavecal:
        return Orbit(0.0, planned.expstart)
    node = -2.0 * np.pi * (planned.expstart - _EPOCH) / _NODE_PERIOD
    to_node = np.array([np.cos(node), np.sin(node), 0.0])
    ahead = np.array([-np.sin(node), np.cos(node), 0.0]) * np.cos(_INCLINATION)
    ahead[2] = np.sin(_INCLINATION)
    target = direction(planned)
    # position ~ to_node cos(a) + ahead sin(a); recession = -velocity . target = amplitude * sin(a - phase)
    along, across = float(target @ to_node), float(target @ ahead)
    phase = np.arctan2(across, along)
    angle = 2.0 * np.pi * (planned.expstart - _EPOCH) * SECONDS_PER_DAY / PERIOD
    since_zero = float((angle - phase) % (2.0 * np.pi)) / (2.0 * np.pi) * PERIOD
    return Orbit(_SPEED * float(np.hypot(along, across)), planned.expstart - since_zero / SECONDS_PER_DAY)


def direction(planned: PlannedExposure) -> np.ndarray:
    """Unit vector to the target, equatorial, shape (3,)."""
    ra, dec = np.deg2rad([planned.ra, planned.dec])
    return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def earth_velocity(planned: PlannedExposure) -> float:
    """Velocity of the Earth away from the target in the barycentric frame at mid-exposure, km/s.

    From the ephemeris of astropy, which is independent of the formulae of the calibration.
    """
    if not planned.effects.heliocentric or planned.is_wavecal:
        return 0.0
    from astropy.coordinates import get_body_barycentric_posvel
    from astropy.time import Time

    when = Time((planned.expstart + planned.expend) / 2.0, format="mjd", scale="utc")
    velocity = get_body_barycentric_posvel("earth", when, ephemeris="builtin")[1]
    return -float(velocity.xyz.to_value("km/s") @ direction(planned))


def stretch(velocity: np.ndarray | float) -> np.ndarray | float:
    """Observed wavelength over emitted wavelength for a velocity of recession, km/s."""
    return 1.0 + velocity / SPEED_OF_LIGHT
