from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import get_sun
from astropy.time import Time
from astropy.utils import iers

from recos.steps.sun import sidereal_time, sun_position


def test_position_against_astropy():
    mjd = np.array([52000.1, 55432.7, 58123.9])
    position = sun_position(mjd)
    distance = np.sqrt((position**2).sum(axis=0))
    expected = get_sun(Time(mjd, format="mjd")).cartesian.xyz.to_value(u.km)
    np.testing.assert_allclose(distance, np.sqrt((expected**2).sum(axis=0)), rtol=2e-4)
    # equinox of date instead of J2000: up to 0.25 degrees
    cosine = (position * expected).sum(axis=0) / distance / np.sqrt((expected**2).sum(axis=0))
    assert np.degrees(np.arccos(cosine)).max() < 0.4


def test_sidereal_time_against_astropy():
    mjd = np.array([51544.5, 55432.7, 58123.0])
    with iers.conf.set_temp("auto_download", False):
        time = Time(mjd, format="mjd", scale="ut1")
        expected = time.sidereal_time("mean", "greenwich", model="IAU1982").to_value(u.cycle)
    np.testing.assert_allclose(sidereal_time(mjd), expected, atol=1e-8)
