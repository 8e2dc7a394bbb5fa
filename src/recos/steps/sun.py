"""The Sun, and the rotation of the Earth. Specification 3, section 13.5.

QUIRK: the formulas of the reference refer to the equator of date, positions of HST and of the target to that of
J2000; the functions that the correction uses allow for it.
"""

from __future__ import annotations

import numpy as np

from recos.data.instrument import SECONDS_PER_DAY
from recos.steps.heliocentric import MJD_ZERO, TDB_MINUS_UTC

J2000 = 51544.5
"""MJD"""
_AU = 149597870.691
"""km"""
_TWO_PI = 2.0 * np.pi
_ARCSEC = np.pi / 648000.0
_ROTATION = 1.00273781191135448
"""Turns of the Earth per day."""


def sidereal_time(mjd: np.ndarray) -> np.ndarray:
    """Greenwich mean sidereal time as a fraction of a day.

    Parameters
    ----------
    mjd : ndarray of float64
        Modified Julian Date.
    """
    days = mjd - J2000
    midnight = (np.floor(mjd) - J2000) / 36525.0
    at_midnight = (
        24110.54841 + 8640184.812866 * midnight + 0.093104 * midnight**2 - 6.2e-6 * midnight**3
    ) / 86400.0
    centuries = days / 36525.0
    rate = 1.002737909350795 + 5.9006e-11 * centuries - 5.9e-15 * centuries**2
    turns: np.ndarray = np.mod(at_midnight + (days - (np.floor(mjd) - J2000)) * rate, 1.0)
    return turns


def sun_position(mjd: np.ndarray) -> np.ndarray:
    """Geocentric position of the Sun, equatorial, km.

    Parameters
    ----------
    mjd : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray of float64, shape (3, n)
    """
    days = mjd - J2000
    T = days / 36525.0 + 1.0

    def turns(zero: float, rate: float) -> np.ndarray:
        return _TWO_PI * (zero + rate * days)

    sun, anomaly = turns(0.779072, 0.00273790931), turns(0.993126, 0.00273777850)
    moon, node = turns(0.606434, 0.03660110129), turns(0.347343, -0.00014709391)
    venus, mars = turns(0.140023, 0.00445036173), turns(0.053856, 0.00145561327)
    jupiter = turns(0.056531, 0.00023080893)
    great = 4.0 * anomaly - 8.0 * mars + 3.0 * jupiter
    longitude = sun + _ARCSEC * (
        6910.0 * np.sin(anomaly)
        + 72.0 * np.sin(2.0 * anomaly)
        - 17.0 * T * np.sin(anomaly)
        - 7.0 * np.cos(anomaly - jupiter)
        + 6.0 * np.sin(moon - sun)
        + 5.0 * np.sin(great)
        - 5.0 * np.cos(2.0 * anomaly - 2.0 * venus)
        - 4.0 * np.sin(anomaly - venus)
        + 4.0 * np.cos(great)
        + 3.0 * np.sin(2.0 * anomaly - 2.0 * venus)
        - 3.0 * np.sin(jupiter)
        - 3.0 * np.sin(2.0 * anomaly - 2.0 * jupiter)
    )
    distance = (1.00014 - 0.01675 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)) * _AU
    obliquity = (84428.0 - 47.0 * T + 9.0 * np.cos(node)) * _ARCSEC
    across = distance * np.sin(longitude)
    return np.stack([distance * np.cos(longitude), across * np.cos(obliquity), across * np.sin(obliquity)])


def ephemeris_sun(mjd: np.ndarray) -> np.ndarray:
    """Geocentric position of the Sun in the frame of J2000, km, by the ephemeris of ERFA.

    Parameters
    ----------
    mjd : ndarray of float64, shape (n,)
        Within a day, during which the Earth moves in a straight line to 0.002 degrees.

    Returns
    -------
    ndarray of float64, shape (3, n)
    """
    import erfa  # only for the corrections

    middle = float(np.mean(mjd)) + TDB_MINUS_UTC / SECONDS_PER_DAY
    earth, _ = erfa.epv00(MJD_ZERO, middle)
    days = mjd + TDB_MINUS_UTC / SECONDS_PER_DAY - middle
    position: np.ndarray = -(earth["p"][:, np.newaxis] + earth["v"][:, np.newaxis] * days) * (
        erfa.DAU / 1000.0
    )
    return position


def turned_with_earth(vector: np.ndarray, mjd: np.ndarray) -> np.ndarray:
    """Vectors of the frame of J2000 in that of the rotating Earth (x to Greenwich, z to the north pole).

    Precession, nutation and rotation (ERFA); UT1 counts as UTC, which differs by less than 0.004 degrees.

    Parameters
    ----------
    vector : ndarray of float64, shape (3, n)
    mjd : ndarray of float64, shape (n,)
        Within a few days, during which the equator does not move.
    """
    import erfa

    middle = float(np.mean(mjd))
    tt = middle + TDB_MINUS_UTC / SECONDS_PER_DAY
    to_date = erfa.pnm06a(MJD_ZERO, tt)
    x, y, z = to_date @ vector
    angle = erfa.gst06(MJD_ZERO, middle, MJD_ZERO, tt, to_date) + _TWO_PI * _ROTATION * (mjd - middle)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x + sin * y, cos * y - sin * x, z])
