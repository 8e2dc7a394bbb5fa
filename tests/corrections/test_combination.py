"""Corrections of the combination of spectra of known content."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from helpers import builders
from helpers.flux_tables import fluxtab
from helpers.spectra import N, make_spectrum
from recos.combine import combine_spectra
from recos.extract.flux import apply_sensitivity

NAME = "lzzz01010_x1dsum.fits"


def combine(spectra, *names):
    """The sum, with corrections."""
    return combine_spectra(spectra, [None] * len(spectra), NAME, frozenset(names))


def test_flags_do_not_depend_on_the_order():
    """Three exposures that reach different wavelengths, and have flags in different places."""
    spectra = [
        make_spectrum(seed=seed, start=1400.0 + start) for seed, start in ((1, 0.0), (2, 0.8), (3, -0.5))
    ]
    for spectrum in spectra:
        spectrum["DQ"][:] = np.where(spectrum["WAVELENGTH"] > 1403.6, 4, 0)
    default, better = (
        [combine(order, *names)["DQ"][0] for order in permutations(spectra)] for names in ((), ("sum-flags",))
    )
    assert any((dq != default[0]).any() for dq in default)
    assert all((dq == better[0]).all() for dq in better)
    wavelength = combine(spectra, "sum-flags")["WAVELENGTH"][0]
    covered = wavelength < 1404.78
    np.testing.assert_array_equal(better[0][covered & (wavelength > 1403.62)], 4)
    assert (default[0][(wavelength > 1404.1) & covered] == 0).all()
    np.testing.assert_array_equal(better[0][wavelength < 1403.59], 0)
    assert (better[0][wavelength > 1404.82] == 128).all()


@pytest.mark.parametrize("start", [0.304, 0.25])
def test_whole_grid(start):
    """All counts are there, and each wavelength."""
    spectra = [
        make_spectrum(seed=seed, start=1400.0 + first) for seed, first in ((1, 0.0), (2, 0.0), (3, start))
    ]
    for spectrum in spectra:
        spectrum["DQ_WGT"][:] = 1.0
    total = sum(float(s["GCOUNTS"].sum()) for s in spectra)
    default, better = combine(spectra), combine(spectra, "sum-grid")
    left_out = max(s["WAVELENGTH"][0, -1] for s in spectra) - better["WAVELENGTH"][0, -1]
    assert -1e-6 < left_out < 0.01 - 1e-6
    # pixels of the grid lie a fraction of a pixel from those of the third spectrum, whose ends are out of reach
    q = (start / 0.01) % 1.0
    ends = (1.0 - q) * spectra[2]["GCOUNTS"][0, 0] + q * spectra[2]["GCOUNTS"][0, -1] if q else 0.0
    assert total - better["GCOUNTS"].sum() == pytest.approx(ends, abs=0.1)
    assert total - default["GCOUNTS"].sum() > ends + 40.0
    same = [make_spectrum(seed=1), make_spectrum(seed=2)]
    assert combine(same, "sum-grid").n_pixels == N


def test_grid_that_ends_at_the_longest_wavelength():
    """Pixels of 2^-8 Angstrom, so that sums are exact."""
    spectra = [make_spectrum(start=1400.0 + first, step=2.0**-8) for first in (0.0, 0.25)]
    default, better = combine(spectra), combine(spectra, "sum-grid")
    assert default["WAVELENGTH"][0, -1] == spectra[1]["WAVELENGTH"][0, -2]
    assert better["WAVELENGTH"][0, -1] == spectra[1]["WAVELENGTH"][0, -1]


def test_sum_of_one():
    spectrum = make_spectrum(("FUVA", "FUVB"))
    default, better, two = combine([spectrum]), combine([spectrum], "sum-of-one"), combine([spectrum] * 2)
    assert default.layout != two.layout
    assert better.layout == two.layout
    assert set(two.header) - set(default.header) == {"EXPSTRTJ", "EXPENDJ", "NGOODPIX", "GOODMEAN", "GOODMAX"}
    assert set(better.header) == set(two.header)
    assert better.header["NGOODPIX"] == np.count_nonzero(spectrum["DQ"] & 128 == 0)
    for column in better.columns:
        np.testing.assert_array_equal(better[column], default[column])


def test_errors_of_rates():
    """Two equal exposures without flux: the error of the mean is that of one over the square root of two."""
    spectra = [make_spectrum(seed=1, fluxcorr="OMIT") for _ in range(2)]
    for spectrum in spectra:
        spectrum["FLUX"][:] = 0.0
        spectrum["DQ_WGT"][:] = 1.0
        spectrum["VARIANCE_COUNTS"][:] = 400.0
    default, better = combine(spectra), combine(spectra, "rate-errors")
    assert not default["ERROR"].any()
    inside = slice(0, -2)
    np.testing.assert_allclose(better["ERROR"][0, inside], np.sqrt(800.0) / 1000.0, rtol=0.05)
    units = [{c.unit for c in s.layout if c.name.startswith("ERROR")} for s in (default, better)]
    assert units == [{"erg /s /cm**2 /angstrom"}, {"count /s"}]


@pytest.mark.parametrize("number", [1, 2])
def test_unknown_fluxes_have_no_weight(tmp_path, number):
    """Where one exposure has no flux, the other has; where none has, it is zero."""
    mode = builders.make_exposure(2).mode
    spectra = [make_spectrum(seed=seed, start=start) for seed, start in ((1, 1400.0), (2, 1400.0))][:number]
    for spectrum, first in zip(spectra, (1401.0, 1400.5), strict=False):
        table = fluxtab(tmp_path, [first, 1410.0], [1e12, 1e12])
        apply_sensitivity(spectrum, table, mode, "x", frozenset({"unknown-sensitivity"}))
    total = combine(spectra)
    assert np.isfinite(total["FLUX"]).all()
    assert np.isfinite(total["ERROR"]).all()
    wavelength = total["WAVELENGTH"][0]
    assert not total["FLUX"][0, wavelength < 1400.49].any()
    only = (wavelength > 1400.51) & (wavelength < 1400.98)
    assert total["FLUX"][0, only].any() == (number == 2)
    good = total["DQ_WGT"][0] > 0.99
    np.testing.assert_allclose(total["FLUX"][0, good] * 1e12, total["NET"][0, good], rtol=1e-4)
