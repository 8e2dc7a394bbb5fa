"""Velocity of the Earth towards the target. Specification 3, section 3.2.

QUIRK: the formula of the reference refers to the equator of date, the position of the target to that of J2000.
"""

from __future__ import annotations

import math

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import SECONDS_PER_DAY
from recos.references import References
from recos.steps.step import step

MJD_ZERO = 2400000.5
"""Julian Date at which the Modified Julian Date begins."""
TDB_MINUS_UTC = 69.184
"""Seconds, since 2017; up to 3 s less before, in which the velocity of the Earth changes by 2e-5 km/s."""
_J2000 = 51544.5
"""MJD"""
_AU = 1.4959787e8
"""km"""
_ANOMALY_RATE = math.radians(0.9856003)
_LONGITUDE_RATE = math.radians(0.9856474)


@step()
def heliocentric_velocity(exposure: Exposure, refs: References) -> None:
    """Write V_HELIO, the radial velocity of the target caused by the orbit of the Earth, at mid-exposure."""
    if not exposure.mode.is_spectroscopic or not len(exposure.events):
        return
    time, mode = exposure.events.time, exposure.mode
    middle = mode.expstart + (float(time[0]) + float(time[-1])) / 2.0 / SECONDS_PER_DAY
    if "barycentric-velocity" in exposure.corrections:
        exposure.v_helio = ephemeris_velocity(mode.ra_targ, mode.dec_targ, middle, barycentric=True)
        exposure.header["V_HELIO"] = (exposure.v_helio, "Geocentric to barycentric velocity")
        return
    exact = "heliocentric-velocity" in exposure.corrections
    exposure.v_helio = (ephemeris_velocity if exact else radial_velocity)(mode.ra_targ, mode.dec_targ, middle)
    exposure.header["V_HELIO"] = exposure.v_helio


def unit_vector(ra: float, dec: float) -> np.ndarray:
    """Direction of right ascension and declination, in degrees; shape (3,)."""
    a, d = math.radians(ra), math.radians(dec)
    return np.array([math.cos(d) * math.cos(a), math.cos(d) * math.sin(a), math.sin(d)])


def radial_velocity(ra: float, dec: float, mjd: float) -> float:
    """Velocity of the Earth around the Sun away from a direction.

    Parameters
    ----------
    ra, dec : float
        Degrees, J2000.
    mjd : float
        Modified Julian Date.

    Returns
    -------
    float
        km/s; positive when the distance grows. A wavelength becomes heliocentric by ``1 - v/c``.
    """
    days = mjd - _J2000
    g = _first_turn(357.528 + 0.9856003 * days)
    longitude = _first_turn(280.461 + 0.9856474 * days)
    obliquity = math.radians(23.439 - 0.0000004 * days)
    L = longitude + 0.033423 * math.sin(g) + 0.000349 * math.sin(2.0 * g)
    L_rate = (
        _LONGITUDE_RATE
        + 0.033423 * math.cos(g) * _ANOMALY_RATE
        + 0.000349 * math.cos(2.0 * g) * 2.0 * _ANOMALY_RATE
    )
    R = 1.00014 - 0.01671 * math.cos(g) - 0.00014 * math.cos(2.0 * g)
    R_rate = 0.01671 * math.sin(g) * _ANOMALY_RATE + 0.00014 * math.sin(2.0 * g) * 2.0 * _ANOMALY_RATE
    across = R_rate * math.sin(L) + R * math.cos(L) * L_rate
    sun = np.array(
        [
            R_rate * math.cos(L) - R * math.sin(L) * L_rate,
            math.cos(obliquity) * across,
            math.sin(obliquity) * across,
        ]
    )
    earth = -sun * _AU / SECONDS_PER_DAY
    return -float(np.sum(earth * unit_vector(ra, dec)))


def ephemeris_velocity(ra: float, dec: float, mjd: float, barycentric: bool = False) -> float:
    """Velocity of the Earth away from a direction, by the ephemeris of ERFA (``epv00``), which is that of astropy.

    Parameters
    ----------
    ra, dec, mjd
        As for :func:`radial_velocity`.
    barycentric : bool
        With respect to the barycentre of the solar system instead of the Sun.

    Returns
    -------
    float
        km/s; positive when the distance grows.
    """
    import erfa  # only for the corrections

    earth = erfa.epv00(MJD_ZERO, mjd + TDB_MINUS_UTC / SECONDS_PER_DAY)[int(barycentric)]
    return -float(earth["v"] @ unit_vector(ra, dec)) * float(erfa.DAU) / 1000.0 / SECONDS_PER_DAY


def _first_turn(degrees: float) -> float:
    """An angle in degrees as radians in [0, 2 pi)."""
    turns = math.radians(degrees) / (2.0 * math.pi)
    turns -= int(turns)
    return 2.0 * math.pi * (turns + 1.0 if turns < 0.0 else turns)
