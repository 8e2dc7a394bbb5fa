"""Keywords of many files at once: recos.options.headers and the command `recos headers`."""

from __future__ import annotations

import contextlib
import os
import stat

import pytest
from astropy.io import fits

import recos.options.headers
from helpers import builders
from recos.cli.main import main
from recos.data.reference_kinds import KINDS
from recos.data.switches import SWITCHES
from recos.errors import InputError, OutputError, UsageError
from recos.io import platform
from recos.io.fitsfile import BLOCK
from recos.options.headers import read_keywords, set_keywords
from recos.options.keywords import KEYWORDS


@pytest.fixture
def raws(tmp_path, monkeypatch):
    """Three raw files in the current directory."""
    for name in ("x_rawtag_a.fits", "x_rawtag_b.fits", "y_rawtag_a.fits"):
        builders.make_rawtag(tmp_path / name, n=20, names={})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def status_of(*words: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["headers", *map(str, words)])
    return int(leaving.value.code or 0)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def differing_cards(before: bytes, after: bytes) -> list[str]:
    assert len(before) == len(after)
    return [
        after[i : i + 80].decode("ascii", "replace").rstrip()
        for i in range(0, len(before), 80)
        if before[i : i + 80] != after[i : i + 80]
    ]


def test_all_switches_and_kinds_are_calibration_keywords():
    assert set(SWITCHES) | set(KINDS) <= set(KEYWORDS)
    assert {"XTRCTALG", "RANDSEED", "SP_SET_A", "SP_SET_B"} <= set(KEYWORDS)


def test_only_the_cards_are_changed(raws):
    before = contents(raws)
    comment = fits.getheader("x_rawtag_a.fits").comments["FLATCORR"]
    table = set_keywords("*rawtag_a.fits", {"flatcorr": "omit", "SDQFLAGS": 8, "STATFLAG": False})
    after = contents(raws)
    assert after["x_rawtag_b.fits"] == before["x_rawtag_b.fits"]
    for name in ("x_rawtag_a.fits", "y_rawtag_a.fits"):
        cards = differing_cards(before[name], after[name])
        assert sorted(card[:8].strip() for card in cards) == ["FLATCORR", "SDQFLAGS", "STATFLAG"]
        header = fits.getheader(name)
        assert (header["FLATCORR"], header["STATFLAG"]) == ("OMIT", False)
        assert header.comments["FLATCORR"] == comment
        assert fits.getval(name, "SDQFLAGS", 1) == 8
        assert "SDQFLAGS" not in header
        with fits.open(name) as hdus:
            hdus.verify("exception")
    assert table.colnames == ["FILE", "EXTENSION", "KEYWORD", "OLD", "NEW"]
    assert list(table["KEYWORD"][:3]) == ["FLATCORR", "SDQFLAGS", "STATFLAG"]
    assert list(table["EXTENSION"][:3]) == [0, 1, 0]
    assert list(table["NEW"][:3]) == ["OMIT", 8, False]
    assert table["OLD"][2] is True


def test_the_same_as_by_hand(raws):
    by_hand = raws / "x_rawtag_b.fits"
    by_hand.write_bytes((raws / "x_rawtag_a.fits").read_bytes())
    for key, value in (("FLATFILE", "lref$n9n201821_flat.fits"), ("BRSTCORR", "OMIT"), ("RANDSEED", 7)):
        fits.setval(by_hand, key, value=value, ext=0)
    values = {"FLATFILE": "lref$n9n201821_flat.fits", "BRSTCORR": "OMIT", "RANDSEED": "7"}
    set_keywords("x_rawtag_a.fits", values)
    assert fits.FITSDiff("x_rawtag_a.fits", str(by_hand)).identical


def test_values_that_are_there_already(raws):
    before = contents(raws)
    value = fits.getval("x_rawtag_a.fits", "DEADCORR")
    assert len(set_keywords("*.fits", {"DEADCORR": value})) == 0
    assert contents(raws) == before


def test_dry_run(raws):
    before = contents(raws)
    table = set_keywords(["*.fits"], {"XTRCTALG": "TWOZONE"}, dry_run=True)
    assert len(table) == 3
    assert contents(raws) == before


