"""Velocities and places against astropy, and against numbers of another origin."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import FK5, GCRS, ITRS, CartesianRepresentation, EarthLocation, SkyCoord, get_sun
from astropy.time import Time
from astropy.utils import iers

from helpers import builders
from recos.simulate import orbit
from recos.steps._initial_positions import initial_positions
from recos.steps._timeline import timeline_columns
from recos.steps.heliocentric import heliocentric_velocity
from recos.steps.sun import sun_position

TARGETS = [(150.0, 32.0), (209.32, -9.544), (10.0, 2.0), (80.0, -69.0), (266.0, 66.0)]
DATES = [55300.3, 57934.28, 60003.7]


@pytest.fixture(autouse=True)
def no_downloads():
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("iers_degraded_accuracy", "warn"):
        yield


def v_helio(ra, dec, mjd, *corrections):
    exposure = builders.make_exposure(20, ra_targ=ra, dec_targ=dec, expstart=mjd)
    exposure.corrections = frozenset(corrections)
    heliocentric_velocity(exposure, None)
    assert exposure.header["V_HELIO"] == exposure.v_helio
    return exposure


def astropy_velocity(exposure, kind):
    """Of the Earth away from the target, km/s, at the middle of the events."""
    time = exposure.events.time
    middle = exposure.mode.expstart + (float(time[0]) + float(time[-1])) / 2.0 / 86400.0
    target = SkyCoord(exposure.mode.ra_targ * u.deg, exposure.mode.dec_targ * u.deg)
    pole = EarthLocation.from_geodetic(0.0, 90.0)  # it moves like the centre of the Earth
    correction = target.radial_velocity_correction(kind, obstime=Time(middle, format="mjd"), location=pole)
    return -correction.to_value(u.km / u.s)


def test_velocity_of_the_earth_around_the_sun():
    errors = {(): [], ("heliocentric-velocity",): []}
    for corrections, found in errors.items():
        for ra, dec in TARGETS:
            for mjd in DATES:
                exposure = v_helio(ra, dec, mjd, *corrections)
                found.append(exposure.v_helio - astropy_velocity(exposure, "heliocentric"))
    default, better = (np.abs(found).max() for found in errors.values())
    assert 0.1 < default < 0.2
    assert better < 0.001


def test_velocity_of_the_earth_against_the_motion_of_the_sun():
    """An independent series for the place of the Sun, which is that of date, as a derivative."""
    for ra, dec in TARGETS:
        for mjd in DATES:
            exposure = v_helio(ra, dec, mjd, "heliocentric-velocity")
            middle = mjd + float(exposure.events.time[[0, -1]].mean()) / 86400.0
            before, after = sun_position(middle + np.array([-0.5, 0.5])).T
            of_date = FK5(equinox=Time(middle, format="mjd"))
            target = SkyCoord(ra * u.deg, dec * u.deg).transform_to(of_date)
            away = (after - before) @ target.cartesian.xyz.value / 86400.0
            assert exposure.v_helio == pytest.approx(away, abs=0.03)


def test_velocity_with_respect_to_the_barycentre():
    """But for relativistic terms: 0.0046 km/s, and 0.0002 km/s by the eccentric orbit of the Earth."""
    names = ("heliocentric-velocity", "barycentric-velocity")
    errors = {corrections: [] for corrections in ((), names[:1], names)}
    for corrections, found in errors.items():
        for ra, dec in TARGETS:
            for mjd in DATES:
                exposure = v_helio(ra, dec, mjd, *corrections)
                found.append(exposure.v_helio - astropy_velocity(exposure, "barycentric"))
    default, heliocentric, barycentric = (np.array(found) for found in errors.values())
    assert np.abs(default).max() > 0.1
    assert np.ptp(heliocentric) > 0.01
    assert np.ptp(barycentric) < 2e-4
    assert np.abs(barycentric).max() < 0.005
    assert "barycentric" in exposure.header.comments["V_HELIO"]


@pytest.mark.parametrize("mjd", DATES)
def test_timeline(reference_files, mjd):
    """Sun and ground below HST, whose orbit the support file describes."""
    exposure = builders.make_exposure(200, expstart=mjd, names=reference_files, exptype="EXTERNAL/SCI")
    initial_positions(exposure, None)
    exposure.spt_header = orbit.support_keywords()
    columns = {}
    for corrections in ((), ("timeline-positions",)):
        exposure.corrections = frozenset(corrections)
        columns[corrections] = timeline_columns(exposure, builders.make_refs(reference_files))
    default, better = columns.values()
    times = Time(mjd + better["TIME"].astype(np.float64) / 86400.0, format="mjd")
    place = np.array([orbit.position(float(t)) for t in times.mjd]).T
    hst = GCRS(CartesianRepresentation(place * u.km), obstime=times)
    ground = hst.transform_to(ITRS(obstime=times)).cartesian.xyz.value
    longitude = np.degrees(np.arctan2(ground[1], ground[0])) % 360.0
    latitude = np.degrees(np.arctan2(ground[2], np.hypot(ground[0], ground[1])))
    sun = get_sun(times).cartesian.xyz.to_value(u.km)
    distance = np.degrees(
        np.arccos(np.sum(place * sun, axis=0) / np.linalg.norm(place, axis=0) / np.linalg.norm(sun, axis=0))
    )
    truth = {"LONGITUDE": longitude, "LATITUDE": latitude, "SUN_ZD": distance}
    errors = [
        {name: np.abs((found[name] - value + 180.0) % 360.0 - 180.0).max() for name, value in truth.items()}
        for found in (default, better)
    ]
    assert max(errors[0].values()) > 0.1
    assert max(errors[1].values()) < 0.02
    # SUN_ALT is SUN_ZD counted from the horizon, but for the parallax of the Sun
    dip = default["SUN_ALT"] + default["SUN_ZD"]
    np.testing.assert_allclose(better["SUN_ALT"] + better["SUN_ZD"], dip, atol=0.005)
    for name in ("RADIAL_VEL", "TARGET_ALT"):
        np.testing.assert_array_equal(better[name], default[name])
