from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders, nuv_builders
from recos.errors import InputError
from recos.steps._flatcorr import doppler_kernel, flatcorr
from small_cos import references as simulated


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


def nuv_flat(directory, flat, **keywords):
    hdu = fits.ImageHDU(np.asarray(flat, np.float32), name="SCI")
    hdu.header.update(keywords)
    fits.HDUList([simulated.primary("FLATFILE"), hdu]).writeto(directory / "flat.fits")
    return builders.make_refs({"FLATFILE": str(directory / "flat.fits")})


@pytest.mark.parametrize("seconds", [1, 100, 3000])
def test_the_flat_of_an_image_is_smeared_as_on_board(tmp_path, seconds):
    rng = np.random.default_rng(4)
    flat = rng.uniform(0.5, 1.5, (1024, 1024)).astype(np.float32)
    x, y = rng.integers(-2, 1024, 300), rng.integers(12, 1024, 300)
    exposure = nuv_builders.make_exposure(x, y, accum=True)
    exposure.elapsed = float(seconds)
    flatcorr(exposure, nuv_flat(tmp_path, flat, ORIGIN_Y=12))
    kernel = doppler_kernel(exposure)
    assert len(kernel) == 9
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    # light that falls on pixel i of the image at shift d was seen by pixel i - d of the detector
    padded = np.pad(flat.astype(np.float64), ((0, 0), (4, 4)), constant_values=1.0)
    smeared = np.array([np.convolve(row, kernel, "valid") for row in padded])
    inside = (x >= 0) & (y - 12 < 1024)
    expected = np.where(inside, 1.0 / smeared[np.clip(y - 12, 0, 1023), np.clip(x, 0, 1023)], 1.0)
    np.testing.assert_allclose(exposure.events.epsilon, expected, rtol=1e-5)
    assert exposure.primary["DOPPCORR"] == "COMPLETE"


def test_without_doppler_shift_on_board_nothing_is_smeared(tmp_path):
    flat = np.ones((1024, 1024))
    flat[:, 7] = 2.0
    exposure = nuv_builders.make_exposure([6, 7, 8], [5, 5, 5], accum=True, DOPPONT=False)
    flatcorr(exposure, nuv_flat(tmp_path, flat))
    assert exposure.events.epsilon.tolist() == [1.0, 0.5, 1.0]
    assert exposure.primary["DOPPCORR"] == "PERFORM"
    assert exposure.switches["DOPPCORR"] == "SKIPPED"


def test_impossible_doppler_shift(tmp_path):
    exposure = nuv_builders.make_exposure([6], [5], accum=True, ORBTPERT=0.0)
    with pytest.raises(InputError, match="ORBTPERT = 0"):
        flatcorr(exposure, nuv_flat(tmp_path, np.ones((4, 4))))
