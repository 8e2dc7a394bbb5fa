"""Overrides give the products that edited raw files give, and say so."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from astropy.io import fits

import recos
from small_cos import make_dataset

pytestmark = pytest.mark.xdist_group("overrides")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overrides")
    made = make_dataset(folder, n_source=5_000, seed=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        yield made


def without_notes(header):
    return {k: v for k, v in header.items() if k not in ("DATE", "FILENAME", "HISTORY")}


def test_the_same_as_edited_headers(dataset, tmp_path):
    flat = next(dataset.references.glob("*flat*.fits"))
    shutil.copy(flat, tmp_path / ("long_name_" * 8 + "flat.fits"))
    overrides = {
        "HELCORR": "OMIT",
        "RANDSEED": 11,
        "FLATFILE": str(tmp_path / ("long_name_" * 8 + "flat.fits")),
        "SP_SET_A": 1.5,
        "STATFLAG": "OMIT",
    }
    edited = tmp_path / "raw"
    shutil.copytree(dataset.raw[0].parent, edited)
    for path in edited.glob("*_rawtag_?.fits"):
        with fits.open(path, mode="update") as hdus:
            for keyword, value in overrides.items():
                if keyword == "SP_SET_A":
                    hdus[1].header[keyword] = value
                else:
                    hdus[0].header[keyword] = value != "OMIT" if keyword == "STATFLAG" else value
    recos.run(edited / dataset.raw[0].name, tmp_path / "by_hand")
    recos.run(dataset.raw[0], tmp_path / "new", overrides=overrides)
    names = sorted(path.name for path in (tmp_path / "by_hand").glob("*.fits"))
    assert sorted(path.name for path in (tmp_path / "new").glob("*.fits")) == names
    for name in names:
        with fits.open(tmp_path / "by_hand" / name) as old, fits.open(tmp_path / "new" / name) as new:
            assert without_notes(new[0].header) == without_notes(old[0].header)
            for a, b in zip(old[1:], new[1:], strict=True):
                assert a.data is None or a.data.tobytes() == b.data.tobytes()
            notes = "".join(str(line) for line in new[0].header["HISTORY"])
            assert "recos: RANDSEED = 11 (" in notes
            assert "recos: HELCORR = OMIT (PERFORM in the raw file)" in notes
            assert overrides["FLATFILE"] in notes


def test_combined_spectra_tell_it(dataset, tmp_path):
    result = recos.run(dataset.association, tmp_path, overrides={"BACKCORR": "OMIT"}, products="x1d,x1dsum")
    for path in result.products:
        if "x1d" in path.name:
            header = fits.getheader(path)
            assert list(header["HISTORY"]) == ["recos: BACKCORR = OMIT (PERFORM in the raw file)"]
            assert np.all(fits.getdata(path)["BACKGROUND"] == 0)


def test_preset(dataset, tmp_path):
    recos.run(dataset.raw[0], tmp_path, preset="boxcar")
    for path in tmp_path.glob("*_x1d.fits"):
        header = fits.getheader(path)
        assert [header[key] for key in ("XTRCTALG", "TRCECORR", "ALGNCORR")] == ["BOXCAR", "OMIT", "OMIT"]
