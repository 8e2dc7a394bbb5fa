"""Names that users give."""

from __future__ import annotations

from pathlib import Path

import pytest

from recos.errors import InputError
from recos.io.paths import expand, matches, matching_files


@pytest.fixture
def here(tmp_path, monkeypatch):
    for name in ("b.fits", "a.fits", "x[1].fits"):
        (tmp_path / name).touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("data", str(tmp_path))
    monkeypatch.setenv("outer", "$data")
    return tmp_path


def test_variables_may_name_variables(here):
    assert expand("$outer/a.fits") == here / "a.fits"
    assert expand("~/a.fits") == here / "a.fits"


def test_a_circle_of_variables_ends(monkeypatch):
    monkeypatch.setenv("circle", "x$circle")
    assert str(expand("$circle")).endswith("$circle")


def test_patterns_are_expanded_in_order(here):
    assert matches("$data/?.fits") == [str(here / "a.fits"), str(here / "b.fits")]
    assert matches(here / "x[1].fits") == [str(here / "x[1].fits")]
    assert matches("rootname") == ["rootname"]


def test_each_file_once(here):
    names = ["~/*.fits", here / "a.fits", "missing.fits"]
    assert matching_files(names) == [
        here / "a.fits",
        here / "b.fits",
        here / "x[1].fits",
        Path("missing.fits"),
    ]


def test_a_pattern_that_matches_nothing(here):
    with pytest.raises(InputError, match=r"No file matches .*\*\.tra"):
        matching_files([here / "*.tra"])
