"""Motion of HST and of the Earth with respect to the target of an exposure; at rest where the effect is off."""

from __future__ import annotations

import numpy as np

from recos.data.instrument import SPEED_OF_LIGHT
from recos.simulate.orbit import PERIOD, Doppler, doppler, heliocentric_velocity
from recos.simulate.plan import PlannedExposure


def orbit(planned: PlannedExposure) -> Doppler:
    """The Doppler shift by the motion of HST around the Earth."""
    if not planned.effects.doppler or planned.is_wavecal:
        return Doppler(0.0, planned.expstart, PERIOD)
    return doppler(planned.ra, planned.dec, planned.expstart)


def earth_velocity(planned: PlannedExposure) -> float:
    """Velocity of the Earth away from the target at mid-exposure, km/s."""
    if not planned.effects.heliocentric or planned.is_wavecal:
        return 0.0
    return heliocentric_velocity(planned.ra, planned.dec, (planned.expstart + planned.expend) / 2.0)


def stretch(velocity: np.ndarray | float) -> np.ndarray | float:
    """Observed wavelength over emitted wavelength for a velocity of recession, km/s."""
    return 1.0 + velocity / SPEED_OF_LIGHT
