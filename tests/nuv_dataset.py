"""A complete data set of the NUV simulator on disk, and how a spectrum that was put in comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.instrument import SECONDS_PER_DAY
from recos.simulate.headers import Setup, association_hdus, support_hdus
from recos.simulate.nuv import Nuv
from recos.simulate.nuv.references import bad_times_file, bad_times_of
from recos.simulate.plan import Observation, PlannedExposure


class Star:
    """A continuum with absorption lines."""

    def __init__(self, scale: float = 1.0, lines: int = 900, depth: float = 0.6) -> None:
        self.scale = scale
        rng = np.random.default_rng(77)
        self.centres = np.sort(rng.uniform(1300.0, 4000.0, lines))
        self.depths = rng.uniform(0.1, depth, lines)
        self.widths = rng.uniform(0.1, 0.4, lines)

    def flux(self, wavelength: np.ndarray) -> np.ndarray:
        absorption = np.zeros_like(wavelength)
        for centre, depth, width in zip(self.centres, self.depths, self.widths, strict=True):
            first, last = np.searchsorted(wavelength, [centre - 6.0 * width, centre + 6.0 * width])
            near = slice(first, last)
            absorption[near] += depth * np.exp(-0.5 * ((wavelength[near] - centre) / width) ** 2)
        return self.scale * (wavelength / 2500.0) ** -1.0 * (1.0 - np.minimum(absorption, 0.95))

    def scaled(self, factor: float) -> Star:
        star = Star(self.scale * factor, 0)
        star.centres, star.depths, star.widths = self.centres, self.depths, self.widths
        return star


@dataclass
class Made:
    """A data set on disk, its exposures, its source, and what is true about each exposure."""

    association: Path
    references: Path
    simulator: Nuv
    exposures: list[PlannedExposure]
    source: Star
    truth: list[dict]

    @property
    def science(self) -> list[PlannedExposure]:
        return [e for e in self.exposures if not e.is_wavecal]


def make(directory: Path, observation: Observation, source: Star | None = None) -> Made:
    """Write ``raw`` and ``ref``; the source is scaled to the events of the observation."""
    simulator = Nuv(observation.configuration)
    raw = directory / "raw"
    raw.mkdir(parents=True)
    exposures = observation.exposures()
    names = simulator.write_references(directory / "ref")
    bad = bad_times_of(exposures)
    if bad:
        names["BADTTAB"] = "lref$nuv_own_badt.fits"
        bad_times_file(bad).writeto(directory / "ref" / "nuv_own_badt.fits")
    source = source or Star()
    science = next(e for e in exposures if not e.is_wavecal)
    if observation.events is not None:
        source = source.scaled(observation.events / simulator.expected_counts(science, source))
    truth = []
    for e in exposures:
        truth.append(simulator.write_raw(e, source, raw, names)[1])
        setup = Setup(root=e.root, association=e.association, target=e.target)
        support_hdus(setup).writeto(raw / f"{e.root}_spt.fits")
    asn = association_hdus(Setup(association=observation.association), tuple(e.root for e in exposures))
    asn[1].data["MEMTYPE"][: len(exposures)] = [e.role for e in exposures]
    path = raw / f"{observation.association}_asn.fits"
    asn.writeto(path)
    return Made(path, directory / "ref", simulator, exposures, source, truth)


class Recovery(NamedTuple):
    """How one extracted stripe compares with what was put in."""

    ratio: float
    ratio_error: float
    """Extracted over true flux, weighted by counts."""
    offset: float
    offset_error: float
    """Displacement of the spectrum in pixels, and its uncertainty."""
    slope: float
    slope_error: float
    """Change of the displacement from one end of the stripe to the other, pixels."""


def compare(made: Made, x1d: Path, fraction: dict[str, float] | None = None) -> dict[str, Recovery]:
    """Compare an x1d product with the truth, by stripe.

    `fraction`: known displacement of each stripe in pixels, which is added to the columns first.
    """
    with fits.open(x1d) as hdus:
        return {
            row["SEGMENT"]: _recovery(made, row, (fraction or {}).get(row["SEGMENT"], 0.0))
            for row in hdus[1].data
        }


def _recovery(made: Made, row: fits.FITS_record, fraction: float) -> Recovery:
    stripe, aperture = row["SEGMENT"], made.simulator.configuration.aperture
    net = np.asarray(row["NET"], np.float64)
    wavelength = np.asarray(row["WAVELENGTH"], np.float64)
    per_pixel = np.gradient(wavelength)
    use = (np.asarray(row["DQ_WGT"]) > 0) & (net != 0.0) & (row["FLUX"] != 0.0)
    use[: 100 + 115] = use[100 + 1024 - 115 :] = False
    exptime = float(row["EXPTIME"])
    counts_per_flux = np.divide(exptime * net, row["FLUX"], where=use, out=np.zeros_like(net))
    spread = made.simulator.line_spread(stripe)
    truth = blurred(made.source, wavelength + fraction * per_pixel, per_pixel, spread) * counts_per_flux
    slope = -np.gradient(truth)
    residual = (net * exptime - truth)[use]
    variance = sum(row[f"VARIANCE_{v}"][use].astype(np.float64) for v in ("FLAT", "COUNTS", "BKG"))
    truth, slope = truth[use], slope[use]
    place = np.linspace(-0.5, 0.5, len(net))[use] * len(net) / 1024.0
    model = np.stack([truth, slope, slope * place])
    weight = 1.0 / np.maximum(truth + np.median(variance - truth).clip(0.0), 1.0)
    covariance = np.linalg.inv((model * weight) @ model.T)
    best = covariance @ ((model * weight) @ residual)
    error = np.sqrt(np.diag(covariance))
    assert aperture in ("PSA", "BOA")
    return Recovery(1.0 + best[0], error[0], best[1], error[1], best[2], error[2])


def blurred(source: Star, wavelength: np.ndarray, per_pixel: np.ndarray, spread: float) -> np.ndarray:
    """Flux of the source seen with the line spread function and in pixels."""
    fine = np.arange(-5.0, 5.01, 0.1) * spread
    kernel = np.exp(-0.5 * (fine / spread) ** 2)
    kernel /= kernel.sum()
    inside = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
    total = np.zeros_like(wavelength)
    for weight, shift in zip(kernel, fine, strict=True):
        for pixel in inside:
            total += weight / len(inside) * source.flux(wavelength + (shift + pixel) * per_pixel)
    return total


def later(planned: PlannedExposure, seconds: float) -> PlannedExposure:
    """The same exposure at another time."""
    return replace(planned, expstart=planned.expstart + seconds / SECONDS_PER_DAY)
