"""The command `recos refs`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.io import fits

from helpers import crds_cache
from helpers.file_server import DROP, closed_port, serving
from helpers.folder import ROOT
from recos.cli.main import main
from recos.cli.refs import _show_recommendations
from recos.reference_tools import Recommendation


def status_of(*words: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["refs", *map(str, words)])
    return int(leaving.value.code or 0)


@pytest.fixture
def server(folder):
    """A server with all reference files of the folder."""
    files = {path.name: path.read_bytes() for path in Path(os.environ["lref"]).glob("*.fits")}
    with serving(files) as server:
        yield server


@pytest.fixture
def lref(folder, server, monkeypatch) -> Path:
    """A folder that lacks all of them."""
    monkeypatch.setenv("lref", f"{folder.path}/empty/")
    return folder.path / "empty"


def rows(text: str) -> list[dict[str, str]]:
    first, *others = (line.split("\t") for line in text.splitlines())
    return [dict(zip(first, line, strict=True)) for line in others]


# ------------------------------------------------------------------------------------------------ list, check


def test_list_on_a_pipe(folder, capsys):
    folder.set("DEADTAB", "lref$none.fits")
    assert status_of("list", folder.asn) == 0
    captured = capsys.readouterr()
    found = {row["KEYWORD"]: row for row in rows(captured.out)}
    assert found["FLATFILE"]["STATUS"] == "found"
    assert Path(found["FLATFILE"]["PATH"]).is_file()
    assert found["FLATFILE"]["EXPOSURES"] == "2"
    assert found["DEADTAB"]["STATUS"] == "missing"
    assert captured.err == ""


def test_list_on_a_terminal(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    folder.set("DEADTAB", "lref$none.fits")
    assert status_of("list", folder.raw()) == 0
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if "DEADTAB" in line)
    assert "lref$none.fits" in line
    assert "missing" in line
    assert f"Folder: {os.environ['lref'].rstrip('/')}" in out
    assert "1 of " in out


def test_wildcards_and_rootnames(folder, capsys):
    assert status_of("list", folder.path / "*_rawtag_?.fits") == 0
    first = capsys.readouterr().out
    assert status_of("list", folder.path / ROOT) == 0
    assert capsys.readouterr().out == first


def test_input_that_is_unreadable_is_told_and_left_out(folder, capsys):
    bad = folder.path / "bad_rawtag_a.fits"
    bad.write_bytes(b"no FITS")
    assert status_of("list", bad, folder.asn) == 1
    captured = capsys.readouterr()
    assert len(rows(captured.out)) > 10
    assert str(bad) in captured.err


@pytest.mark.parametrize("command", ["list", "check", "get", "best"])
def test_errors(folder, capsys, command):
    assert status_of(command) == 2
    assert status_of(command, folder.path / "nothing") == 5
    assert "Traceback" not in capsys.readouterr().err


def test_check(folder, capsys):
    assert status_of("check", folder.asn) == 0
    assert "reference files of 2 exposures are in order" in capsys.readouterr().out
    folder.set("DEADTAB", "lref$none.fits", "a")
    folder.set("BPIXTAB", folder.references["BRFTAB"], "b")
    assert status_of("check", folder.asn) == 1
    err = capsys.readouterr().err
    assert "2 problems with reference files" in err
    assert "none.fits" in err
    assert "expected 'DATA QUALITY INITIALIZATION TABLE'" in err


def test_check_of_a_missing_row(folder, capsys):
    folder.set("CENWAVE", 1300)
    assert status_of("check", folder.raw()) == 16
    assert "CENWAVE = 1300" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------- get


def test_get(folder, server, lref, capsys):
    assert status_of("get", folder.asn, "--mirror", server.url) == 0
    captured = capsys.readouterr()
    names = captured.out.splitlines()
    assert sorted(names) == sorted(str(path) for path in lref.iterdir())
    assert captured.err == ""
    assert all(path.read_bytes() == server.files[path.name] for path in lref.iterdir())
    assert status_of("check", folder.asn) == 0
    capsys.readouterr()
    n = len(server.requests)
    assert status_of("get", folder.asn, "--mirror", server.url) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"all {len(names)} reference files are there" in captured.err
    assert len(server.requests) == n


def test_get_what_the_mirror_lacks(folder, server, lref, capsys):
    del server.files["sim_dead.fits"]
    server.faults["sim_brf.fits"] = [DROP]
    assert status_of("get", folder.raw(), "--mirror", server.url, "--jobs", 2) == 1
    captured = capsys.readouterr()
    assert "1 of 18 reference files are still missing" in captured.err
    assert "DEADTAB = lref$sim_dead.fits: the server answers 404 Not Found." in captured.err
    assert len(captured.out.splitlines()) == 17


def test_get_from_a_server_that_is_down(folder, lref, capsys, monkeypatch):
    monkeypatch.setattr("recos.reference_tools.download._PAUSES", ())
    assert status_of("get", folder.asn, "--mirror", f"http://127.0.0.1:{closed_port()}") == 1
    captured = capsys.readouterr()
    assert "18 of 18 reference files are still missing" in captured.err
    assert captured.err.count("no connection to the server") == 18
    assert captured.out == ""


def test_get_with_checksums(folder, server, lref, capsys, tmp_path):
    sums = tmp_path / "SUMS"
    sums.write_text("0" * 64 + "  sim_dead.fits\n")
    assert status_of("get", folder.asn, "--mirror", server.url, "--checksums", sums) == 1
    assert "expected 000" in capsys.readouterr().err
    assert not (lref / "sim_dead.fits").exists()
    assert status_of("get", folder.asn, "--checksums", tmp_path / "none") == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mirror", "text"), [("somewhere", "expected a URL"), ("nothing://bucket", "nothing://bucket")]
)
def test_get_from_something_else(folder, lref, capsys, mirror, text):
    assert status_of("get", folder.asn, "--mirror", mirror) == 2
    assert text in capsys.readouterr().err


def test_progress_bars(folder, server, lref, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert status_of("get", folder.raw(), "--mirror", server.url) == 0
    assert "sim_dead.fits" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------- best


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    pytest.importorskip("crds", reason="the package crds is not installed")
    return crds_cache.make_cache(tmp_path_factory.mktemp("crds") / "cache")


def test_recommendations_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    items = [Recommendation(Path(name), "FLATFILE", "lref$a.fits", "lref$b[1].fits") for name in "xyz"]
    items.append(Recommendation(Path("x"), "DEADTAB", "N/A", "N/A", "no rule"))
    _show_recommendations(items)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["FLATFILE", "lref$a.fits", "lref$b[1].fits", "3"] in lines
    assert ["DEADTAB", "N/A", "N/A", "1", "no", "rule"] in lines


class TestBest:
    """In a process of its own: crds keeps what it has read of a cache."""

    def run(self, cache: Path, *words: object, server: str = crds_cache.SERVERLESS):
        environment = {**os.environ, "CRDS_PATH": str(cache), "CRDS_SERVER_URL": server}
        script = "import sys; from recos.cli.main import main; main(['refs', 'best', *sys.argv[1:]])"
        command = [sys.executable, "-c", script, *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def test_differences_are_shown(self, folder, cache):
        before = folder.raw().read_bytes()
        result = self.run(cache, folder.asn)
        assert result.returncode == 0, result.stderr
        found = [row for row in rows(result.stdout) if row["PATH"] == str(folder.raw())]
        assert [(row["KEYWORD"], row["NEW"]) for row in found] == [
            ("FLATFILE", "lref$newest_flat.fits"),
            ("SPOTTAB", "lref$x_spot.fits"),
            ("DEADTAB", "lref$sim_dead.fits"),
            ("XTRACTAB", "N/A"),
        ]
        assert result.stderr == "6 of 10 names are not the best by hst_0002.pmap.\n"
        assert folder.raw().read_bytes() == before
        everything = self.run(cache, folder.asn, "--all", "--context", "hst_0001.pmap").stdout
        assert "lref$new_flat.fits" in everything
        assert "WCPTAB" in everything

    def test_update(self, folder, cache):
        result = self.run(cache, folder.raw(), "--update")
        assert result.returncode == 0, result.stderr
        assert "2 headers changed" in result.stderr
        assert fits.getval(folder.raw("b"), "FLATFILE") == "lref$newest_flat.fits"
        assert Path(f"{folder.raw('b')}.bak").is_file()
        folder.set("FLATFILE", "lref$other.fits")
        again = self.run(cache, folder.raw(), "--update")
        assert again.returncode == 1
        assert "a backup exists already" in again.stderr
        assert fits.getval(folder.raw("b"), "FLATFILE") == "lref$other.fits"

    @pytest.mark.parametrize("server", [crds_cache.SERVERLESS, "https://127.0.0.1:1"])
    def test_no_cache(self, folder, cache, tmp_path, server):
        result = self.run(tmp_path / "none", folder.raw(), server=server)
        assert result.returncode == 1
        assert result.stdout == ""
        assert result.stderr.startswith(f"ERROR:  {folder.raw()}: CRDS cannot be asked")
        assert "Traceback" not in result.stderr

    def test_server_is_down_but_the_cache_has_the_rules(self, folder, cache):
        result = self.run(cache, folder.raw(), server="https://127.0.0.1:1")
        assert "newest_flat" in result.stdout, result.stderr

    def test_damaged_cache(self, folder, cache, tmp_path):
        copy = shutil.copytree(cache, tmp_path / "copy")
        rules = copy / "mappings" / "hst" / "hst_cos_flatfile_0002.rmap"
        rules.write_text(rules.read_text().replace("newest", "altered"))
        result = self.run(copy, folder.raw())
        assert result.returncode == 1
        assert "sha1sum" in result.stderr
        assert "Traceback" not in result.stderr
