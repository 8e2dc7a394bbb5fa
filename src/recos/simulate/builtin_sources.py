"""The built-in sources as functions of wavelength.

Each exercises another part of the calibration: a smooth continuum, narrow absorption, narrow emission on little
else, broad features, and a constant for unbiased statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from recos.data.instrument import SPEED_OF_LIGHT
from recos.simulate import spectral_lines as lines

FIRST, LAST, STEP = 800.0, 3500.0, 0.01
"""Wavelengths at which the sources are tabulated, Angstrom: finer than a pixel of any grating."""
REFERENCE_WAVELENGTH = 1300.0
"""Angstrom; the flux of a built-in source is that of its continuum at this wavelength."""

_LYMAN_ALPHA, _LYMAN_LIMIT = 1215.67, 911.75
_LYMAN_SERIES = ((1215.67, 0.82, 9.0), (1025.72, 0.75, 4.5), (972.54, 0.70, 3.0), (949.74, 0.65, 2.2))
_HC_OVER_K = 1.438777e8
"""Angstrom Kelvin"""
_REDSHIFT = 0.31
_CUT = 6.0
"""Gaussians are neglected beyond so many standard deviations."""


class Builtin(NamedTuple):
    """A built-in source."""

    description: str
    shape: Callable[[np.ndarray], np.ndarray]
    """Flux against wavelength (Angstrom), relative to the continuum at `REFERENCE_WAVELENGTH`."""
    continuum: float
    """Default flux at `REFERENCE_WAVELENGTH`, erg/s/cm2/Angstrom."""


def grid() -> np.ndarray:
    """Wavelengths at which the built-in sources are tabulated, Angstrom."""
    return FIRST + STEP * np.arange(round((LAST - FIRST) / STEP) + 1)


def _flat(wavelength: np.ndarray) -> np.ndarray:
    return np.ones_like(wavelength)


def _hot_star(wavelength: np.ndarray) -> np.ndarray:
    flux = _planck(wavelength, 60_000.0)
    for centre, depth, width in _LYMAN_SERIES:
        flux *= 1.0 - depth / (1.0 + ((wavelength - centre) / width) ** 2)
    rng = np.random.default_rng(191)
    iron = zip(
        rng.uniform(1100.0, 1800.0, 400), rng.uniform(0.02, 0.15, 400), np.full(400, 0.05), strict=True
    )
    flux *= _transmission(wavelength, (*lines.STELLAR_WIND_AND_METALS, *iron))
    flux *= _gas(wavelength, hydrogen=18.3, excess=-1.9, width=4.0)
    return np.where(wavelength < _LYMAN_LIMIT, 0.3 * flux, flux)


def _b_star(wavelength: np.ndarray) -> np.ndarray:
    flux = _planck(wavelength, 25_000.0)
    rng = np.random.default_rng(2500)
    n = 2200
    blends = zip(
        rng.uniform(950.0, 3400.0, n), rng.uniform(0.03, 0.35, n), rng.uniform(0.07, 0.16, n), strict=True
    )
    flux *= _transmission(wavelength, (*lines.B_STAR_PHOTOSPHERE, *blends))
    for centre, depth, width in _LYMAN_SERIES:
        flux *= 1.0 - 0.7 * depth / (1.0 + ((wavelength - centre) / (0.6 * width)) ** 2)
    flux *= _gas(wavelength, hydrogen=20.3, excess=0.0, width=6.0)
    return np.where(wavelength < _LYMAN_LIMIT, 0.0, flux)


def _agn(wavelength: np.ndarray) -> np.ndarray:
    stretch = 1.0 + _REDSHIFT
    flux = (wavelength / REFERENCE_WAVELENGTH) ** -1.4
    emission = [
        (centre * stretch, height, centre * stretch * speed / SPEED_OF_LIGHT)
        for centre, height, speed in lines.BROAD_EMISSION
    ]
    flux = flux * (1.0 + _gaussians(wavelength, emission))
    flux *= np.exp(-_gaussians(wavelength, _forest(stretch)))
    flux *= _gas(wavelength, hydrogen=20.1, excess=-0.3, width=10.0)
    return np.where(wavelength < _LYMAN_LIMIT, 0.0, flux)


def _forest(stretch: float) -> list[tuple[float, float, float]]:
    """Intergalactic hydrogen: Lyman alpha and beta of clouds up to the redshift of the source, as optical depths."""
    rng = np.random.default_rng(1216)
    n = 90
    redshifts = rng.uniform(0.0, stretch - 1.0, n)
    depths = 0.3 * rng.pareto(0.8, n).clip(0.2, 60.0)
    speeds = rng.uniform(12.0, 32.0, n)
    return [
        (line * (1.0 + z), depth * relative, line * (1.0 + z) * speed / SPEED_OF_LIGHT)
        for line, relative in ((_LYMAN_ALPHA, 1.0), (1025.722, 0.16))
        for z, depth, speed in zip(redshifts, depths, speeds, strict=True)
    ]


def _t_tauri(wavelength: np.ndarray) -> np.ndarray:
    continuum = 0.8 + 0.2 * (wavelength / REFERENCE_WAVELENGTH) ** 2
    emission = [
        (centre, height, centre * speed / SPEED_OF_LIGHT) for centre, height, speed in lines.STAR_EMISSION
    ]
    lyman = 400.0 * np.exp(-0.5 * ((wavelength - _LYMAN_ALPHA) / 1.2) ** 2)
    return (continuum + _gaussians(wavelength, emission) + lyman) * _gas(
        wavelength, hydrogen=20.0, excess=-0.6, width=6.0
    )


def _planck(wavelength: np.ndarray, temperature: float) -> np.ndarray:
    """Black body, relative to `REFERENCE_WAVELENGTH`."""

    def shape(w: np.ndarray | float) -> np.ndarray:
        return np.asarray(w) ** -5.0 / np.expm1(_HC_OVER_K / (np.asarray(w) * temperature))

    return shape(wavelength) / shape(REFERENCE_WAVELENGTH)


def _gaussians(wavelength: np.ndarray, features: Iterable[tuple[float, float, float]]) -> np.ndarray:
    """Sum of Gaussians of given centre, height and standard deviation (Angstrom); `wavelength` is increasing."""
    total = np.zeros_like(wavelength)
    for centre, height, width in features:
        i, j = np.searchsorted(wavelength, (centre - _CUT * width, centre + _CUT * width))
        total[i:j] += height * np.exp(-0.5 * ((wavelength[i:j] - centre) / width) ** 2)
    return total


def _transmission(wavelength: np.ndarray, features: Iterable[tuple[float, float, float]]) -> np.ndarray:
    """What absorption lines of given centre, depth and width leave; lines that overlap saturate."""
    return np.exp(-_gaussians(wavelength, ((c, -np.log1p(-depth), width) for c, depth, width in features)))


def _gas(wavelength: np.ndarray, hydrogen: float, excess: float, width: float) -> np.ndarray:
    """What interstellar gas leaves.

    Parameters
    ----------
    hydrogen : float
        Column density of neutral hydrogen, log10 cm-2.
    excess : float
        Added to the column densities (log10) of everything else.
    width : float
        Doppler parameter, km/s.
    """
    features = []
    for ion, centre, strength in lines.INTERSTELLAR:
        column = 10.0 ** (hydrogen if ion == "H I" else lines.COLUMN_DENSITIES[ion] + excess)
        depth = 1.497e-15 * column * strength * centre / width  # Morton 2003, equation 2
        features.append((centre, depth, centre * width / np.sqrt(2.0) / SPEED_OF_LIGHT))
    # the damping wings of Lyman alpha, with the width of its core (Bohlin 1975, ApJ 200, 402)
    damped = 10.0**hydrogen * 4.26e-20 / (6.04e-10 + (wavelength - _LYMAN_ALPHA) ** 2)
    return np.exp(-_gaussians(wavelength, features) - damped)


BUILTIN: dict[str, Builtin] = {
    "hot-star": Builtin(
        "white dwarf: smooth blue continuum, broad Lyman alpha, some lines of metals", _hot_star, 2e-13
    ),
    "b-star": Builtin(
        "B star behind interstellar gas: very many absorption lines, some of them black", _b_star, 1e-13
    ),
    "agn": Builtin(
        f"active galaxy at redshift {_REDSHIFT}: power law, broad emission, Lyman alpha forest", _agn, 1e-14
    ),
    "t-tauri": Builtin("T Tauri star: narrow and broad emission lines on a weak continuum", _t_tauri, 1e-15),
    "flat": Builtin("the same flux at all wavelengths, for statistics", _flat, 1e-14),
}
"""The built-in sources by name."""
