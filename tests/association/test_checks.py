"""Checks of associations before anything runs."""

from __future__ import annotations

import pytest

from helpers.folder import ROOT, write_table
from recos.association.checks import check_corrtag_directory, warn_of_differences
from recos.errors import AssociationError, BadApertureError, InputError, OutputExistsError
from recos.messages import current_subject, messages_to
from recos.pipeline.outputs import check_outputs, outputs_of, remove_wavecal_products
from recos.references.check import names_by_file


def test_memtype_against_exptype(folder):
    write_table(folder.asn, [(ROOT, "EXP-AWAVE", True)])
    with pytest.raises(AssociationError, match="MEMTYPE = EXP-AWAVE but EXPTYPE = EXTERNAL/SCI"):
        folder.read()


def test_exptype_wavecal_as_science(folder):
    folder.set("EXPTYPE", "WAVECAL")
    folder.set("APERTURE", "WCA")
    folder.set("TAGFLASH", "NONE")
    with pytest.raises(AssociationError, match="EXPTYPE = WAVECAL"):
        folder.read()


def test_pair_of_the_same_segment(folder):
    folder.set("SEGMENT", "FUVA", "b")
    with pytest.raises(AssociationError, match="FUVA, FUVA"):
        folder.read()


@pytest.mark.parametrize(("key", "value"), [("OPT_ELEM", "G160M"), ("CENWAVE", 1300)])
def test_configuration(folder, key, value):
    folder.set(key, value, "b")
    with pytest.raises(AssociationError, match=f"{key} = {value}"):
        folder.read()


@pytest.mark.parametrize("key", ["WALKCORR", "WALKTAB"])
def test_walk_keywords_of_old_data(folder, key):
    folder.set(key, "OMIT", "b")
    with pytest.raises(InputError, match=f"rawtag_b.fits: {key}"):
        folder.read()


def test_geocorr_and_dgeocorr(folder):
    folder.set("GEOCORR", "OMIT", "a")
    folder.set("DGEOCORR", "PERFORM", "a")
    with pytest.raises(InputError, match="illegal combination"):
        folder.read()


def test_fuv_images_do_not_exist(folder):
    folder.set("OBSTYPE", "IMAGING")
    with pytest.raises(InputError, match="not supported"):
        folder.read()


def test_invalid_aperture(folder):
    folder.set("APERTURE", "XYZ", "b")
    with pytest.raises(BadApertureError, match="APERTURE = XYZ") as caught:
        folder.read()
    assert caught.value.status == 16


def test_darks_need_no_aperture(folder):
    for key, value in {"APERTURE": "N/A", "TARGNAME": "DARK", "EXPTYPE": "DARK", "TAGFLASH": "NONE"}.items():
        folder.set(key, value)
    assert folder.read().members[0].kind == "SCIENCE"


def test_unknown_extraction_algorithm(folder):
    folder.set("XTRCTALG", "MAGIC")
    with pytest.raises(InputError, match="XTRCTALG = 'MAGIC'"):
        folder.read()


def test_corrtag_must_go_elsewhere(folder):
    for letter in "ab":
        folder.raw(letter).rename(folder.path / f"{ROOT}_rawtag_corrtag_{letter}.fits")
    write_table(folder.asn, [(f"{ROOT}_rawtag_corrtag_a.fits", "EXP-FP", True)])
    with pytest.raises(InputError, match="must not be the same"):
        check_corrtag_directory(folder.read(folder.path))


def test_outputs_that_would_coincide(folder):
    other = folder.path / "other"
    other.mkdir()
    folder.raw("a").rename(other / folder.raw("a").name)
    rows = [(f"other/{ROOT}_rawtag_a.fits", "EXP-FP", True), (f"./{ROOT}_rawtag_b.fits", "EXP-FP", True)]
    write_table(folder.asn, rows)
    assert len(folder.read().members) == 2
    folder.add(letters="a")
    with pytest.raises(AssociationError, match="2 members would write"):
        folder.read()


# ------------------------------------------------------------------------------------------------ outputs


@pytest.mark.parametrize(
    "name",
    [
        f"{ROOT}_{kind}"
        for kind in ("corrtag_a", "counts_b", "flt_a", "lampflash", "lampflash_a", "x1d", "x1d_b")
    ]
    + [f"lrec01010_{kind}" for kind in ("x1dsum", "x1dsum1", "x1dsum4", "fltsum", "jnk", "asn")],
)
def test_existing_outputs(folder, name):
    association = folder.read()
    folder.new.mkdir()
    assert check_outputs(association) == []
    (folder.new / f"{name}.fits").touch()
    with pytest.raises(OutputExistsError, match=f"{name}.fits"):
        check_outputs(association)
    assert check_outputs(association, overwrite=True) == []


def test_table_updated_in_place_is_no_output(folder):
    assert check_outputs(folder.read(folder.path)) == []


def test_products_of_wavecals_are_shared(folder):
    folder.add("lrec01w1q", EXPTYPE="WAVECAL", APERTURE="WCA")
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("LREC01W1Q", "EXP-GWAVE", True)])
    association = folder.read()
    folder.new.mkdir()
    headers, names = next(iter(association.wavecals[0]))
    for path in outputs_of(headers, names):
        path.touch()
    existing = check_outputs(association)
    assert existing == outputs_of(headers, names)
    lines: list[str] = []
    with messages_to(lambda record: lines.append(record.getMessage())):
        remove_wavecal_products(existing)
    assert not any(path.exists() for path in existing)
    assert "will be deleted" in lines[0]
    assert len(lines) == 1 + len(existing)


# ------------------------------------------------------------------------------------------------ differences


def test_differences_are_told_for_each_exposure(folder):
    folder.set("DEADCORR", "OMIT", "b")
    folder.set("DEADTAB", "lref$other.fits", "b")
    association = folder.read()
    told: list[tuple[str | None, str]] = []
    with messages_to(lambda record: told.append((current_subject(), record.getMessage()))):
        warn_of_differences(association, names_by_file([h for h, _ in association]))
    assert [root for root, _ in told] == [ROOT] * 4
    assert told[0][1] == "Inconsistent reference file names:"
    assert "DEADTAB = lref$other.fits vs. lref$" in told[1][1]
    assert told[2][1] == "Inconsistent calibration switches:"
    assert told[3][1].endswith("DEADCORR = OMIT vs. PERFORM")


def test_differences_of_wavecals_that_do_not_matter(folder):
    folder.add("lrec01w1q", EXPTYPE="WAVECAL", APERTURE="WCA", SPWCSTAB="N/A", WAVECORR="OMIT")
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("LREC01W1Q", "EXP-GWAVE", True)])
    association = folder.read()
    told: list[str] = []
    with messages_to(lambda record: told.append(record.getMessage())):
        warn_of_differences(association, names_by_file([h for h, _ in association]))
    assert told == []
