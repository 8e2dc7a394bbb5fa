"""Comparison of files and folders."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

import recos
from recos.comparison import hdus
from recos.errors import ComparisonError, RecosError, UsageError
from recos.products.fitsfile import write_tables
from spectra import make_spectrum

N = 60


def write_x1d(path, change=None, fluxcorr="COMPLETE", segments=("FUVA", "FUVB"), n=N, **keywords):
    """An x1d; `change` gets its columns and may alter them."""
    spectrum = make_spectrum(segments, n=n, fluxcorr=fluxcorr, **keywords)
    c = spectrum.columns
    c["ERROR"][:] = 0.1 * c["FLUX"].mean()
    if change is not None:
        change(c)
    write_tables(path, spectrum.primary, [spectrum.table()], overwrite=True)
    return path


def write_images(path, change=None, shape=(16, 20)):
    """A flt; `change` gets its planes and may alter them."""
    rng = np.random.default_rng(2)
    planes = {
        "SCI": rng.random(shape).astype(np.float32),
        "ERR": np.full(shape, 0.5, np.float32),
        "DQ": np.zeros(shape, np.int16),
    }
    if change is not None:
        change(planes)
    hdus = [fits.ImageHDU(data, name=name) for name, data in planes.items()]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path, overwrite=True)
    return path


def write_events(path, n=500, change=None):
    """A corrtag; `change` gets its rows and may alter them."""
    rng = np.random.default_rng(3)
    rows = np.zeros(n, [("TIME", "f4"), ("XFULL", "f4"), ("EPSILON", "f4"), ("DQ", "i2"), ("OK", "?")])
    rows["XFULL"] = rng.random(n) * 16384
    if change is not None:
        change(rows)
    gti = fits.BinTableHDU(np.array([(0.0, 100.0)], [("START", "f8"), ("STOP", "f8")]), name="GTI")
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(rows, name="EVENTS"), gti]).writeto(
        path, overwrite=True
    )
    return path


def only_change(old, new, **options):
    """The one difference of values between two files, which are otherwise equal."""
    (file,) = recos.compare(old, new, **options).files
    assert file.facts == []
    (change,) = file.values
    return change


def facts_of(old, new, **options):
    (file,) = recos.compare(old, new, **options).files
    return {(f.kind, f.hdu, f.name): (f.old, f.new) for f in file.facts}


# ---------------------------------------------------------------------------------------------- spectra


@settings(max_examples=12)
@given(
    st.sampled_from(["WAVELENGTH", "FLUX", "GCOUNTS", "DQ", "NUM_EXTRACT_ROWS", "ACTUAL_EE"]),
    st.integers(0, 1),
    st.integers(0, N - 1),
)
def test_a_changed_value_is_reported_where_it_is(tmp_path_factory, name, row, pixel):
    folder = tmp_path_factory.mktemp("one")

    def change(columns):
        columns[name][row, pixel] += 1

    old, new = write_x1d(folder / "a.fits"), write_x1d(folder / "b.fits", change)
    assert recos.compare(old, old).is_equal
    found = only_change(old, new)
    assert (found.hdu, found.name, found.row) == ("SCI", name, ("FUVA", "FUVB")[row])
    assert (found.n_different, found.n, found.place) == (1, N, (pixel,))
    assert found.new - found.old == pytest.approx(1.0)
    assert found.wavelength == pytest.approx(1400.0 - 200.0 * row + 0.01 * pixel)


def test_flux_in_units_of_the_old_error(tmp_path):
    def change(columns):
        columns["FLUX"] += np.float32(0.5) * columns["ERROR"]
        columns["ERROR"] *= 3

    old, new = write_x1d(tmp_path / "a.fits"), write_x1d(tmp_path / "b.fits", change)
    (file,) = recos.compare(old, new).files
    found = {(c.name, c.row): c for c in file.values}
    assert set(found) == {(n, r) for n in ("FLUX", "ERROR") for r in ("FUVA", "FUVB")}
    units = found["FLUX", "FUVA"].units
    good = int((fits.getdata(old)["DQ_WGT"][0] > 0).sum())
    assert (units.unit, units.n) == ("sigma", good)
    assert good < N
    assert [units.largest, units.mean, units.rms] == pytest.approx([0.5] * 3, rel=1e-5)
    assert found["ERROR", "FUVA"].units is None
    assert file.verdict == "differs: FLUX up to 0.5 sigma, rms 0.5 sigma; 1 other column"


def test_error_of_the_count_rate_is_that_of_the_flux_times_the_sensitivity(tmp_path):
    sensitivity = np.linspace(1e13, 3e13, N)
    error = np.linspace(0.01, 0.02, N)

    def calibrate(columns):
        columns["NET"][:, 7] = 0.0  # the ratio of NET and FLUX is undefined here
        columns["FLUX"][:] = columns["NET"] / sensitivity
        columns["ERROR"][:] = error / sensitivity
        columns["DQ_WGT"][:] = 1

    def change(columns):
        calibrate(columns)
        columns["NET"] += 2 * error.astype(np.float32)

    old, new = write_x1d(tmp_path / "a.fits", calibrate), write_x1d(tmp_path / "b.fits", change)
    for found in recos.compare(old, new).files[0].values:
        assert (found.name, found.units.n) == ("NET", N)
        assert [found.units.largest, found.units.mean, found.units.rms] == pytest.approx([2.0] * 3, rel=1e-5)


def test_without_fluxcorr_the_error_is_that_of_the_count_rate(tmp_path):
    def uncalibrated(columns):
        columns["FLUX"][:] = 0
        columns["ERROR"][:] = 0.25

    def change(columns):
        uncalibrated(columns)
        columns["NET"][0] += 0.125
        columns["FLUX"][1] = 1

    old = write_x1d(tmp_path / "a.fits", uncalibrated, fluxcorr="OMIT")
    new = write_x1d(tmp_path / "b.fits", change, fluxcorr="OMIT")
    found = {c.name: c for c in recos.compare(old, new).files[0].values}
    assert found["NET"].units.rms == pytest.approx(0.5, rel=1e-5)
    assert found["FLUX"].units is None


def test_pixels_that_are_bad_in_either_file_do_not_count(tmp_path):
    def old_one(columns):
        columns["DQ_WGT"][:] = 1
        columns["DQ_WGT"][:, 3] = 0

    def new_one(columns):
        old_one(columns)
        columns["FLUX"][0, [3, 4]] += 10 * columns["ERROR"][0, 0]
        columns["DQ_WGT"][0, 4] = 0

    old, new = write_x1d(tmp_path / "a.fits", old_one), write_x1d(tmp_path / "b.fits", new_one)
    (file,) = recos.compare(old, new).files
    flux = next(c for c in file.values if c.name == "FLUX")
    assert (flux.n_different, flux.units.n, flux.units.largest) == (2, N - 2, 0.0)
    assert "FLUX in 2 of 60 values, none of them good and with an error" in file.verdict


def test_wavelengths_in_pixels(tmp_path):
    def change(columns):
        columns["WAVELENGTH"][0] += 0.025

    old, new = write_x1d(tmp_path / "a.fits"), write_x1d(tmp_path / "b.fits", change)
    found = only_change(old, new)
    assert (found.units.unit, found.units.n) == ("pixel", N)
    assert [found.units.largest, found.units.mean] == pytest.approx([2.5, 2.5])
    assert recos.compare(old, new).files[0].verdict == (
        "differs: WAVELENGTH up to 0.025 (2.5 pixel; spectra compared pixel by pixel)"
    )


def test_rows_are_paired_by_segment(tmp_path):
    def swap(columns):
        for values in columns.values():
            values[:] = values[::-1].copy()

    old, new = write_x1d(tmp_path / "a.fits"), write_x1d(tmp_path / "b.fits", swap)
    assert recos.compare(old, new).is_equal
    alone = write_x1d(tmp_path / "c.fits", segments=("FUVA",))
    assert facts_of(old, alone)["structure", "SCI", "row FUVB"] == ("there", None)
    assert facts_of(alone, old)["structure", "SCI", "row FUVB"] == (None, "there")


def test_several_rows_of_a_segment_are_numbered(tmp_path):
    flashes = np.zeros(3, [("SEGMENT", "S4"), ("NET", "f4", 5)])
    flashes["SEGMENT"] = ["FUVA", "FUVB", "FUVA"]
    paths = []
    for name in "ab":
        paths.append(tmp_path / f"{name}.fits")
        fits.BinTableHDU(flashes, name="LAMPFLASH").writeto(paths[-1])
        flashes["NET"][2, 4] = 1
    found = only_change(*paths)
    assert (found.row, found.place, found.units) == ("FUVA 2", (4,), None)


def test_other_lengths_are_told_and_not_compared(tmp_path):
    old, new = write_x1d(tmp_path / "a.fits"), write_x1d(tmp_path / "b.fits", n=N + 5)
    (file,) = recos.compare(old, new).files
    assert {f.name: (f.old, f.new) for f in file.facts} == {
        f"length of {s} (WAVELENGTH, …)": (N, N + 5) for s in ("FUVA", "FUVB")
    }
    assert {c.name for c in file.values} == {"NELEM"}


def test_columns_units_and_types(tmp_path):
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    columns = [
        fits.Column("SEGMENT", "4A", array=["FUVA"]),
        fits.Column("X", "3E", unit="s", array=np.ones((1, 3))),
    ]
    fits.BinTableHDU.from_columns(columns, name="SCI").writeto(paths[0])
    columns[1] = fits.Column("x", "3D", unit="ms", array=np.ones((1, 3)))
    columns += [fits.Column("Y", "3E", array=np.ones((1, 3)))]
    fits.BinTableHDU.from_columns(columns, name="SCI").writeto(paths[1])
    found = {name: values for (_, _, name), values in facts_of(*paths).items()}
    assert found == {"type of X": ("E", "D"), "unit of X": ("s", "ms"), "column Y": (None, "there")}


# ------------------------------------------------------------------------------------------ images and lists


@pytest.mark.parametrize("block", [1, 100, 1 << 24])
def test_images_in_units_of_their_errors(tmp_path, monkeypatch, block):
    def change(planes):
        planes["SCI"][3, 4] += 2
        planes["SCI"][14, 19] -= 1
        planes["ERR"][14, 19] = 7

    monkeypatch.setattr(hdus, "BLOCK_BYTES", block)
    old, new = write_images(tmp_path / "a.fits"), write_images(tmp_path / "b.fits", change)
    (file,) = recos.compare(old, new).files
    sci, err = file.values
    assert (sci.name, sci.n_different, sci.n, sci.place) == ("SCI", 2, 320, (3, 4))
    assert (sci.units.largest, sci.units.rms) == (pytest.approx(4.0), None)
    assert (err.name, err.n_different, err.place) == ("ERR", 1, (14, 19))
    assert file.verdict == "differs: SCI in 2 of 320 pixels, up to 4 sigma; 1 other image"


def test_flags_of_images_by_name(tmp_path):
    def before(planes):
        planes["DQ"][1, 1] = 4

    def after(planes):
        planes["DQ"][2:4, 5] = 8192

    old, new = write_images(tmp_path / "a.fits", before), write_images(tmp_path / "b.fits", after)
    found = only_change(old, new)
    assert found.flags == {"GRID_SHADOW": (0, 1), "GAIN_SAG_HOLE": (2, 0)}
    assert recos.compare(old, new).table()["FLAGS"][0] == "GRID_SHADOW cleared in 1; GAIN_SAG_HOLE set in 2"


def test_other_shapes_and_missing_extensions(tmp_path):
    old, new = (
        write_images(tmp_path / "a.fits"),
        write_images(tmp_path / "b.fits", lambda planes: planes.pop("ERR")),
    )
    assert facts_of(old, new) == {("structure", "ERR", "extension"): ("there", None)}
    large = write_images(tmp_path / "c.fits", shape=(16, 21))
    assert facts_of(old, large)["structure", "SCI", "shape"] == ((16, 20), (16, 21))
    spectra = write_x1d(tmp_path / "d.fits")
    assert facts_of(old, spectra)["structure", "SCI", "kind"] == ("image", "table")


def test_errors_belong_to_images_of_the_same_version(tmp_path):
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    data = np.zeros((4, 5), np.float32)
    for path in paths:
        planes = [fits.ImageHDU(np.full_like(data, e), name="ERR", ver=v) for v, e in ((1, 1.0), (2, 4.0))]
        planes += [fits.ImageHDU(data, name="SCI", ver=v) for v in (1, 2)]
        fits.HDUList([fits.PrimaryHDU(), *planes]).writeto(path)
        data = data + 2
    (file,) = recos.compare(*paths).files
    assert [(c.hdu, c.units.largest) for c in file.values] == [("SCI", 2.0), ("SCI,2", 0.5)]


@pytest.mark.parametrize("block", [1, 1000, 1 << 24])
def test_event_lists(tmp_path, monkeypatch, block):
    def change(rows):
        rows["XFULL"][[17, 480]] += [0.5, 0.25]
        rows["DQ"][3] = 64
        rows["OK"][9] = True

    monkeypatch.setattr(hdus, "BLOCK_BYTES", block)
    monkeypatch.setattr("recos.comparison.tables.BLOCK_BYTES", block)
    old, new = write_events(tmp_path / "a.fits"), write_events(tmp_path / "b.fits", change=change)
    found = {c.name: c for c in recos.compare(old, new).files[0].values}
    assert set(found) == {"XFULL", "DQ", "OK"}
    x = found["XFULL"]
    assert (x.row, x.n_different, x.n, x.place, x.units) == ("", 2, 500, (17,), None)
    assert x.largest == pytest.approx(0.5, rel=1e-3)
    assert found["DQ"].flags == {"BURST": (1, 0)}
    assert (found["OK"].place, found["OK"].old, found["OK"].new) == ((9,), False, True)


def test_lists_of_other_lengths_are_told_and_not_compared(tmp_path):
    old, new = write_events(tmp_path / "a.fits"), write_events(tmp_path / "b.fits", n=499)
    assert facts_of(old, new) == {("structure", "EVENTS", "rows"): (500, 499)}
    none = write_events(tmp_path / "c.fits", n=0)
    assert facts_of(old, none) == {("structure", "EVENTS", "rows"): (500, 0)}
    assert recos.compare(none, none).is_equal


def test_tolerance(tmp_path):
    def change(rows):
        rows["XFULL"] *= np.float32(1.0 + 3e-6)

    old, new = write_events(tmp_path / "a.fits"), write_events(tmp_path / "b.fits", change=change)
    assert not recos.compare(old, new).is_equal
    assert not recos.compare(old, new, rtol=1e-6).is_equal
    assert recos.compare(old, new, rtol=1e-5).is_equal


@pytest.mark.parametrize("unpacked", [0, 1 << 28])
def test_compressed_files(tmp_path, monkeypatch, unpacked):
    def change(planes):
        planes["SCI"][9, 2] += 1

    monkeypatch.setattr(hdus, "_UNPACKED", unpacked)
    monkeypatch.setattr(hdus, "BLOCK_BYTES", 300)
    old, new = write_images(tmp_path / "a.fits"), write_images(tmp_path / "b.fits", change)
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(old.read_bytes()))
    assert recos.compare(packed, old).is_equal
    found = only_change(packed, new)
    assert (found.place, found.units.largest) == ((9, 2), pytest.approx(2.0))
    packed.write_bytes(packed.read_bytes()[:-400])
    with pytest.raises(ComparisonError, match=r"a\.fits\.gz.*truncated"):
        recos.compare(packed, new)


def test_images_in_compressed_tiles(tmp_path, monkeypatch):
    monkeypatch.setattr(hdus, "BLOCK_BYTES", 1000)
    data = np.arange(3 * 20 * 30, dtype=np.int16).reshape(3, 20, 30)
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path in paths:
        fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(data, name="SCI")]).writeto(path)
        data[2, 7, 11] = 0
    assert recos.compare(paths[0], paths[0]).is_equal
    assert only_change(*paths).place == (2, 7, 11)


# --------------------------------------------------------------------------------------------- keywords


def with_keywords(path, history=(), **keywords):
    header = fits.Header(list(keywords.items()))
    for line in history:
        header.add_history(line)
    fits.PrimaryHDU(header=header).writeto(path)
    return path


def test_keywords(tmp_path):
    a = with_keywords(tmp_path / "a.fits", SAME=1, TEXT="x", FLAG=True, GONE=2.5, SHIFT1A=1.0, SHIFT1B=1.0)
    b = with_keywords(tmp_path / "b.fits", SAME=1.0, TEXT="y", FLAG=1, SHIFT1A=1.00001, SHIFT1B=2.0, MORE="")
    found = {name: values for (_, _, name), values in facts_of(a, b).items()}
    assert found == {
        "TEXT": ("x", "y"), "FLAG": (True, 1), "GONE": (2.5, None), "SHIFT1A": (1.0, 1.00001), "SHIFT1B": (1.0, 2.0),
        "MORE": (None, ""),
    }  # fmt: skip
    assert recos.compare(a, b).files[0].verdict == "differs: 6 keywords"
    found = facts_of(a, b, rtol=1e-4, ignore=["t*t", "FLAG", "GONE", "MORE"])
    assert list(found) == [("keyword", "PRIMARY", "SHIFT1B")]
    assert facts_of(a, b, ignore="*") == {}


def test_keywords_that_differ_in_any_case(tmp_path):
    a = with_keywords(
        tmp_path / "a.fits", ["made today"], DATE="2026-01-01", CAL_VER="recos 1", FILENAME="a.fits"
    )
    b = with_keywords(
        tmp_path / "b.fits", ["made now"], DATE="2026-01-02", CAL_VER="3.6.2", FILENAME="b.fits"
    )
    assert recos.compare(a, b).is_equal
    found = facts_of(a, b, all_keywords=True)
    assert {name for _, _, name in found} == {"DATE", "CAL_VER", "FILENAME", "HISTORY"}
    (file,) = recos.compare(a, b, all_keywords=True, ignore="[!H]*").files
    assert [(f.old, f.new) for f in file.facts] == [("made today", None), (None, "made now")]


def test_what_recos_notes_in_history(tmp_path):
    long = "recos: FLATFILE = " + "x" * 80 + " (y in the raw file)"
    a = with_keywords(tmp_path / "a.fits", ["anything", "recos: correction one", long])
    b = with_keywords(tmp_path / "b.fits", ["recos: correction two", long])
    (file,) = recos.compare(a, b).files
    assert [(f.kind, f.old, f.new) for f in file.facts] == [
        ("made with", "recos: correction one", None), ("made with", None, "recos: correction two"),
    ]  # fmt: skip
    assert file.verdict == "differs: nothing but recos' notes in HISTORY"
    assert recos.compare(a, b, ignore="HISTORY").is_equal


# ---------------------------------------------------------------------------------------------- folders


@pytest.fixture
def folders(tmp_path):
    """OLD and NEW with an x1d that differs, a corrtag that is equal, and files on one side only."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        write_events(folder / "x_corrtag_a.fits")
    write_x1d(old / "x_x1d.fits")
    write_x1d(new / "x_x1d.fits", lambda c: c["FLUX"].__imul__(np.float32(2)))
    write_images(old / "x_flt_a.fits")
    write_x1d(new / "p_x1dsum3.fits")
    write_events(old / "x_rawtag_a.fits")  # an input, not a product
    (new / "x.tra").write_text("messages")
    return old, new


