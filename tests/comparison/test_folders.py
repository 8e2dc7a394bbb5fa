"""Comparison of keywords and of folders, and what cannot be compared."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

import recos
from helpers.compared_files import facts_of, write_events, write_images, write_x1d
from recos.comparison import verdict
from recos.errors import ComparisonError, RecosError, UsageError

# --------------------------------------------------------------------------------------------- keywords


def with_keywords(path, history=(), **keywords):
    header = fits.Header(list(keywords.items()))
    for line in history:
        header.add_history(line)
    fits.PrimaryHDU(header=header).writeto(path)
    return path


def test_keywords(tmp_path):
    a = with_keywords(tmp_path / "a.fits", SAME=1, TEXT="x", FLAG=True, GONE=2.5, SHIFT1A=1.0, SHIFT1B=1.0)
    b = with_keywords(tmp_path / "b.fits", SAME=1.0, TEXT="y", FLAG=1, SHIFT1A=1.00001, SHIFT1B=2.0, MORE="")
    found = {name: values for (_, _, name), values in facts_of(a, b).items()}
    assert found == {
        "TEXT": ("x", "y"), "FLAG": (True, 1), "GONE": (2.5, None), "SHIFT1A": (1.0, 1.00001), "SHIFT1B": (1.0, 2.0),
        "MORE": (None, ""),
    }  # fmt: skip
    assert verdict(recos.compare(a, b).files[0]) == "differs: 6 keywords"
    found = facts_of(a, b, rtol=1e-4, ignore=["t*t", "FLAG", "GONE", "MORE"])
    assert list(found) == [("keyword", "PRIMARY", "SHIFT1B")]
    assert facts_of(a, b, ignore="*") == {}


def test_keywords_that_differ_in_any_case(tmp_path):
    a = with_keywords(
        tmp_path / "a.fits", ["made today"], DATE="2026-01-01", CAL_VER="recos 1", FILENAME="a.fits"
    )
    b = with_keywords(
        tmp_path / "b.fits", ["made now"], DATE="2026-01-02", CAL_VER="3.6.2", FILENAME="b.fits"
    )
    assert recos.compare(a, b).is_equal
    found = facts_of(a, b, all_keywords=True)
    assert {name for _, _, name in found} == {"DATE", "CAL_VER", "FILENAME", "HISTORY"}
    (file,) = recos.compare(a, b, all_keywords=True, ignore="[!H]*").files
    assert [(f.old, f.new) for f in file.facts] == [("made today", None), (None, "made now")]


def test_what_recos_notes_in_history(tmp_path):
    long = "recos: FLATFILE = " + "x" * 80 + " (y in the raw file)"
    a = with_keywords(tmp_path / "a.fits", ["anything", "recos: correction one", long])
    b = with_keywords(tmp_path / "b.fits", ["recos: correction two", long])
    (file,) = recos.compare(a, b).files
    assert [(f.kind, f.old, f.new) for f in file.facts] == [
        ("made with", "recos: correction one", None), ("made with", None, "recos: correction two"),
    ]  # fmt: skip
    assert verdict(file) == "differs: nothing but recos' notes in HISTORY"
    assert recos.compare(a, b, ignore="HISTORY").is_equal


# ---------------------------------------------------------------------------------------------- folders


@pytest.fixture
def folders(tmp_path):
    """OLD and NEW with an x1d that differs, a corrtag that is equal, and files on one side only."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        write_events(folder / "x_corrtag_a.fits")
    write_x1d(old / "x_x1d.fits")
    write_x1d(new / "x_x1d.fits", lambda c: c["FLUX"].__imul__(np.float32(2)))
    write_images(old / "x_flt_a.fits")
    write_x1d(new / "p_x1dsum3.fits")
    write_events(old / "x_rawtag_a.fits")  # an input, not a product
    (new / "x.tra").write_text("messages")
    return old, new


def test_products_of_folders_are_paired_by_name(folders):
    found = recos.compare(*folders)
    assert [(f.name, f.is_equal) for f in found.files] == [("x_corrtag_a.fits", True), ("x_x1d.fits", False)]
    assert (found.only_old, found.only_new) == (["x_flt_a.fits"], ["p_x1dsum3.fits"])
    assert not found.is_equal
    assert recos.compare(folders[0], folders[0]).is_equal
    table = found.table()
    assert table["FILE"].tolist().count("x_x1d.fits") == 2
    assert table[table["KIND"] == "structure"]["FILE"].tolist() == ["x_flt_a.fits", "p_x1dsum3.fits"]


def test_one_file_too_many_is_a_difference(folders):
    old, new = folders
    shutil.copy(old / "x_x1d.fits", new)
    found = recos.compare(old, new, products="x1d,x1dsum")
    assert [f.is_equal for f in found.files] == [True]
    assert (found.only_new, found.is_equal) == (["p_x1dsum3.fits"], False)
    assert recos.compare(old, new, products=["x1d", "corrtag"]).is_equal


