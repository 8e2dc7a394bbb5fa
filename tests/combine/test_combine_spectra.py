from __future__ import annotations

import logging

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from helpers.spectra import make_spectrum
from recos.combine import combine_spectra, mark_as_product
from recos.combine.flat_weight import flat_weight
from recos.combine.inputs import InputSpectrum
from recos.combine.spectra import SINGLE_COLUMNS, SUM_COLUMNS, Grid, pixel_coordinates
from recos.errors import InputError
from recos.extract import Spectrum
from recos.kernels.poisson import poisson_errors

NAME = "lxyz01010_x1dsum.fits"
NO_REFS = builders.make_refs({})


def combine(*spectra, name=NAME):
    return combine_spectra(spectra, [NO_REFS] * len(spectra), name)


def plain_sum(spectra, wavelength):
    """The sum pixel by pixel, straight from the specification."""
    n_out = len(wavelength)
    names = (
        "FLUX",
        "GROSS",
        "NET",
        "BACKGROUND",
        "GCOUNTS",
        "VARIANCE_FLAT",
        "VARIANCE_COUNTS",
        "VARIANCE_BKG",
    )
    out = {name: np.zeros(n_out, np.float32) for name in (*names, "DQ_WGT")}
    sumw, dq = np.zeros(n_out), np.full(n_out, 128)
    for number, s in enumerate(spectra):
        lam, t, n = s["WAVELENGTH"][0], s["EXPTIME"][0], len(s["NET"][0])
        pixel = np.interp(wavelength, lam, np.arange(n), left=-1, right=n)
        inside = [k for k in range(n_out) if 0 <= pixel[k] <= n - 1][:-1]
        for k in inside:
            m = int(np.floor(pixel[k]))
            q = pixel[k] - m
            weights = [(1 - q) * s["DQ_WGT"][0, m], q * s["DQ_WGT"][0, m + 1]]
            sumw[k] += sum(weights) * t
            for name in names:
                factor = t if name in names[:4] else 1.0
                y = s[name][0].astype(float)
                out[name][k] += (y[m] * weights[0] + y[m + 1] * weights[1]) * factor
            out["DQ_WGT"][k] += sum(weights)
            flags = s["DQ"][0, m] | s["DQ"][0, m + 1]
            dq[k] = flags if number == 0 else dq[k] & flags
    return out, sumw, dq


def test_against_plain_loops():
    spectra = [
        make_spectrum(n=120, seed=1, start=1400.003, exptime=300.0),
        make_spectrum(n=120, seed=2, start=1400.2517, exptime=500.0),
        make_spectrum(n=120, seed=3, start=1399.7111, exptime=700.0),
    ]
    total = combine(*spectra)
    assert [c.name for c in total.layout] == [c.name for c in SUM_COLUMNS]
    wavelength = total["WAVELENGTH"][0]
    assert wavelength[0] == 1399.7111
    np.testing.assert_allclose(np.diff(wavelength), 0.01, rtol=1e-9)
    sums, weight, dq = plain_sum(spectra, wavelength)
    low = sums["DQ_WGT"] < 0.1
    divisor = np.where(weight == 0, 1, weight)
    variance = sums["VARIANCE_FLAT"] + sums["VARIANCE_COUNTS"] + sums["VARIANCE_BKG"]
    _, upper = poisson_errors(np.maximum(variance, np.float32(0.5)))
    flux = sums["FLUX"] / divisor
    expected = {
        name: sums[name] / (divisor if name in ("GROSS", "NET", "BACKGROUND") else 1.0) for name in sums
    }
    expected |= {"FLUX": flux, "ERROR": upper * flux / np.where(sums["NET"] == 0, 1, sums["NET"])}
    for name, values in expected.items():
        np.testing.assert_allclose(
            total[name][0], np.where(low, 0, values), rtol=2e-5, atol=1e-20, err_msg=name
        )
    np.testing.assert_array_equal(total["DQ"][0], dq)
    assert total["EXPTIME"][0] == 1500.0
    assert total["NELEM"][0] == len(wavelength)


def test_twice_the_same_is_the_same_with_smaller_errors():
    spectrum = make_spectrum(("FUVA", "FUVB"))
    total = combine(spectrum, spectrum)
    inside = slice(1, -1)
    good = (spectrum["DQ_WGT"] > 0)[:, inside]
    np.testing.assert_allclose(total["FLUX"][:, inside][good], spectrum["FLUX"][:, inside][good], rtol=1e-5)
    np.testing.assert_allclose(
        total["GCOUNTS"][:, inside][good], 2 * spectrum["GCOUNTS"][:, inside][good], rtol=1e-5
    )
    np.testing.assert_allclose(total["DQ_WGT"][:, inside][good], 2.0, rtol=1e-5)
    assert list(total["SEGMENT"]) == ["FUVA", "FUVB"]