def test_products_of_folders_are_paired_by_name(folders):
    found = recos.compare(*folders)
    assert [(f.name, f.is_equal) for f in found.files] == [("x_corrtag_a.fits", True), ("x_x1d.fits", False)]
    assert (found.only_old, found.only_new) == (["x_flt_a.fits"], ["p_x1dsum3.fits"])
    assert not found.is_equal
    assert recos.compare(folders[0], folders[0]).is_equal
    table = found.table()
    assert table["FILE"].tolist().count("x_x1d.fits") == 2
    assert table[table["KIND"] == "structure"]["FILE"].tolist() == ["x_flt_a.fits", "p_x1dsum3.fits"]


def test_one_file_too_many_is_a_difference(folders):
    old, new = folders
    shutil.copy(old / "x_x1d.fits", new)
    found = recos.compare(old, new, products="x1d,x1dsum")
    assert [f.is_equal for f in found.files] == [True]
    assert (found.only_new, found.is_equal) == (["p_x1dsum3.fits"], False)
    assert recos.compare(old, new, products=["x1d", "corrtag"]).is_equal


def test_compressed_and_other_files_are_the_same_product(folders):
    old, new = folders
    text = (old / "x_x1d.fits").read_bytes()
    (old / "x_x1d.fits").unlink()
    (old / "x_x1d.fits.gz").write_bytes(gzip.compress(text))
    assert [f.name for f in recos.compare(old, new, products="x1d").files] == ["x_x1d.fits"]
    (new / "x_x1d.fits.gz").write_bytes(gzip.compress(text))  # beside an uncompressed one, which is taken
    assert not recos.compare(old, new, products="x1d").is_equal


