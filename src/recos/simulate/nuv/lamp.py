"""The wavelength calibration lamp: its lines, and the spectra of them in the three stripes."""

from __future__ import annotations

from functools import cache

import numpy as np

from recos.references.dispersion import Dispersion
from recos.simulate.configurations import Configuration
from recos.simulate.nuv.layout import COLUMNS, LINE_SPREAD, MIDDLE, dispersion
from recos.simulate.nuv.mechanism import fp_shift

RATE = 160.0
"""Count/s of each stripe, if nothing is displaced."""
IMAGE_RATE = 1500.0
"""Count/s of the image of the lamp that a mirror makes.

The calibration finds it by the median of all events in a flash, so it must outshine the target (specification 4,
section 9.10)."""
IMAGE_WIDTH = 2.4
"""Standard deviation of that image, pixels."""
_RANGE = (1250.0, 4000.0)
_LINES = 1900


@cache
def _lines() -> tuple[np.ndarray, np.ndarray]:
    """Wavelengths (Angstrom) and relative strengths of the lines, the same in all modes."""
    rng = np.random.default_rng(1904)
    return rng.uniform(*_RANGE, _LINES), (0.04 + rng.pareto(1.3, _LINES)).clip(max=25.0)


def lines(configuration: Configuration, stripe: str) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the lines of a stripe without displacement, also beyond the detector, and their count rates.

    Returns
    -------
    columns, rates : ndarray of float64
        Pixels, count/s.
    """
    relation: Dispersion = dispersion(configuration.opt_elem, configuration.cenwave, stripe, "WCA")
    wavelength, strength = _lines()
    x = MIDDLE + (wavelength - relation.wavelength(MIDDLE)) / relation.dispersion(MIDDLE)
    near = np.abs(x - MIDDLE) < 2.0 * COLUMNS
    x = x[near] + (wavelength[near] - relation.wavelength(x[near])) / relation.dispersion(x[near])
    inside = (x >= 0.0) & (x < COLUMNS)
    return x, strength[near] * RATE / strength[near][inside].sum()


def template(configuration: Configuration, stripe: str, fpoffset: int) -> np.ndarray:
    """Spectrum of the lamp for LAMPTAB, count/s per column at an FPOFFSET, float64, shape (1024,)."""
    columns, rates = lines(configuration, stripe)
    columns = columns + fp_shift(configuration.opt_elem, stripe, fpoffset)
    x = np.arange(COLUMNS)[np.newaxis]
    width = LINE_SPREAD["WCA"]
    profile = np.exp(-0.5 * ((x - columns[:, np.newaxis]) / width) ** 2) / (np.sqrt(2.0 * np.pi) * width)
    return rates @ profile
