"""A source with lines for simulated data sets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class LineSource:
    """A power law with absorption lines between 900 and 2400 Angstrom.

    Attributes
    ----------
    level : float
        Continuum at 1300 Angstrom, erg/s/cm2/Angstrom.
    lines : int
        Number of lines.
    """

    level: float = 1e-14
    lines: int = 1200
    name: str = "lines"

    def flux(self, wavelength: np.ndarray) -> np.ndarray:
        """Flux at wavelengths in increasing order."""
        rng = np.random.default_rng(77)
        centres = rng.uniform(900.0, 2400.0, self.lines)
        depths, widths = rng.uniform(0.2, 0.8, self.lines), rng.uniform(0.04, 0.2, self.lines)
        flux = self.level * 1300.0 / np.asarray(wavelength, np.float64)
        first, last = (np.searchsorted(wavelength, centres + k * widths) for k in (-6, 6))
        for centre, depth, width, a, b in zip(centres, depths, widths, first, last, strict=True):
            flux[a:b] *= 1.0 - depth * np.exp(-0.5 * ((wavelength[a:b] - centre) / width) ** 2)
        return flux

    def scaled(self, factor: float) -> LineSource:
        """The same, brighter."""
        return replace(self, level=self.level * factor)
