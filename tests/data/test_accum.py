from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import recos
from helpers import nuv_builders
from recos.data.accum import check_image, events_header, image_events, raw_flags
from recos.errors import InputError

PATH = Path("x_rawaccum.fits")


@given(arrays.arrays(np.int16, (7, 9), elements=st.integers(-2, 5)), st.integers(0, 3))
def test_one_event_for_each_count(image, x_offset):
    events = image_events(image, x_offset, 100.0)
    counts = np.maximum(image, 0)
    assert len(events) == counts.sum()
    binned = np.zeros(image.shape, int)
    np.add.at(binned, (events.rawy, events.rawx + x_offset), 1)
    np.testing.assert_array_equal(binned, counts)
    assert (np.diff(events.rawy.astype(int) * 9 + events.rawx) >= 0).all()
    assert (events.time == 50.0).all()
    np.testing.assert_array_equal(events.xfull, events.rawx)


def test_fractions_are_rounded_half_up():
    image = np.array([[0.4, 0.5, 1.49, 2.5, -0.7]], np.float32)
    assert np.bincount(image_events(image, 0, 1.0).rawx, minlength=5).tolist() == [0, 1, 1, 3, 0]


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        ((1024, 1000), "i2", "1000 x 1024 pixels; expected 1024 x 1024 or 1274 x 1024"),
        ((1024, 1024), "i4", "type int32"),
        ((1024, 1024), "f8", "type float64"),
    ],
)
def test_images_of_wrong_size_or_type(shape, dtype, text):
    mode = nuv_builders.make_exposure([], [], accum=True).mode
    with pytest.raises(InputError, match=text):
        check_image(shape, np.dtype(dtype), mode, "x")


@pytest.mark.parametrize("dtype", ["i2", ">i2", "u2", "f4"])
def test_images_that_are_right(dtype):
    mode = nuv_builders.make_exposure([], [], accum=True).mode
    for width in (1024, 1274):
        check_image((1024, width), np.dtype(dtype), mode, "x")


def test_raw_flags():
    mode = nuv_builders.make_exposure([], [], accum=True).mode
    narrow = np.full((1024, 1024), 1 | 64 | 128, np.int16)
    found = raw_flags(fits.ImageHDU(narrow, name="DQ"), mode, PATH)
    assert found.shape == (1024, 1274)
    assert (found[:, 100:1124] == 193).all()
    assert not found[:, :100].any()
    wide = np.full((1024, 1274), 1 | 64 | 128 | 16384, np.int16)
    assert (raw_flags(fits.ImageHDU(wide, name="DQ"), mode, PATH) == 1).all()
    empty = fits.ImageHDU(name="DQ")
    empty.header["PIXVALUE"] = 4
    assert (raw_flags(empty, mode, PATH) == 4).all()
    assert not raw_flags(None, mode, PATH).any()
    with pytest.raises(InputError, match="expected"):
        raw_flags(fits.ImageHDU(np.zeros((10, 10), np.int16), name="DQ"), mode, PATH)


def test_header_in_words_for_tables():
    image = fits.Header(
        [("CTYPE1", "WAVE"), ("CD2_1", 0.5), ("BUNIT", "count"), ("EXPTIME", 3.0), ("EXTNAME", "SCI")]
    )
    header = events_header(image)
    assert (header["TCTYP2"], header["TC3_2"], header["EXPTIME"], header["EXTNAME"]) == (
        "WAVE",
        0.5,
        3.0,
        "EVENTS",
    )
    assert not {"CTYPE1", "CD2_1", "BUNIT"} & set(header)


# ------------------------------------------------------------------------------------------------- files


def test_reading_an_image(tmp_path):
    image = np.zeros((1024, 1024), np.int16)
    image[300, 40] = 3
    exposure = recos.read(nuv_builders.make_raw_image(tmp_path, image))
    assert exposure.events.rawx.tolist() == [40, 40, 40]
    assert list(exposure.raw_gti) == [(0.0, 100.0)]
    assert exposure.elapsed == exposure.exptime == 100.0
    assert exposure.raw_flags.shape == (1024, 1274)
    assert not exposure.is_corrtag


@pytest.mark.parametrize("image", [None, np.zeros((1024, 1024), np.int16)])
def test_an_image_without_counts_has_no_events(tmp_path, image):
    assert len(recos.read(nuv_builders.make_raw_image(tmp_path, image)).events) == 0


def test_a_truncated_image(tmp_path):
    path = nuv_builders.make_raw_image(tmp_path, np.ones((1024, 1024), np.int16))
    with path.open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(InputError, match="truncated"), pytest.warns(UserWarning, match="truncated"):
        recos.read(path)
