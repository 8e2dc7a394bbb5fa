from __future__ import annotations

import numpy as np
import pytest

from recos.errors import InputError
from recos.steps.orbit import KEYWORDS, hst_orbit

GM = 398600.4418
"""km^3/s^2"""
ELEMENTS = dict.fromkeys(KEYWORDS, 0.0) | {
    "SEMILREC": 6.91e6, "CIRVELOC": np.sqrt(GM / 6910.0) * 1000.0, "COSINCLI": np.cos(np.radians(28.47)),
    "SINEINCL": np.sin(np.radians(28.47)), "FDMEANAN": np.sqrt(GM / 6910.0**3) / (2.0 * np.pi),
    "RASCASCN": 0.3, "ARGPERIG": 0.1, "EPCHTIME": 1.0e9,
}  # fmt: skip


def test_circular_orbit():
    mjd = 58000.0 + np.arange(0.0, 7000.0, 10.0) / 86400.0
    position, velocity = hst_orbit(ELEMENTS, mjd)
    radius, speed = np.sqrt((position**2).sum(axis=0)), np.sqrt((velocity**2).sum(axis=0))
    np.testing.assert_allclose(radius, 6910.0, rtol=1e-12)
    np.testing.assert_allclose(speed, np.sqrt(GM / 6910.0), rtol=1e-9)
    np.testing.assert_allclose((position * velocity).sum(axis=0), 0.0, atol=1e-6)
    # the largest latitude is the inclination
    assert np.degrees(np.arcsin(position[2] / radius)).max() == pytest.approx(28.47, abs=0.01)
    # the velocity is the derivative of the position
    derivative = np.gradient(position, 10.0, axis=1)[:, 1:-1]
    np.testing.assert_allclose(derivative, velocity[:, 1:-1], atol=1e-3)


def test_missing_element():
    with pytest.raises(InputError, match="SEMILREC"):
        hst_orbit({k: v for k, v in ELEMENTS.items() if k != "SEMILREC"}, np.array([58000.0]))
