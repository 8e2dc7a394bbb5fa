from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import get_body_barycentric_posvel
from astropy.time import Time

from helpers import builders
from recos.steps.heliocentric import heliocentric_velocity, radial_velocity, unit_vector


def test_value_of_the_specification():
    assert radial_velocity(209.320075, -9.544041666667, 57934.2769) == pytest.approx(27.13547, abs=2e-5)


@pytest.mark.parametrize("mjd", [52000.3, 55000.0, 58123.9])
@pytest.mark.parametrize(("ra", "dec"), [(10.0, 20.0), (200.0, -60.0)])
def test_against_astropy(ra, dec, mjd):
    _, velocity = get_body_barycentric_posvel("earth", Time(mjd, format="mjd"))
    expected = -np.dot(velocity.xyz.to_value(u.km / u.s), unit_vector(ra, dec))
    # the Sun moves about the barycentre with 0.015 km/s, and the equinox of date is not that of J2000
    assert radial_velocity(ra, dec, mjd) == pytest.approx(expected, abs=0.15)


def test_velocity_at_the_middle_of_the_events(reference_files):
    exposure = builders.make_exposure(50)
    heliocentric_velocity(exposure, builders.make_refs(reference_files))
    time = exposure.events.time.astype(float)
    middle = exposure.mode.expstart + (time[0] + time[-1]) / 2.0 / 86400.0
    expected = radial_velocity(exposure.mode.ra_targ, exposure.mode.dec_targ, middle)
    assert exposure.header["V_HELIO"] == exposure.v_helio == pytest.approx(expected, abs=1e-10)


def test_nothing_without_events(reference_files):
    exposure = builders.make_exposure(0)
    heliocentric_velocity(exposure, builders.make_refs(reference_files))
    assert exposure.v_helio == 0.0
