"""With all corrections, ten million events show nothing but the spectrum that was put in."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers.simulated import line_source
from recos.simulate import Configuration, Observation, recover, simulate
from recos.simulate.recovery import airglow_pixels, true_flux

pytestmark = pytest.mark.xdist_group("truth")

BLOCKS = 20


@pytest.fixture(scope="module")
def corrected(tmp_path_factory, simulation_cache):
    """A data set and the x1d of its exposure."""
    folder = tmp_path_factory.mktemp("corrections")
    observation = Observation(
        Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"), fppos=(3,), events=1e7, seed=5
    )
    dataset = simulate(observation, folder, line_source(), simulation_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        recos.run(dataset.association, folder / "new", corrections="all", products="x1d")
    yield dataset, folder / "new" / f"{dataset.exposures[0].root}_x1d.fits"
    shutil.rmtree(folder)


def test_pulls(corrected):
    """Their mean, of both segments, is 0 within 0.02; the tolerance beyond is two standard errors."""
    found = recover(*corrected)
    for kind in ("bins", "pixels"):
        pulls = [getattr(r, kind) for r in found]
        number = sum(p.number for p in pulls)
        mean = sum(p.mean * p.number for p in pulls) / number
        assert abs(mean) < 0.02 + 2.0 / number**0.5
        for p in pulls:
            assert p.std == pytest.approx(1.0, abs=0.03 + 2.0 / (2.0 * p.number) ** 0.5)


def test_no_trend_in_flux(corrected):
    """A straight line through the ratios of blocks of the spectrum stays within 0.1 % of 1."""
    dataset, path = corrected
    for row in fits.getdata(path):
        segment, wavelength = row["SEGMENT"], row["WAVELENGTH"].astype(np.float64)
        truth = true_flux(dataset, segment, wavelength)
        good = (row["DQ_WGT"] > 0) & (row["NET"] > 0) & (truth > 0) & ~airglow_pixels(dataset, wavelength)
        counts_per_flux = row["NET"][good] / row["FLUX"][good] * row["EXPTIME"]
        block = np.arange(good.sum()) * BLOCKS // good.sum()
        true, observed, variance = (
            np.bincount(block, values)
            for values in (
                truth[good] * counts_per_flux,
                row["NET"][good] * float(row["EXPTIME"]),
                (row["VARIANCE_COUNTS"] + row["VARIANCE_BKG"] + row["VARIANCE_FLAT"])[good],
            )
        )
        position = np.linspace(-1.0, 1.0, BLOCKS)
        (slope, level), covariance = np.polyfit(
            position, observed / true, 1, w=true / np.sqrt(variance), cov="unscaled"
        )
        slope_error = covariance[0, 0] ** 0.5
        assert slope_error < 0.001
        assert abs(level - 1.0) < 0.001
        assert abs(slope) < 0.001 + slope_error
