"""Optics of the NUV channel: gratings, stripes, apertures, images of the mirrors.

Numbers are plausible, not those of the real instrument. Central wavelengths of the stripes, dispersions and
effective areas follow the COS Instrument Handbook, chapter 5 (Tables 5.1 and 5.4) and section 8.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

from recos.data.instrument import NUV_SHAPE, STRIPES
from recos.references.dispersion import Dispersion
from recos.simulate.configurations import Configuration

ROWS, COLUMNS = NUV_SHAPE
MIDDLE = COLUMNS / 2.0
HC = 1.98644586e-8
"""Energy of a photon of 1 Angstrom, erg."""


class Grating(NamedTuple):
    """One grating; lengths in Angstrom and pixels of the detector."""

    per_pixel: float
    """Dispersion in the middle of stripe B, first order."""
    separation: float
    """Between the central wavelengths of neighbouring stripes, first order."""
    curvature: float
    """Change of the dispersion per pixel."""
    area: tuple[float, float, float]
    """Effective area: maximum in cm2, its wavelength, and Gaussian width."""
    tilt: float
    """Rows per column by which spectra are inclined."""
    row_offset: float
    """Rows by which its spectra lie above the nominal place."""
    ageing: tuple[float, float]
    """Percent per year by which the sensitivity changes, before and after :data:`AGEING_BREAK`."""


GRATINGS = {
    "G185M": Grating(0.0370, 99.0, -1.1e-7, (640.0, 2010.0, 430.0), 0.0190, 0.0, (-1.2, -0.4)),
    "G225M": Grating(0.0335, 99.3, -0.9e-7, (820.0, 2330.0, 420.0), 0.0175, 3.0, (-3.6, -2.1)),
    "G285M": Grating(0.0400, 116.0, -1.3e-7, (510.0, 2680.0, 520.0), 0.0205, -2.0, (-3.9, -2.4)),
    "G230L": Grating(0.3890, 1100.0, -1.2e-6, (690.0, 2600.0, 680.0), 0.0160, 6.0, (-1.5, -0.6)),
}
AGEING_START, AGEING_BREAK = 54900.0, 56500.0
"""MJD from which the sensitivity changes, and when its rate changes."""
SECOND_ORDER = 0.04
"""Effective area of the second order of G230L, which falls on stripe C, relative to the first order."""

ROWS_OF_STRIPES = {
    "PSA": {"NUVA": 186.0, "NUVB": 286.0, "NUVC": 425.0},
    "BOA": {"NUVA": 182.0, "NUVB": 282.0, "NUVC": 421.0},
    "WCA": {"NUVA": 550.0, "NUVB": 650.0, "NUVC": 790.0},
}
"""Row of the middle of each spectrum in column 0."""
_APERTURE_OFFSET = {"PSA": 0.0, "BOA": 1.7, "WCA": -3.2}
"""Pixels by which a wavelength falls to the left of where it falls through the PSA."""
BOA_TRANSMISSION = 0.0058
"""Of the neutral density filter in the BOA."""

LINE_SPREAD = {"PSA": 1.25, "BOA": 3.0, "WCA": 1.25}
"""Standard deviation of the line spread function, pixels; the BOA is out of focus."""
PROFILE = ((0.86, 2.1), (0.14, 7.0))
"""Cross-dispersion profile: fraction and standard deviation (pixels) of two Gaussians."""
SCATTERED, SCATTERED_WIDTH = 0.005, 250.0
"""Scattered light: fraction of the source's counts, and standard deviation across the dispersion, pixels.

So wide that the light of a bright stripe is nearly the same in a faint one and in its background boxes."""

TARGET = (540.0, 410.0)
LAMP_IMAGE = (600.0, 606.0)
"""Column and row of the images of target and lamp that the mirrors make (the middle of both images of MIRRORB)."""
SECOND_IMAGE = {"MIRRORA": (0.0, 0.0), "MIRRORB": (0.34, 20.0)}
"""Fraction of the light in the second image, and pixels to the right of the first at which it falls."""


def order(opt_elem: str, stripe: str) -> int:
    """Spectral order that falls on a stripe."""
    return 2 if (opt_elem, stripe) == ("G230L", "NUVC") else 1


def dispersion(opt_elem: str, cenwave: int, stripe: str, aperture: str = "PSA") -> Dispersion:
    """Wavelength of detector columns, without displacement by the mechanism.

    Parameters
    ----------
    opt_elem, cenwave
        Grating and central wavelength.
    stripe : str
        NUVA, NUVB or NUVC.
    aperture : str
        PSA, BOA or WCA.
    """
    grating = GRATINGS[opt_elem]
    place = STRIPES.index(stripe) - 1
    m = order(opt_elem, stripe)
    per_pixel = grating.per_pixel * (1.0 - 0.004 * place)
    in_first_order = Polynomial([cenwave + place * grating.separation, per_pixel, grating.curvature / 2.0])
    from_middle = Polynomial([_APERTURE_OFFSET[aperture] - MIDDLE, 1.0])
    return Dispersion(tuple(float(c) for c in (in_first_order(from_middle) / m).coef), 0.0)


def pixels(relation: Dispersion, wavelength: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Columns of wavelengths, by Newton's method from columns that are nearly right.

    Parameters
    ----------
    relation : Dispersion
    wavelength, start : ndarray of float64
        Angstrom, pixels.
    """
    x = start
    for _ in range(2):  # curvature x displacement**2 is far below a pixel
        x = x + (wavelength - relation.wavelength(x)) / relation.dispersion(x)
    return x


def spectrum_row(opt_elem: str, stripe: str, aperture: str) -> tuple[float, float]:
    """Row of the middle of a spectrum in column 0, and its slope in rows per column."""
    grating = GRATINGS[opt_elem]
    return ROWS_OF_STRIPES[aperture][stripe] + grating.row_offset, grating.tilt


def sensitivity(
    configuration: Configuration, stripe: str, wavelength: np.ndarray, aperture: str
) -> np.ndarray:
    """(count/s) / (erg/s/cm2/Angstrom) per pixel column, before the ageing began.

    Parameters
    ----------
    wavelength : ndarray of float64
        Angstrom, as it falls on the detector.
    """
    c = configuration
    area, peak, width = GRATINGS[c.opt_elem].area
    relation = dispersion(c.opt_elem, c.cenwave, stripe, aperture)
    transmission = BOA_TRANSMISSION if aperture == "BOA" else 1.0
    transmission *= SECOND_ORDER if order(c.opt_elem, stripe) == 2 else 1.0
    # the dispersion hardly changes along a stripe: that in the middle will do
    per_pixel = float(relation.dispersion(MIDDLE))
    return (
        transmission * area * np.exp(-0.5 * ((wavelength - peak) / width) ** 2) * wavelength / HC * per_pixel
    )


def ageing(opt_elem: str, mjd: float) -> float:
    """Sensitivity at a time relative to that at :data:`AGEING_START`."""
    early, late = GRATINGS[opt_elem].ageing
    until_break = min(mjd, AGEING_BREAK) - AGEING_START
    return 1.0 + (early * until_break + late * max(mjd - AGEING_BREAK, 0.0)) / 36525.0
