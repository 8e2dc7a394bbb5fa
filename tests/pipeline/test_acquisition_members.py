"""Associations of exposures and images of the target acquisition: each is calibrated by its kind."""

from __future__ import annotations

import shutil

import pytest
from astropy.io import fits

import recos
from helpers.acq_builders import ROOT as ACQUISITION
from helpers.acq_builders import Target
from helpers.folder import ROOT
from recos.association.read import read_association


@pytest.fixture
def mixed(folder):
    """An FUV exposure and an NUV ACQ/IMAGE in one association."""
    target = Target(folder.path)
    target.write_references()
    target.write()
    with fits.open(folder.asn) as hdus:
        rows = [tuple(row) for row in hdus[1].data]
        product = next(row for row in rows if "PROD" in row[1])
        members = [row for row in rows if "PROD" not in row[1]]
        members.append((ACQUISITION, "EXP-FP", True))
        columns = [
            fits.Column(name, form, array=[row[i] for row in [*members, product]])
            for i, (name, form) in enumerate((("MEMNAME", "14A"), ("MEMTYPE", "14A"), ("MEMPRSNT", "1L")))
        ]
        fits.HDUList([hdus[0].copy(), fits.BinTableHDU.from_columns(columns)]).writeto(
            folder.asn, overwrite=True
        )
    return folder


def test_kinds_are_told_apart(mixed):
    association = read_association(mixed.asn, mixed.new)
    assert [m.root for m in association.science] == [ROOT]
    assert [m.root for m in association.acquisitions] == [ACQUISITION]


def test_both_are_calibrated(mixed):
    result = recos.run(mixed.asn, outdir=mixed.new)
    names = {path.name for path in result.products}
    assert {f"{ACQUISITION}_counts.fits", f"{ACQUISITION}_flt.fits", f"{ROOT}_x1d.fits"} <= names
    assert f"{ACQUISITION}_corrtag.fits" not in names
    assert result.status == 0


def test_a_damaged_acquisition_stops_the_run_before_it_writes(mixed):
    (mixed.path / f"{ACQUISITION}_rawacq.fits").write_bytes(b"SIMPLE")
    with pytest.raises(recos.RecosError, match=ACQUISITION):
        recos.run(mixed.asn, outdir=mixed.new)
    assert not mixed.new.exists() or not list(mixed.new.glob("*.fits"))
    shutil.rmtree(mixed.new, ignore_errors=True)
