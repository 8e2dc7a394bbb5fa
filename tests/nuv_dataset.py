"""A complete data set of the NUV simulator on disk, and how a spectrum that was put in comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.instrument import SECONDS_PER_DAY
from recos.simulate.headers import Setup, association_hdus, support_hdus
from recos.simulate.nuv import Nuv
from recos.simulate.plan import Observation, PlannedExposure
from recos.simulate.references import primary, table

FINE = 9
"""Points per pixel at which a spectrum is evaluated; odd."""


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
        ends = np.searchsorted(self.centres, [wavelength[0] - 3.0, wavelength[-1] + 3.0])
        for k in range(*ends):
            centre, depth, width = self.centres[k], self.depths[k], self.widths[k]
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
    if observation.bad_times:
        names["BADTTAB"] = _bad_times(directory / "ref" / "own_badt.fits", exposures)
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


def _bad_times(path: Path, exposures: list[PlannedExposure]) -> str:
    times = np.array(
        [np.array(interval) / SECONDS_PER_DAY + e.expstart for e in exposures for interval in e.bad_times]
    )
    columns = [
        ("SEGMENT", "4A", ["ANY"] * len(times)),
        ("START", "1D", times[:, 0]),
        ("STOP", "1D", times[:, 1]),
    ]
    fits.HDUList([primary("BADTTAB", DETECTOR="NUV"), table(columns, "BADTTAB")]).writeto(path)
    return f"lref${path.name}"


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
    truth = blurred(made.source, wavelength + fraction * per_pixel, spread) * counts_per_flux
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


def blurred(source: Star, wavelength: np.ndarray, spread: float) -> np.ndarray:
    """Flux of the source seen with the line spread function, and averaged over pixels."""
    pixel = np.arange(len(wavelength), dtype=np.float64)
    fine = np.arange(-0.5, len(wavelength) - 0.5, 1.0 / FINE) + 0.5 / FINE
    flux = source.flux(np.interp(fine, pixel, wavelength))
    x = np.arange(-6.0 * spread, 6.0 * spread + 0.5 / FINE, 1.0 / FINE)
    kernel = np.exp(-0.5 * (x / spread) ** 2)
    return np.convolve(flux, kernel / kernel.sum(), mode="same").reshape(-1, FINE).mean(axis=1)
