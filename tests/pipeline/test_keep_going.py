"""Associations in which one exposure cannot be calibrated."""

from __future__ import annotations

import shutil

import pytest
from astropy.io import fits

import recos
from recos.cli.main import main
from recos.errors import InputError, MissingReferenceError, OutputError
from recos.pipeline import member as member_module
from small_cos import make_dataset

pytestmark = pytest.mark.xdist_group("keep_going")

FIRST, SECOND = "lrec01d1q", "lrec01d2q"
KINDS = "x1d,x1dsum"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("keep_going"), n_source=3_000, seed=7, fppos=(3, 4))


@pytest.fixture
def data(template, tmp_path, monkeypatch):
    monkeypatch.setenv("lref", f"{template.references}/")
    shutil.copytree(template.association.parent, tmp_path / "raw")
    return tmp_path / "raw"


def asn(data):
    return next(data.glob("*_asn.fits"))


def damage_file(data, monkeypatch):
    path = data / f"{SECOND}_rawtag_a.fits"
    path.write_bytes(path.read_bytes()[:9000])
    return InputError


def lose_reference(data, monkeypatch):
    fits.setval(data / f"{SECOND}_rawtag_b.fits", "FLUXTAB", value="lref$none.fits")
    return MissingReferenceError


def fail_late(data, monkeypatch):
    calibrate = member_module.calibrate

    def failing(exposure, *args, **kwargs):
        if exposure.root == SECOND:
            raise InputError(f"{exposure.path}: made to fail.")
        return calibrate(exposure, *args, **kwargs)

    monkeypatch.setattr(member_module, "calibrate", failing)
    return InputError


@pytest.mark.parametrize("spoil", [damage_file, lose_reference, fail_late])
def test_the_others_are_calibrated(data, tmp_path, monkeypatch, caplog, spoil):
    error = spoil(data, monkeypatch)
    with pytest.raises(error):
        recos.run(asn(data), tmp_path / "strict", products=KINDS)
    result = recos.run(asn(data), tmp_path / "new", products=KINDS, keep_going=True)
    assert result.status == error.status
    names = {path.name for path in result.products}
    stem = asn(data).name.removesuffix("_asn.fits")
    assert {f"{FIRST}_x1d.fits", f"{stem}_x1dsum.fits", f"{stem}_x1dsum3.fits", f"{stem}_asn.fits"} <= names
    assert not any(SECOND in name or "x1dsum4" in name for name in names)
    assert fits.getheader(tmp_path / "new" / f"{stem}_x1dsum.fits")["MFPPOS"] == "3"
    assert any(SECOND in r.getMessage() for r in caplog.records if r.levelname == "ERROR")
    assert not list((tmp_path / "new").glob(".*"))


def test_nothing_is_left(data, tmp_path, monkeypatch):
    for root in (FIRST, SECOND):
        fits.setval(data / f"{root}_rawtag_b.fits", "FLUXTAB", value="lref$none.fits")
    with pytest.raises(MissingReferenceError):
        recos.run(asn(data), tmp_path / "new", keep_going=True)
    for path in data.glob("*_rawtag_a.fits"):
        path.write_bytes(b"")
    with pytest.raises(InputError):
        recos.run(asn(data), tmp_path / "new", keep_going=True)
    assert not (tmp_path / "new").exists()


def test_a_full_disk_ends_it(data, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OutputError("The disk is full.")

    monkeypatch.setattr(member_module, "start_tables", full)
    with pytest.raises(OutputError):
        recos.run(asn(data), tmp_path / "new", keep_going=True, products=KINDS)


def test_command(data, tmp_path, monkeypatch, capsys):
    lose_reference(data, monkeypatch)
    with pytest.raises(SystemExit) as leaving:
        main([str(asn(data)), "-o", str(tmp_path / "new"), "--keep-going", "--products", KINDS])
    assert leaving.value.code == 1
    captured = capsys.readouterr()
    assert f"{FIRST}_x1d.fits" in captured.out
    assert "no such file" in captured.err
