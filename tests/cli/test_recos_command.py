"""The command `recos`."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from helpers.folder import ROOT, fake_pipeline
from recos.cli.main import main
from recos.corrections import CORRECTIONS
from recos.options.run import RunResult


def calibrate(association, options) -> RunResult:
    return RunResult(0, [association.outdir / "x.fits"])


@pytest.fixture
def pipeline(monkeypatch):
    return fake_pipeline(monkeypatch, calibrate)


def status_of(args: list[str]) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(args)
    return int(leaving.value.code or 0)


@pytest.mark.parametrize("words", [[], ["run"]])
def test_products_go_to_standard_output(folder, pipeline, capsys, words):
    assert status_of([*words, str(folder.asn), "-o", str(folder.new)]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == str(folder.new / "x.fits")
    assert captured.err.splitlines() == [f"Warning:  Creating output directory '{folder.new}'."]


def test_options(folder, pipeline):
    options = ["--find", "yes", "--jobs", "1", "-s", "--overwrite", "--live", str(folder.path / "live.txt")]
    assert status_of([*options, str(folder.asn), "-o", str(folder.new)]) == 0
    ((_, found),) = pipeline
    assert found.find_target == (True, None)
    assert found.jobs == 1
    assert found.save_temp_files
    assert found.overwrite
    assert found.livetimefile == folder.path / "live.txt"


def test_quiet_and_verbose(folder, pipeline, capsys):
    assert status_of(["-q", str(folder.asn), "-o", str(folder.path / "q")]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert status_of(["-v", str(folder.asn), "-o", str(folder.path / "v")]) == 0
    assert "Association file" in capsys.readouterr().err
    assert status_of(["-q", "-v", str(folder.asn)]) == 2


def test_overwrite(folder, pipeline):
    folder.new.mkdir()
    (folder.new / f"{ROOT}_x1d.fits").touch()
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 1
    assert status_of([str(folder.asn), "-o", str(folder.new), "--overwrite"]) == 0


def test_other_inputs_are_still_calibrated(folder, pipeline, capsys):
    assert status_of(["none", "none_asn.fits", str(folder.asn), "-o", str(folder.new)]) == 5
    assert capsys.readouterr().err.count("ERROR:") == 2
    assert len(pipeline) == 1


@pytest.mark.parametrize(("word", "command"), [("rn", "run"), ("ref", "refs"), ("header", "headers")])
def test_misspelt_commands(folder, pipeline, capsys, tmp_path, monkeypatch, word, command):
    monkeypatch.chdir(tmp_path)
    assert status_of([word, str(folder.asn), "-o", str(folder.new)]) == 2
    assert f"Did you mean {command}?" in capsys.readouterr().err
    assert pipeline == []
    (tmp_path / f"{word}_rawtag.fits").touch()
    assert status_of([word]) != 2  # it may be a rootname


@pytest.mark.parametrize("args", [["run"], ["x", "--zzz"], ["x", "--find", "foo"], ["x", "--jobs", "0"]])
def test_usage_errors(args):
    assert status_of(args) == 2


@pytest.mark.parametrize("args", [["--help"], [], ["run", "--help"]])
def test_help(args, capsys):
    assert status_of(args) == 0
    assert "Usage: recos" in capsys.readouterr().out


@pytest.mark.parametrize("group", [[], ["refs"], ["headers"], ["asn"]])
def test_lists_of_commands_fit_a_narrow_terminal(group, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert status_of([*group, "--help"]) == 0
    text = capsys.readouterr().out
    assert "..." not in text.partition("Commands:")[2]
    assert max(map(len, text.splitlines())) <= 80


def test_version(capsys):
    assert status_of(["--version"]) == 0
    assert "equivalent to calcos 3.6.2" in capsys.readouterr().out


def test_the_package_is_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "recos", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: recos" in done.stdout


@pytest.mark.parametrize("name", CORRECTIONS)
def test_corrections_cite_nothing_that_users_cannot_open(name, capsys):
    with pytest.raises(SystemExit):
        main(["corrections", name])
    text = capsys.readouterr().out
    assert name in text
    assert not re.search(r"[Ss]pecification|§|docs/", text)