@pytest.mark.parametrize("cards", range(36))
def test_missing_keywords_are_added(raws, cards):
    """Whatever room the last block of the header has."""
    path = raws / "x_rawtag_a.fits"
    with fits.open(path, mode="update") as hdus:
        for key in ("SP_SET_A", "HVDSTAB"):
            for hdu in hdus[:2]:
                hdu.header.remove(key, ignore_missing=True)
        for i in range(cards):
            hdus[0].header[f"FILL{i}"] = i
            hdus[1].header[f"FILL{i}"] = i
    old = [hdu.header.copy() for hdu in fits.open(path)]
    events = fits.getdata(path, 1).copy()
    table = set_keywords(path, {"SP_SET_A": -2, "HVDSTAB": "lref$x_hvds.fits"})
    assert list(table["OLD"]) == [None, None]
    assert path.stat().st_size % BLOCK == 0
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert hdus[1].header["SP_SET_A"] == -2.0
        assert hdus[0].header["HVDSTAB"] == "lref$x_hvds.fits"
        assert (hdus[1].data == events).all()
        for hdu, header in zip(hdus, old, strict=True):
            for key in ("SP_SET_A", "HVDSTAB"):
                hdu.header.remove(key, ignore_missing=True)
            assert fits.HeaderDiff(hdu.header, header).identical
    assert len(list(raws.iterdir())) == 3


def test_blank_cards_at_the_end_are_used(raws):
    path = raws / "x_rawtag_a.fits"
    with fits.open(path, mode="update") as hdus:
        hdus[0].header.remove("HVDSTAB", ignore_missing=True)
        for _ in range(2):
            hdus[0].header.append(fits.Card(), end=True)
    before = path.read_bytes()
    set_keywords(path, {"HVDSTAB": "lref$x_hvds.fits"})
    (card,) = differing_cards(before, path.read_bytes())
    assert card.startswith("HVDSTAB = 'lref$x_hvds.fits'")


def test_long_comment_is_shortened(raws):
    path = raws / "x_rawtag_a.fits"
    fits.setval(path, "FLATFILE", value="a.fits", comment="a comment that fills all of its card to the end")
    set_keywords(path, {"FLATFILE": "lref$" + "o'" * 15 + ".fits"})
    card = fits.getheader(path).cards["FLATFILE"]
    assert card.value == "lref$" + "o'" * 15 + ".fits"
    assert "a comment".startswith(card.comment[:5])


def test_card_with_continuation(raws):
    path = raws / "x_rawtag_a.fits"
    fits.setval(path, "FLATFILE", value="/data/" + "directory/" * 12 + "a.fits")
    n = len(fits.getheader(path))
    set_keywords(path, {"FLATFILE": "b.fits"})
    header = fits.getheader(path)
    assert header["FLATFILE"] == "b.fits"
    assert len(header) == n
    assert b"CONTINUE" not in path.read_bytes()[: 2 * BLOCK]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"FLATCOR": "OMIT"}, "Did you mean FLATCORR"),
        ({"EXPTIME": 5}, "no calibration keyword"),
        ({"FLATCORR": "PERFROM"}, "Did you mean PERFORM"),
        ({"FLATCORR": ""}, "expected PERFORM, OMIT or COMPLETE"),
        ({"XTRCTALG": "TWOZON"}, "Did you mean TWOZONE"),
        ({"STATFLAG": "PERFORM"}, "expected T, F"),
        ({"RANDSEED": "-2"}, "integer from -1"),
        ({"RANDSEED": "1.5"}, "integer from -1"),
        ({"SP_SET_A": "up"}, "expected a number"),
        ({"SP_SET_A": "nan"}, "expected a number"),
        ({"FLATFILE": "OMIT"}, "expected the name of a FITS file"),
        ({"FLATFILE": "x" * 70 + ".fits"}, "longer than the 68"),
        ({"FLATFILE": "fläche.fits"}, "ASCII"),
        ({"FLATCORR": "OMIT", "flatcorr": "PERFORM"}, "given twice"),
    ],
)
def test_impossible_values(raws, values, message):
    before = contents(raws)
    with pytest.raises(UsageError, match=message):
        set_keywords("*.fits", values)
    assert contents(raws) == before