def test_a_file_is_compared_with_its_counterpart_in_a_folder(folders):
    old, new = folders
    (file,) = recos.compare(old / "x_x1d.fits", new).files
    assert (file.name, file.new) == ("x_x1d.fits", new / "x_x1d.fits")
    assert recos.compare(old, new / "x_corrtag_a.fits").is_equal
    (file,) = recos.compare(old / "x_x1d.fits", new / "p_x1dsum3.fits").files
    assert file.name == "x_x1d.fits → p_x1dsum3.fits"


def test_table_of_differences(folders):
    table = recos.compare(*folders, products="x1d").table()
    assert table["NAME", "ROW", "UNIT"].as_array().tolist() == [
        ("FLUX", r, "sigma") for r in ("FUVA", "FUVB")
    ]
    flux = fits.getdata(folders[0] / "x_x1d.fits")
    pulls = (flux["FLUX"][0] / flux["ERROR"][0])[flux["DQ_WGT"][0] > 0]
    assert table["MEAN_IN_UNITS"][0] == pytest.approx(pulls.mean(), rel=1e-6)
    assert table["RMS_IN_UNITS"][0] == pytest.approx(np.sqrt((pulls**2).mean()), rel=1e-6)
    empty = recos.compare(folders[0], folders[0]).table()
    assert (len(empty), empty.colnames) == (0, table.colnames)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"products": "x2d"}, "x2d"),
        ({"products": ""}, "none"),
        ({"rtol": -1.0}, "rtol"),
        ({"rtol": float("nan")}, "rtol"),
    ],
)
def test_impossible_options(folders, options, message):
    with pytest.raises(UsageError, match=message):
        recos.compare(*folders, **options)


