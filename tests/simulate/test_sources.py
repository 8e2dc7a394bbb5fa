"""Sources: built in, from arrays, files and synphot; bad input is told apart and explained; airglow."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from recos.errors import InputError, UsageError
from recos.simulate.airglow import AIRGLOW
from recos.simulate.sources import Source
from recos.simulate.spectrum_units import parse_unit
from recos.steps.airglow import MULTIPLETS

WAVE = np.linspace(1150.0, 1450.0, 301)
FLUX = 1e-14 * (1.0 + 0.2 * np.sin(WAVE / 7.0))
FLAM = "erg/s/cm2/Angstrom"


# ---------------------------------------------------------------------------------------------- built in


@pytest.mark.parametrize("name", Source.names())
def test_builtin_sources_are_fine_and_always_the_same(name):
    source = Source.builtin(name)
    assert source.name == name
    assert source.wavelength[0] <= 800.0
    assert source.wavelength[-1] >= 3500.0
    assert np.diff(source.wavelength).max() <= 0.02
    np.testing.assert_array_equal(source.flux_density, Source.builtin(name).flux_density)
    source.check_covers(1130.0, 1430.0, "G130M")


@pytest.mark.parametrize("name", Source.names())
def test_flux_of_a_builtin_source_is_that_of_its_continuum(name):
    source = Source.builtin(name, 3e-13)
    around = source.flux(np.arange(1296.0, 1304.0, 0.01))
    assert 0.9 < np.percentile(around, 80) / 3e-13 < 1.2


def test_builtin_sources_differ_in_what_they_exercise():
    flat, b_star, t_tauri = (Source.builtin(n, 1.0) for n in ("flat", "b-star", "t-tauri"))
    w = np.arange(1230.0, 1400.0, 0.01)
    assert np.ptp(flat.flux(w)) == 0.0
    assert (np.diff(np.sign(np.diff(b_star.flux(w)))) > 0).sum() > 100  # minima
    assert b_star.flux(np.array([1334.532]))[0] < 1e-6
    assert t_tauri.flux(w).max() > 15.0
    redshifted = Source.builtin("agn", 1.0).flux(np.array([1549.05 * 1.31, 1480.0 * 1.31]))
    assert redshifted[0] > 2.0 * redshifted[1]


def test_unknown_builtin_source():
    with pytest.raises(UsageError, match=r"nova: no built-in source. There are hot-star, b-star, agn.* file"):
        Source.builtin("nova")


@given(st.floats(1e-6, 1e6), st.floats(1000.0, 2000.0))
def test_scaling_is_linear(factor, wavelength):
    source = Source.from_array(WAVE, FLUX)
    at = np.array([wavelength])
    np.testing.assert_allclose(source.scaled(factor).flux(at), factor * source.flux(at), rtol=1e-12)


@pytest.mark.parametrize("factor", [-1.0, np.nan, np.inf])
def test_impossible_factors(factor):
    with pytest.raises(UsageError, match="cannot be scaled"):
        Source.builtin("flat").scaled(factor)
    with pytest.raises(UsageError):
        Source.builtin("flat", factor)


# ------------------------------------------------------------------------------------------------ arrays


@given(st.lists(st.floats(900.0, 3000.0), min_size=2, max_size=30, unique=True), st.floats(500.0, 4000.0))
def test_flux_is_linear_between_points_and_zero_outside(points, wavelength):
    x = np.sort(points)
    source = Source.from_array(x, 2.0 * x)
    inside = x[0] <= wavelength <= x[-1]
    np.testing.assert_allclose(
        source.flux(np.array([wavelength])), [2.0 * wavelength if inside else 0.0], rtol=1e-9
    )


@given(st.lists(st.floats(1e-3, 1e3), min_size=301, max_size=301))
def test_units_do_not_matter(values):
    flux = np.array(values) * 1e-15 * u.Unit(FLAM)
    wave = WAVE * u.AA
    expected = Source.from_array(WAVE, flux.value)
    density = u.spectral_density(wave)
    for x, y in (
        (wave.to(u.nm), flux),
        (wave, flux.to(u.Jy, density)),
        (wave, flux.to(u.photon / u.s / u.cm**2 / u.AA, density)),
        (
            wave[::-1].to(u.Hz, u.spectral()),
            flux[::-1].to(u.W / u.m**2 / u.Hz, u.spectral_density(wave[::-1])),
        ),
    ):
        found = Source.from_array(x, y)
        np.testing.assert_allclose(found.wavelength, expected.wavelength, rtol=1e-12)
        np.testing.assert_allclose(found.flux_density, expected.flux_density, rtol=1e-9)


def test_arrays_are_copied_and_cannot_be_changed():
    flux = FLUX.copy()
    source = Source.from_array(WAVE, flux)
    flux[:] = 0.0
    assert source.flux_density[0] > 0.0
    with pytest.raises(ValueError, match="read-only"):
        source.flux_density[0] = 1.0


def changed(values, index, value):
    values = values.copy()
    values[index] = value
    return values


@pytest.mark.parametrize(
    ("wave", "flux", "message"),
    [
        (WAVE, changed(FLUX, 5, np.nan), r"row 6: the flux at 1155 Angstrom is nan. Remove"),
        (WAVE, changed(FLUX, 0, np.inf), r"row 1: the flux at 1150 Angstrom is inf"),
        (
            WAVE,
            changed(FLUX, slice(3, 5), -1e-16),
            r"row 4: .* -1e-16, which is negative \(2 such rows\). Set",
        ),
        (changed(WAVE, 7, np.nan), FLUX, r"row 8: the wavelength is nan"),
        (changed(WAVE, 0, -1.0), FLUX, r"row 1: the wavelength is -1"),
        (changed(WAVE, 7, 1156.0), FLUX, r"row 8: the wavelength 1156 is that of the row before"),
        (changed(WAVE, 7, 1155.0), FLUX, r"row 8: the wavelength 1155 comes after 1156. Sort"),
        (WAVE[::-1], FLUX, r"row 2: .* Sort the rows"),
        (WAVE[:1], FLUX[:1], "1 point"),
        (WAVE[:0], FLUX[:0], "0 point"),
        (WAVE, FLUX[:-1], r"shape \(301,\), fluxes \(300,\)"),
        (WAVE.reshape(7, 43), FLUX.reshape(7, 43), "one dimension"),
        (WAVE, ["x"] * 301, "holds something that is no number"),
        (WAVE * u.s, FLUX, "unit 's', which is no unit of wavelength. Possible"),
        (WAVE, FLUX * u.K, "unit 'K', which is no unit of flux"),
    ],
)
def test_bad_arrays(wave, flux, message):
    with pytest.raises(InputError, match=message):
        Source.from_array(wave, flux, name="mine")


def test_bad_rows_of_frequencies_are_counted_as_they_are():
    frequency = (WAVE * u.AA).to(u.Hz, u.spectral())[::-1]
    with pytest.raises(InputError, match="row 2: the flux at 1449"):
        Source.from_array(frequency, changed(FLUX, 1, -1.0), flux_unit="Jy")


def test_unknown_units():
    with pytest.raises(UsageError, match="'parrot' is no unit"):
        Source.from_array(WAVE, FLUX, wavelength_unit="parrot")


# ------------------------------------------------------------------------------------------------- ranges


def test_what_covers_a_range():
    source = Source.from_array(WAVE, FLUX)
    source.check_covers(1160.0, 1440.0, "it")
    source.check_covers(1145.0, 1455.0, "it")  # less than 5 % is missing at either end
    with pytest.raises(
        InputError, match=r"no flux at 1450.00 to 1500.00 Angstrom, and FUVA needs 1300.00 to"
    ):
        source.check_covers(1300.0, 1500.0, "FUVA")
    with pytest.raises(InputError, match=r"no flux at 1600.00 to 1700.00 Angstrom"):
        source.check_covers(1600.0, 1700.0, "it")


def test_gaps_are_found_where_they_matter():
    wave = np.concatenate([np.arange(1150.0, 1250.0, 0.05), np.arange(1260.0, 1400.0, 0.05)])
    source = Source.from_array(wave, np.ones_like(wave))
    source.check_covers(1265.0, 1395.0, "it")
    with pytest.raises(InputError, match=r"no flux at 1249.95 to 1260.00 Angstrom"):
        source.check_covers(1200.0, 1390.0, "it")
    coarse = Source.from_array([1000.0, 2000.0], [1.0, 1.0])
    coarse.check_covers(1100.0, 1200.0, "it")  # a straight line, not a gap


# -------------------------------------------------------------------------------------------------- files


def table(wave_name="wavelength", flux_name="flux"):
    return Table({wave_name: WAVE * u.AA, flux_name: FLUX * u.Unit(FLAM)})


@pytest.mark.parametrize("name", ["a.ecsv", "a.fits", "a.fits.gz", "a.vot"])
@pytest.mark.parametrize(
    "columns", [("wavelength", "flux"), ("WAVE", "FLAM"), ("lambda", "Flux"), ("x", "y")]
)
def test_tables_with_units(tmp_path, name, columns):
    table(*columns).write(tmp_path / name, **({"format": "votable"} if name.endswith("vot") else {}))
    source = Source.read(tmp_path / name)
    assert source.name == name
    np.testing.assert_allclose(source.wavelength, WAVE)
    np.testing.assert_allclose(source.flux_density, FLUX, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "heading", "separator"),
    [
        ("a.csv", "wavelength [Angstrom],flux [erg/s/cm2/Angstrom]", ","),
        ("a.csv", "Wave (nm),Flux (FLAM)", ","),
        ("a.txt", "wave[nm] flux[erg/s/cm2/Angstrom]", " "),
        ("a.dat", "# wave[ANGSTROMS] flam[flam]", " "),
        ("a", "lambda[um]\tFLUX[photlam]", "\t"),
        ("a.csv", "Wavelength (nm),Flux (erg/(s cm2 A))", ","),
    ],
)
def test_text_tables_have_units_in_their_headings(tmp_path, name, heading, separator):
    factor = 10.0 if "nm" in heading else 1e4 if "um" in heading else 1.0
    energy = 1.98644586e-8 / WAVE if "photlam" in heading else 1.0
    rows = [
        f"{w!r}{separator}{f!r}"
        for w, f in zip((WAVE / factor).tolist(), (FLUX / energy).tolist(), strict=True)
    ]
    (tmp_path / name).write_text("\n".join([heading, *rows]))
    source = Source.read(tmp_path / name)
    np.testing.assert_allclose(source.wavelength, WAVE)
    np.testing.assert_allclose(source.flux_density, FLUX, rtol=1e-6)


def test_units_of_calspec(tmp_path):
    columns = [
        fits.Column("WAVELENGTH", "D", "ANGSTROMS", array=WAVE),
        fits.Column("FLUX", "E", "FLAM", array=FLUX),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "star_mod_001.fits")
    np.testing.assert_allclose(Source.read(tmp_path / "star_mod_001.fits").flux_density, FLUX, rtol=1e-6)


def test_units_from_python_for_files_without(tmp_path):
    path = tmp_path / "plain.txt"
    path.write_text(
        "\n".join(f"{w!r} {f!r}" for w, f in zip((WAVE / 10.0).tolist(), FLUX.tolist(), strict=True))
    )
    source = Source.read(path, wavelength_unit="nm", flux_unit=FLAM)
    np.testing.assert_allclose(source.wavelength, WAVE)
    with pytest.raises(
        InputError,
        match=r"no column of wavelength. Found the columns col1, col2. Name one wavelength .*heading",
    ):
        Source.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wave,flux\n1150,1\n1151,1\n", r"column wave has no unit. Write .*wave\[Angstrom\]"),
        ("wave[nm],flux[parrot]\n1150,1\n1151,1\n", "column flux.parrot. has no unit"),
        ("wave[nm],flux[K]\n1150,1\n1151,1\n", "unit 'K'"),
        ("wave[nm],other\n1150,1\n1151,1\n", r"no column of flux. Found the columns wave\[nm\], other"),
        ("wave[Angstrom],flux[flam]\n1150,1\n1151,bad\n", "row 2: the column flux.flam. holds 'bad'"),
        ("wave[Angstrom],flux[flam]\n1150,1\n1151,\n", "row 2: the flux at 1151 Angstrom is nan"),
        ("wave[Angstrom],flux[flam]\n1150,1\n", "1 point"),
        ("", "is empty"),
        ("Dear reader,\n\nthis is no table, but\na letter, with, commas\n", "cannot be read|no column"),
    ],
)
def test_bad_tables(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        Source.read(tmp_path / "a.csv")


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(InputError, match=r"a.fits does not exist. Give the name of a file"):
        Source.read(tmp_path / "a.fits")
    with pytest.raises(InputError, match="is a directory"):
        Source.read(tmp_path)
    (tmp_path / "a.fits").write_bytes(b"no FITS file")
    with pytest.raises(InputError, match=r"a.fits: cannot be read as a table"):
        Source.read(tmp_path / "a.fits")
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(tmp_path / "image.fits")
    with pytest.raises(InputError, match=r"image.fits"):
        Source.read(tmp_path / "image.fits")


def test_missing_specutils_is_mentioned(tmp_path, monkeypatch):
    monkeypatch.setattr("recos.simulate.source_files.find_spec", lambda name: None)
    (tmp_path / "a.fits").write_bytes(b"no FITS file")
    with pytest.raises(InputError, match=r"pip install 'recos\[spectra\]'") as caught:
        Source.read(tmp_path / "a.fits")
    assert type(caught.value) is InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("erg /s /cm**2 /angstrom", FLAM),
        ("ergs/cm2/sec/A", FLAM),
        ("10^-14 erg/s/cm2/A", "1e-14 erg/s/cm2/Angstrom"),
        ("photons/s/cm2/A", "photon/s/cm2/Angstrom"),
        ("JY", "Jy"),
        ("NM", "nm"),
        ("ANGSTROMS", "Angstrom"),
    ],
)
def test_units_as_people_write_them(text, expected):
    assert parse_unit(text) == u.Unit(expected)


def write_x1d(path, segments=("FUVA", "FUVB"), noise=0.0):
    rng = np.random.default_rng(3)
    wave = np.stack(
        [1150.0 + 100.0 * (len(segments) - 1 - i) + 0.01 * np.arange(9000) for i in range(len(segments))]
    )
    flux = 1e-14 + noise * rng.normal(size=wave.shape)
    weight = np.ones(wave.shape)
    weight[:, :600] = weight[:, 4000:4010] = 0.0
    flux[weight == 0.0] = -1.0
    unit = "erg /s /cm**2 /angstrom"
    columns = [
        fits.Column("SEGMENT", "4A", array=list(segments)),
        fits.Column("WAVELENGTH", "9000D", "angstrom", array=wave),
        fits.Column("FLUX", "9000E", unit, array=flux),
        fits.Column("DQ_WGT", "9000E", array=weight),
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="SCI")]).writeto(path)


def test_spectra_of_cos(tmp_path):
    write_x1d(tmp_path / "one_x1dsum.fits", noise=5e-15)
    source = Source.read(tmp_path / "one_x1dsum.fits")
    assert source.wavelength[0] == pytest.approx(1156.0, abs=0.1)
    assert source.wavelength[-1] == pytest.approx(1340.0, abs=0.1)
    assert source.flux_density.mean() == pytest.approx(1e-14, rel=0.01)
    source.check_covers(1157.0, 1238.0, "FUVB")
    with pytest.raises(InputError, match=r"no flux at 1239.97 to 1256.03 Angstrom"):
        source.check_covers(1157.0, 1339.0, "both")


def test_spectra_of_cos_that_overlap(tmp_path):
    write_x1d(tmp_path / "nuv_x1d.fits", segments=("NUVA", "NUVB", "NUVC"))
    Source.read(tmp_path / "nuv_x1d.fits")
    with fits.open(tmp_path / "nuv_x1d.fits", "update") as hdus:
        hdus[1].data["WAVELENGTH"][:, :] = 1150.0 + 0.01 * np.arange(9000)
    source = Source.read(tmp_path / "nuv_x1d.fits")
    assert np.median(np.diff(source.wavelength)) == pytest.approx(0.03)


def test_spectra_of_cos_without_good_data(tmp_path):
    write_x1d(tmp_path / "bad_x1d.fits")
    with fits.open(tmp_path / "bad_x1d.fits", "update") as hdus:
        hdus[1].data["DQ_WGT"][:] = 0.0
    with pytest.raises(InputError, match=r"no good data \(DQ_WGT > 0\) in any row"):
        Source.read(tmp_path / "bad_x1d.fits")


def test_files_that_only_specutils_reads(tmp_path):
    pytest.importorskip("specutils")
    header = fits.Header(
        {"CTYPE1": "WAVE", "CUNIT1": "Angstrom", "CRVAL1": 1150.0, "CDELT1": 1.0, "CRPIX1": 1.0}
    )
    header["BUNIT"] = "erg / (s cm2 Angstrom)"
    fits.PrimaryHDU(FLUX, header).writeto(tmp_path / "image.fits")
    source = Source.read(tmp_path / "image.fits")
    np.testing.assert_allclose(source.wavelength, WAVE)
    np.testing.assert_allclose(source.flux_density, FLUX)


# ------------------------------------------------------------------------------------------------ synphot


class Spectrum:
    """Behaves like a ``synphot.SourceSpectrum``."""

    waveset = np.array([700.0, 1000.0, 1000.01, 3300.0]) * u.AA

    def __call__(self, wavelength, flux_unit):
        assert flux_unit == "flam"
        return wavelength.value * 1e-17 * u.Unit(FLAM)


def test_objects_that_behave_like_spectra_of_synphot():
    source = Source.from_synphot(Spectrum())
    assert {1000.0, 1000.01} <= set(source.wavelength.tolist())
    np.testing.assert_allclose(source.flux(WAVE), WAVE * 1e-17)
    assert source.wavelength[[0, -1]] == pytest.approx([800.0, 3300.0])
    with pytest.raises(UsageError, match="ndarray is no spectrum of synphot"):
        Source.from_synphot(WAVE)


def test_spectra_of_synphot():
    synphot = pytest.importorskip("synphot")
    from synphot.models import BlackBodyNorm1D, ConstFlux1D, Empirical1D

    star = synphot.SourceSpectrum(BlackBodyNorm1D, temperature=20_000)
    source = Source.from_synphot(star, "star")
    np.testing.assert_allclose(source.flux(WAVE), star(WAVE * u.AA, flux_unit="flam").value, rtol=1e-5)
    constant = synphot.SourceSpectrum(ConstFlux1D, amplitude=2e-14 * u.Unit(FLAM))
    np.testing.assert_allclose(Source.from_synphot(constant).flux(WAVE), 2e-14)
    table = synphot.SourceSpectrum(Empirical1D, points=WAVE * u.AA, lookup_table=FLUX * u.Unit(FLAM))
    table.z = 0.1
    shifted = Source.from_synphot(table)
    assert shifted.flux(np.array([1200.0]))[0] == 0.0
    assert shifted.flux(np.array([1210.0 * 1.1]))[0] > 0.0


# ------------------------------------------------------------------------------------------------ airglow


def test_airglow_lines_are_those_of_the_calibration():
    lines = np.array([line.wavelength for line in AIRGLOW])
    for wavelengths in MULTIPLETS.values():
        for wavelength in wavelengths:
            assert np.abs(lines - wavelength).min() < 0.01


def test_brightness_of_airglow():
    lyman = next(line for line in AIRGLOW if line.name == "Lyman alpha")
    # COS Instrument Handbook: 20 kilorayleigh are 6.1e-13 erg/s/cm2/arcsec2
    assert lyman.flux == pytest.approx(lyman.brightness / 20_000.0 * 6.1e-13 * np.pi * 1.25**2, rel=0.01)