def test_bad_pixels_are_filled_by_the_other_exposure():
    a, b = make_spectrum(seed=1), make_spectrum(seed=1)
    a["DQ_WGT"][:], b["DQ_WGT"][:] = 1.0, 1.0
    a["DQ_WGT"][0, 50:60], a["FLUX"][0, 50:60] = 0.0, 1e6
    total = combine(a, b)
    np.testing.assert_allclose(total["FLUX"][0, 51:59], b["FLUX"][0, 51:59], rtol=1e-4)


def test_no_counts_at_all():
    spectrum = make_spectrum()
    for name in ("NET", "FLUX", "GROSS", "GCOUNTS"):
        spectrum[name][:] = 0.0
    total = combine(spectrum, spectrum)
    assert not total["ERROR"].any()


def test_headers():
    a = make_spectrum(("FUVA", "FUVB"), fppos=3, globrt_a=100.0)
    b = make_spectrum(("FUVA", "FUVB"), fppos=4, fpoffset=1, exptime=250.0, expstart=57999.0, globrt_a=130.0)
    total = combine(a, b)
    primary, header = total.primary, total.header
    assert (primary["MFPPOS"], primary["MFPOFSET"], primary["MCENWAVE"]) == ("3, 4", "0, 1", "1291")
    assert primary["CENWAVE"] == 1291
    for keyword in ("SEGMENT", "WAVECALS", "FPPOS", "FPOFFSET"):
        assert keyword not in primary
    assert not [k for k in header if k.startswith(("SHIFT", "DPIXEL"))]
    assert header["ASN_MTYP"] == "PROD-FP"
    assert (header["EXPTIME"], header["EXPTIMEA"], header["PLANTIME"]) == (750.0, 750.0, 750.0)
    assert (header["EXPSTART"], header["EXPSTRTJ"]) == (57999.0, 2457999.5)
    assert header["EXPEND"] == a.header["EXPEND"]
    assert header["GLOBRT_A"] == 110.0
    assert primary["MAXWAVE"] > primary["MINWAVE"] > 0.0
    assert header["NGOODPIX"] > 0
    assert "MFPPOS" not in a.primary


def test_several_central_wavelengths():
    total = combine(make_spectrum(), make_spectrum(cenwave=1309))
    assert total.primary["MCENWAVE"] == "1291, 1309"
    assert "CENWAVE" not in total.primary


def test_single():
    spectrum = make_spectrum()
    total = combine(spectrum)
    assert total.layout == SINGLE_COLUMNS
    bad = spectrum["DQ_WGT"] == 0
    assert not total["FLUX"][bad].any()
    np.testing.assert_array_equal(total["FLUX"][~bad], spectrum["FLUX"][~bad])
    np.testing.assert_array_equal(total["DQ"], spectrum["DQ"])
    assert "SHIFT1A" not in total.header
    assert total.header["ASN_MTYP"] == "PROD-FP"
    assert "DQ_OUTER" not in total


def test_without_rows():
    full = make_spectrum()
    empty = Spectrum.from_rows(full.primary, full.header, [], 16384)
    single = combine(empty)
    assert (single.n_rows, len(single.layout)) == (0, 24)
    both = combine(empty, empty)
    assert (both.n_rows, both.n_pixels) == (0, 16384)


def test_segments_of_different_exposures():
    total = combine(make_spectrum(("FUVB",)), make_spectrum(("FUVA", "FUVB")))
    assert list(total["SEGMENT"]) == ["FUVB", "FUVA"]
    assert list(total["EXPTIME"]) == [1000.0, 500.0]


def test_different_sizes():
    with pytest.raises(InputError, match=r"\[300, 400\]"):
        combine(make_spectrum(), make_spectrum(n=300))


def test_missing_keyword():
    spectrum = make_spectrum()
    del spectrum.header["PLANTIME"]
    with pytest.raises(InputError, match="PLANTIME"):
        combine(make_spectrum(), spectrum)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("lxyz01010_x1dsum.fits", "EXP-FP", "PROD-FP"),
        ("lxyz01010_x1d_a.fits", "EXP_FP", "PROD_FP"),
        ("lxyz01a1q_x1d.fits", "EXP-FP", "EXP-FP"),
        ("lxyz01010_x1dsum3.fits", "EXPO", "EXPO"),
    ],
)
def test_product_name(name, before, after):
    header = fits.Header({"ASN_MTYP": before})
    mark_as_product(header, name)
    assert header["ASN_MTYP"] == after


def test_grid_covers_all_inputs():
    spectra = [InputSpectrum(make_spectrum(start=s, step=d), 0) for s, d in ((1400.0, 0.01), (1399.0, 0.012))]
    grid = Grid.for_inputs(spectra)
    assert (grid.start, grid.step) == (1399.0, pytest.approx(0.01))
    assert grid.n == 499


def test_pixel_coordinates():
    wavelength = 1400.0 + 0.01 * np.arange(300) + 1e-7 * np.arange(300) ** 2
    at = np.interp(np.array([0.0, 10.25, 150.5, 299.0]), np.arange(300), wavelength)
    np.testing.assert_allclose(pixel_coordinates(wavelength, at), [0.0, 10.25, 150.5, 299.0], atol=1e-3)
    assert pixel_coordinates(wavelength, np.array([1399.9]))[0] < 0.0
    assert pixel_coordinates(wavelength, np.array([1500.0]))[0] > 299.0


