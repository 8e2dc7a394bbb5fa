"""Time slices of an archive exposure that crosses the terminator."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def test_day_and_night(standin_data, reference_products, tmp_path):
    whole = reference_products(standin_data) / "ldfd01vrq_corrtag_a.fits"
    (day,) = recos.split(whole, tmp_path / "day", day=True)
    (night,) = recos.split(whole, tmp_path / "night", night=True)
    parts = [fits.getdata(path, "EVENTS") for path in (day, night)]
    assert np.array_equal(np.concatenate(parts), np.asarray(fits.getdata(whole, "EVENTS")))
    exptime = [fits.getval(path, "EXPTIME", 1) for path in (day, night)]
    assert sum(exptime) == pytest.approx(fits.getval(whole, "EXPTIME", 1), abs=1e-3)
    assert exptime == pytest.approx([1197.0, 214.17], abs=0.01)
    # the geocorona is bright while the Sun is up
    rates = [fits.getdata(path, "TIMELINE")["LY_ALPHA"].mean() for path in (day, night)]
    assert rates[0] > 2.0 * rates[1]
