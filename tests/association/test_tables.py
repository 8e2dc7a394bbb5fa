"""Association tables: recos.association and the command `recos asn`."""

from __future__ import annotations

import os

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

import recos.association
from helpers.corrtag_builders import make_corrtag
from helpers.folder import ROOT, write_table
from recos.association import edit, make, show
from recos.association.read import read_association
from recos.cli.main import main
from recos.errors import (
    AssociationError,
    InputError,
    NothingToCalibrateError,
    OutputError,
    OutputExistsError,
    UsageError,
)
from recos.io import platform
from recos.messages import messages_to

SECOND, WAVE = "lrec01d2q", "lrec01w1q"


@pytest.fixture
def here(folder, monkeypatch):
    """Two exposures and a wavecal in the current directory; the table lists the exposures."""
    monkeypatch.chdir(folder.path)
    folder.add(SECOND, FPPOS=2)
    folder.add(WAVE, EXPTYPE="WAVECAL", APERTURE="WCA", TAGFLASH="NONE")
    for root, days in ((SECOND, 0.1), (WAVE, 0.05)):
        for key in ("EXPSTART", "EXPEND"):
            folder.set(key, fits.getval(folder.raw("a", root), key, 1) + days, root=root, ext=1)
    rows = [(ROOT.upper(), "EXP-FP", True), (SECOND.upper(), "EXP-FP", True), ("LREC01010", "PROD-FP", False)]
    write_table(folder.asn, rows)
    return folder


def rows_of(path):
    table = Table.read(path, hdu=1)
    return [
        (str(r["MEMNAME"]).strip(), str(r["MEMTYPE"]).strip(), bool(r["MEMPRSNT"])) for r in table.filled()
    ]


def present(path):
    return [name for name, kind, there in rows_of(path) if there and "PROD" not in kind]


def names_of(path):
    """What the pipeline reads."""
    return [member.names[0].raw.name for member in read_association(path, "new").members]


def status_of(*words: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["asn", *map(str, words)])
    return int(leaving.value.code or 0)


# ---------------------------------------------------------------------------------------------- show


def test_show(here):
    table = show(here.asn)
    assert list(table["MEMNAME"]) == [ROOT.upper(), SECOND.upper(), "LREC01010"]
    first = dict(zip(table.colnames, table[0], strict=True))
    assert first["DETECTOR"] == "FUV"
    assert first["CENWAVE"] == 1291
    assert first["EXPTYPE"] == "EXTERNAL/SCI"
    assert first["FILES"] == "rawtag_a rawtag_b"
    assert list(table["FPPOS"][:2]) == [fits.getval(here.raw(), "FPPOS"), 2]
    assert first["EXPTIME"] == fits.getval(here.raw(), "EXPTIME", 1)
    assert table["DETECTOR"][2] is None


def test_show_without_files(here):
    for letter in "ab":
        here.raw(letter, SECOND).unlink()
    table = show("lrec01010_asn")
    assert list(table["FILES"]) == ["rawtag_a rawtag_b", "missing", ""]
    assert table["EXPTIME"][1] is None


def test_show_members_by_file_name(here):
    write_table(here.asn, [(f"{ROOT}_rawtag_b.fits", "EXP-FP", True), ("none_rawtag_a.fits", "EXP-FP", True)])
    files = list(show(here.asn)["FILES"])
    assert files == [f"{ROOT}_rawtag_a {ROOT}_rawtag_b", "missing"]


def test_show_command(here, capsys):
    assert status_of("show", "*_asn.fits") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == list(recos.association.listing.COLUMNS)
    assert lines[1][:4] == [ROOT.upper(), "EXP-FP", "T", "FUV"]
    assert lines[3][:4] == ["LREC01010", "PROD-FP", "F", "-"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["none_asn.fits"], 1, "no such file"),
        (["none*_asn.fits"], 1, "No file matches"),
        ([f"{ROOT}_rawtag_a.fits"], 2, "ends in _asn.fits"),
        ([], 2, "FILE"),
    ],
)
def test_show_errors(here, capsys, words, status, message):
    assert status_of("show", *words) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


