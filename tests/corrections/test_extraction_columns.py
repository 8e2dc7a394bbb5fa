"""Corrections of the extraction in small images of known light."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from helpers import extraction_data as tests_data
from helpers.flux_tables import fluxtab, tdstab
from helpers.spectra import make_spectrum
from recos.data.images import Images
from recos.extract import update_wavecal_wavelengths
from recos.extract.boxcar import extract_boxcar
from recos.extract.flux import apply_sensitivity, apply_time_dependence
from recos.extract.inputs import ExtractionInput
from recos.extract.keywords import write_location
from recos.extract.target_search import peak
from recos.extract.twozone import extract_twozone

ROWS, COLUMNS, EXPTIME = 160, 4000, 800.0
ROW_0, CENTRE = 30, 80.4
HEADER = fits.Header({"SP_LOC_A": CENTRE, "SP_ERR_A": 0.02, "SP_OFF_A": 1.1})
ZONES = tests_data.ZONES | {"HEIGHT": np.int16(41), "BHEIGHT": np.int16(13)}
BOX = tests_data.BOX | {"SLOPE": 0.0, "B_SPEC": 80.0, "HEIGHT": np.int16(35)}


def gaussian(row, n_rows=ROWS, first=0):
    """Light of a spectrum in each row."""
    y = np.arange(n_rows)[:, np.newaxis] + first
    return np.exp(-0.5 * ((y - row) / 4.0) ** 2) / (4.0 * np.sqrt(2.0 * np.pi))


def data_of(row, light, sky, at=CENTRE, corrections=(), flat=1.0, columns=COLUMNS, dq=None, **options):
    """Input of an extraction: `light` counts in each column about row `at`, `sky` counts in each pixel."""
    rng = np.random.default_rng(1)
    mean = np.broadcast_to((light * gaussian(at) + sky) * flat, (ROWS, columns))
    counts = rng.poisson(mean).astype(np.float32)
    dq = np.zeros(counts.shape, np.int16) if dq is None else dq
    images = Images(counts, (counts / flat).astype(np.float32), dq, EXPTIME)
    values = {
        "segment": "FUVA",
        "images": images,
        "row": row,
        "wavelength": 1400.0 + 0.01 * np.arange(columns),
        "exptime": EXPTIME,
        "sdqflags": 2 | 128,
        "sdqouter": 2,
        "corrections": frozenset(corrections),
    }
    return ExtractionInput(**values | options)


def zones_of(data, profile=None):
    """Extracted by TWOZONE, with the true profile."""
    if profile is None:
        profile = np.repeat(gaussian(CENTRE, 100, ROW_0), data.shape[1], axis=1).astype(np.float32)
    return extract_twozone(data, {"PROFILE": profile, "ROW_0": np.int32(ROW_0)}, HEADER)


@pytest.mark.parametrize(("light", "sky"), [(3.0, 1.0), (30.0, 5.0), (300.0, 0.1)])
def test_variances(light, sky):
    """The squared errors of the net counts are as large as their variances."""
    row = ZONES | {"LOWER_OUTER": 0.1, "UPPER_OUTER": 0.9}
    flat = np.linspace(0.7, 1.3, COLUMNS)
    ratio = {}
    for names in (("enclosed-energy",), ("enclosed-energy", "variances")):
        c = zones_of(data_of(row, light, sky, flat=flat, corrections=names)).columns
        true = (c["NET"] * EXPTIME - light).astype(float)
        ratio[names] = np.mean(true**2) / np.mean(c["VARIANCE_COUNTS"] + c["VARIANCE_BKG"])
    default, better = ratio.values()
    error = np.sqrt(2.0 / COLUMNS) + 0.01  # what the smoothed background has in common in BWIDTH columns
    assert abs(better - 1.0) < 3.0 * error
    if sky >= 1.0:
        assert default > 2.0 if light < 10.0 else default > 1.2


@pytest.mark.parametrize("extract", [zones_of, extract_boxcar])
def test_background_beside_gaps(extract):
    """Columns that hold no counts, or far too many, and are flagged."""
    dq = np.zeros((ROWS, COLUMNS), np.int16)
    dq[:, :200] = dq[:, 2000:2020] = 128
    sky = np.full((ROWS, COLUMNS), 2.0)
    sky[:, 2000:2020] = 40.0
    beside = np.r_[200:210, 1990:2000, 2020:2030]
    row = BOX if extract is extract_boxcar else ZONES
    per_pixel = {}
    for names in ((), ("background-gaps",)):
        columns = extract(data_of(row, 0.0, sky, dq=dq, corrections=names)).columns
        per_pixel[names] = columns["BACKGROUND_PER_PIXEL"][beside].mean() * EXPTIME
    default, better = per_pixel.values()
    assert abs(default - 2.0) > 0.4
    assert better == pytest.approx(2.0, abs=3.0 * np.sqrt(2.0 / (27 * 60)))


@pytest.mark.parametrize("how", ["found", "given"])
def test_background_follows_the_spectrum(how):
    """A spectrum that is 35 rows from its place, where the upper background box is."""
    place = {"location": 115.0} if how == "given" else {"find_target": (True, None)}
    flux, at = {}, {}
    for names in ((), ("background-position",)):
        result = extract_boxcar(data_of(BOX, 500.0, 0.2, at=115.0, corrections=names, **place))
        flux[names] = result.columns["NET"].mean() * EXPTIME / 500.0
        at[names] = result.keywords["B_BKG2"] - result.keywords["SP_LOC"]
    default, better = flux.values()
    assert default < 0.5
    assert better == pytest.approx(1.0, abs=0.002)
    assert at["background-position",] == pytest.approx(35.0)
    fixed = data_of(BOX, 500.0, 0.2, corrections=["background-position"], fixed_background=True, **place)
    assert extract_boxcar(fixed).keywords["B_BKG2"] == 115.0


@pytest.mark.parametrize("place", [{"location": 87.15}, {"find_target": (True, 10.0)}])
def test_zones_follow_the_spectrum(place):
    """A spectrum that is a fraction of a row beside the rows of its profile."""
    row, flux = ZONES | {"LOWER_OUTER": 0.1, "UPPER_OUTER": 0.9}, {}
    for names in (("enclosed-energy",), ("enclosed-energy", "twozone-location")):
        result = zones_of(data_of(row, 500.0, 0.2, at=87.15, corrections=names, **place))
        flux[names] = result.columns["NET"].mean() * EXPTIME / 500.0
    default, better = flux.values()
    assert default < 0.7
    assert better == pytest.approx(1.0, abs=0.002)
    assert result.keywords["SP_LOC"] == pytest.approx(87.15, abs=0.02)
    assert (result.keywords["B_BKG1"], result.keywords["B_BKG2"]) == (48.0, 129.0)


def test_columns_without_profile():
    profile = np.repeat(gaussian(CENTRE, 100, ROW_0), COLUMNS, axis=1).astype(np.float32)
    unlit = np.zeros(COLUMNS, bool)
    unlit[1000:1060] = unlit[:50] = True
    profile[:, unlit] = 0.0
    row = ZONES | {"BWIDTH": np.int16(100)}
    default, better = (
        zones_of(data_of(row, 500.0, 0.2, corrections=names), profile).columns
        for names in ((), ("unlit-columns",))
    )
    assert (default["DQ_WGT"] == 1.0).all()
    assert (default["ACTUAL_EE"][1000:1060] > 0.9).all()
    np.testing.assert_array_equal(better["DQ_WGT"] == 0.0, unlit)
    np.testing.assert_array_equal(better["DQ"] & 128 != 0, unlit)
    assert not better["NET"][unlit].any()


def test_rows_reported():
    """Counts of the rows that the table names are the gross counts."""
    row = tests_data.BOX | {"SLOPE": 0.02, "B_SPEC": 70.0}
    options = {"segment": "NUVA", "x_offset": 100}
    for names in ((), ("rows-reported",)):
        data = data_of(row, 0.0, 2.0, corrections=names, columns=1274, **options)
        result = extract_boxcar(data)
        c, k = result.columns, result.keywords
        lower, upper = c["Y_LOWER_OUTER"].astype(int), c["Y_UPPER_OUTER"].astype(int)
        y = np.arange(ROWS)[:, np.newaxis]
        sums = np.where((y >= lower) & (y <= upper), data.images.counts, 0.0).sum(axis=0)
        same = np.isclose(sums, c["GCOUNTS"], rtol=1e-5).mean()
        assert same == 1.0 if names else same < 0.5
        # spectrum and background boxes are parallel
        distance = k["SP_LOC"] - k["B_BKG1"]
        assert (distance == pytest.approx(row["B_SPEC"] - row["B_BKG1"])) is bool(names)


@pytest.mark.parametrize("light", [3e2, 3e3, 3e5])
def test_error_of_the_position(light):
    """Positions scatter as their errors say."""
    rng = np.random.default_rng(2)
    mean = light * gaussian(44.3, 91)[:, 0] + 0.01 * light
    profiles = rng.poisson(mean, (300, 91)).astype(np.float32)
    found = [(peak(p / np.float32(EXPTIME)), peak(p, p)) for p in profiles]
    default, better = np.array(found).transpose(1, 0, 2)
    scatter = better[:, 0].std()
    assert np.median(default[:, 1]) > 5.0 * scatter
    assert np.median(better[:, 1]) == pytest.approx(scatter, rel=0.35 if light < 1e4 else 0.1)
    np.testing.assert_allclose(default[:, 0], better[:, 0], rtol=1e-6)


def test_nothing_is_found():
    """Light that falls towards the middle is no spectrum."""
    profile = (np.abs(np.arange(91) - 45.0) + 1.0).astype(np.float32)
    assert peak(profile)[1] != 999.0
    assert peak(profile, profile)[1] == 999.0
    data = data_of(BOX, 0.0, 0.0, find_target=(True, None), corrections=["search-error"])
    assert extract_boxcar(data).keywords["SP_LOC"] == BOX["B_SPEC"]


def test_errors_of_all_stripes_are_kept():
    for names, kept in (((), False), (("search-error",), True)):
        header = fits.Header()
        for letter in "ABC":
            write_location(header, letter, {"SP_ERR": 0.5}, frozenset(names))
        assert (header["SP_ERR_A"] == 0.5) is kept


def test_unknown_sensitivity(tmp_path):
    """A sensitivity that ends in the middle of the spectrum, and is zero over some of it."""
    mode = builders.make_exposure(2).mode
    table = fluxtab(tmp_path, [1401.0, 1402.0, 1403.0], [0.0, 1e12, 1e12])
    default, better = make_spectrum(), make_spectrum()
    for spectrum, names in ((default, ()), (better, ("unknown-sensitivity",))):
        spectrum["DQ_OUTER"][:] = 0
        apply_sensitivity(spectrum, table, mode, "x", frozenset(names))
    wavelength = better["WAVELENGTH"][0]
    unknown = (wavelength <= 1401.0) | (wavelength > 1403.0)
    assert default["FLUX"][0, wavelength <= 1401.0].max() > 1e-3
    for column in ("FLUX", "ERROR", "ERROR_LOWER"):
        np.testing.assert_array_equal(np.isnan(better[column][0]), unknown)
        np.testing.assert_array_equal(better[column][0, ~unknown], default[column][0, ~unknown])
    assert (better["DQ"][0, unknown] & 8 == 8).all()
    assert not better["DQ_WGT"][0, unknown].any()
    np.testing.assert_array_equal(better["DQ_WGT"][0, ~unknown], default["DQ_WGT"][0, ~unknown])


def test_sensitivity_that_would_be_negative(tmp_path):
    """Extrapolated into the far future."""
    mode = builders.make_exposure(2, EXPSTART=90000.0, EXPEND=90000.1).mode
    table = tdstab(tmp_path)
    default, better = make_spectrum(start=1000.0, step=2.0), make_spectrum(start=1000.0, step=2.0)
    apply_time_dependence(default, table, mode, "x")
    apply_time_dependence(better, table, mode, "x", frozenset({"unknown-sensitivity"}))
    assert (default["FLUX"] <= 0.0).any()
    assert np.isnan(better["FLUX"]).any()
    assert not (better["FLUX"] < 0.0).any()
    assert not better["DQ_WGT"][np.isnan(better["FLUX"])].any()


def test_range_of_wavecals(reference_files):
    refs = builders.make_refs(reference_files)
    for names in (frozenset(), frozenset({"wavecal-range"})):
        spectrum = make_spectrum(shift1a=250.0, exptype="WAVECAL", minwave=1.0)
        update_wavecal_wavelengths(spectrum, refs, names)
        good = spectrum["DQ_WGT"][0] > 0.0
        shortest = float(spectrum["WAVELENGTH"][0, good].min())
        assert (spectrum.primary["MINWAVE"] == shortest) is bool(names)
