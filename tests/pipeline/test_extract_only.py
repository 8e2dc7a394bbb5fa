"""Spectra of corrtag files extracted again, with another box."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.cli.main import main
from recos.errors import InputError, MissingReferenceError, OutputExistsError, UsageError
from recos.options.regions import Choice, Tailoring
from small_cos import make_dataset

pytestmark = pytest.mark.xdist_group("extract_only")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """Products of a simulated exposure, both segments."""
    folder = tmp_path_factory.mktemp("extract")
    dataset = make_dataset(folder, n_source=20_000, seed=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{dataset.references}/")
        recos.run(dataset.raw[0], outdir=folder / "new")
        yield folder / "new" / f"{dataset.setups[0].root}_corrtag_a.fits"


def x1d(corrtag, folder):
    return folder / corrtag.name.replace("_corrtag_a", "_x1d")


def test_the_same_again(calibrated, tmp_path):
    result = recos.run(calibrated, outdir=tmp_path, extract_only=True)
    kinds = {path.name.split("_", 1)[1] for path in result.products}
    assert kinds == {"counts_a.fits", "counts_b.fits", "flt_a.fits", "flt_b.fits", "x1d.fits"}
    old, new = (fits.getdata(x1d(calibrated, d)) for d in (calibrated.parent, tmp_path))
    for name in (
        "SEGMENT",
        "WAVELENGTH",
        "EXPTIME",
        "GROSS",
        "GCOUNTS",
        "VARIANCE_COUNTS",
        "NUM_EXTRACT_ROWS",
    ):
        np.testing.assert_array_equal(new[name], old[name])
    # specification 3, section 9: the range of shifts is wider for corrtag input, and with it the border
    assert np.count_nonzero(new["DQ"] != old["DQ"]) <= 2


def test_another_box(calibrated, tmp_path):
    recos.run(calibrated, outdir=tmp_path, extract_only=True, location=(470.25, None), height=11)
    old, new = (fits.getheader(x1d(calibrated, d), 1) for d in (calibrated.parent, tmp_path))
    assert (new["SP_LOC_A"], new["SP_HGT_A"], new["SP_HGT_B"]) == (470.25, 11, 11)
    assert new["SP_LOC_B"] == old["SP_LOC_B"]
    data = fits.getdata(x1d(calibrated, tmp_path))
    assert (data["NUM_EXTRACT_ROWS"] == 11).all()
    assert data["GCOUNTS"].sum() < fits.getdata(x1d(calibrated, calibrated.parent))["GCOUNTS"].sum()


def test_products_may_lie_beside_the_corrtag(calibrated):
    with pytest.raises(OutputExistsError):
        recos.run(calibrated, outdir=calibrated.parent, extract_only=True)
    before = calibrated.read_bytes()
    recos.run(calibrated, outdir=calibrated.parent, extract_only=True, overwrite=True)
    assert calibrated.read_bytes() == before


@pytest.mark.parametrize("option", [{"location": 400.0}, {"find_target": True}])
def test_twozone_puts_no_box(calibrated, tmp_path, option):
    path = edited(calibrated, tmp_path, XTRCTALG="TWOZONE")
    with pytest.raises(InputError, match=r"XTRCTALG = TWOZONE.*SP_SET_A"):
        recos.run(path, outdir=tmp_path / "new", extract_only=True, **option)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("option", [{"location": 400.0}, {"find_target": True}])
def test_twozone_with_the_correction(calibrated, tmp_path, option):
    """Then only the tables of TWOZONE are missing in this small data set."""
    path = edited(calibrated, tmp_path, XTRCTALG="TWOZONE")
    with pytest.raises(MissingReferenceError, match="TWOZXTAB"):
        recos.run(path, outdir=tmp_path / "new", extract_only=True, corrections="twozone-location", **option)


def test_extraction_whatever_the_switch_says(calibrated, tmp_path):
    path = edited(calibrated, tmp_path, X1DCORR="OMIT")
    recos.run(path, outdir=tmp_path / "new", extract_only=True)
    assert len(fits.getdata(x1d(calibrated, tmp_path / "new"))) == 1
    path = edited(calibrated, tmp_path, X1DCORR="OMIT", XTRACTAB="lref$missing_1dx.fits")
    with pytest.raises(MissingReferenceError, match="XTRACTAB"):
        recos.run(path, outdir=tmp_path / "other", extract_only=True)


def edited(corrtag, folder, **keywords):
    path = folder / corrtag.name
    with fits.open(corrtag) as hdus:
        hdus[0].header.update(keywords)
        hdus.writeto(path, overwrite=True)
    return path


def test_raw_files_are_refused(calibrated, tmp_path):
    raw = next(calibrated.parent.parent.rglob("*_rawtag_a.fits"))
    with pytest.raises(InputError, match="no corrtag file"):
        recos.run(raw, outdir=tmp_path / "new", extract_only=True)


def test_only_what_is_wanted(calibrated, tmp_path):
    with pytest.raises(SystemExit) as leaving:
        main(["extract", str(calibrated), "-o", str(tmp_path), "--products", "x1d", "-q"])
    assert not leaving.value.code
    assert {p.name.rpartition("_")[2] for p in tmp_path.glob("*.fits")} == {"x1d.fits"}


def test_command(calibrated, tmp_path, capsys):
    arguments = [str(calibrated), "-o", str(tmp_path), "--location", "none,500", "--height", "7 9", "-q"]
    with pytest.raises(SystemExit) as leaving:
        main(["extract", *arguments])
    assert not leaving.value.code
    header = fits.getheader(x1d(calibrated, tmp_path), 1)
    assert (header["SP_LOC_B"], header["SP_HGT_A"], header["SP_HGT_B"]) == (500.0, 7, 9)


@pytest.mark.parametrize("words", [["--height", "3.5"], ["--location", "here"], ["--find", "perhaps"]])
def test_wrong_words(calibrated, tmp_path, capsys, words):
    with pytest.raises(SystemExit) as leaving:
        main(["extract", str(calibrated), "-o", str(tmp_path / "new"), *words])
    assert leaving.value.code == 2
    assert words[0].strip("-") in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------- choice


@pytest.mark.parametrize(
    ("location", "height", "segment", "expected"),
    [
        (100, None, "FUVB", (100, None)),
        ((100.5, 200), 5, "FUVB", (200, 5)),
        (100, 7, "NUVA", (100, 7)),
        (100, 7, "NUVB", (None, 7)),
        ((None, 150.0), (3, 5), "NUVB", (150.0, 5)),
        ((None, 150.0), (3, 5), "NUVC", (None, None)),
    ],
)
def test_choice_of_a_spectrum(location, height, segment, expected):
    choice = Tailoring.parse(None, location, height)
    assert choice is not None
    assert choice.of(segment) == Choice(*expected)


def test_no_choice():
    assert Tailoring.parse(None) is None
    assert Tailoring.parse(None, [None], (None, None)) is None


@pytest.mark.parametrize(
    ("location", "height"), [("100", None), (None, 2.5), (None, 0), (None, [5, -1]), (True, 1)]
)
def test_impossible_values(location, height):
    with pytest.raises(UsageError):
        Tailoring.parse(None, location, height)


@pytest.mark.parametrize(("is_fuv", "values"), [(True, (1, 2, 3)), (False, (1, 2, 3, 4))])
def test_too_many_values(is_fuv, values):
    choice = Tailoring.parse(None, values)
    assert choice is not None
    with pytest.raises(UsageError, match="values"):
        choice.check_number(is_fuv)
