"""Images of target and lamp through MIRRORA and MIRRORB."""

from __future__ import annotations

import numpy as np

from recos.data.gti import Interval
from recos.simulate.nuv import lamp, layout
from recos.simulate.nuv.mechanism import shift1, shift2
from recos.simulate.nuv.photons import Photons, Source, draw_gaussians, draw_times
from recos.simulate.plan import PlannedExposure
from recos.steps._photcorr import photometry

_POINT_SPREAD = ((0.85, 1.1), (0.15, 4.0))
"""Fraction and standard deviation (pixels, each axis) of two Gaussians."""
_BAND_POINTS = 2001
_BAND = (1600.0, 3300.0)
"""Limits of the band of the mirrors, Angstrom."""


def count_rate(planned: PlannedExposure, source: Source) -> float:
    """Count/s of the whole image of a source, all of MIRRORB's images together.

    The band is a Gaussian of the rms width PHOTBW around PHOTPLAM; a source with a constant flux per Angstrom gives
    flux / PHOTFLAM.
    """
    c = planned.configuration
    known = photometry(c.opt_elem, c.aperture)
    wavelength = np.linspace(*_BAND, _BAND_POINTS)
    band = np.exp(-0.5 * ((wavelength - known["PHOTPLAM"]) / known["PHOTBW"]) ** 2) * wavelength
    return float(source.flux(wavelength) @ band / band.sum() / known["PHOTFLAM"])


def draw_target(planned: PlannedExposure, source: Source, rng: np.random.Generator, excess: float) -> Photons:
    """Photons of the image of the target; `excess` as for spectra."""
    n = rng.poisson(excess * count_rate(planned, source) * planned.exptime)
    time = draw_times(rng, n, (0.0, planned.exptime))
    spread = draw_gaussians(rng, n, _POINT_SPREAD, 2)
    spread *= [[planned.effects.line_spread], [planned.effects.cross_dispersion]]
    return _place(planned, time, layout.TARGET, spread, rng)


def draw_lamp_image(
    planned: PlannedExposure, intervals: tuple[Interval, ...], rng: np.random.Generator, excess: float
) -> Photons:
    """Photons of the image of the lamp while it is on."""
    counts = rng.poisson([excess * lamp.IMAGE_RATE * (stop - start) for start, stop in intervals])
    time = np.concatenate(
        [draw_times(rng, n, i) for n, i in zip(counts, intervals, strict=True)] or [np.zeros(0)]
    )
    return _place(planned, time, layout.LAMP_IMAGE, rng.normal(0.0, lamp.IMAGE_WIDTH, (2, len(time))), rng)


def _place(
    planned: PlannedExposure,
    time: np.ndarray,
    where: tuple[float, float],
    spread: np.ndarray,
    rng: np.random.Generator,
) -> Photons:
    """Photons around a place of the nominal image; some in the second image, so that their mean is there."""
    fraction, distance = layout.SECOND_IMAGE[planned.configuration.opt_elem]
    second = np.where(rng.uniform(size=len(time)) < fraction, distance, 0.0) - fraction * distance
    x = where[0] + second + spread[0] + shift1(planned, "", time)
    return Photons(time, x, where[1] + spread[1] + shift2(planned, time))
