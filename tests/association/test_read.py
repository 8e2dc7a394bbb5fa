"""Associations: reading, finding files, naming products."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from helpers.folder import ROOT, write_table
from recos.association.model import ProductNames
from recos.association.read import read_association
from recos.errors import AssociationError, InputError, NothingToCalibrateError


def test_table_gives_members_and_product(folder):
    association = folder.read()
    (member,) = association.members
    assert member.memname == ROOT
    assert [f.mode.segment for f in member.files] == ["FUVA", "FUVB"]
    assert association.product.stem == folder.new / "lrec01010"
    assert association.table_copy == folder.new / folder.asn.name
    assert association.is_table
    assert association.has_work
    assert association.combined == [member]


def test_table_without_its_extension_in_the_name(folder):
    assert read_association(folder.asn.with_suffix(""), folder.new).path == folder.asn


def test_variables_and_home_are_expanded(folder, monkeypatch):
    monkeypatch.setenv("here", str(folder.path))
    monkeypatch.setenv("HOME", str(folder.path))
    association = read_association(f"$here/{folder.asn.name}", "~/products")
    assert association.outdir == folder.path / "products"


@pytest.mark.parametrize("name", [f"{ROOT}_rawtag_a.fits", f"{ROOT}_rawtag_b.fits", ROOT, f"{ROOT}_raw"])
def test_single_input_finds_both_segments(folder, name):
    association = read_association(folder.path / name, folder.new)
    assert [h.path.name[-6] for h, _ in association] == ["a", "b"]
    assert association.product is None
    assert not association.is_table


def test_lone_segment(folder):
    folder.raw("a").unlink()
    ((headers, names),) = folder.read()
    assert headers.mode.segment == "FUVB"
    assert names.x1d.name == f"{ROOT}_x1d.fits"


def test_names_of_products(folder):
    _, names = list(folder.read())[1]
    assert names == ProductNames(
        raw=folder.raw("b"),
        root=ROOT,
        trailer=folder.new / f"{ROOT}.tra",
        spt=folder.path / f"{ROOT}_spt.fits",
        pha=folder.path / f"{ROOT}_pha_b.fits",
        corrtag=folder.new / f"{ROOT}_corrtag_b.fits",
        counts=folder.new / f"{ROOT}_counts_b.fits",
        flt=folder.new / f"{ROOT}_flt_b.fits",
        x1d_x=folder.new / f"{ROOT}_x1d_b.fits",
        x1d=folder.new / f"{ROOT}_x1d.fits",
        flash_x=folder.new / f"{ROOT}_lampflash_b.fits",
        flash=folder.new / f"{ROOT}_lampflash.fits",
        csum=folder.new / f"{ROOT}_csum_b.fits",
    )


def test_directory_with_raw_in_its_name(folder):
    odd = folder.path / "d_raw"
    odd.mkdir()
    moved = folder.raw("a").rename(odd / folder.raw("a").name)
    ((_, names),) = read_association(moved, folder.new)
    assert names.spt == odd / f"{ROOT}_spt.fits"


def test_name_without_suffix_is_refused(folder):
    other = folder.raw("a").rename(folder.path / "events_a.fits")
    with pytest.raises(InputError, match="must contain _rawtag"):
        read_association(other, folder.new)


def test_members_not_present_are_left_out(folder):
    folder.add("lrec01d2q")
    rows = [(ROOT.upper(), "EXP-FP", False), ("LREC01D2Q", "EXP-FP", True), ("LREC01010", "PROD-FP", False)]
    write_table(folder.asn, rows)
    assert [m.memname for m in folder.read().members] == ["lrec01d2q"]


def test_full_file_names_in_the_table_keep_their_case(folder):
    name = "Lrec01D9q_rawtag_a.fits"
    folder.raw("a").rename(folder.path / name)
    write_table(folder.asn, [(name, "EXP-FP", True)])
    association = folder.read()
    assert [h.path.name for h, _ in association] == [name]
    assert association.product is None
    assert association.table_copy is None


def test_segments_listed_separately_are_calibrated_once(folder):
    write_table(folder.asn, [(folder.raw(x).name, "EXP-FP", True) for x in "ab"])
    assert len(list(folder.read())) == 2


def test_missing_member_is_skipped_with_a_warning(folder, caplog):
    write_table(folder.asn, [("GONE", "EXP-FP", True), (ROOT, "EXP-FP", True)])
    assert [m.memname for m in folder.read().members] == [ROOT]
    assert "no files to calibrate for rootname" in caplog.text


def test_extra_raw_files_are_left_out(folder, caplog):
    (folder.path / f"{ROOT}_rawtag_old.fits").write_bytes(b"no FITS file")
    assert len(list(folder.read())) == 2
    assert "more raw files than we expected" in caplog.text


def test_target_acquisition_is_skipped(folder, caplog):
    folder.raw("a").rename(folder.path / f"{ROOT}_rawacq.fits")
    fits.setval(folder.path / f"{ROOT}_rawacq.fits", "EXPTYPE", value="ACQ/SEARCH")
    assert len(list(folder.read())) == 1
    assert "not an ACQ/IMAGE" in caplog.text


def test_names_against_keywords(folder):
    folder.raw("b").unlink()
    folder.raw("a").rename(folder.path / f"{ROOT}_rawtag.fits")
    with pytest.raises(InputError, match="do not fit the names"):
        folder.read()


def test_simulated_wavecals_need_a_member_of_that_type(folder):
    assert not folder.read().simulates_wavecals
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("ABSENT", "EXP-SWAVE", False)])
    assert folder.read().simulates_wavecals


def test_wavecals_and_science(folder):
    folder.add("lrec01w1q", EXPTYPE="WAVECAL", APERTURE="WCA")
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("LREC01W1Q", "EXP-GWAVE", True)])
    association = folder.read()
    assert [m.root for m in association.wavecals] == ["lrec01w1q"]
    assert [m.root for m in association.science] == [ROOT]
    assert association.first_science.mode.kind == "SCIENCE"


def test_nothing_to_do_without_switches(folder):
    association = folder.read()
    for headers, _ in association:
        for switch in headers.switches:
            headers.switches[switch] = "OMIT"
        headers.switches["STATFLAG"] = "PERFORM"
    assert not association.has_work


def test_shift_file_forces_the_path_of_flashes(folder):
    shifts = folder.path / "shifts.txt"
    shifts.write_text(f"{ROOT} any any fuva 12.5\n")
    folder.set("TAGFLASH", "NONE")
    folder.set("LMP_ON1", 10.0, "a", ext=1)
    folder.set("LMP_ON1", None, "b", ext=1)
    association = read_association(folder.asn, folder.new, shifts)
    assert [h.mode.tagflash for h, _ in association] == ["UNIFORMLY SPACED", "NONE"]
    assert association.user_shifts.lookup(ROOT, 0, 1, "FUVA").shift1 == 12.5


@pytest.mark.parametrize(("line", "warned"), [("{} any any any 1\n", False), ("other any any any 1\n", True)])
def test_shift_file_without_a_line_for_the_exposures(folder, caplog, line, warned):
    shifts = folder.path / "shifts.txt"
    shifts.write_text(line.format(ROOT))
    read_association(folder.asn, folder.new, shifts)
    assert ("no line has the rootname" in caplog.text) == warned


def test_shift_file_without_wavecorr(folder, caplog):
    shifts = folder.path / "shifts.txt"
    shifts.write_text("any any any any 1\n")
    folder.set("WAVECORR", "OMIT", "b")
    read_association(folder.asn, folder.new, shifts)
    assert f"{folder.raw('b')}: WAVECORR = OMIT; {shifts} has no effect" in caplog.text
    assert str(folder.raw("a")) not in caplog.text


def test_missing_shift_file(folder):
    with pytest.raises(InputError, match="shift file"):
        read_association(folder.asn, folder.new, folder.path / "none.txt")


# ----------------------------------------------------------------------------------------------- bad input


def test_no_member_present(folder):
    write_table(folder.asn, [(ROOT, "EXP-FP", False)])
    with pytest.raises(NothingToCalibrateError, match="MEMPRSNT") as caught:
        folder.read()
    assert caught.value.status == 5


def test_no_raw_file_of_any_member(folder):
    write_table(folder.asn, [("GONE", "EXP-FP", True)])
    with pytest.raises(NothingToCalibrateError, match="no raw file of a member"):
        folder.read()


def test_empty_table(folder):
    write_table(folder.asn, [])
    with pytest.raises(AssociationError, match="empty"):
        folder.read()


def test_two_products(folder):
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("X1", "PROD-FP", False), ("X2", "PROD-FP", False)])
    with pytest.raises(AssociationError, match="no more than one"):
        folder.read()


def test_table_without_a_column(folder):
    table = fits.BinTableHDU.from_columns([fits.Column("MEMNAME", "14A", array=[ROOT])])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(folder.asn, overwrite=True)
    with pytest.raises(InputError, match="MEMTYPE, MEMPRSNT"):
        folder.read()


def test_table_without_extension(folder):
    fits.PrimaryHDU().writeto(folder.asn, overwrite=True)
    with pytest.raises(InputError, match="no table in extension 1"):
        folder.read()


def test_missing_table(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_association(tmp_path / "none_asn.fits")


@pytest.mark.parametrize("keep", [100, 2880, 20000, -2880])
def test_truncated_raw_file(folder, keep):
    data = folder.raw("a").read_bytes()
    folder.raw("a").write_bytes(data[:keep])
    with pytest.raises(InputError, match=folder.raw("a").name):
        folder.read()


def test_file_that_is_no_fits_file(folder):
    folder.raw("b").write_text("not FITS\n" * 400)
    with pytest.raises(InputError, match="not a readable FITS file"):
        folder.read()


def test_missing_extension(folder):
    with fits.open(folder.raw("a")) as hdus:
        fits.HDUList([hdus[0].copy()]).writeto(folder.path / "cut.fits")
    (folder.path / "cut.fits").replace(folder.raw("a"))
    with pytest.raises(InputError, match=r"extension"):
        folder.read()


def test_unreadable_file(folder, monkeypatch):
    real = fits.open

    def refuse(name, *args, **kwargs):
        if Path(name) == folder.raw("a"):
            raise PermissionError(13, "Permission denied", str(name))
        return real(name, *args, **kwargs)

    monkeypatch.setattr(fits, "open", refuse)
    with pytest.raises(InputError, match="no permission"):
        folder.read()


def test_unreadable_directory(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder.path)
    with pytest.raises(InputError, match="no permission to list the directory"):
        folder.read()


@pytest.mark.parametrize("key", ["DETECTOR", "OBSMODE", "EXPTYPE"])
def test_missing_keyword(folder, key):
    folder.set(key, None, "a")
    with pytest.raises(InputError, match=f"no keyword {key}"):
        folder.read()


def test_corrtag_names(folder):
    headers = replace(folder.read().members[0].files[0], path=Path("d/x_corrtag_a.fits"), is_corrtag=True)
    names = ProductNames.of(headers, Path("out"))
    assert names.corrtag == Path("out/x_corrtag_a.fits")
    assert names.root == "x"
