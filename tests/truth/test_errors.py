"""Errors at low counts mean what they say: how often the truth lies within them."""

from __future__ import annotations

from types import SimpleNamespace

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


def pixels(folder, cache, configuration, events, source) -> SimpleNamespace:
    """Truth, FLUX, ERROR_LOWER and ERROR of the pixels of a spectrum without background and flat field, in counts."""
    observation = Observation(
        configuration,
        events=events,
        effects=Effects.only("line_spread", "cross_dispersion"),
        seed=21,
    )
    dataset = simulate(observation, folder, source, cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        raw = dataset.raw / min(p.name for p in dataset.raw.glob("*_rawtag*"))
        recos.run(raw, outdir=folder / "new", products="x1d")
    (path,) = (folder / "new").glob("*_x1d.fits")
    found: dict[str, list[np.ndarray]] = {"truth": [], "FLUX": [], "ERROR_LOWER": [], "ERROR": []}
    for row in fits.getdata(path):
        good = (row["DQ_WGT"] > 0) & (row["NET"] != 0)
        per_flux = np.interp(row["WAVELENGTH"], row["WAVELENGTH"][good], row["NET"][good] / row["FLUX"][good])
        scale, use = per_flux * row["EXPTIME"], row["DQ_WGT"] > 0
        use[: len(use) // 10] = use[-len(use) // 10 :] = False
        truth = true_flux(dataset, row["SEGMENT"], row["WAVELENGTH"])
        for name, values in found.items():
            values.append(((truth if name == "truth" else row[name]) * scale)[use])
    return SimpleNamespace(**{name.lower(): np.concatenate(values) for name, values in found.items()})


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: c.opt_elem)
@pytest.mark.parametrize("counts_per_pixel", [0.3, 1.0, 3.0])
def test_coverage_of_errors_at_low_counts(tmp_path, simulation_cache, configuration, counts_per_pixel):
    """Without background and flat field, the counts of a pixel are Poisson numbers, and the limits are exact."""
    events = counts_per_pixel * (14_000 if configuration.is_fuv else 3 * 1024)
    p = pixels(tmp_path, simulation_cache, configuration, events, Source.builtin("flat"))
    assert p.truth.mean() == pytest.approx(counts_per_pixel, rel=0.6)
    found = np.mean(p.flux + p.error >= p.truth), np.mean(p.flux - p.error_lower <= p.truth)
    for share, expected in zip(found, expected_coverage(p.truth), strict=True):
        assert expected >= 0.8413  # the limits are never too narrow
        assert share == pytest.approx(expected, abs=4.0 * np.sqrt(0.16 / len(p.truth)) + 0.002)


@pytest.mark.parametrize("opt_elem", ["G160M", "G185M"])
def test_pulls_of_errors_at_high_counts(tmp_path, simulation_cache, opt_elem):
    """ERROR is the upper Poisson limit: one count more than the standard deviation, which is 4 % here."""
    configuration, source, n_pixels = Configuration("G185M", 1850), Source.builtin("flat"), 3 * 1024
    if opt_elem == "G160M":  # light in a part of the spectrum is enough
        configuration, n_pixels = Configuration("G160M", 1600, segments=("FUVA",)), 3300
        wavelength = np.array([1000.0, 1639.9, 1640.0, 1680.0, 1680.1, 2000.0])
        source = Source.from_array(wavelength, [0, 0, 1e-14, 1e-14, 0, 0], "Angstrom", "erg/s/cm2/Angstrom")
    p = pixels(tmp_path, simulation_cache, configuration, 700.0 * n_pixels, source)
    bright = p.truth > 500.0
    assert bright.sum() > 2000
    for error in (p.error_lower, p.error):
        pulls = (p.flux - p.truth)[bright] / error[bright]
        assert abs(pulls.mean()) < 0.05 + 3.0 / len(pulls) ** 0.5
        assert abs(pulls.std() - 1.0) < 0.05 + 3.0 / (2.0 * len(pulls)) ** 0.5
