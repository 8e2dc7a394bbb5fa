"""The module `calcos.splittag`, as scripts use it."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

from calcos import splittag as module
from helpers.corrtag_builders import make_corrtag
from recos.errors import InputError, UsageError

splittag = module.splittag


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_corrtag("x_corrtag_a.fits", times=np.arange(0.5, 600.0, 0.5))
    return tmp_path


def made(folder) -> list[str]:
    return sorted(path.name for path in folder.glob("part*"))


def test_arguments():
    names = list(inspect.signature(splittag).parameters)
    assert names == ["infiles", "outroot", "starttime", "increment", "endtime", "time_list", "verbosity"]


def test_import_is_light():
    code = "import sys, calcos.splittag as s; s.splittag; print(any(m in sys.modules for m in ('numpy', 'astropy')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_messages(folder, capsys):
    splittag("x_corrtag_a.fits", "part", time_list="0, 100 100.1,100.4,end")
    assert capsys.readouterr().out.splitlines() == [
        "part_1_corrtag_a.fits written",
        "part_2_corrtag_a.fits written",
        "Warning:  no rows in increment 100.10 to 100.40",
        "part_3_corrtag_a.fits written",
    ]
    assert made(folder) == [f"part_{n}_corrtag_a.fits" for n in (1, 2, 3)]


def test_very_verbose(folder, capsys):
    splittag("x_corrtag_a.fits", "part", 100.0, 250.0, 400.0, verbosity=2)
    assert capsys.readouterr().out.splitlines() == [
        "time_list = [(100.0, 350.0), (350.0, 400.0)]",
        "part_1_corrtag_a.fits written",
        "part_2_corrtag_a.fits written",
    ]


def test_other_names_for_files_that_exist(folder, capsys):
    splittag("x_corrtag_a.fits", "part", increment=400, verbosity=0)
    before = (folder / "part_1_corrtag_a.fits").read_bytes()
    for _ in range(2):
        splittag("x_corrtag_a.fits", "part", increment=400)
    assert made(folder) == sorted(f"part_{n}{k}_corrtag_a.fits" for n in (1, 2) for k in ("", "_1", "_2"))
    assert (folder / "part_1_corrtag_a.fits").read_bytes() == before
    assert (
        "Warning:  Output file part_2_corrtag_a.fits already exists, will use name part_2_2_corrtag_a.fits instead."
        in capsys.readouterr().out
    )


def test_wildcards_and_variables(folder, monkeypatch):
    make_corrtag("x_corrtag_b.fits", segment="FUVB")
    monkeypatch.setenv("here", str(folder))
    splittag("$here/x_corrtag_*.fits", "$here/part", increment=1000)
    assert made(folder) == ["part_1_corrtag_a.fits", "part_1_corrtag_b.fits"]
    splittag("nothing*.fits", "other", increment=1000)


def test_the_list_wins(folder, capsys):
    splittag("x_corrtag_a.fits", "part", increment=10, time_list=np.array([0.0, 50.0]))
    assert made(folder) == ["part_1_corrtag_a.fits"]
    assert "Both increment and time_list" in capsys.readouterr().out


def test_pairs_may_overlap_and_be_reversed(folder):
    splittag("x_corrtag_a.fits", "part", time_list=[(0, 100), (50, 150), (300, 200)])
    intervals = [tuple(fits.getdata(name, "GTI")[0]) for name in made(folder)]
    assert intervals == [(0.0, 100.0), (50.0, 150.0), (200.0, 300.0)]


def test_no_events_at_all_is_no_error(folder):
    splittag("x_corrtag_a.fits", "part", time_list=[700, 800])
    assert made(folder) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Neither"),
        ({"increment": 0, "time_list": []}, "Neither"),
        ({"increment": -3}, "positive"),
        ({"time_list": [5]}, "at least two"),
        ({"time_list": "stop,5"}, "cannot begin"),
        ({"time_list": [5, 2]}, "increasing"),
        ({"time_list": "1,two"}, "no time"),
        ({"time_list": [(700, 800)]}, "outside"),
        ({"increment": 5, "verbosity": 3}, "verbosity"),
    ],
)
def test_errors(folder, arguments, message):
    with pytest.raises(UsageError, match=message):
        splittag("x_corrtag_a.fits", "part", **arguments)
    assert made(folder) == []


def test_no_corrtag_file(folder):
    fits.PrimaryHDU().writeto("y.fits")
    with pytest.raises(InputError, match="no corrtag file"):
        splittag("y.fits", "part", increment=10)
