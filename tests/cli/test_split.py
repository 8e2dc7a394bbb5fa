"""The command `recos split`."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers.corrtag_builders import make_corrtag
from recos.cli.main import main


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    gti = [(0.0, 250.0), (280.0, 600.0)]
    make_corrtag(folder / "x_corrtag_a.fits", gti=gti)
    make_corrtag(folder / "x_corrtag_b.fits", segment="FUVB", gti=gti)
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def status_of(*words: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["split", *map(str, words)])
    return int(leaving.value.code or 0)


def count(*paths: object) -> int:
    return sum(fits.getval(path, "NEVENTS", 1) for path in paths)


@pytest.mark.parametrize(
    ("options", "n"),
    [
        (["--increment", "200"], 3),
        (["--increment", "100", "--start", "150", "--end", "300"], 2),
        (["--times", "0,100,end"], 2),
        (["--times", "0:100 250:300"], 2),
        (["--gti"], 2),
        (["--where", "SUN_ALT < 0 and abs(SHIFT1 - 400) < 50"], 1),
        (["--day"], 1),
        (["--night"], 1),
        (["--period", "60", "--phase-bins", "4"], 4),
        (["--period", "60", "--epoch", "56000.5"], 10),
    ],
)
def test_selections(pair, folder, capsys, options, n):
    assert status_of(pair / "x_corrtag_a.fits", pair / "x_corrtag_b.fits", "-o", "part", *options) == 0
    names = [f"part_{i}_corrtag_{segment}.fits" for i in range(1, n + 1) for segment in "ab"]
    captured = capsys.readouterr()
    assert captured.out.splitlines() == names
    assert captured.err == ""
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for name in names:
        assert len(fits.getdata(name, "TIMELINE"))
        assert fits.getval(name, "EXPTIME", 1) > 0.0


def test_wildcards_are_expanded(pair, folder):
    assert status_of(pair / "*_corrtag_[ab].fits", "-o", "part", "--gti") == 0
    assert len(list(folder.iterdir())) == 4


def test_warnings_and_quiet(pair, folder, capsys):
    arguments = (pair / "x_corrtag_a.fits", "--times", "0,100,100.001,200", "--overwrite", "-o", "part")
    assert status_of(*arguments) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == ["part_1_corrtag_a.fits", "part_2_corrtag_a.fits"]
    assert captured.err.startswith("Warning:  no rows in increment 100.00 to 100.00\n")
    assert status_of(*arguments, "-q") == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["x_corrtag_a.fits", "--gti"], 2, "--outroot"),
        (["-o", "part", "--gti"], 2, "FILE"),
        (["x_corrtag_a.fits", "-o", "part", "--increment", "abc"], 2, "abc"),
        (["x_corrtag_a.fits", "-o", "part"], 2, "exactly one"),
        (["x_corrtag_a.fits", "-o", "part", "--gti", "--day"], 2, "gti and day"),
        (["x_corrtag_a.fits", "-o", "part", "--increment", "-1"], 2, "positive"),
        (["x_corrtag_a.fits", "-o", "part", "--period", "0"], 2, "positive"),
        (["x_corrtag_a.fits", "-o", "part", "--where", "SUN_ALT ="], 2, "write =="),
        (["x_corrtag_a.fits", "-o", "part", "--where", "MOON > 0"], 2, "TIME, LONGITUDE"),
        (["x_corrtag_a.fits", "-o", "part", "--times", "9,5"], 2, "increasing"),
        (["x_corrtag_a.fits", "-o", "part", "--times", "900,950"], 1, "no slice has events"),
        (["nothing", "-o", "part", "--gti"], 1, "no such file"),
        (["nothing*", "-o", "part", "--gti"], 1, "No file matches"),
    ],
)
def test_errors(pair, folder, capsys, words, status, message):
    words = [pair / w if w.startswith("x_") else w for w in words]
    assert status_of(*words) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert list(folder.iterdir()) == []


def test_existing_files(pair, folder, capsys):
    arguments = (pair / "x_corrtag_a.fits", "-o", "new/part", "--gti")
    assert status_of(*arguments) == 0
    assert status_of(*arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert status_of(*arguments, "--overwrite") == 0


def test_help(capsys):
    assert status_of("--help") == 0
    assert "--where" in capsys.readouterr().out


def test_unexpected_errors_are_one_paragraph(pair, folder, capsys, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("recos.slicing.split", fail)
    assert status_of(pair / "x_corrtag_a.fits", "-o", "part", "--gti") == 1
    assert "unexpected ZeroDivisionError" in capsys.readouterr().err


def test_events_are_conserved(pair, folder):
    whole = pair / "x_corrtag_a.fits"
    assert status_of(whole, "-o", "part", "--period", "33.3") == 0
    parts = sorted(folder.iterdir())
    assert count(*parts) == count(whole)
    exptime = sum(fits.getval(path, "EXPTIME", 1) for path in parts)
    assert np.isclose(exptime, 570.0)