def test_force(raws):
    path = raws / "x_rawtag_a.fits"
    set_keywords(path, {"TARGNAME": "mine", "EXPTIME": "12", "FLATCORR": "SKIPPED", "MYKEY": 3}, force=True)
    with fits.open(path) as hdus:
        assert hdus[0].header["TARGNAME"] == "mine"
        assert hdus[0].header["FLATCORR"] == "SKIPPED"
        assert hdus[0].header["MYKEY"] == 3
        assert hdus[1].header["EXPTIME"] == 12.0
        assert isinstance(hdus[1].header["EXPTIME"], float)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"NAXIS2": 5}, "structure"),
        ({"TFORM1": "E"}, "structure"),
        ({"HISTORY": "x"}, "structure"),
        ({"VERYLONGNAME": "x"}, "up to 8"),
        ({"A B": "x"}, "up to 8"),
        ({"CENWAVE": "blue"}, "integer"),
        ({"SUBARRAY": "2"}, "expected T"),
    ],
)
def test_force_has_limits(raws, values, message):
    with pytest.raises(UsageError, match=message):
        set_keywords("x_rawtag_a.fits", values, force=True)


def test_all_files_are_checked_first(raws):
    (raws / "z_asn.fits").write_bytes(b"")
    fits.HDUList([fits.PrimaryHDU()]).writeto("z_rawtag.fits")
    before = contents(raws)
    for names, message in (
        (["x*.fits", "nothing.fits"], "no such file"),
        (["*_a.fits", "z_asn.fits"], "not a readable FITS file"),
        (["*_a.fits", "z_rawtag.fits"], "no keyword DETECTOR"),
        (["*_a.fits", "q*.fits"], "No file matches"),
    ):
        with pytest.raises(InputError, match=message):
            set_keywords(names, {"FLATCORR": "OMIT"})
    assert contents(raws) == before


def test_compressed_files_are_shown_but_not_changed(raws):
    import gzip

    (raws / "x.fits.gz").write_bytes(gzip.compress((raws / "x_rawtag_a.fits").read_bytes()))
    assert len(read_keywords("x.fits.gz")) == 1
    with pytest.raises(InputError, match="Unpack it"):
        set_keywords("x.fits.gz", {"FLATCORR": "OMIT"})


def test_truncated_header(raws):
    path = raws / "x_rawtag_a.fits"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError):
        set_keywords(path, {"FLATCORR": "OMIT"})
    assert path.stat().st_size == 1000


def test_links_and_permissions_are_kept(raws):
    (raws / "link.fits").symlink_to("x_rawtag_a.fits")
    (raws / "x_rawtag_a.fits").chmod(0o640)
    for i in range(40):  # the last ones make the header grow
        set_keywords("link.fits", {f"FILL{i}": i}, force=True)
    assert (raws / "link.fits").is_symlink()
    assert stat.S_IMODE((raws / "x_rawtag_a.fits").stat().st_mode) == 0o640
    assert fits.getval("x_rawtag_a.fits", "FILL39") == 39


def test_file_without_permission(raws, monkeypatch):
    before = contents(raws)
    monkeypatch.setattr(os, "access", lambda path, mode: "y_raw" not in str(path))
    with pytest.raises(OutputError, match="no permission to write the file"):
        set_keywords("*.fits", {"FLATCORR": "OMIT"})
    assert contents(raws) == before


@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize("fill", [0, 34])
def test_interrupted(raws, monkeypatch, calls, fill):
    """At whichever card it is interrupted: the file is readable, and has the old or the new values."""
    path = raws / "x_rawtag_a.fits"
    with fits.open(path, mode="update") as hdus:
        hdus[0].header.remove("HVDSTAB", ignore_missing=True)
        for i in range(fill):
            hdus[0].header[f"FILL{i}"] = i
    events = fits.getdata(path, 1).copy()
    write, left = platform.write_at, [calls]

    def write_at(*args):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return write(*args)

    monkeypatch.setattr(platform, "write_at", write_at)
    values = {"FLATCORR": "OMIT", "XTRCTALG": "TWOZONE", "HVDSTAB": "lref$x_hvds.fits"}
    with contextlib.suppress(KeyboardInterrupt):
        set_keywords(path, values)
    monkeypatch.undo()
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["XTRCTALG"] in ("BOXCAR", "TWOZONE")
        assert (hdus[1].data == events).all()
    assert len(list(raws.iterdir())) == 3


def test_full_disk_tells_how_far_it_came(raws, monkeypatch):
    write, left = platform.write_at, [1]

    def write_at(*args):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(*args)

    monkeypatch.setattr(platform, "write_at", write_at)
    with pytest.raises(OutputError, match=r"No space left.* 1 of 3 files have been changed"):
        set_keywords("*.fits", {"FLATCORR": "OMIT"})


