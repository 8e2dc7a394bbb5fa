"""The check of all reference files before anything runs."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from helpers.folder import ROOT, Folder, write_table
from recos.association.read import read_association
from recos.errors import MissingReferenceError, MissingRowError, ReferenceFileError
from recos.pipeline.needs import check_references
from recos.references import ReferenceCache


def check(folder: Folder) -> None:
    with ReferenceCache() as cache:
        check_references([headers for headers, _ in folder.read()], cache)


@pytest.fixture
def own(folder, monkeypatch) -> Folder:
    """The folder with reference files that a test may change."""
    import os

    lref = folder.path / "ref"
    lref.mkdir()
    for path in Path(os.environ["lref"]).iterdir():
        if path.stat().st_size < 1_000_000:
            shutil.copy(path, lref)
        else:
            (lref / path.name).symlink_to(path)
    monkeypatch.setenv("lref", f"{lref}/")
    return folder


def reference(own: Folder, keyword: str) -> Path:
    return own.path / "ref" / own.references[keyword].split("$")[1]


def test_complete_files(folder):
    check(folder)


@pytest.mark.parametrize("switch", ["BADTCORR", "BRSTCORR", "DGEOCORR", "HVDSCORR"])
def test_switches_that_the_simulation_leaves_off(folder, switch):
    folder.set(switch, "PERFORM")
    check(folder)


def test_every_missing_file_of_every_exposure_is_listed(folder, monkeypatch):
    monkeypatch.setenv("lref", "/nowhere/")
    folder.add("lrec01d2q", "a", DEADTAB="lref$another.fits")
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("LREC01D2Q", "EXP-FP", True)])
    with pytest.raises(MissingReferenceError) as caught:
        check(folder)
    text = str(caught.value)
    for keyword in ("BRFTAB", "DEADTAB", "XTRACTAB", "LAMPTAB", "FLUXTAB", "FLATFILE"):
        assert f"{keyword} = lref$" in text
    assert "BRSTTAB" not in text  # its switch is OMIT
    another = next(line for line in text.splitlines() if "another.fits" in line)
    assert "(/nowhere/another.fits): no such file" in another
    assert "lrec01d2q_rawtag_a.fits" in another
    assert ROOT not in another
    shared = next(line for line in text.splitlines() if "BRFTAB" in line)
    assert all(name in shared for name in (f"{ROOT}_rawtag_a", f"{ROOT}_rawtag_b", "lrec01d2q_rawtag_a"))
    assert "CRDS" in text


def test_variable_that_is_not_set(folder, monkeypatch):
    monkeypatch.delenv("lref")
    with pytest.raises(MissingReferenceError, match="environment variable lref is not set"):
        check(folder)


def test_other_prefixes(folder, monkeypatch):
    import os

    monkeypatch.setenv("crds", os.environ["lref"])
    name = folder.references["DEADTAB"].replace("lref$", "")
    for value in (f"crds${name}", f"$crds/{name}", f"${{crds}}/{name}", os.environ["lref"] + name):
        folder.set("DEADTAB", value)
        check(folder)


def test_file_that_is_not_named(folder):
    folder.set("DEADTAB", "N/A", "a")
    with pytest.raises(MissingReferenceError, match=r"DEADTAB = N/A: no file is named"):
        check(folder)


def test_reference_file_needed_by_a_wavecal_only(folder):
    folder.add("lrec01w1q", EXPTYPE="WAVECAL", APERTURE="WCA", WCPTAB="lref$none.fits")
    write_table(folder.asn, [(ROOT, "EXP-FP", True), ("LREC01W1Q", "EXP-GWAVE", True)])
    with pytest.raises(ReferenceFileError, match=r"none\.fits.*lrec01w1q"):
        check(folder)


def test_folder_that_cannot_be_entered(folder, monkeypatch):
    def denied(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    files = [headers for headers, _ in folder.read()]
    monkeypatch.setattr(Path, "is_file", denied)
    denial = pytest.raises(ReferenceFileError, match=r"DEADTAB = .* cannot be read \(Permission denied\)")
    with denial, ReferenceCache() as cache:
        check_references(files, cache)


def test_wrong_kind(folder):
    folder.set("DEADTAB", folder.references["BRFTAB"], "b")
    with pytest.raises(ReferenceFileError, match="expected 'DEADTIME REFERENCE TABLE'"):
        check(folder)


def test_any_kind_is_accepted(own):
    fits.setval(reference(own, "DEADTAB"), "FILETYPE", value="ANY")
    check(own)


@pytest.mark.parametrize(
    ("version", "text"),
    [("1.9", "at least version 2.0"), ("3.7", "needs calcos 3.7"), (None, "VCALCOS = 1.0")],
)
def test_version(own, version, text):
    with fits.open(reference(own, "DEADTAB"), mode="update") as hdus:
        del hdus[0].header["VCALCOS"]
        if version:
            hdus[0].header["VCALCOS"] = version
    with pytest.raises(ReferenceFileError, match=text):
        check(own)


def test_detector(own):
    fits.setval(reference(own, "DEADTAB"), "DETECTOR", value="NUV")
    with pytest.raises(ReferenceFileError, match="DETECTOR = NUV"):
        check(own)


def test_file_that_is_no_fits_file(own):
    reference(own, "DEADTAB").write_text("no FITS file")
    with pytest.raises(ReferenceFileError, match="DEADTAB"):
        check(own)


@pytest.mark.parametrize("keep", [2880, 6000, -2881])
def test_truncated_file(own, keep):
    path = reference(own, "DEADTAB")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ReferenceFileError, match="DEADTAB"):
        check(own)


def change_table(path: Path, column: str, values: object) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[column][:] = values


@pytest.mark.parametrize("keyword", ["XTRACTAB", "DISPTAB", "LAMPTAB", "FLUXTAB", "TDSTAB", "SPWCSTAB"])
def test_missing_row(own, keyword):
    own.set("TAGFLASH", "AUTO")
    own.set("NUMFLASH", 1, ext=1)
    change_table(reference(own, keyword), "CENWAVE", 9999)
    with pytest.raises(MissingRowError, match=rf"{keyword} = .*no row for .*CENWAVE = 1291") as caught:
        check(own)
    assert caught.value.status == 16


@pytest.mark.parametrize("keyword", ["BRFTAB", "DEADTAB", "PHATAB", "XTRACTAB"])
def test_missing_segment(own, keyword):
    change_table(reference(own, keyword), "SEGMENT", "FUVA")
    with pytest.raises(MissingRowError, match="SEGMENT = FUVB") as caught:
        check(own)
    assert "rawtag_b" in str(caught.value)
    assert "rawtag_a" not in str(caught.value)


@pytest.mark.parametrize(
    ("keyword", "column"),
    [
        ("BRFTAB", "SX1"),
        ("XTRACTAB", "SLOPE"),
        ("DISPTAB", "COEFF"),
        ("LAMPTAB", "INTENSITY"),
        ("SPWCSTAB", "CDELT1"),
    ],
)
def test_values_that_are_no_numbers(own, keyword, column):
    own.set("TAGFLASH", "AUTO")
    own.set("NUMFLASH", 1, ext=1)
    change_table(reference(own, keyword), column, np.nan)
    with pytest.raises(ReferenceFileError, match=rf"{keyword} = .*{column} of the row .* not a number"):
        check(own)


@pytest.mark.parametrize(
    ("keyword", "column", "value", "least"),
    [("XTRACTAB", "HEIGHT", -3, 0), ("XTRACTAB", "BWIDTH", -3, 0), ("WCPTAB", "BOX", 0, 1)],
)
def test_impossible_sizes(own, keyword, column, value, least):
    change_table(reference(own, keyword), column, value)
    with pytest.raises(
        ReferenceFileError, match=rf"{keyword} = .*{column} = {value} .*; expected {least} to "
    ):
        check(own)


def test_missing_file_and_missing_row_in_one_report(own):
    change_table(reference(own, "DEADTAB"), "SEGMENT", "FUVA")
    reference(own, "BPIXTAB").unlink()
    with pytest.raises(MissingReferenceError) as caught:
        check(own)
    assert str(caught.value).startswith("2 problems")


@pytest.mark.parametrize(
    ("keyword", "column"),
    [("XTRACTAB", "APERTURE"), ("XTRACTAB", "B_BKG2"), ("DEADTAB", "LIVETIME"), ("TDSTAB", "INTERCEPT")],
)
def test_missing_column(own, keyword, column):
    path = reference(own, keyword)
    with fits.open(path) as hdus:
        columns = [c for c in hdus[1].columns if c.name != column]
        new = fits.HDUList([hdus[0].copy(), fits.BinTableHDU.from_columns(fits.ColDefs(columns))])
    new.writeto(path, overwrite=True)
    with pytest.raises(ReferenceFileError, match=f"no column {column}"):
        check(own)


def replace_column(path: Path, name: str, column: fits.Column) -> None:
    with fits.open(path, memmap=False) as hdus:
        columns = [column if c.name == name else c for c in hdus[1].columns]
        table = fits.BinTableHDU.from_columns(columns, hdus[1].header, name=hdus[1].name)
        new = fits.HDUList([hdus[0].copy(), table])
    path.unlink()
    new.writeto(path)


@pytest.mark.parametrize(
    ("keyword", "name", "form", "expected"),
    [
        ("XTRACTAB", "B_SPEC", "4A", "one number"),
        ("XTRACTAB", "B_SPEC", "3D", "one number"),
        ("XTRACTAB", "SEGMENT", "J", "a text"),
        ("DISPTAB", "COEFF", "D", "an array of numbers"),
        ("BPIXTAB", "LX", "2J", "one number"),
    ],
)
def test_column_of_another_form(own, keyword, name, form, expected):
    path = reference(own, keyword)
    n = fits.getval(path, "NAXIS2", 1)
    width = 1 if form == "4A" else int(form[:-1] or 1)
    values = np.full(n, "abc") if form == "4A" else np.ones((n, width) if width > 1 else n)
    replace_column(path, name, fits.Column(name, form, array=values))
    with pytest.raises(
        ReferenceFileError, match=rf"{keyword}\).* column {name} .*; expected {expected} per row"
    ):
        check(own)


def test_garbled_text(own):
    path = reference(own, "XTRACTAB")
    path.write_bytes(path.read_bytes().replace(b"FUVA", b"F\xd7VA"))
    with pytest.raises(ReferenceFileError, match=r"XTRACTAB.*SEGMENT is garbled"):
        check(own)


@pytest.mark.parametrize("keyword", ["TTYPE1", "NAXIS1", "FILETYPE", "TIMESTEP"])
def test_garbled_header(own, keyword):
    path = reference(own, "DEADTAB")
    data = path.read_bytes()
    start = data.index(f"{keyword:8}=".encode())
    path.write_bytes(data[: start + 9] + b" 'x: 3 =".ljust(30) + data[start + 39 :])
    with pytest.raises(ReferenceFileError, match="DEADTAB"):
        check(own)


@pytest.mark.parametrize("shape", [(16,), (2, 2, 2), None])
def test_image_of_other_dimensions(own, shape):
    path = reference(own, "FLATFILE")
    with fits.open(path) as hdus:
        new = fits.HDUList([hdus[0].copy(), fits.ImageHDU(name="FUVA"), fits.ImageHDU(name="FUVB")])
    new[1].data = np.ones((2, 2), np.float32)
    new[2].data = None if shape is None else np.ones(shape, np.float32)
    path.unlink()
    new.writeto(path)
    with pytest.raises(ReferenceFileError, match=r"FLATFILE.*FUVB,1 holds no image of two dimensions"):
        check(own)


def test_any_in_the_table_matches(own):
    change_table(reference(own, "XTRACTAB"), "APERTURE", "ANY")
    check(own)


def test_missing_image_extension(own):
    path = reference(own, "FLATFILE")
    with fits.open(path) as hdus:
        kept = fits.HDUList([hdus[0].copy(), hdus["FUVA"].copy()])
        kept[1].data = np.ones((2, 2), np.float32)
        path.unlink()
        kept.writeto(path)
    with pytest.raises(ReferenceFileError, match="no extension FUVB,1"):
        check(own)


def test_walk_file_without_the_segment(own):
    path = reference(own, "XWLKFILE")
    for extension in (1, 2):
        fits.setval(path, "SEGMENT", value="FUVA", ext=extension)
    with pytest.raises(ReferenceFileError, match="no extension has SEGMENT = FUVB"):
        check(own)


def test_trace_of_another_lifetime_position(own):
    own.set("TRCECORR", "PERFORM")
    check(own)
    fits.setval(reference(own, "TRACETAB"), "LIFE_ADJ", value=4)
    with pytest.raises(ReferenceFileError, match="LIFE_ADJ = 4 in the file, but 1 in the data"):
        check(own)


def test_two_zone_extraction_needs_its_files(folder):
    folder.set("XTRCTALG", "TWOZONE")
    with pytest.raises(MissingReferenceError, match="PROFTAB = N/A"):
        check(folder)


def test_lamp_without_lines_needs_no_template(own):
    own.set("TAGFLASH", "AUTO")
    own.set("NUMFLASH", 1, ext=1)
    path = reference(own, "LAMPTAB")
    with fits.open(path) as hdus:
        rows = len(hdus[1].data)
        lit = fits.Column("HAS_LINES", "L", array=np.zeros(rows, bool))
        table = fits.BinTableHDU.from_columns(hdus[1].columns + fits.ColDefs([lit]), name="LAMPTAB")
        table.data["FPOFFSET"][:] = 9
        new = fits.HDUList([hdus[0].copy(), table])
    path.unlink()
    new.writeto(path)
    check(own)
    change_table(path, "HAS_LINES", True)
    with pytest.raises(MissingRowError, match="LAMPTAB"):
        check(own)


def test_exposure_without_events_needs_files_but_no_rows(own):
    for letter in "ab":
        with fits.open(own.raw(letter)) as hdus:
            hdus[1].data = hdus[1].data[:0]
            hdus.writeto(own.path / "empty.fits")
        (own.path / "empty.fits").replace(own.raw(letter))
    change_table(reference(own, "XTRACTAB"), "CENWAVE", 9999)
    check(own)
    reference(own, "XTRACTAB").unlink()
    with pytest.raises(MissingReferenceError, match="XTRACTAB"):
        check(own)


@pytest.mark.shared
@pytest.mark.parametrize("config", ["boa", "dark", "g140l_1105"])
def test_oracle_data_need_nothing_that_is_not_there(oracle_data, config, monkeypatch, tmp_path):

    data = oracle_data(config, events=50_000)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    association = read_association(next((data / "raw").glob("*_asn.fits")), tmp_path)
    with ReferenceCache() as cache:
        check_references([headers for headers, _ in association], cache)