# ---------------------------------------------------------------------------------------------- edit


def test_drop_in_place(here):
    before = here.asn.read_bytes()
    edited = edit(here.asn, drop=ROOT)
    assert edited.backup.name == "lrec01010_asn.fits.bak"
    assert edited.backup.read_bytes() == before
    assert present(here.asn) == [SECOND.upper()]
    assert names_of(here.asn) == [f"{SECOND}_rawtag_a.fits"]
    assert edit(here.asn, add=ROOT).backup.name == "lrec01010_asn.fits.bak.1"
    assert here.asn.read_bytes()[: len(before)] == before


def test_the_same_as_by_hand(here):
    """Handbook 3.6.1: MEMPRSNT is set to false."""
    by_hand = here.path / "hand_asn.fits"
    by_hand.write_bytes(here.asn.read_bytes())
    with fits.open(by_hand, mode="update") as hdus:
        hdus[1].data["MEMPRSNT"][0] = False
    edit(here.asn, drop=ROOT)
    assert by_hand.read_bytes() == here.asn.read_bytes()


def test_hand_made_changes_of_an_edited_table(here):
    edit(here.asn, "other_asn.fits", add=f"{WAVE}=EXP-GWAVE")
    with fits.open("other_asn.fits", mode="update") as hdus:
        hdus[1].data["MEMPRSNT"][0] = False
    assert names_of("other_asn.fits") == [f"{SECOND}_rawtag_a.fits", f"{WAVE}_rawtag_a.fits"]


@pytest.mark.parametrize("name", [ROOT, ROOT.upper(), f"{ROOT}_rawtag_a.fits"])
def test_names_of_members(here, name):
    edit(here.asn, drop=[name])
    assert present(here.asn) == [SECOND.upper()]


def test_keep(here):
    edit(here.asn, "all_asn.fits", add=WAVE)
    edit("all_asn.fits", "kept_asn.fits", keep=[ROOT])
    assert present("kept_asn.fits") == [ROOT.upper(), WAVE.upper()]
    edit("kept_asn.fits", keep=[SECOND], drop=[WAVE])
    assert present("kept_asn.fits") == [SECOND.upper()]


def test_remove(here):
    edit(here.asn, drop=ROOT, remove=True)
    assert rows_of(here.asn) == [(SECOND.upper(), "EXP-FP", True), ("LREC01010", "PROD-FP", False)]


def test_add_takes_memtype_from_exptype(here):
    edit(here.asn, add=WAVE)
    assert rows_of(here.asn)[2:] == [(WAVE.upper(), "EXP-AWAVE", True), ("LREC01010", "PROD-FP", False)]
    assert len(names_of(here.asn)) == 3


def test_add_gwave(here):
    """Handbook 3.6.2: any case, before the product."""
    texts = []
    with messages_to(lambda record: texts.append(record.getMessage())):
        edit(here.asn, add_gwave=WAVE.upper())
    assert rows_of(here.asn)[2:] == [(WAVE.upper(), "EXP-GWAVE", True), ("LREC01010", "PROD-FP", False)]
    association = read_association(here.asn, "new")
    assert [m.memtype for m in association.wavecals] == ["EXP-GWAVE"]
    has_flashes = any(h.mode.has_flashes for h, _ in association)
    assert any("TAGFLASH" in text for text in texts) == has_flashes


def test_gwave_without_wavecorr(here):
    for root in (ROOT, SECOND):
        here.set("WAVECORR", "OMIT", root=root)
    texts = []
    with messages_to(lambda record: texts.append(record.getMessage())):
        edit(here.asn, add_gwave=WAVE)
    assert any("set it to PERFORM" in text for text in texts)


