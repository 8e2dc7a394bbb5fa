"""Which reference files exposures need, and where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers.folder import ROOT, write_table
from recos.errors import InputError, NothingToCalibrateError
from recos.reference_tools import find_exposures, reference_files, reference_table


def by_keyword(*inputs):
    return {file.keyword: file for file in reference_files(find_exposures(inputs))}


def test_table_of_an_association(folder):
    table = recos.reference_table(folder.asn)
    assert set(table["STATUS"]) == {"found"}
    assert set(table["EXPOSURES"]) == {2}
    row = table[table["KEYWORD"] == "FLATFILE"][0]
    path = Path(os.environ["lref"], folder.references["FLATFILE"].split("$")[1])
    assert (row["NAME"], row["PATH"]) == (folder.references["FLATFILE"], str(path))
    assert row["PEDIGREE"] == fits.getval(path, "PEDIGREE")
    assert row["USEAFTER"] == fits.getval(path, "USEAFTER")
    assert row["PURPOSES"] == "FLATCORR"
    assert "BRSTTAB" not in table["KEYWORD"]  # its switch is OMIT


@pytest.mark.parametrize("kind", ["asn", "asn without suffix", "raw", "rootname", "several"])
def test_inputs_as_for_run(folder, kind, monkeypatch):
    inputs = {
        "asn": folder.asn,
        "asn without suffix": str(folder.asn).removesuffix(".fits"),
        "raw": folder.raw("b"),
        "rootname": folder.path / ROOT,
        "several": [folder.asn, folder.raw("a"), "$here/" + folder.raw("b").name],
    }[kind]
    monkeypatch.setenv("here", str(folder.path))
    assert [headers.path for headers in find_exposures(inputs)] == [folder.raw("a"), folder.raw("b")]


def test_enabled_switches_decide(folder):
    assert "BRSTTAB" not in by_keyword(folder.asn)
    folder.set("BRSTCORR", "PERFORM", "a")
    folder.set("FLATCORR", "OMIT")
    found = by_keyword(folder.asn)
    assert found["BRSTTAB"].exposures == [folder.raw("a")]
    assert "FLATFILE" not in found


def test_file_that_is_missing(folder, monkeypatch):
    folder.set("DEADTAB", "lref$none.fits", "b")
    files = [f for f in reference_files(find_exposures(folder.asn)) if f.keyword == "DEADTAB"]
    assert [(f.name, f.status, f.exposures) for f in files] == [
        ("lref$none.fits", "missing", [folder.raw("b")]),
        (folder.references["DEADTAB"], "found", [folder.raw("a")]),
    ]
    monkeypatch.delenv("lref")
    assert set(reference_table(folder.asn)["STATUS"]) == {"missing"}
    assert by_keyword(folder.asn)["FLATFILE"].path == Path("$lref/sim_flat.fits")


def test_file_that_is_not_named_or_unreadable(folder):
    folder.set("DEADTAB", "N/A")
    bad = folder.path / "bad.fits"
    bad.write_text("no FITS")
    folder.set("BPIXTAB", str(bad))
    found = by_keyword(folder.asn)
    assert (found["DEADTAB"].status, found["BPIXTAB"].status) == ("not named", "unreadable")


def test_each_file_is_opened_once(folder, monkeypatch):
    exposures = find_exposures(folder.asn)
    opened: list[str] = []
    real = fits.open

    def count(path, *args, **kwargs):
        opened.append(str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(fits, "open", count)
    files = reference_files(exposures)
    assert sorted(opened) == sorted(str(file.path) for file in files)


def test_exposure_that_is_not_there(folder):
    with pytest.raises(InputError):
        find_exposures(folder.path / "nothing")


def test_exposure_that_is_never_calibrated(folder):
    folder.set("EXPTYPE", "ENG DIAG")
    with pytest.raises(NothingToCalibrateError):
        find_exposures(folder.raw())


def test_nothing_needed_is_an_empty_table(folder):
    write_table(folder.asn, [(ROOT, "EXP-FP", True)])
    table = reference_table([])
    assert len(table) == 0
    assert "STATUS" in table.colnames
