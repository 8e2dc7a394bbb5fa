from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from helpers.acq_builders import IMAGES, SHAPE, Target
from recos.errors import BadApertureError, InputError, MissingReferenceError, ReferenceFileError


@pytest.fixture
def target(tmp_path):
    made = Target(tmp_path)
    made.write_references()
    made.write()
    return made


@pytest.mark.parametrize(
    ("image", "match"),
    [
        (np.zeros((1024, 1000), np.int16), "SCI,2: the image has 1000 x 1024 pixels"),
        (np.zeros(1024, np.int16), "SCI,2: the image has 1024 pixels"),
        (np.zeros(SHAPE, np.float32), "SCI,2: the image is of type float32"),
        (None, "SCI,2: there is no image"),
    ],
)
def test_bad_image(target, image, match):
    target.write((IMAGES[0], image))
    target.refuses(InputError, match)


@pytest.mark.parametrize("quality", [np.zeros((1024, 1274), np.int16), np.zeros(SHAPE, np.float32)])
def test_bad_quality_image(target, quality):
    target.write(quality=quality)
    target.refuses(InputError, "DQ,1")


@pytest.mark.parametrize("part", [0.3, 0.5, 0.999])
def test_truncated_file(target, part):
    target.write(quality=np.zeros(SHAPE, np.int16))
    content = target.raw.read_bytes()
    target.raw.write_bytes(content[: int(len(content) * part)])
    target.refuses(InputError, "truncated")


def test_incomplete_image_set(target):
    with fits.open(target.raw, mode="update") as hdus:
        del hdus[6]
        hdus[0].header["NEXTEND"] = 5
    target.refuses(InputError, "image sets of SCI, ERR, DQ")


@pytest.mark.parametrize("opt_elem", ["TA1Image", "MIRRORC"])
def test_unknown_mirror(target, opt_elem):
    target.write(primary={"OPT_ELEM": opt_elem})
    target.refuses(InputError, "OPT_ELEM")


def test_unknown_aperture(target):
    target.write(primary={"APERTURE": "XYZ"})
    target.refuses(BadApertureError, "XYZ")
    assert BadApertureError.status == 16


def test_missing_reference_file(target):
    Path(target.references()["FLATFILE"]).unlink()
    target.refuses(MissingReferenceError, "FLATFILE")


@pytest.mark.parametrize(
    ("shape", "origin"), [((1024, 1274), (0, 0)), ((1000, 1000), (100, 0)), ((9, 9), (-1, 0))]
)
def test_flat_field_that_does_not_fit(target, shape, origin):
    target.write_flat(np.ones(shape, np.float32), *origin)
    target.refuses(ReferenceFileError, "ORIGIN_X")
