"""Comparison of two files: tables, images, lists."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

import recos
from helpers.compared_files import N, facts_of, only_change, write_events, write_images, write_x1d
from recos.comparison import hdus, verdict
from recos.errors import ComparisonError

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
    assert verdict(file) == "differs: FLUX up to 0.5 sigma, rms 0.5 sigma; 1 other column"


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
    assert "FLUX in 2 of 60 values, none of them good and with an error" in verdict(file)


def test_wavelengths_in_pixels(tmp_path):
    def change(columns):
        columns["WAVELENGTH"][0] += 0.025

    old, new = write_x1d(tmp_path / "a.fits"), write_x1d(tmp_path / "b.fits", change)
    found = only_change(old, new)
    assert (found.units.unit, found.units.n) == ("pixel", N)
    assert [found.units.largest, found.units.mean] == pytest.approx([2.5, 2.5])
    assert verdict(recos.compare(old, new).files[0]) == (
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
    assert verdict(file) == "differs: SCI in 2 of 320 pixels, up to 4 sigma; 1 other image"


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
