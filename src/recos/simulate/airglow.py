"""Lines of the geocorona that COS sees."""

from __future__ import annotations

AIRGLOW = (
    (1025.722, 150.0), (1134.165, 8.0), (1134.415, 13.0), (1134.980, 18.0), (1199.550, 60.0),
    (1200.223, 45.0), (1200.710, 25.0), (1215.670, 4000.0), (1302.168, 800.0), (1304.858, 700.0),
    (1306.029, 500.0), (1355.598, 150.0), (1358.512, 54.0),
)  # fmt: skip
"""Vacuum wavelength, Angstrom, and a typical brightness by day, Rayleigh (COS Instrument Handbook, section 7.4)."""
