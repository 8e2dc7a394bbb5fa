from __future__ import annotations

import numpy as np
import pytest

from helpers import builders, nuv_builders
from recos.data.context import Context
from recos.options.csum import CsumOptions
from recos.products.csum import start_csum
from recos.steps._csum import csum


def image_of(exposure, tmp_path, **options):
    """The image as it is written."""
    from astropy.io import fits

    wanted = CsumOptions(**options)
    csum(exposure, None, Context(csum=wanted))
    start_csum(tmp_path / "x_csum.fits", exposure.csum, wanted).finish()
    with fits.open(tmp_path / "x_csum.fits", memmap=False) as hdus:
        return hdus[1].data, [hdu.header for hdu in hdus]


def expected(events, x, y, binx, biny, shape):
    """By the rules of C: integer division is towards zero."""
    image = np.zeros(shape, np.float64)
    for k in range(len(events)):
        i, j = (int(np.floor(float(v[k]) + 0.5)) for v in (x, y))
        i, j = int(i / binx), int(j / biny)
        plane = (int(events.pha[k]),) if len(shape) == 3 else ()
        if 0 <= i < shape[-1] and 0 <= j < shape[-2] and i * binx > -binx and j * biny > -biny:
            image[(*plane, j, i)] += events.epsilon[k]
    return image


@pytest.mark.parametrize(("binx", "biny"), [(8, 4), (7, 3), (1024, 1024)])
@pytest.mark.parametrize("raw", [False, True])
def test_planes_of_pulse_height(tmp_path, binx, biny, raw):
    rng = np.random.default_rng(1)
    columns = {"xcorr": rng.uniform(-10, 16400, 500), "ycorr": rng.uniform(-5, 1030, 500)}
    exposure = builders.make_exposure(500, columns=columns | {"epsilon": rng.uniform(1, 2, 500)})
    events = exposure.events
    exposure.events.dq[:100] = 512
    x, y = (events.rawx, events.rawy) if raw else (events.xcorr, events.ycorr)
    image, headers = image_of(exposure, tmp_path, raw=raw, binx=binx, biny=biny)
    assert image.shape == (32, 1024 // biny, 16384 // binx)
    np.testing.assert_allclose(image, expected(events, x, y, binx, biny, image.shape), rtol=1e-6)
    assert headers[1]["COUNTS"] == pytest.approx(image.sum(dtype=np.float64))
    assert (headers[1]["FUVBINX"], headers[1]["FUVBINY"]) == (binx, biny)
    assert (headers[0]["COORDFRM"], headers[0]["FILETYPE"]) == (
        "raw" if raw else "corrected",
        "CALCOS SUM FILE",
    )
    assert headers[0]["GEOCORR"] == ("OMIT" if raw else "PERFORM")


@pytest.mark.parametrize("accum", [False, True])
def test_nuv_images_have_no_planes(tmp_path, accum):
    exposure = nuv_builders.make_exposure([3, 3, 1023], [5, 5, 1023], accum=accum)
    image, headers = image_of(exposure, tmp_path)
    assert image.shape == (1024, 1024)
    assert (image[5, 3], image[1023, 1023], image.sum()) == (2.0, 1.0, 3.0)
    assert headers[1]["NUVBINX"] == 1


def test_no_events(tmp_path):
    exposure = builders.make_exposure(0)
    image, headers = image_of(exposure, tmp_path, raw=True, binx=64, biny=64)
    assert image.shape == (32, 16, 256)
    assert not image.any()
    assert headers[1]["COUNTS"] == 0.0
    assert headers[0]["GEOCORR"] == "PERFORM"