def test_read_keywords(raws):
    fits.setval("y_rawtag_a.fits", "FLATCORR", value="OMIT")
    table = read_keywords("*.fits", ["flatcorr", "EXPTIME"])
    assert table.colnames == ["FILE", "FLATCORR", "EXPTIME"]
    assert list(table["FLATCORR"]) == ["PERFORM", "PERFORM", "OMIT"]
    assert "FLATCORR" in read_keywords(raws / "x_rawtag_a.fits").colnames
    with pytest.raises(InputError, match="Did you mean FLATCORR"):
        read_keywords("*.fits", ["FLATCOR"])


# ---------------------------------------------------------------------------------------------- command


def test_show(raws, capsys):
    fits.setval("y_rawtag_a.fits", "FLATCORR", value="OMIT")
    assert status_of("show", "*.fits") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["KEYWORD", "VALUE", "FILES"]
    assert ["FLATCORR", "PERFORM", "x_rawtag_a.fits,x_rawtag_b.fits"] in lines
    assert ["FLATCORR", "OMIT", "y_rawtag_a.fits"] in lines
    assert ["DEADCORR", "PERFORM", "all"] in lines


@pytest.mark.parametrize(
    "words",
    [
        ["*.fits", "--keyword", "FLATCORR", "exptime"],
        ["--keyword", "FLATCORR", "exptime", "*.fits"],
        ["-k", "FLATCORR,EXPTIME", "*.fits"],
        ["-k", "FLATCORR", "*.fits", "-k", "EXPTIME"],
    ],
)
def test_show_keywords(raws, capsys, words):
    assert status_of("show", *words) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["FILE", "FLATCORR", "EXPTIME"]
    assert lines[1][:2] == ["x_rawtag_a.fits", "PERFORM"]
    assert len(lines) == 4


def test_set(raws, capsys):
    assert status_of("set", "x_*.fits", "flatcorr=omit", "SP_SET_A=-2.5") == 0
    captured = capsys.readouterr()
    lines = [line.split() for line in captured.out.splitlines()]
    assert lines[0] == ["FILE", "EXTENSION", "KEYWORD", "OLD", "NEW"]
    assert lines[1] == ["x_rawtag_a.fits", "0", "FLATCORR", "PERFORM", "OMIT"]
    assert captured.err == ""
    assert fits.getval("x_rawtag_b.fits", "SP_SET_A", 1) == -2.5
    assert status_of("set", "x_*.fits", "flatcorr=omit") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Nothing to change" in captured.err


def test_set_dry_run(raws, capsys):
    before = contents(raws)
    assert status_of("set", "x_*.fits", "flatcorr=omit", "--dry-run") == 0
    captured = capsys.readouterr()
    assert "OMIT" in captured.out
    assert "Nothing was written" in captured.err
    assert contents(raws) == before


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["x_rawtag_a.fits"], 2, "KEYWORD=VALUE"),
        (["FLATCORR=OMIT"], 2, "at least one file"),
        (["x_rawtag_a.fits", "FLATCORR"], 2, "FLATCORR=VALUE"),
        (["x_rawtag_a.fits", "FLATCORR="], 2, "value is missing"),
        (["x_rawtag_a.fits", "FLATCORR=OMIT", "flatcorr=PERFORM"], 2, "given twice"),
        (["x_rawtag_a.fits", "FLATCOR=OMIT"], 2, "Did you mean FLATCORR"),
        (["nothing.fits", "FLATCORR=OMIT"], 1, "no such file"),
        (["nothing*", "FLATCORR=OMIT"], 1, "No file matches"),
        ([], 2, "FILE"),
    ],
)
def test_errors(raws, capsys, words, status, message):
    before = contents(raws)
    assert status_of("set", *words) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert contents(raws) == before


@pytest.mark.parametrize(("columns", "has_lines"), [("100", True), ("30", False)])
def test_terminal(raws, capsys, monkeypatch, columns, has_lines):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", columns)
    assert status_of("show", "x_rawtag_a.fits", "-k", "FLATCORR", "DEADCORR") == 0
    out = capsys.readouterr().out
    assert ("┃" in out) == has_lines
    assert "x_rawtag_a.fits" in out


def test_a_file_that_is_named_twice(raws):
    assert recos.options.headers.set_keywords(["x_rawtag_a.fits"] * 3, {"FLATCORR": "OMIT"})[
        "FILE"
    ].tolist() == ["x_rawtag_a.fits"]
