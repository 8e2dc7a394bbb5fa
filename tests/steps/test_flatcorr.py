from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import builders
from recos.simulate import references as simulated
from recos.steps.flatcorr import flatcorr


def flat_refs(directory, flat, **keywords):
    hdu = fits.ImageHDU(np.asarray(flat, np.float32), name="FUVA", ver=1)
    hdu.header.update({"ORIGIN_X": 2000, "ORIGIN_Y": 400})
    fits.HDUList([simulated.primary("FLATFILE", **keywords), hdu]).writeto(directory / "flat.fits")
    return builders.make_refs({"FLATFILE": str(directory / "flat.fits")})


def test_weights_are_divided_inside_the_flat(tmp_path):
    flat = np.random.default_rng(3).uniform(-0.2, 2.0, (200, 5000)).astype(np.float32)
    exposure = builders.make_exposure(2000)
    flatcorr(exposure, flat_refs(tmp_path, flat))
    e = exposure.events
    i, j = e.xcorr.astype(int) - 2000, e.ycorr.astype(int) - 400
    inside = (i >= 0) & (i < 5000) & (j >= 0) & (j < 200)
    value = np.where(inside, flat[j.clip(0, 199), i.clip(0, 4999)], np.float32(1.0))
    expected = np.where(value > 0, np.float32(1.0) / value, np.float32(1.0))
    np.testing.assert_array_equal(e.epsilon, expected)
    assert (e.epsilon != 1.0).any()
    assert exposure.primary["FLATCORR"] == "COMPLETE"


@pytest.mark.parametrize(
    ("value", "text"), [("02_23", ""), ("03_23", "don't agree"), ("all", "Can't compare")]
)
def test_pulse_height_range_is_compared(tmp_path, caplog, value, text):
    exposure = builders.make_exposure(5, phalowra=2, phauppra=23)
    caplog.clear()
    flatcorr(exposure, flat_refs(tmp_path, np.ones((2, 2)), PHARANGE=value))
    assert text in caplog.text
    assert bool(caplog.text) == bool(text)
