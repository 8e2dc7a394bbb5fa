"""Reference files of the NUV simulator: complete, of the right kind, and what the model says."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from recos.data.reference_kinds import KINDS
from recos.simulate.configurations import Configuration
from recos.simulate.nuv import Nuv, layout

SPECTRA = {
    "FLATFILE", "DEADTAB", "BPIXTAB", "BADTTAB", "WCPTAB", "XTRACTAB", "LAMPTAB", "DISPTAB", "FLUXTAB", "TDSTAB",
    "SPWCSTAB",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ref")


def files(folder, *mode, **more):
    names = Nuv(Configuration(*mode, **more)).write_references(folder)
    return {keyword: folder / name.removeprefix("lref$") for keyword, name in names.items()}


def test_kinds(folder):
    made = files(folder, "G185M", 1850)
    assert set(made) == SPECTRA
    images = files(folder, "MIRRORA", 0)
    assert set(images) == {"FLATFILE", "DEADTAB", "BPIXTAB", "BADTTAB", "IMPHTTAB"}
    for keyword, path in (made | images).items():
        header = fits.getheader(path)
        assert header["FILETYPE"] == KINDS[keyword].filetype
        assert header["DETECTOR"] == "NUV"


def test_names_tell_contents_apart_and_files_are_written_once(folder):
    first, second = files(folder, "G185M", 1850), files(folder, "G185M", 1817)
    shared = {k for k in SPECTRA if first[k] == second[k]}
    assert shared == {"FLATFILE", "DEADTAB", "BPIXTAB", "BADTTAB", "WCPTAB"}
    times = {path: path.stat().st_mtime_ns for path in first.values()}
    boa = files(folder, "G185M", 1850, aperture="BOA")
    assert boa == first
    assert times == {path: path.stat().st_mtime_ns for path in boa.values()}


def test_sizes_are_real(folder):
    made = files(folder, "G230L", 2950)
    with fits.open(made["FLATFILE"]) as hdus:
        assert hdus[1].data.shape == (1024, 1024)
        assert hdus[1].data.dtype == np.dtype(">f4")
    lamp = fits.getdata(made["LAMPTAB"])
    assert lamp["INTENSITY"].shape == (12, 1024)
    assert sorted(set(lamp["FPOFFSET"])) == [-2, -1, 0, 1]
    assert len(fits.getdata(made["XTRACTAB"])) == len(fits.getdata(made["DISPTAB"])) == 9


def test_extraction_boxes_do_not_overlap(folder):
    rows = fits.getdata(files(folder, "G225M", 2250)["XTRACTAB"])
    for aperture in ("PSA", "WCA"):
        chosen = rows[rows["APERTURE"] == aperture]
        half = chosen["HEIGHT"][0] / 2.0 + chosen["BHEIGHT"][0] / 2.0
        for background in (chosen["B_BKG1"], chosen["B_BKG2"]):
            assert np.abs(background[:, None] - chosen["B_SPEC"]).min() > half
            assert np.all((background > 20.0) & (background < 990.0))


def test_tables_of_time_say_what_the_model_does(folder):
    row = fits.getdata(files(folder, "G285M", 2676)["TDSTAB"])[0]
    slope, intercept = (row[c].reshape(len(row["TIME"]), -1)[:, 0] for c in ("SLOPE", "INTERCEPT"))
    for mjd, k in ((55500.0, 0), (58000.0, 1), (66000.0, 2)):
        factor = (mjd - layout.AGEING_START) / 365.25 * slope[k] / 100.0 + intercept[k]
        assert factor == pytest.approx(layout.ageing("G285M", mjd), rel=1e-12)
