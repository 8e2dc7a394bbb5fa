"""The spectrum put into the simulator comes out: flux, wavelengths, errors that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from small_cos import compare_spectrum, make_dataset

pytestmark = pytest.mark.xdist_group("truth")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """Two exposures at different FP-POS, calibrated."""
    folder = tmp_path_factory.mktemp("truth")
    dataset = make_dataset(folder, n_source=150_000, seed=7, fppos=(2, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{dataset.references}/")
        recos.run(dataset.association, outdir=folder / "new")
    return dataset, folder / "new"


@pytest.mark.parametrize("exposure", [0, 1])
def test_flux_wavelength_and_errors(calibrated, exposure):
    dataset, products = calibrated
    results = compare_spectrum(dataset, products / f"{dataset.setups[exposure].root}_x1d.fits")
    assert [r.segment for r in results] == ["FUVA", "FUVB"]
    for r in results:
        # 0.3 %: rows between the flat field and its edge, curvature of the sensitivity
        assert abs(r.ratio - 1.0) < 4.0 * r.ratio_error + 0.003
        # the lamp gives the shift to some tenths of a pixel
        assert abs(r.offset) < 4.0 * r.offset_error + 0.6
        assert 0.8 < r.pull < 1.25


def test_shifts_are_those_put_in(calibrated):
    dataset, products = calibrated
    for setup in dataset.setups:
        flashes = fits.getdata(products / f"{setup.root}_lampflash.fits")
        expected = dataset.model.shift1(flashes["TIME"], setup.fpoffset)
        np.testing.assert_allclose(flashes["SHIFT_DISP"], expected, atol=1.0)
        np.testing.assert_allclose(flashes["SHIFT_XDISP"], dataset.model.shift2, atol=0.5)


def test_sum_covers_both_exposures(calibrated):
    dataset, products = calibrated
    name = dataset.setups[0].association
    total = fits.getdata(products / f"{name}_x1dsum.fits")
    assert list(total["SEGMENT"]) == ["FUVA", "FUVB"]
    for row in total:
        good = row["DQ_WGT"] > 1.5
        assert good.sum() > 12000
        truth = dataset.true_flux(row["SEGMENT"], row["WAVELENGTH"][good])
        assert row["FLUX"][good].mean() == pytest.approx(truth.mean(), rel=0.02)
    assert {p.name for p in products.glob("*x1dsum?.fits")} == {
        f"{name}_x1dsum2.fits",
        f"{name}_x1dsum3.fits",
    }
