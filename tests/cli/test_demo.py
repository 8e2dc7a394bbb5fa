"""``recos demo`` makes a data set, calibrates it, and shows products, recovery and a figure."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from recos.cli.demo import demo
from recos.simulate import dataset

pytestmark = pytest.mark.xdist_group("demo")


def test_demo_calibrates_what_it_simulates(tmp_path, monkeypatch, simulation_cache):
    monkeypatch.setenv("lref", "")
    monkeypatch.setattr(dataset, "default_cache", lambda: simulation_cache)
    words = [str(tmp_path / "demo"), "--events", "20000"]
    result = CliRunner().invoke(demo, words, catch_exceptions=False)
    assert result.exit_code == 0
    for word in ("FUVA", "FUVB", "FP-POS 4", "average", "Products", "x1dsum4", "lref=", "recovery.png"):
        assert word in result.output
    new = tmp_path / "demo" / "new"
    assert (new / "lrec01010_x1dsum.fits").exists()
    assert not list(new.glob("*_flt_*"))
    assert (tmp_path / "demo" / "recovery.png").read_bytes().startswith(b"\x89PNG")
    # once more, over the first; matplotlib is optional
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    again = CliRunner().invoke(demo, words, catch_exceptions=False)
    assert again.exit_code == 0
    assert "No figure" in again.output
    assert "recos[plot]" in again.output


def test_demo_touches_no_directory_that_is_in_use(tmp_path):
    (tmp_path / "mine").write_text("keep")
    result = CliRunner().invoke(demo, [str(tmp_path)])
    assert result.exit_code == 1
    assert "is not empty; name another directory" in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_demo_without_permission(tmp_path, monkeypatch):
    def refuse(path, *_args, **_options):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = CliRunner().invoke(demo, [str(tmp_path / "demo")])
    assert result.exit_code == 1
    assert "the output directory cannot be made (Permission denied)" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("option", ["--events", "--seed"])
def test_demo_options_are_numbers(option):
    assert CliRunner().invoke(demo, [option, "many"]).exit_code == 2