def test_what_cannot_be_compared(folders, tmp_path):
    old, new = folders
    for first, second, message in (
        (old, tmp_path / "none", "none: no such file or folder"),
        (old, old / "x_rawtag_a.fits", "no product in common"),
        (old / "x_flt_a.fits", new, "no product in common"),
        (old, tmp_path, r"no product in common \(x_corrtag_a.fits, x_flt_a.fits, x_x1d.fits; none\)"),
        (old / "x_x1d.fits", "/dev/null", "neither a file nor a folder"),
        (old / "x_x1d.fits", new / "x.tra", r"x\.tra: cannot be read as FITS"),
    ):
        for pair in ((first, second), (second, first)):
            with pytest.raises(ComparisonError):
                recos.compare(*pair)
        with pytest.raises(ComparisonError, match=message):
            recos.compare(first, second)
    assert issubclass(ComparisonError, RecosError)


@pytest.mark.parametrize("name", ["x_x1d.fits", "x_corrtag_a.fits", "x_flt_a.fits"])
@pytest.mark.parametrize("keep", [0.0, 0.02, 0.5, 0.7])
@pytest.mark.filterwarnings("ignore:.*truncated")
def test_truncated_files(folders, name, keep):
    old, new = folders
    shutil.copy(old / name, new)
    text = (old / name).read_bytes()
    (old / name).write_bytes(text[: int(keep * len(text))])
    with pytest.raises(ComparisonError, match=name):
        recos.compare(old / name, new / name)
    with pytest.raises(ComparisonError, match=name):
        recos.compare(new / name, old / name)


@settings(max_examples=40)
@given(
    st.sampled_from([write_x1d, write_images, write_events]),
    st.lists(st.tuples(st.integers(0, 5 * 2880), st.sampled_from(b"\0 A09\xff'=")), min_size=1, max_size=8),
)
@pytest.mark.filterwarnings("ignore")
def test_a_garbled_file_differs_or_is_told(tmp_path_factory, write, bytes_):
    folder = tmp_path_factory.mktemp("garbled")
    old, new = write(folder / "a.fits"), folder / "b.fits"
    text = bytearray(old.read_bytes())
    for place, value in bytes_:
        text[place] = value
    new.write_bytes(text)
    messages = []
    for pair in ((old, new), (new, old)):
        try:
            assert recos.compare(*pair).is_equal is (recos.compare(*pair[::-1]).table()["FILE"].size == 0)
        except ComparisonError as error:
            messages.append(str(error))
    assert all("b.fits" in message for message in messages)