def test_full_file_names_make_the_column_wider(here):
    hdus = fits.open(here.asn)
    column = fits.Column("NOTE", "20A", array=np.array(["one", "two", "three"]))
    new = fits.BinTableHDU.from_columns(hdus[1].columns + column, name="ASN")
    more = fits.ImageHDU(np.arange(10), name="MORE")
    fits.HDUList([hdus[0], new, more]).writeto("wide_asn.fits")
    edit("wide_asn.fits", drop=[ROOT, SECOND], remove=True, add=[f"{ROOT}_rawtag_a.fits"])
    assert rows_of("wide_asn.fits")[0] == (f"{ROOT}_rawtag_a.fits", "EXP-FP", True)
    with fits.open("wide_asn.fits") as hdus:
        hdus.verify("exception")
        assert hdus[1].columns["MEMNAME"].format == "40A"
        assert list(hdus[1].data["NOTE"]) == ["", "three"]
        assert (hdus["MORE"].data == np.arange(10)).all()
    assert len(names_of("wide_asn.fits")) == 1


def test_product(here):
    edit(here.asn, product="mine01010")
    assert rows_of(here.asn)[-1] == ("MINE01010", "PROD-FP", False)
    assert read_association(here.asn, "new").product.stem.name == "mine01010"
    write_table(here.asn, [(ROOT, "EXP-FP", True)])
    edit(here.asn, product="mine01010")
    assert rows_of(here.asn)[-1] == ("MINE01010", "PROD-FP", False)


def test_output(here):
    before = here.asn.read_bytes()
    edit(here.asn, "two_asn", drop=ROOT)
    assert here.asn.read_bytes() == before
    assert not list(here.path.glob("*.bak*"))
    assert names_of("two_asn.fits") == [f"{SECOND}_rawtag_a.fits"]
    with pytest.raises(OutputExistsError):
        edit(here.asn, "two_asn.fits", drop=SECOND)
    edit(here.asn, "two_asn.fits", drop=SECOND, overwrite=True)
    assert names_of("two_asn.fits") == [f"{ROOT}_rawtag_a.fits"]


def test_names_in_the_header_follow(here):
    fits.setval(here.asn, "FILENAME", value=here.asn.name)
    edit(here.asn, "two_asn.fits", drop=ROOT)
    assert fits.getval("two_asn.fits", "FILENAME") == "two_asn.fits"


def test_nothing_to_change(here):
    before = here.asn.read_bytes()
    assert not edit(here.asn, keep=[ROOT, SECOND]).is_changed
    assert here.asn.read_bytes() == before
    assert not list(here.path.glob("*.bak*"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, UsageError, "Give what"),
        ({"drop": "lrec01d3q"}, AssociationError, "Did you mean lrec01d"),
        ({"drop": "lrec01010"}, AssociationError, "no member lrec01010"),
        ({"drop": [ROOT], "keep": [ROOT]}, UsageError, "Decide for one"),
        ({"drop": [ROOT, SECOND]}, NothingToCalibrateError, "none of the 2 members"),
        ({"drop": [ROOT, SECOND], "remove": True}, AssociationError, "no member would be left"),
        ({"add": "nothing"}, AssociationError, "no such file"),
        ({"add": "nothing_rawtag_a.fits"}, AssociationError, "no such file"),
        ({"add": "/other/x_rawtag_a.fits"}, AssociationError, "beside the association table"),
        ({"add": f"{WAVE}=EXP-GWAV"}, UsageError, "Did you mean EXP-GWAVE"),
        ({"add": f"{WAVE}=PROD-FP"}, UsageError, "MEMTYPE = PROD-FP"),
        ({"add": ""}, UsageError, "Give what"),
        ({"add": ["=EXP-FP"]}, UsageError, "is empty"),
        ({"add_gwave": SECOND}, AssociationError, "EXPTYPE = EXTERNAL/SCI"),
        ({"product": "x.fits"}, UsageError, "rootname of the product"),
        ({"drop": ROOT, "output": "two.fits"}, UsageError, "ends in _asn.fits"),
        ({"drop": ROOT, "output": "nowhere/two_asn.fits"}, InputError, "no raw file of a member"),
        ({"drop": ROOT, "output": "nowhere/two_asn.fits", "force": True}, OutputError, "cannot be written"),
    ],
)
def test_edit_errors(here, options, error, message):
    before = {path.name: path.read_bytes() for path in here.path.iterdir() if path.is_file()}
    with pytest.raises(error, match=message):
        edit(here.asn, **options)
    assert {path.name: path.read_bytes() for path in here.path.iterdir() if path.is_file()} == before


