"""Motion of HST around the Earth and of the Earth around the Sun.

The orbit is circular; its elements are written to the support file, and the commanded Doppler shift of the raw
headers follows from it. Specification 3, sections 5 and 13.6.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from recos.data.instrument import SECONDS_PER_DAY

SEMILATUS_RECTUM = 6.9157e6
"""Radius of the orbit, m."""
SPEED = 7606.2
"""m/s"""
REVOLUTIONS_PER_SECOND = SPEED / (2.0 * np.pi * SEMILATUS_RECTUM)
PERIOD = 1.0 / REVOLUTIONS_PER_SECOND
"""Orbital period, s."""
_COS_INCLINATION = 0.88
_SIN_INCLINATION = float(np.sqrt(1.0 - _COS_INCLINATION**2))
_NODE, _NODE_RATE = 0.6, -2.131e-7
"""Right ascension of the ascending node at the epoch, revolutions; its rate, revolutions per second."""
_ANOMALY = 1.0
"""Mean anomaly at the epoch, radians; the argument of the perigee is zero."""
_EPOCH_SECONDS = 9.4e8
_EPOCH = 46066.0 + _EPOCH_SECONDS / SECONDS_PER_DAY


class Doppler(NamedTuple):
    """The shift of the wavelengths of a target by the motion of HST, a sine of time."""

    amplitude: float
    """km/s"""
    zero: float
    """MJD at which the radial velocity becomes positive (receding)."""
    period: float
    """s"""

    def velocity(self, mjd: np.ndarray | float) -> np.ndarray:
        """Radial velocity at a time, km/s; positive when the distance grows."""
        seconds = (np.asarray(mjd, np.float64) - self.zero) * SECONDS_PER_DAY
        return self.amplitude * np.sin(2.0 * np.pi * seconds / self.period)


def support_keywords() -> dict[str, float]:
    """The elements of the orbit by the keywords of the support file (spt)."""
    return {
        "ARGPERIG": 0.0, "CIRVELOC": SPEED, "COSINCLI": _COS_INCLINATION, "ECBDX3": 0.0, "ECCENTRY": 0.0,
        "ECCENTX2": 0.0, "ECBDX4D3": 0.0, "EPCHTIME": _EPOCH_SECONDS, "ESQDX5D2": 0.0,
        "FDMEANAN": REVOLUTIONS_PER_SECOND, "HSTHORB": PERIOD / 2.0, "MEANANOM": _ANOMALY,
        "RASCASCN": _NODE, "RCARGPER": 0.0, "RCASCNRV": _NODE_RATE, "SDMEANAN": 0.0,
        "SEMILREC": SEMILATUS_RECTUM, "SINEINCL": _SIN_INCLINATION,
    }  # fmt: skip


def direction(ra: float, dec: float) -> np.ndarray:
    """Unit vector of a position in degrees, shape (3,)."""
    a, d = np.deg2rad([ra, dec])
    return np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])


def _phase(mjd: float) -> float:
    """Angle from the ascending node, radians."""
    return _ANOMALY + 2.0 * np.pi * REVOLUTIONS_PER_SECOND * (mjd - _EPOCH) * SECONDS_PER_DAY


def _plane(mjd: float) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors in the plane of the orbit: to the ascending node, and a quarter of an orbit later."""
    node = 2.0 * np.pi * (_NODE + _NODE_RATE * (mjd - _EPOCH) * SECONDS_PER_DAY)
    to_node = np.array([np.cos(node), np.sin(node), 0.0])
    ahead = np.array([-np.sin(node) * _COS_INCLINATION, np.cos(node) * _COS_INCLINATION, _SIN_INCLINATION])
    return to_node, ahead


def position(mjd: float) -> np.ndarray:
    """Geocentric equatorial position of HST, km, shape (3,)."""
    to_node, ahead = _plane(mjd)
    phase = _phase(mjd)
    return SEMILATUS_RECTUM / 1000.0 * (np.cos(phase) * to_node + np.sin(phase) * ahead)


def doppler(ra: float, dec: float, mjd: float) -> Doppler:
    """Doppler shift of a target, for the orbit around `mjd`.

    Parameters
    ----------
    ra, dec : float
        Degrees.
    mjd : float
        Start of the exposure; the zero is the last one before it.
    """
    target = direction(ra, dec)
    along_node, along_ahead = (float(axis @ target) for axis in _plane(mjd))
    since_zero = (_phase(mjd) - np.arctan2(along_ahead, along_node)) % (2.0 * np.pi)
    seconds = since_zero / (2.0 * np.pi) * PERIOD
    amplitude = SPEED / 1000.0 * float(np.hypot(along_node, along_ahead))
    return Doppler(amplitude, mjd - seconds / SECONDS_PER_DAY, PERIOD)


@lru_cache(maxsize=256)
def heliocentric_velocity(ra: float, dec: float, mjd: float) -> float:
    """Velocity of the Earth away from a target, km/s; a wavelength becomes barycentric by ``1 - v/c``.

    From the ephemeris of astropy, which is independent of the formulae of the calibration.
    """
    from astropy.coordinates import get_body_barycentric_posvel
    from astropy.time import Time

    when = Time(mjd, format="mjd", scale="tdb")
    earth, sun = (
        get_body_barycentric_posvel(body, when, ephemeris="builtin")[1].xyz.to_value("km/s")
        for body in ("earth", "sun")
    )
    return -float((earth - sun) @ direction(ra, dec))
