"""ACCUM input that cannot be calibrated is refused before anything is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import nuv_builders
from recos.association.read import read_association
from recos.errors import InputError


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (np.ones((1024, 1000), np.int16), "1000 x 1024 pixels"),
        (np.ones((2, 1024, 1024), np.int16), "1024 x 1024 x 2 pixels"),
        (np.ones((1024, 1024), np.int32), "type int32"),
        (np.ones((1024, 1024), np.float64), "type float64"),
    ],
)
def test_wrong_size_or_type(tmp_path, image, text):
    with pytest.raises(InputError, match=text):
        read_association(nuv_builders.make_raw_image(tmp_path, image), tmp_path / "new")


def test_unknown_mirror(tmp_path):
    image = np.ones((1024, 1024), np.int16)
    path = nuv_builders.make_raw_image(tmp_path, image, imaging=True, OPT_ELEM="MIRRORC")
    with pytest.raises(InputError, match=r"OPT_ELEM = 'MIRRORC'.*PHOTCORR"):
        read_association(path, tmp_path / "new")
    with fits.open(path, mode="update") as hdus:
        hdus[0].header["PHOTCORR"] = "OMIT"
    assert len(read_association(path, tmp_path / "new").members) == 1


@pytest.fixture
def fuv_accum(oracle_data, tmp_path, monkeypatch) -> Path:
    """Raw files of FUV ACCUM exposures, to be spoilt."""
    data = oracle_data("fuv_accum", seed=1)
    shutil.copytree(data / "raw", tmp_path / "raw")
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    return tmp_path / "raw"


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: fits.PrimaryHDU().writeto(path, overwrite=True)])
def test_pulse_heights_that_are_missing(fuv_accum, spoil):
    path = sorted(fuv_accum.glob("*_pha_b.fits"))[-1]
    spoil(path)
    with pytest.raises(InputError, match=path.name):
        recos.run(next(fuv_accum.glob("*_asn.fits")), outdir=fuv_accum / "new")
    assert not (fuv_accum / "new").exists()


@pytest.mark.shared
@pytest.mark.slow
def test_csum_images_need_no_pulse_heights(fuv_accum):
    for path in fuv_accum.glob("*_pha_*.fits"):
        path.unlink()
    new = fuv_accum / "new"
    recos.run(
        next(fuv_accum.glob("*_asn.fits")), outdir=new, csum=recos.CsumOptions(only=True, binx=64, biny=64)
    )
    assert {path.name.split("_", 1)[1] for path in new.glob("*_csum*")} == {"csum_a.fits", "csum_b.fits"}
