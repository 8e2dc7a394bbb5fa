"""The orbit of the simulator against the formulae of the pipeline, which are written independently."""

from __future__ import annotations

import numpy as np
import pytest

from recos.simulate import orbit
from recos.steps.heliocentric import radial_velocity
from recos.steps.orbit import hst_orbit

RA, DEC, MJD = 150.0, 32.0, 57000.25


def test_position_is_that_of_the_elements_in_the_support_file():
    times = MJD + np.linspace(0.0, 1.0, 30)
    expected, _ = hst_orbit(orbit.support_keywords(), times)
    positions = np.array([orbit.position(t) for t in times]).T
    np.testing.assert_allclose(positions, expected, atol=1e-3)


@pytest.mark.parametrize(("ra", "dec"), [(150.0, 32.0), (10.0, -70.0), (300.0, 0.0)])
def test_doppler_shift_is_the_radial_velocity_of_the_orbit(ra, dec):
    times = MJD + np.linspace(0.0, 0.06, 50)
    _, velocity = hst_orbit(orbit.support_keywords(), times)
    receding = -orbit.direction(ra, dec) @ velocity
    shift = orbit.doppler(ra, dec, MJD)
    # the plane of the orbit turns a little in 1.5 hours
    np.testing.assert_allclose(shift.velocity(times), receding, atol=0.05)
    assert 0.0 <= MJD - shift.zero < shift.period / 86400.0
    assert shift.velocity(shift.zero + 10.0 / 86400.0) > 0.0


@pytest.mark.parametrize("mjd", [55000.0, 57000.25, 59100.5])
def test_heliocentric_velocity_is_that_of_the_pipeline(mjd):
    # the pipeline does not precess the target: 0.3 km/s, a tenth of a pixel
    ours = orbit.heliocentric_velocity(RA, DEC, mjd)
    assert ours == pytest.approx(radial_velocity(RA, DEC, mjd), abs=0.3)
    assert abs(ours) < 31.0
