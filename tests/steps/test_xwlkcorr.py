"""XWLKCORR and YWLKCORR."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from helpers import builders
from recos.errors import ReferenceFileError
from recos.steps._xwlkcorr import xwlkcorr
from recos.steps._ywlkcorr import ywlkcorr
from small_cos import references as simulated


@pytest.fixture
def walk_refs(tmp_path, reference_files):
    def make(keyword, table, segment="FUVA"):
        arrays = {("FUVB", 1): np.full_like(table, 99.0), (segment, 2): table, ("FUVB", 3): table}
        simulated.images(keyword, arrays).writeto(tmp_path / "walk.fits", overwrite=True)
        return builders.make_refs({**reference_files, keyword: str(tmp_path / "walk.fits")})

    return make


@pytest.mark.parametrize(
    ("step", "keyword", "width", "column"),
    [(xwlkcorr, "XWLKFILE", 16384, "xcorr"), (ywlkcorr, "YWLKFILE", 1024, "ycorr")],
)
def test_shift_by_position_and_pulse_height(walk_refs, step, keyword, width, column):
    table = np.arange(32.0)[:, np.newaxis] / 8 + np.arange(width) / 2048
    refs = walk_refs(keyword, table)
    exposure = builders.make_exposure(400, stims=20)
    position = getattr(exposure.events, column)
    position += np.float32(0.25)
    before = position.copy()
    other = {"xcorr": "ycorr", "ycorr": "xcorr"}[column]
    other_before = getattr(exposure.events, other).copy()
    step(exposure, refs)
    expected = before - exposure.events.pha / 8 - before.astype(float) / 2048
    np.testing.assert_allclose(position[exposure.active], expected[exposure.active], rtol=1e-7, atol=1e-6)
    np.testing.assert_array_equal(position[~exposure.active], before[~exposure.active])
    np.testing.assert_array_equal(getattr(exposure.events, other), other_before)
    assert exposure.primary[step.switch] == "COMPLETE"


@pytest.mark.parametrize(("step", "keyword"), [(xwlkcorr, "XWLKFILE"), (ywlkcorr, "YWLKFILE")])
def test_values_that_are_no_numbers(walk_refs, step, keyword):
    refs = walk_refs(keyword, np.full((32, 1024), np.nan))
    with pytest.raises(ReferenceFileError, match=rf"{keyword}\): the file holds values that are no numbers"):
        step(builders.make_exposure(50), refs)


def test_mask_is_that_of_before_the_walk(walk_refs):
    exposure = builders.make_exposure(50)
    xwlkcorr(exposure, walk_refs("XWLKFILE", np.full((32, 16384), 5000.0)))
    assert exposure.active.all()
    assert exposure.events.xcorr.min() < 1060


def test_unusual_shape_is_used_with_a_warning(walk_refs, caplog):
    exposure = builders.make_exposure(50)
    before = exposure.events.ycorr.copy()
    with caplog.at_level(logging.WARNING, "recos"):
        ywlkcorr(exposure, walk_refs("YWLKFILE", np.ones((4, 800))))
    assert "(4, 800)" in caplog.text
    np.testing.assert_array_equal(exposure.events.ycorr, before - 1)


def test_no_extension_for_the_segment(walk_refs):
    with pytest.raises(ReferenceFileError, match="SEGMENT = FUVA"):
        xwlkcorr(builders.make_exposure(5), walk_refs("XWLKFILE", np.zeros((32, 100)), segment="FUVC"))
