"""A source with lines for simulated data sets."""

from __future__ import annotations

import numpy as np

from recos.simulate.sources import Source


def line_source(level: float = 1e-14, lines: int = 1200) -> Source:
    """A power law with absorption lines.

    Parameters
    ----------
    level : float
        Continuum at 1300 Angstrom, erg/s/cm2/Angstrom.
    lines : int
        Number of lines between 900 and 2400 Angstrom.
    """
    rng = np.random.default_rng(77)
    centres = rng.uniform(900.0, 2400.0, lines)
    depths, widths = rng.uniform(0.2, 0.8, lines), rng.uniform(0.04, 0.2, lines)
    wavelength = np.arange(700.0, 3500.0, 0.01)
    flux = level * 1300.0 / wavelength
    first, last = (np.searchsorted(wavelength, centres + k * widths) for k in (-6, 6))
    for centre, depth, width, a, b in zip(centres, depths, widths, first, last, strict=True):
        flux[a:b] *= 1.0 - depth * np.exp(-0.5 * ((wavelength[a:b] - centre) / width) ** 2)
    return Source("lines", wavelength, flux)
