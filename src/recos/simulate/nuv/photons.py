"""Photons and dark counts of an exposure, before the detector records them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from recos.data.gti import Interval
from recos.data.instrument import SECONDS_PER_DAY
from recos.simulate.configurations import Configuration
from recos.simulate.nuv import lamp, layout
from recos.simulate.nuv.detector import DARK_RATE, HOT, HOT_RATE
from recos.simulate.nuv.layout import COLUMNS, ROWS
from recos.simulate.nuv.mechanism import shift1, shift2
from recos.simulate.nuv.motion import earth_velocity, orbit, stretch
from recos.simulate.orbit import Doppler
from recos.simulate.plan import PlannedExposure

_OVERSAMPLING = 8
"""Points per pixel at which the flux of a source is evaluated."""
_MARGIN = 180
"""Columns beyond the detector from which the mechanism may bring light onto it."""


class Source(Protocol):
    """What is observed."""

    def flux(self, wavelength: np.ndarray) -> np.ndarray:
        """erg/s/cm2/Angstrom at barycentric vacuum wavelengths in Angstrom, float64."""
        ...


class Photons(NamedTuple):
    """Time (seconds) and position on the detector (pixels, not rounded) of photons; float64, shape (n,)."""

    time: np.ndarray
    x: np.ndarray
    y: np.ndarray


def concatenate(parts: list[Photons]) -> Photons:
    """All photons of several origins."""
    return Photons(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def spectrum_rates(planned: PlannedExposure, source: Source, stripe: str) -> tuple[np.ndarray, np.ndarray]:
    """Count rates of the source along a stripe that the mechanism does not displace and the orbit does not shift.

    Returns
    -------
    x : ndarray of float64, shape (n,)
        Columns, also beyond the detector.
    rates : ndarray of float64, shape (n,)
        Count/s in the interval around each `x`, without the response of the pixels.
    """
    c = planned.configuration
    relation = layout.dispersion(c.opt_elem, c.cenwave, stripe, c.aperture)
    x = np.arange(-_MARGIN, COLUMNS + _MARGIN, 1.0 / _OVERSAMPLING)
    wavelength = relation.wavelength(x)
    flux = source.flux(wavelength / stretch(earth_velocity(planned)))
    rates = flux * layout.sensitivity(c, stripe, wavelength, c.aperture) / _OVERSAMPLING
    return x, rates * (layout.ageing(c.opt_elem, planned.expstart) if planned.effects.ageing else 1.0)


def draw_times(rng: np.random.Generator, n: int, interval: Interval) -> np.ndarray:
    """Times of a constant rate, not in order."""
    return rng.uniform(*interval, n)


def draw_gaussians(
    rng: np.random.Generator, n: int, profile: tuple[tuple[float, float], ...], columns: int = 1
) -> np.ndarray:
    """Deviations with a profile of two Gaussians (fraction and standard deviation of each), shape (columns, n)."""
    (core, narrow), (_, wide) = profile
    width = np.where(rng.uniform(size=n) < core, narrow, wide)
    return rng.normal(size=(columns, n)) * width


def draw_spectrum(
    planned: PlannedExposure, source: Source, stripe: str, rng: np.random.Generator, excess: float
) -> Photons:
    """Photons of the source in one stripe, and those that are scattered from it.

    Parameters
    ----------
    excess : float
        Factor by which more photons are drawn than arrive, for the response of the pixels to choose from.
    """
    c, effects = planned.configuration, planned.effects
    x, rates = spectrum_rates(planned, source, stripe)
    edges = np.concatenate([[0.0], np.cumsum(rates)])
    scattered = layout.SCATTERED if effects.scattered else 0.0
    n = rng.poisson(edges[-1] * planned.exptime * excess)
    faint = rng.poisson(edges[-1] * planned.exptime * excess * scattered)
    time = draw_times(rng, n + faint, (0.0, planned.exptime))
    boundaries = np.append(x, x[-1] + 1.0 / _OVERSAMPLING) - 0.5 / _OVERSAMPLING
    at_rest = np.interp(rng.uniform(0.0, edges[-1], n), edges, boundaries)
    shifted = _in_orbit(c, stripe, at_rest, time[:n], orbit(planned), planned.expstart)
    if effects.line_spread:
        shifted += rng.normal(0.0, layout.LINE_SPREAD[c.aperture], n)
    row, slope = layout.spectrum_row(c.opt_elem, stripe, c.aperture)
    # the trace stays where it is on the detector when the spectrum moves along it
    column = np.concatenate(
        [shifted + shift1(planned, stripe, time[:n]), rng.uniform(-0.5, COLUMNS - 0.5, faint)]
    )
    across = np.zeros(n + faint)
    if effects.cross_dispersion:
        across[:n] = draw_gaussians(rng, n, layout.PROFILE)[0]
    across[n:] = rng.normal(0.0, layout.SCATTERED_WIDTH, faint)
    return Photons(time, column, row + slope * column + shift2(planned, time) + across)


def _in_orbit(
    c: Configuration, stripe: str, x: np.ndarray, time: np.ndarray, motion: Doppler, expstart: float
) -> np.ndarray:
    """Columns of photons that HST, moving, sees at other wavelengths."""
    if motion.amplitude == 0.0:
        return x.copy()
    relation = layout.dispersion(c.opt_elem, c.cenwave, stripe, c.aperture)
    velocity = motion.velocity(expstart + time / SECONDS_PER_DAY)
    return layout.pixels(relation, relation.wavelength(x) * stretch(velocity), x)


def draw_lamp(
    planned: PlannedExposure,
    stripe: str,
    intervals: tuple[Interval, ...],
    rng: np.random.Generator,
    excess: float,
) -> Photons:
    """Photons of the lamp in one stripe while it is on."""
    c = planned.configuration
    columns, rates = lamp.lines(c, stripe)
    edges = np.cumsum(rates)
    counts = rng.poisson([excess * edges[-1] * (stop - start) for start, stop in intervals])
    time = np.concatenate(
        [draw_times(rng, n, i) for n, i in zip(counts, intervals, strict=True)] or [np.zeros(0)]
    )
    n = len(time)
    x = columns[np.searchsorted(edges, rng.uniform(0.0, edges[-1], n))]
    if planned.effects.line_spread:
        x = x + rng.normal(0.0, layout.LINE_SPREAD["WCA"], n)
    x = x + shift1(planned, stripe, time)
    row, slope = layout.spectrum_row(c.opt_elem, stripe, "WCA")
    y = row + slope * x + shift2(planned, time)
    if planned.effects.cross_dispersion:
        y += draw_gaussians(rng, n, layout.PROFILE)[0]
    return Photons(time, x, y)


def draw_dark(planned: PlannedExposure, rng: np.random.Generator) -> Photons:
    """Dark counts: the same in all pixels, with more in the hot spots."""
    rate = DARK_RATE if planned.dark_rate is None else planned.dark_rate
    boxes = [((0, 0, COLUMNS, ROWS), rate)] + [(box, HOT_RATE) for box in HOT]
    parts = []
    for (x, y, width, height), per_pixel in boxes:
        n = rng.poisson(per_pixel * width * height * planned.exptime)
        where = rng.uniform(-0.5, [[width - 0.5], [height - 0.5]], (2, n))
        parts.append(Photons(draw_times(rng, n, (0.0, planned.exptime)), x + where[0], y + where[1]))
    return concatenate(parts)
