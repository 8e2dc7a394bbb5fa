"""Extractions with other regions: as with edited tables, from raw files, from corrtag files, in memory."""

from __future__ import annotations

import logging
import shutil

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import builders
from recos.cli.main import main
from recos.cli.tailor import tailor
from recos.errors import InputError, MissingRowError, OutputExistsError, ReferenceFileError, UsageError
from recos.reference_tools.region_files import tailor_file

pytestmark = pytest.mark.xdist_group("tailoring")

ROOT = "lrec01d1q"
TWOZONE = {"XTRCTALG": "TWOZONE", "TRCECORR": "PERFORM", "ALGNCORR": "PERFORM"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Raw files of both segments, events at random; corrtag files by BOXCAR and TWOZONE."""
    path = tmp_path_factory.mktemp("tailoring")
    names = builders.make_references(path / "ref", prefix="lref$", large=True)
    for letter in "ab":
        builders.make_rawtag(path / f"{ROOT}_rawtag_{letter}.fits", n=30_000, names=names, life_adj=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{path / 'ref'}/")
        recos.run(path / f"{ROOT}_rawtag_a.fits", path / "boxcar", products="corrtag,x1d", preset="boxcar")
        recos.run(path / f"{ROOT}_rawtag_a.fits", path / "twozone", products="corrtag,x1d", overrides=TWOZONE)
        yield path


def raw(folder):
    return folder / f"{ROOT}_rawtag_a.fits"


def corrtag(folder, algorithm):
    return folder / algorithm / f"{ROOT}_corrtag_a.fits"


def x1d(folder):
    return folder / f"{ROOT}_x1d.fits"


def table(folder, keyword):
    return folder / "ref" / fits.getheader(raw(folder))[keyword].removeprefix("lref$")


def same_spectra(one, two):
    a, b = fits.getdata(one), fits.getdata(two)
    assert a.tobytes() == b.tobytes()


# ------------------------------------------------------------------------------------ as with an edited table


@pytest.mark.parametrize(
    ("keyword", "overrides", "options"),
    [
        ("XTRACTAB", {}, {"height": (21, 25), "background_centers": [(430, 530), (500, 610)]}),
        ("XTRACTAB", {}, {"center": (480.5, None), "background_height": 9}),
        ("TWOZXTAB", TWOZONE, {"height": 41, "enclosed_energy": (0.1, 0.9), "inner": (0.2, 0.8)}),
        ("TWOZXTAB", TWOZONE, {"enclosed_energy": (0, 1), "background_centers": [(440, 530), None]}),
    ],
)
def test_the_same_as_a_new_table(folder, tmp_path, keyword, overrides, options):
    new = tmp_path / "new_table.fits"
    tailoring = recos.Tailoring(**options)
    notes = tailor_file(
        table(folder, keyword), new, tailoring, opt_elem="G130M", cenwave=1291, aperture="PSA"
    )
    assert [str(line) for line in fits.getheader(new)["HISTORY"]][-len(notes) :] == notes
    kinds = "corrtag,x1d"
    recos.run(raw(folder), tmp_path / "a", overrides=overrides | {keyword: str(new)}, products=kinds)
    recos.run(raw(folder), tmp_path / "b", overrides=overrides, tailor=options, products=kinds)
    same_spectra(x1d(tmp_path / "a"), x1d(tmp_path / "b"))
    for letter in "ab":
        name = f"{ROOT}_corrtag_{letter}.fits"
        assert (
            fits.getdata(tmp_path / "a" / name, 1).tobytes()
            == fits.getdata(tmp_path / "b" / name, 1).tobytes()
        )
    header = "".join(map(str, fits.getheader(x1d(tmp_path / "b"))["HISTORY"]))
    assert header.count("recos: ") >= len(notes)
    assert fits.getdata(x1d(folder / "boxcar")).tobytes() != fits.getdata(x1d(tmp_path / "b")).tobytes()


def test_offset_must_not_leave_the_detector(folder, tmp_path):
    with pytest.raises(UsageError, match=r"extraction box of FUVB.*outside the detector"):
        recos.run(raw(folder), tmp_path / "new", overrides=TWOZONE, tailor={"offset": (None, 900.0)})
    assert not (tmp_path / "new").exists()


def test_offset_is_sp_set(folder, tmp_path):
    overrides = TWOZONE | {"SP_SET_A": 2.5, "SP_SET_B": -1.0}
    recos.run(raw(folder), tmp_path / "a", overrides=overrides, products="x1d")
    recos.run(raw(folder), tmp_path / "b", overrides=TWOZONE, tailor={"offset": (2.5, -1.0)}, products="x1d")
    same_spectra(x1d(tmp_path / "a"), x1d(tmp_path / "b"))
    header = fits.getheader(x1d(tmp_path / "b"), 1)
    assert (header["SP_OFF_A"], header["SP_OFF_B"]) == (2.5, -1.0)


def test_full_box(folder, tmp_path):
    """Limits 0 and 1 give a box of the full height in all columns, scaled by nothing."""
    recos.run(corrtag(folder, "twozone"), tmp_path, extract_only=True, tailor={"enclosed_energy": (0, 1)})
    data = fits.getdata(x1d(tmp_path))
    assert (data["NUM_EXTRACT_ROWS"] == builders.TWOZONE_HEIGHT).all()
    assert (data["ACTUAL_EE"] == 1.0).all()


def test_height_from_corrtag_files(folder, tmp_path):
    recos.run(corrtag(folder, "boxcar"), tmp_path, extract_only=True, tailor={"height": 11, "offset": 2.0})
    old, new = (fits.getheader(x1d(d), 1) for d in (folder / "boxcar", tmp_path))
    assert (new["SP_HGT_A"], new["SP_HGT_B"]) == (11, 11)
    assert new["SP_LOC_A"] == pytest.approx(old["SP_LOC_A"] + 2.0)
    assert "recos: HEIGHT of FUVB = 11" in "".join(map(str, fits.getheader(x1d(tmp_path))["HISTORY"]))


# ------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("algorithm", "options", "error", "message"),
    [
        ("boxcar", {"enclosed_energy": (0.1, 0.9)}, InputError, "BOXCAR knows no enclosed energy"),
        ("boxcar", {"height": 1000}, UsageError, "extraction box of FUVA.*outside the detector"),
        ("boxcar", {"background_centers": (5, 540)}, UsageError, "background region of FUVA.*outside"),
        ("boxcar", {"height": (1, 2, 3)}, UsageError, "3 values"),
        ("twozone", {"height": 121}, UsageError, "PROFTAB has 111 rows.*111 at most"),
        ("twozone", {"offset": 2.0}, InputError, "Start from the raw file"),
        ("twozone", {"center": 480.0}, InputError, "Start from the raw file"),
        ("twozone", {"location": 480.0}, InputError, "location does not apply"),
        ("twozone", {"inner": (0.001, 0.9)}, UsageError, "not within the outer zone"),
    ],
)
def test_refusals(folder, tmp_path, algorithm, options, error, message):
    with pytest.raises(error, match=message):
        recos.run(corrtag(folder, algorithm), tmp_path / "new", extract_only=True, tailor=options)
    assert not (tmp_path / "new").exists()


def test_warnings_of_overlaps(folder, tmp_path, caplog):
    tailoring = {"background_centers": [(480, 600), None]}
    recos.run(corrtag(folder, "boxcar"), tmp_path, extract_only=True, tailor=tailoring)
    found = [
        r.getMessage()
        for r in caplog.records
        if r.levelno == logging.WARNING and "overlaps" in r.getMessage()
    ]
    assert [(text.split(", ")[0], text.split(" overlaps ")[1].split(",")[0]) for text in found] == [
        ("Background region 1 of FUVA", "its own spectrum"),
        ("Background region 1 of FUVA", "the spectrum of BOA"),
        ("Background region 2 of FUVA", "the spectrum of WCA"),
    ]


def test_warning_of_gain_sag(folder, tmp_path, caplog, monkeypatch):
    """What is gain-sagged at the time and the voltage of the exposure counts; one hole appears later."""
    lref = tmp_path / "ref"
    shutil.copytree(folder / "ref", lref)
    monkeypatch.setenv("lref", f"{lref}/")
    with fits.open(lref / table(folder, "GSAGTAB").name, mode="update") as hdus:
        level = fits.getval(raw(folder), "HVLEVELA", 1)
        (sagged,) = (h for h in hdus[1:] if h.header["SEGMENT"] == "FUVA" and h.header["HVLEVELA"] >= level)
        holes = sagged.data
        holes["LX"], holes["LY"], holes["DX"], holes["DY"] = [1000, 5000, 9000], 622, [1638, 3277, 5000], 10
    for rows in ((430, 540), (430, 630)):
        recos.run(
            corrtag(folder, "boxcar"),
            tmp_path / "new",
            extract_only=True,
            tailor={"background_centers": [rows, None], "background_height": [21, None]},
            overwrite=True,
        )
    (found,) = (r.getMessage() for r in caplog.records if "gain-sagged" in r.getMessage())
    assert found.startswith("Background region 2 of FUVA, rows 618 to 638: 14 % of it is gain-sagged")


def test_no_warning_of_what_is_tabulated(folder, tmp_path, caplog):
    recos.run(corrtag(folder, "boxcar"), tmp_path, extract_only=True, tailor={"height": 21})
    assert "overlaps" not in caplog.text


# ------------------------------------------------------------------------------------------------ in memory


def test_again_in_memory(folder, tmp_path):
    exposures = [recos.read(folder / "twozone" / f"{ROOT}_corrtag_{letter}.fits") for letter in "ab"]
    refs = [recos.References.for_exposure(exposure) for exposure in exposures]
    for exposure, references in zip(exposures, refs, strict=True):
        with pytest.raises(UsageError, match="images"):
            recos.extract_again(exposure, references)
        recos.calibrate(exposure, references, stop_after="images")
    primary = str(exposures[0].primary)
    for number, pair in enumerate(((0.1, 0.9), (0.005, 0.995))):
        again = recos.extract_again(exposures, refs, {"enclosed_energy": pair})
        recos.run(
            corrtag(folder, "twozone"),
            tmp_path / str(number),
            extract_only=True,
            tailor={"enclosed_energy": pair},
        )
        data = fits.getdata(x1d(tmp_path / str(number)))
        for name in ("FLUX", "NET", "GCOUNTS", "DQ", "WAVELENGTH", "ERROR"):
            np.testing.assert_array_equal(again[name], data[name])
    assert str(exposures[0].primary) == primary
    alone = recos.extract_again(exposures[1], refs[1], recos.Tailoring(enclosed_energy=pair))
    np.testing.assert_array_equal(alone["NET"][0], again["NET"][1])
    with pytest.raises(UsageError, match="references"):
        recos.extract_again(exposures, refs[0])


# --------------------------------------------------------------------------------------------- command lines


def status_of(command, args):
    with pytest.raises(SystemExit) as leaving:
        command([str(arg) for arg in args])
    return int(leaving.value.code or 0)


def test_commands(folder, tmp_path):
    words = ["--height", "21,25", "--background-centers", "430,530;500,610", "--background-height", "9", "-q"]
    path = tmp_path / "tailor.toml"
    path.write_text("[tailor]\nheight = 3\nbackground_centers = [[430, 530], [500, 610]]\n")
    args = [raw(folder), "--preset", "boxcar", "--products", "x1d"]
    assert status_of(main, [*args, "-o", tmp_path / "a", *words]) == 0
    words = ["--height", "21,25", "--config", path, "--background-height", "9", "-q"]
    assert status_of(main, [*args, "-o", tmp_path / "b", *words]) == 0
    same_spectra(x1d(tmp_path / "a"), x1d(tmp_path / "b"))
    words = ["extract", corrtag(folder, "twozone"), "-o", tmp_path / "c", "--enclosed-energy", "0.1 0.9"]
    assert status_of(main, [*words, "--inner", "0.2,0.8", "-q"]) == 0
    words = ["extract", corrtag(folder, "twozone"), "-o", tmp_path / "d", "--enclosed-energy", "0.1", "0.9"]
    assert status_of(main, [*words, "--inner", "0.2", "0.8", "-q"]) == 0
    same_spectra(x1d(tmp_path / "c"), x1d(tmp_path / "d"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--height", "0"], "1 or more"),
        (["--center", "2000"], "outside the detector"),
        (["--enclosed-energy", "0.9,0.1"], "lower < upper"),
        (["--enclosed-energy", "a,b"], "--enclosed-energy"),
        (["--background-centers", "430"], "two numbers"),
    ],
)
def test_wrong_words(folder, tmp_path, capsys, words, message):
    for command in (["run"], ["extract"]):
        assert status_of(main, [*command, corrtag(folder, "boxcar"), "-o", tmp_path / "new", *words]) == 2
        assert message in capsys.readouterr().err
    assert status_of(tailor, [table(folder, "XTRACTAB"), "-o", tmp_path / "new", *words]) == 2
    assert not (tmp_path / "new").exists()


def test_new_table(folder, tmp_path, capsys):
    old, new = table(folder, "TWOZXTAB"), tmp_path / "new.fits"
    words = [old, "-o", new, "--segment", "FUVB", "--cenwave", "1291", "--enclosed-energy", "0,1"]
    assert status_of(tailor, words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "recos: FUVB G130M 1291 PSA: LOWER_OUTER = 0.0 (was 0.005)"
    a, b = fits.getdata(old), fits.getdata(new)
    assert list(b["UPPER_OUTER"]) == [a["UPPER_OUTER"][0], 1.0]
    assert list(b["HEIGHT"]) == list(a["HEIGHT"])
    assert status_of(tailor, words) == 1
    assert "exists" in capsys.readouterr().err
    assert status_of(tailor, [*words, "--overwrite"]) == 0


def test_tables_that_cannot_be_made(folder, tmp_path):
    old, new = table(folder, "XTRACTAB"), tmp_path / "new.fits"
    for path, options, criteria, error in (
        (old, {"height": 5}, {"cenwave": 1300}, MissingRowError),
        (old, {"enclosed_energy": (0, 1)}, {}, UsageError),
        (old, {"location": 500}, {}, UsageError),
        (old, {}, {}, UsageError),
        (table(folder, "DISPTAB"), {"height": 5}, {}, ReferenceFileError),
        (tmp_path / "none.fits", {"height": 5}, {}, ReferenceFileError),
    ):
        with pytest.raises(error):
            tailor_file(path, new, recos.Tailoring(**options), **criteria)
        assert not new.exists()
    before = old.read_bytes()
    with pytest.raises(OutputExistsError, match="made of"):
        tailor_file(old, old, recos.Tailoring(height=5), overwrite=True)
    assert old.read_bytes() == before
