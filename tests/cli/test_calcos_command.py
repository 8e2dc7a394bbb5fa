"""The command `calcos`: Table 3.3 of the data handbook."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from helpers.folder import ROOT, fake_pipeline
from recos.cli.calcos import main
from recos.errors import OutputError
from recos.options.csum import CsumOptions
from recos.options.run import RunResult


@pytest.fixture
def pipeline(monkeypatch):
    return fake_pipeline(monkeypatch, lambda association, options: RunResult())


def status_of(args: list[str]) -> int:
    try:
        main(args)
    except SystemExit as leaving:
        return int(leaving.code)
    return 0


def test_as_in_the_handbook(folder, pipeline, monkeypatch, capsys):
    monkeypatch.chdir(folder.path)
    assert status_of(["-o", "new", "--stim", "stim.txt", "lrec01010_asn.fits"]) == 0
    ((association, options),) = pipeline
    assert str(association.outdir) == "new"
    assert options.stimfile.name == "stim.txt"
    assert options.verbosity == 1
    assert "Association file = lrec01010_asn.fits" in capsys.readouterr().out


def test_options_anywhere_and_shortened(folder, pipeline):
    words = [
        "-q",
        str(folder.asn),
        "-o",
        str(folder.new),
        "-v",
        "--fi",
        "no",
        "-s",
        "--li=l",
        "--bu",
        "b",
        "--sti=s",
    ]
    assert status_of(words) == 0
    ((_, options),) = pipeline
    assert options.verbosity == 2
    assert options.find_target is None
    assert options.save_temp_files
    assert [p.name for p in (options.livetimefile, options.burstfile, options.stimfile)] == ["l", "b", "s"]


def test_find_cutoff(folder, pipeline):
    assert status_of(["--find", "1.5", str(folder.asn), "-o", str(folder.new)]) == 0
    assert pipeline[0][1].find_target == (True, 1.5)


def test_association_without_extension(folder, pipeline):
    assert status_of([str(folder.asn.with_suffix("")), "-o", str(folder.new)]) == 0


def test_wildcards_and_pairs(folder, pipeline):
    folder.add("lrec01d2q")
    assert status_of([str(folder.path / "*_rawtag_*.fits"), "-o", str(folder.new)]) == 0
    assert [a.members[0].root for a, _ in pipeline] == [ROOT, "lrec01d2q"]


@pytest.mark.parametrize("option", ["--version", "--ver", "-r"])
def test_version(option, capsys):
    assert status_of(["-q", option]) == 0
    assert "3.6.2" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option, capsys):
    assert status_of([option]) == 0
    out = capsys.readouterr().out
    for name in ("--version", "-r", "-q", "-v", "-s", "-o", "--find", "--csum", "--raw", "--only_csum", "--compress",
                 "--binx", "--biny", "--shift", "--stim", "--live", "--burst"):  # fmt: skip
        assert f"\n  {name} " in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "must be specified"),
        ([""], "must be specified"),
        (["-q"], "must be specified"),
        (["--zzz", "x"], "option --zzz not recognized"),
        (["--bin", "2", "x"], "not a unique prefix"),
        (["x", "-o"], "requires argument"),
        (["--find", "foo", "x"], "Don't understand '--find foo'"),
        (["--find", "-1", "x"], "cannot be negative"),
        (["--binx", "two", "x"], "whole number"),
    ],
)
def test_usage_errors(args, message, capsys):
    assert status_of(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("The command-line options are:")
    assert message in captured.err.splitlines()[-1]


def test_csum(folder, pipeline):
    words = ["--csum", "--raw", "--binx", "2", "--compress=rice,-0.1", str(folder.asn), "-o", str(folder.new)]
    assert status_of(words) == 0
    ((_, options),) = pipeline
    assert options.csum == CsumOptions(raw=True, binx=2, compression=("RICE", -0.1))


def test_only_csum_leaves_out_the_text_files(folder, pipeline):
    words = ["--stim", str(folder.path / "stim.txt"), "--only_csum", str(folder.asn), "-o", str(folder.new)]
    assert status_of(words) == 0
    ((association, options),) = pipeline
    assert options.csum == CsumOptions(only=True)
    assert options.stimfile is None
    assert {headers.switches["FLATCORR"] for headers, _ in association} == {"OMIT"}
    assert {headers.switches["GEOCORR"] for headers, _ in association} == {"PERFORM"}


def test_bad_compression(folder, pipeline, capsys):
    assert status_of(["--csum", "--compress", "zip,1", str(folder.asn)]) == 2
    assert "rice" in capsys.readouterr().err.splitlines()[-1]
    assert pipeline == []


def test_raw_without_csum_is_ignored(folder, pipeline, capsys):
    assert status_of(["--raw", str(folder.asn), "-o", str(folder.new)]) == 0
    assert "--raw will be ignored" in capsys.readouterr().out


def test_unmatched_names_are_reported_and_others_calibrated(folder, pipeline, capsys):
    words = ["none*.fits", "none_asn.fits", "none", str(folder.asn), "-o", str(folder.new)]
    assert status_of(words) == 5 | 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 3
    assert "No file matches 'none*.fits'" in errors[0]
    assert len(pipeline) == 1


def test_statuses_are_joined(folder, pipeline):
    folder.add("lrec01d2q", APERTURE="XYZ")
    assert status_of(["none", str(folder.path / "lrec01d2q"), str(folder.asn), "-o", str(folder.new)]) == 21
    assert len(pipeline) == 1


def test_errors_while_it_runs(folder, monkeypatch, capsys):
    def fail(association, options):
        raise OutputError(f"{association.outdir}: the disk is full.")

    fake_pipeline(monkeypatch, fail)
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 1
    assert capsys.readouterr().err.endswith(f"ERROR:  {folder.new}: the disk is full.\n")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("odd"), "unexpected ValueError"),
        (OSError(errno.ENOSPC, "No space left on device", "x.fits"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "x.fits"), "x.fits: Permission denied. Check"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_never_a_traceback(folder, monkeypatch, capsys, error, text):
    def fail(association, options):
        raise error

    fake_pipeline(monkeypatch, fail)
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 1
    captured = capsys.readouterr()
    assert text in captured.err
    assert "Traceback" not in captured.err


def test_interrupt(folder, monkeypatch, capsys):
    def fail(association, options):
        raise KeyboardInterrupt

    fake_pipeline(monkeypatch, fail)
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_step_in_which_it_happened_is_told(folder, monkeypatch, capsys):
    def fail(association, options):
        error = ValueError("odd")
        error.add_note("It happened in the step geocorr of x_rawtag_a.fits.")
        raise error

    fake_pipeline(monkeypatch, fail)
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 1
    assert "odd. It happened in the step geocorr of x_rawtag_a.fits. If" in capsys.readouterr().err


def test_quiet_reader(folder):
    """A reader that goes away, as `head` does, is no reason for a traceback."""
    command = f"{sys.executable} -c 'from recos.cli.process import calcos; calcos()' none1 none2 none3 | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_bad_input_leaves_nothing_behind(folder, capsys):
    data = folder.raw("a").read_bytes()
    folder.raw("a").write_bytes(data[: len(data) // 2])
    assert status_of([str(folder.asn), "-o", str(folder.new)]) == 1
    assert "truncated" in capsys.readouterr().err
    assert not folder.new.exists()