# ------------------------------------------------------------------------------------------ flat field


def flatfile(directory, image, **keywords):
    path = directory / "flat.fits"
    hdu = fits.ImageHDU(image.astype(np.float32), name="FUVA")
    hdu.header.update(keywords)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path, overwrite=True)
    return builders.make_refs({"FLATFILE": str(path)})


def weigh(refs, **keywords):
    keywords = {"flatcorr": "COMPLETE", "sp_loc_a": 30.0} | keywords
    return flat_weight(InputSpectrum(make_spectrum(**keywords), 0), refs)


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(1.0, 0.1, (60, 400)).astype(np.float32)


def test_flat_at_its_place(tmp_path, image, caplog):
    caplog.set_level("DEBUG", logger="recos")
    refs = flatfile(tmp_path, image)
    np.testing.assert_allclose(weigh(refs), image[23:38].mean(axis=0, dtype=float), rtol=1e-14)
    assert "cut at the edge" not in caplog.text
    shifted = weigh(refs, shift1a=7.2, shift2a=3.0)
    expected = np.ones(400)
    expected[:-7] = image[26:41].mean(axis=0, dtype=float)[7:]
    np.testing.assert_allclose(shifted, expected, rtol=1e-14)
    assert "cut at the edge" in caplog.text


def test_flat_with_origin(tmp_path, image):
    refs = flatfile(tmp_path, image[:, :300], ORIGIN_X=40, ORIGIN_Y=5)
    weight = weigh(refs)
    assert (weight[:40] == 1.0).all()
    np.testing.assert_allclose(weight[40:340], image[18:33, :300].mean(axis=0, dtype=float), rtol=1e-14)


def test_no_flat(tmp_path, image, caplog):
    refs = flatfile(tmp_path, image)
    assert weigh(refs, flatcorr="OMIT") is None
    assert weigh(flatfile(tmp_path, np.ones((60, 500)))) is None
    assert "Flat field is wider" in caplog.text


def test_target_outside_the_flat(tmp_path, image, caplog):
    weight = weigh(flatfile(tmp_path, image), sp_loc_a=500.0)
    assert "outside range of flat field" in caplog.text
    np.testing.assert_allclose(weight, image.mean(axis=0, dtype=float), rtol=1e-14)
    edge = weigh(flatfile(tmp_path, image), sp_loc_a=-8.0)
    assert "Height of flat field slice is 0" in caplog.text
    np.testing.assert_allclose(edge, weight, rtol=1e-14)


def test_doppler_smearing(tmp_path, image):
    refs = flatfile(tmp_path, image)
    still = weigh(refs)
    moving = {"dopp": 0, "doppcorr": "COMPLETE", "doppmagv": 7.0, "doppzero": 57999.98, "orbitper": 5000.0}
    del moving["dopp"]
    smeared = weigh(refs, exptime=3000.0, **moving)
    magnitude = 7.0 / 299792.458 * 1402.0 / 0.01
    kernel = dict.fromkeys(range(-10, 11), 0.0)
    for second in range(3000):
        tau = second + 0.02 * 86400.0
        kernel[round(-magnitude * np.sin(2 * np.pi * tau / 5000.0))] += 1 / 3000
    reach = int(np.ceil(magnitude + 1))
    expected = np.ones(400)
    for i in range(reach, 400 - reach):
        expected[i] = sum(kernel[s] * still[i - s] for s in range(-reach, reach + 1))
    np.testing.assert_allclose(smeared, expected, rtol=1e-9)


def test_doppler_of_a_short_spectrum(tmp_path):
    refs = flatfile(tmp_path, np.ones((60, 80)))
    with pytest.raises(InputError, match="too short"):
        weigh(refs, n=80, doppcorr="COMPLETE", doppmagv=7.0, doppzero=58000.0, orbitper=5000.0)


def test_flat_needs_its_keywords(tmp_path, image):
    spectrum = make_spectrum(flatcorr="COMPLETE")
    del spectrum.header["SHIFT1A"]
    with pytest.raises(InputError, match="SHIFT1A"):
        flat_weight(InputSpectrum(spectrum, 0), flatfile(tmp_path, image))


def test_weight_of_the_flat(tmp_path, image, caplog):
    caplog.set_level(logging.ERROR)
    refs = flatfile(tmp_path, np.where(np.arange(400) < 200, 0.5, 2.0) * np.ones((60, 1)))
    a = make_spectrum(flatcorr="COMPLETE", sp_loc_a=30.0)
    b = make_spectrum(seed=5)
    a["DQ_WGT"][:], b["DQ_WGT"][:] = 1.0, 1.0
    total = combine_spectra([a, b], [refs, refs], NAME)
    for pixel, weight in ((100, 0.5), (300, 2.0)):
        expected = (weight * a["NET"][0, pixel] + b["NET"][0, pixel]) / (weight + 1.0)
        assert total["NET"][0, pixel] == pytest.approx(expected, rel=1e-4)
