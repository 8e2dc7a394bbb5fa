"""Best references by the real package crds, on an offline cache of rules made here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from astropy.io import fits

from helpers import crds_cache
from recos.errors import MissingReferenceError, OutputError, OutputExistsError, UsageError
from recos.reference_tools import Recommendation, best_references, find_exposures, update_headers

FLAT, SPOT = "lref$newest_flat.fits", "lref$x_spot.fits"


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    pytest.importorskip("crds", reason="the package crds is not installed")
    return crds_cache.make_cache(tmp_path_factory.mktemp("crds") / "cache")


@pytest.fixture
def rules(cache, monkeypatch):
    """The environment of an offline cache. crds keeps what it has read, so all tests here share one cache."""
    monkeypatch.setenv("CRDS_PATH", str(cache))
    monkeypatch.setenv("CRDS_SERVER_URL", crds_cache.SERVERLESS)
    monkeypatch.delenv("CRDS_CONTEXT", raising=False)
    return cache


def best(folder, context=None, letters="a") -> dict[str, Recommendation]:
    exposures = find_exposures([folder.raw(letter) for letter in letters])
    return {r.keyword: r for r in best_references(exposures, context) if r.path == folder.raw(letters[0])}


def test_names_of_the_header_and_of_the_rules(folder, rules, capfd):
    found = best(folder)
    assert set(found) == {"FLATFILE", "DEADTAB", "SPOTTAB", "WCPTAB", "XTRACTAB"}
    flat = found["FLATFILE"]
    assert (flat.old, flat.new, flat.is_change) == ("lref$sim_flat.fits", FLAT, True)
    assert found["SPOTTAB"].new == SPOT
    assert found["XTRACTAB"].new == "N/A"
    assert not found["WCPTAB"].is_change
    assert capfd.readouterr() == ("", "")


def test_no_rule_for_the_mode_leaves_the_name(folder, rules):
    dead = best(folder)["DEADTAB"]
    assert dead.new == dead.old == "lref$sim_dead.fits"
    assert "'FUV' is not in ['NUV']" in dead.note
    assert not dead.is_change


def test_context(folder, rules):
    assert best(folder, "hst_0001.pmap")["FLATFILE"].new == "lref$new_flat.fits"


def test_context_of_the_environment(folder, rules, monkeypatch):
    monkeypatch.setenv("CRDS_CONTEXT", "hst_0001.pmap")
    script = (
        "import sys; from recos.reference_tools import *;"
        "print([r.new for r in best_references(find_exposures(sys.argv[1])) if r.keyword == 'FLATFILE'])"
    )
    words = [sys.executable, "-c", script, str(folder.raw())]
    assert "new_flat" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("date", "name"), [("2001-01-01", "old_flat"), ("2040-01-01", "future_flat")])
def test_date_is_that_of_the_exposure(folder, rules, date, name):
    folder.set("DATE-OBS", date, "a", ext=1)
    assert best(folder)["FLATFILE"].new == f"lref${name}.fits"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("crds$some.fits", "crds$newest_flat.fits"),
        ("$lref/some.fits", "$lref/newest_flat.fits"),
        ("/data/some.fits", "/data/newest_flat.fits"),
        ("some.fits", FLAT),
        ("N/A", FLAT),
        ("", FLAT),
        ("lref$NEWEST_FLAT.fits", FLAT),
    ],
)
def test_prefix_is_kept(folder, rules, old, new):
    folder.set("FLATFILE", old, "a")
    flat = best(folder)["FLATFILE"]
    assert (flat.new, flat.is_change) == (new, "NEWEST" not in old)


def test_keyword_that_is_not_there(folder, rules):
    for keyword in ("SPOTTAB", "XTRACTAB", "DEADTAB"):
        folder.set(keyword, None, "a")
    found = best(folder)
    assert (found["SPOTTAB"].old, found["SPOTTAB"].new, found["SPOTTAB"].is_change) == ("", SPOT, True)
    assert not found["XTRACTAB"].is_change
    assert not found["DEADTAB"].is_change


@pytest.mark.parametrize("context", ["hst_0099.pmap", "nonsense"])
def test_context_that_is_unknown(folder, rules, context, capfd):
    with pytest.raises(
        (MissingReferenceError, UsageError), match=context if context == "nonsense" else "CRDS"
    ):
        best(folder, context)
    assert capfd.readouterr() == ("", "")


def test_package_is_not_installed(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "crds", None)
    with pytest.raises(UsageError, match=r"recos\[crds\]"):
        best(folder)


# ---------------------------------------------------------------------------------------------- headers


def test_update_changes_names_and_nothing_else(folder, rules):
    path = folder.raw()
    before = path.read_bytes()
    with fits.open(path) as hdus:
        old, comment = hdus[0].header.copy(), hdus[0].header.comments["FLATFILE"]
        events = hdus[1].data.copy()
    assert update_headers(best(folder).values()) == [path]
    with fits.open(path) as hdus:
        new = hdus[0].header
        assert new["FLATFILE"] == FLAT
        assert new.comments["FLATFILE"] == comment
        changed = {key for key in old if old[key] != new[key]}
        assert changed == {"FLATFILE", "SPOTTAB", "XTRACTAB"}
        assert (hdus[1].data == events).all()
        assert list(new) == list(old)
    assert Path(f"{path}.bak").read_bytes() == before
    assert not [r for r in best(folder).values() if r.is_change]
    assert update_headers(best(folder).values()) == []


def test_update_keeps_checksums_valid(folder, rules):
    path = folder.raw()
    with fits.open(path) as hdus:
        hdus.writeto(path, overwrite=True, checksum=True)
    update_headers(best(folder).values())
    with fits.open(path, checksum=True) as hdus:
        assert all(hdu.verify_checksum() == 1 for hdu in hdus)


def test_keyword_is_added(folder, rules):
    folder.set("SPOTTAB", None, "a")
    update_headers(best(folder).values())
    assert fits.getval(folder.raw(), "SPOTTAB") == SPOT


def test_existing_backup_is_not_replaced(folder):
    changes = [Recommendation(folder.raw(letter), "FLATFILE", "a", "b") for letter in "ab"]
    before = folder.raw("a").read_bytes()
    backup = Path(f"{folder.raw('b')}.bak")
    backup.write_text("precious")
    with pytest.raises(OutputExistsError, match=r"rawtag_b\.fits\.bak"):
        update_headers(changes)
    assert folder.raw("a").read_bytes() == before
    assert backup.read_text() == "precious"


def test_failure_leaves_everything_as_it_was(folder, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(folder.path.iterdir()), folder.raw().read_bytes()
    monkeypatch.setattr("os.link", fail)
    monkeypatch.setattr("recos.reference_tools.best._keep", fail)
    with pytest.raises(OutputError, match="No space left"):
        update_headers([Recommendation(folder.raw(), "FLATFILE", "a", "b")])
    assert (sorted(folder.path.iterdir()), folder.raw().read_bytes()) == before


def test_folder_without_links(folder, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    before = folder.raw().read_bytes()
    monkeypatch.setattr("os.link", fail)
    update_headers([Recommendation(folder.raw(), "FLATFILE", "a", "lref$b.fits")])
    assert Path(f"{folder.raw()}.bak").read_bytes() == before
    assert fits.getval(folder.raw(), "FLATFILE") == "lref$b.fits"


def test_link_stays_a_link(folder, tmp_path):
    link = tmp_path / "link_rawtag_a.fits"
    link.symlink_to(folder.raw())
    assert update_headers([Recommendation(link, "FLATFILE", "a", "lref$b.fits")]) == [folder.raw()]
    assert link.is_symlink()
    assert fits.getval(link, "FLATFILE") == "lref$b.fits"