def test_members_that_do_not_fit(here):
    here.set("CENWAVE", 1300, root=WAVE)
    with pytest.raises(AssociationError, match="must be alike"):
        edit(here.asn, add=WAVE)
    edit(here.asn, add=WAVE, force=True)
    assert WAVE.upper() in present(here.asn)


def test_force_adds_what_is_not_there_yet(here):
    edit(here.asn, add=["later", "later_corrtag_a.fits=EXP-FP"], force=True)
    assert present(here.asn)[2:] == ["LATER", "later_corrtag_a.fits"]
    assert len(names_of(here.asn)) == 2


def test_missing_files_of_others_are_a_warning(here):
    texts = []
    for letter in "ab":
        here.raw(letter, SECOND).unlink()
    write_table(here.asn, [*rows_of(here.asn)[:2], (WAVE.upper(), "EXP-AWAVE", True)])
    with messages_to(lambda record: texts.append(record.getMessage())):
        edit(here.asn, drop=WAVE)
    assert any(SECOND in text for text in texts)


def test_interrupted_edit(here, monkeypatch):
    before = here.asn.read_bytes()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(platform, "write_at", interrupt)
    with pytest.raises(KeyboardInterrupt):
        edit(here.asn, drop=ROOT)
    assert here.asn.read_bytes() == before
    assert not list(here.path.glob(".*"))


def test_table_without_permission(here, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(OutputError, match="no permission"):
        edit(here.asn, drop=ROOT)


def test_no_room_for_the_backup(here, monkeypatch):
    before = here.asn.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", fail)
    with pytest.raises(OutputError, match=r"bak.*No space"):
        edit(here.asn, drop=ROOT)
    assert here.asn.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["lrec01010_asn.fits", "--drop", ROOT, WAVE, "-o", "two_asn.fits"],
        ["--drop", ROOT, WAVE, "lrec01010_asn.fits", "-o", "two_asn.fits"],
        ["-o", "two_asn.fits", "--drop", f"{ROOT},{WAVE}", "lrec01010_asn.fits"],
        ["lrec01010_asn.fits", "--drop", ROOT, "--drop", WAVE, "-o", "two_asn.fits"],
    ],
)
def test_edit_command(here, capsys, words):
    edit(here.asn, add=WAVE)
    assert status_of("edit", *words) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].split() == [ROOT.upper(), "EXP-FP", "F"]
    assert captured.err == ""
    assert present("two_asn.fits") == [SECOND.upper()]


def test_edit_command_tells_of_the_backup(here, capsys):
    assert status_of("edit", here.asn, "--add-gwave", WAVE) == 0
    assert "the old table is" in capsys.readouterr().err
    assert status_of("edit", here.asn, "--add-gwave", WAVE) == 0
    assert "nothing to change" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["lrec01010_asn.fits"], 2, "Give what"),
        (["lrec01010_asn.fits", "--drop"], 2, "requires an argument"),
        (["lrec01010_asn.fits", "--drop", "--keep", ROOT], 2, "--drop"),
        (["lrec01010_asn.fits", "--drop", "x"], 1, "no member x"),
        (["none_asn.fits", "--drop", "x"], 1, "no such file"),
    ],
)
def test_edit_command_errors(here, capsys, words, status, message):
    assert status_of("edit", *words) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


# ---------------------------------------------------------------------------------------------- make


def test_make(here):
    make("*rawtag*.fits", "all_asn.fits")
    assert rows_of("all_asn.fits") == [
        (ROOT.upper(), "EXP-FP", True),
        (WAVE.upper(), "EXP-AWAVE", True),
        (SECOND.upper(), "EXP-FP", True),
        ("ALL", "PROD-FP", False),
    ]
    association = read_association("all_asn.fits", "new")
    assert [len(member.files) for member in association.members] == [2, 2, 2]
    assert association.product.stem.name == "all"
    with fits.open("all_asn.fits") as hdus:
        hdus.verify("exception")
        assert hdus[0].header["DETECTOR"] == "FUV"
        assert hdus[1].columns["MEMNAME"].format == "40A"
    assert list(show("all_asn.fits")["EXPTYPE"][:2]) == ["EXTERNAL/SCI", "WAVECAL"]