def test_compressed_and_other_files_are_the_same_product(folders):
    old, new = folders
    text = (old / "x_x1d.fits").read_bytes()
    (old / "x_x1d.fits").unlink()
    (old / "x_x1d.fits.gz").write_bytes(gzip.compress(text))
    assert [f.name for f in recos.compare(old, new, products="x1d").files] == ["x_x1d.fits"]
    (new / "x_x1d.fits.gz").write_bytes(gzip.compress(text))  # beside an uncompressed one, which is taken
    assert not recos.compare(old, new, products="x1d").is_equal


def test_a_file_is_compared_with_its_counterpart_in_a_folder(folders):
    old, new = folders
    (file,) = recos.compare(old / "x_x1d.fits", new).files
    assert (file.name, file.new) == ("x_x1d.fits", new / "x_x1d.fits")
    assert recos.compare(old, new / "x_corrtag_a.fits").is_equal
    (file,) = recos.compare(old / "x_x1d.fits", new / "p_x1dsum3.fits").files
    assert file.name == "x_x1d.fits → p_x1dsum3.fits"


def test_table_of_differences(folders):
    table = recos.compare(*folders, products="x1d").table()
    assert table["NAME", "ROW", "UNIT"].as_array().tolist() == [
        ("FLUX", r, "sigma") for r in ("FUVA", "FUVB")
    ]
    flux = fits.getdata(folders[0] / "x_x1d.fits")
    pulls = (flux["FLUX"][0] / flux["ERROR"][0])[flux["DQ_WGT"][0] > 0]
    assert table["MEAN_IN_UNITS"][0] == pytest.approx(pulls.mean(), rel=1e-6)
    assert table["RMS_IN_UNITS"][0] == pytest.approx(np.sqrt((pulls**2).mean()), rel=1e-6)
    empty = recos.compare(folders[0], folders[0]).table()
    assert (len(empty), empty.colnames) == (0, table.colnames)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"products": "x2d"}, "x2d"),
        ({"products": ""}, "none"),
        ({"rtol": -1.0}, "rtol"),
        ({"rtol": float("nan")}, "rtol"),
    ],
)
def test_impossible_options(folders, options, message):
    with pytest.raises(UsageError, match=message):
        recos.compare(*folders, **options)


def test_what_cannot_be_compared(folders, tmp_path):
    old, new = folders
    for first, second, message in (
        (old, tmp_path / "none", "none: no such file or folder"),
        (old, old / "x_rawtag_a.fits", "no product in common"),
        (old / "x_flt_a.fits", new, "no product in common"),
        (old, tmp_path, r"no product in common \(x_corrtag_a.fits, x_flt_a.fits, x_x1d.fits; none\)"),
        (old / "x_x1d.fits", "/dev/null", "neither a file nor a folder"),
        (old / "x_x1d.fits", new / "x.tra", r"x\.tra: cannot be read as FITS"),
    ):
        for pair in ((first, second), (second, first)):
            with pytest.raises(ComparisonError):
                recos.compare(*pair)
        with pytest.raises(ComparisonError, match=message):
            recos.compare(first, second)
    assert issubclass(ComparisonError, RecosError)


@pytest.mark.parametrize("name", ["x_x1d.fits", "x_corrtag_a.fits", "x_flt_a.fits"])
@pytest.mark.parametrize("keep", [0.0, 0.02, 0.5, 0.7])
@pytest.mark.filterwarnings("ignore:.*truncated")
def test_truncated_files(folders, name, keep):
    old, new = folders
    shutil.copy(old / name, new)
    text = (old / name).read_bytes()
    (old / name).write_bytes(text[: int(keep * len(text))])
    with pytest.raises(ComparisonError, match=name):
        recos.compare(old / name, new / name)
    with pytest.raises(ComparisonError, match=name):
        recos.compare(new / name, old / name)


@settings(max_examples=40)
@given(
    st.sampled_from([write_x1d, write_images, write_events]),
    st.lists(st.tuples(st.integers(0, 5 * 2880), st.sampled_from(b"\0 A09\xff'=")), min_size=1, max_size=8),
)
@pytest.mark.filterwarnings("ignore")
def test_a_garbled_file_differs_or_is_told(tmp_path_factory, write, bytes_):
    folder = tmp_path_factory.mktemp("garbled")
    old, new = write(folder / "a.fits"), folder / "b.fits"
    text = bytearray(old.read_bytes())
    for place, value in bytes_:
        text[place] = value
    new.write_bytes(text)
    messages = []
    for pair in ((old, new), (new, old)):
        try:
            assert recos.compare(*pair).is_equal is (recos.compare(*pair[::-1]).table()["FILE"].size == 0)
        except ComparisonError as error:
            messages.append(str(error))
    assert all("b.fits" in message for message in messages)
