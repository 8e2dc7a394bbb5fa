"""Errors at low counts mean what they say: how often the truth lies within them."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from scipy.stats import poisson

import recos
from recos.kernels.poisson import poisson_errors
from recos.simulate import Configuration, Effects, Observation, Source, simulate, true_flux

pytestmark = pytest.mark.xdist_group("truth")

CONFIGURATIONS = (Configuration("G160M", 1600), Configuration("G185M", 1850))


def expected_coverage(mean: np.ndarray) -> tuple[float, float]:
    """How often upper and lower limits are beyond the true mean of Poisson counts, averaged over pixels."""
    counts = np.arange(100.0)
    lower, upper = poisson_errors(counts)
    weight = poisson.pmf(counts[:, np.newaxis], mean)
    below, above = ((counts + upper)[:, np.newaxis] >= mean), ((counts - lower)[:, np.newaxis] <= mean)
    return float((weight * below).sum(0).mean()), float((weight * above).sum(0).mean())


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: c.opt_elem)
@pytest.mark.parametrize("counts_per_pixel", [0.3, 1.0, 3.0])
def test_coverage_of_errors_at_low_counts(tmp_path, simulation_cache, configuration, counts_per_pixel):
    """Without background and flat field, the counts of a pixel are Poisson numbers, and the limits are exact."""
    pixels = 14_000 if configuration.is_fuv else 3 * 1024
    observation = Observation(
        configuration,
        events=counts_per_pixel * pixels,
        effects=Effects.only("line_spread", "cross_dispersion"),
        seed=21,
    )
    dataset = simulate(observation, tmp_path, Source.builtin("flat"), simulation_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        recos.run(dataset.raw / min(p.name for p in dataset.raw.glob("*_rawtag*")), outdir=tmp_path / "new")
    (path,) = (tmp_path / "new").glob("*_x1d.fits")
    mean, flux, lower, upper = [], [], [], []
    for row in fits.getdata(path):
        good = (row["DQ_WGT"] > 0) & (row["NET"] != 0)
        per_flux = np.interp(row["WAVELENGTH"], row["WAVELENGTH"][good], row["NET"][good] / row["FLUX"][good])
        scale, use = per_flux * row["EXPTIME"], row["DQ_WGT"] > 0
        use[: len(use) // 10] = use[-len(use) // 10 :] = False
        mean.append((true_flux(dataset, row["SEGMENT"], row["WAVELENGTH"]) * scale)[use])
        for values, name in ((flux, "FLUX"), (lower, "ERROR_LOWER"), (upper, "ERROR")):
            values.append((row[name] * scale)[use])
    mean, flux, lower, upper = map(np.concatenate, (mean, flux, lower, upper))
    assert mean.mean() == pytest.approx(counts_per_pixel, rel=0.6)
    found = np.mean(flux + upper >= mean), np.mean(flux - lower <= mean)
    for share, expected in zip(found, expected_coverage(mean), strict=True):
        assert expected >= 0.8413  # the limits are never too narrow
        assert share == pytest.approx(expected, abs=4.0 * np.sqrt(0.16 / len(mean)) + 0.002)
