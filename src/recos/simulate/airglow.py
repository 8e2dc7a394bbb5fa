"""Lines of the geocorona that COS sees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_PHOTON_ENERGY = 1.98644586e-8
"""Energy of a photon times its wavelength, erg Angstrom."""
_SOLID_ANGLE = np.pi * (1.25 / 206264.806) ** 2
"""Of the apertures PSA and BOA, sr."""


class AirglowLine(NamedTuple):
    """A line of the geocorona, which fills the aperture."""

    name: str
    wavelength: float
    """In vacuum, Angstrom, in the frame of HST."""
    brightness: float
    """Rayleigh."""

    @property
    def flux(self) -> float:
        """Flux through the aperture, erg/s/cm2."""
        photons = self.brightness * 1e6 / (4.0 * np.pi)  # /s/cm2/sr
        return float(photons * _SOLID_ANGLE * _PHOTON_ENERGY / self.wavelength)


AIRGLOW = (
    AirglowLine("Lyman beta", 1025.722, 150.0),
    AirglowLine("N I", 1134.165, 8.0),
    AirglowLine("N I", 1134.415, 13.0),
    AirglowLine("N I", 1134.980, 18.0),
    AirglowLine("N I", 1199.550, 60.0),
    AirglowLine("N I", 1200.223, 45.0),
    AirglowLine("N I", 1200.710, 25.0),
    AirglowLine("Lyman alpha", 1215.670, 4000.0),
    AirglowLine("O I", 1302.168, 800.0),
    AirglowLine("O I", 1304.858, 700.0),
    AirglowLine("O I", 1306.029, 500.0),
    AirglowLine("O I", 1355.598, 150.0),
    AirglowLine("O I", 1358.512, 54.0),
)
"""Typical and round: O I by day, Lyman alpha between day and night (COS Instrument Handbook, section 7.4), N I of the
order of dayglow spectra. They vary a lot."""
