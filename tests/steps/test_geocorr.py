"""GEOCORR and DGEOCORR, which share their lookup."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from recos.errors import ReferenceFileError
from recos.steps._dgeocorr import dgeocorr
from recos.steps._geocorr import geocorr
from small_cos import references as simulated


@pytest.fixture
def geofile(tmp_path):
    def make(x_map, y_map, keyword="GEOFILE", x_keywords=None, **keywords):
        arrays = {("FUVA", 1): x_map, ("FUVA", 2): y_map}
        hdus = simulated.images(keyword, arrays, **keywords)
        hdus[1].header.update(x_keywords or {})
        hdus.writeto(tmp_path / "geo.fits", overwrite=True)
        return builders.make_refs({keyword: str(tmp_path / "geo.fits")})

    return make


def planes(shape=(65, 513)):
    """Maps that are linear in position: interpolation is exact, also in the outer half pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    return 0.5 + x / 64 - y / 32, 1.25 - x / 128 + y / 64


@pytest.mark.parametrize(("step", "keyword"), [(geocorr, "GEOFILE"), (dgeocorr, "DGEOFILE")])
def test_plane_is_subtracted_from_all_events(geofile, step, keyword):
    refs = geofile(*planes(), keyword, ORIGIN_X=0, ORIGIN_Y=0, XBIN=32, YBIN=16)
    exposure = builders.make_exposure(500, stims=20, igeocorr="PERFORM")
    x, y = exposure.events.xcorr.astype(float), exposure.events.ycorr.astype(float)
    step(exposure, refs)
    u, v = x / 32, y / 16
    np.testing.assert_allclose(exposure.events.xcorr, x - (0.5 + u / 64 - v / 32), atol=2e-3)
    np.testing.assert_allclose(exposure.events.ycorr, y - (1.25 - u / 128 + v / 64), atol=1e-3)
    assert exposure.primary[step.switch] == "COMPLETE"
    assert exposure.primary["IGEOCORR"] == "COMPLETE"


def test_nearest_pixel_without_interpolation(geofile):
    image = np.arange(40.0).reshape(4, 10)
    refs = geofile(image, -image, ORIGIN_X=100, ORIGIN_Y=200)
    x = np.array([99.4, 99.5, 104.49, 104.5, 109.5, 105.0], np.float32)
    y = np.array([201.0, 201.0, 201.49, 201.5, 202.0, 204.0], np.float32)
    exposure = builders.make_exposure(6, igeocorr="OMIT", columns={"xcorr": x, "ycorr": y})
    geocorr(exposure, refs)
    shift = np.array([0, 10, 14, 25, 0, 0], np.float32)
    np.testing.assert_array_equal(exposure.events.xcorr, x - shift)
    np.testing.assert_array_equal(exposure.events.ycorr, y + shift)
    assert exposure.primary["IGEOCORR"] == "OMIT"


@pytest.mark.parametrize(
    ("keywords", "text"),
    [
        ({"x_keywords": {"ORIGIN_X": 4}}, "differ"),
        ({"x_keywords": {"YBIN": 2}}, "differ"),
        ({"XBIN": 0}, "XBIN"),
        ({"ORIGIN_Y": 1.5}, "ORIGIN_Y"),
    ],
)
def test_impossible_keywords(geofile, keywords, text):
    with pytest.raises(ReferenceFileError, match=text):
        geocorr(builders.make_exposure(5), geofile(*planes(), **keywords))


@pytest.mark.parametrize("shapes", [((4, 4), (4, 5)), ((1, 4), (1, 4))])
def test_impossible_shapes(geofile, shapes):
    with pytest.raises(ReferenceFileError, match="shapes"):
        geocorr(builders.make_exposure(5), geofile(*(np.zeros(s) for s in shapes)))


def test_no_map_of_the_segment(geofile):
    with pytest.raises(ReferenceFileError, match="FUVB"):
        geocorr(builders.make_exposure(5, segment="FUVB"), geofile(*planes()))


def test_map_of_scaled_integers(tmp_path):
    """Maps that do not stand in the file as float32 work too."""
    hdus = [simulated.primary("GEOFILE")]
    for version in (1, 2):
        hdu = fits.ImageHDU(np.full((4, 4), 12.5, np.float32), name="FUVA", ver=version)
        hdu.scale("int16", bzero=0.0, bscale=0.5)
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(tmp_path / "geo.fits")
    exposure = builders.make_exposure(1, columns={"xcorr": [2.0], "ycorr": [2.0]})
    geocorr(exposure, builders.make_refs({"GEOFILE": str(tmp_path / "geo.fits")}))
    assert exposure.events.xcorr[0] == -10.5