def test_make_with_gwave_and_product(here):
    make([here.raw(), here.raw("a", WAVE)], here.path / "all_asn.fits", "mine01010", gwave=True)
    assert rows_of("all_asn.fits")[1:] == [(WAVE.upper(), "EXP-GWAVE", True), ("MINE01010", "PROD-FP", False)]


def test_make_of_names_in_upper_case(here):
    for letter in "ab":
        here.raw(letter, SECOND).rename(f"UPPER_rawtag_{letter}.fits")
    make("UPPER*", "all_asn.fits")
    assert rows_of("all_asn.fits")[0][0] == "UPPER_rawtag_a.fits"
    assert len(names_of("all_asn.fits")) == 1


def test_make_of_corrtag_files(here):
    """They are found by their full names only."""
    (here.path / "tags").mkdir()
    for segment in ("FUVA", "FUVB"):
        make_corrtag(here.path / f"tags/x_corrtag_{segment[-1].lower()}.fits", segment=segment)
    make("tags/x_corrtag*.fits", "tags/x_asn.fits")
    assert rows_of("tags/x_asn.fits")[0] == ("x_corrtag_a.fits", "EXP-FP", True)
    (member,) = read_association("tags/x_asn.fits", "new").members
    assert len(member.files) == 2
    edit("tags/x_asn.fits", "tags/y_asn.fits", keep="X")
    here.add("x")
    for path in here.path.glob("x_rawtag*"):
        path.rename(here.path / "tags" / path.name)
    with pytest.raises(AssociationError, match="a raw and a corrtag file"):
        make("tags/x_*_a.fits", "tags/z_asn.fits")


def test_make_leaves_out_acquisitions(here):
    here.set("EXPTYPE", "ACQ/PEAKXD", root=SECOND)
    texts = []
    with messages_to(lambda record: texts.append(record.getMessage())):
        make("*rawtag*.fits", "all_asn.fits")
    assert [name for name, *_ in rows_of("all_asn.fits")] == [ROOT.upper(), WAVE.upper(), "ALL"]
    assert any("left out" in text for text in texts)
    with pytest.raises(NothingToCalibrateError):
        make(f"{SECOND}*", "none_asn.fits")


def test_make_checks_that_exposures_belong_together(here):
    here.set("CENWAVE", 1300, root=WAVE)
    with pytest.raises(AssociationError, match="must be alike"):
        make("*rawtag*.fits", "all_asn.fits")
    assert not (here.path / "all_asn.fits").exists()
    make("*rawtag*.fits", "all_asn.fits", force=True)


def test_make_errors(here):
    (here.path / "sub").mkdir()
    cases = [
        (("*rawtag*.fits", "all.fits"), UsageError, "ends in _asn.fits"),
        (("*rawtag*.fits", here.asn), OutputExistsError, "exists"),
        (("none*", "all_asn.fits"), InputError, "No file matches"),
        (("*rawtag*.fits", "sub/all_asn.fits"), AssociationError, "where the raw files are"),
        (("*.fits", "all_asn.fits"), InputError, "lrec01010_asn.fits"),
        (("*rawtag*.fits", "all_asn.fits", "a/b"), UsageError, "rootname"),
    ]
    for arguments, error, message in cases:
        with pytest.raises(error, match=message):
            make(*arguments)
    here.raw().rename(f"{ROOT}_x1d.fits")
    with pytest.raises(InputError, match="no raw or corrtag file"):
        make(f"{ROOT}_x1d.fits", "all_asn.fits")
    assert not (here.path / "all_asn.fits").exists()


def test_make_command(here, capsys):
    assert status_of("make", "*rawtag*.fits", "-o", "all_asn.fits", "--product", "mine01010") == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].split() == ["MINE01010", "PROD-FP", "F"]
    assert captured.err == ""
    assert status_of("make", "*rawtag*.fits", "-o", "all_asn.fits") == 1
    assert "--overwrite" in capsys.readouterr().err
    assert status_of("make", "*rawtag*.fits") == 2
