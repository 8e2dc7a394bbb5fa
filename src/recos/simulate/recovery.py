"""Whether a calibrated spectrum is the one that was simulated: flux, wavelengths, and errors that mean what they say.

It needs nothing but the product, the source and the detector protocol of :mod:`recos.simulate.dataset`.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.errors import InputError, UsageError
from recos.simulate.airglow import AIRGLOW
from recos.simulate.dataset import Dataset

AIRGLOW_MARGIN = 100.0
"""Pixels left out on either side of geocoronal lines: half the width of the aperture, and the motion of the Earth."""
PIXEL_BLUR = 0.5
"""Blur of positions by digitisation, randomisation and binning, standard deviation in pixels."""
COUNTS_PER_BIN = 2500.0
"""Expected counts in a bin of which the pull is taken; then its error is close enough to Gaussian."""
_OVERSAMPLING = 8
_LARGEST_OFFSET = 12
"""Pixels; larger offsets are not found."""
_LARGEST_OFFSET_ERROR = 2.0
"""Pixels; spectra whose features tell less are not moved."""
_ITERATIONS = 4


class Pulls(NamedTuple):
    """Distribution of (extracted - true) / error; N(0, 1) if the errors are right. NaN without values."""

    mean: float
    std: float
    number: int

    def __str__(self) -> str:
        return f"{self.mean:+.3f} +- {self.std:.3f} of {self.number}"


class Recovery(NamedTuple):
    """How one extracted spectrum compares with the truth.

    Offsets are positive when features lie at larger pixels than they should.
    """

    spectrum: str
    """Segment or stripe."""
    counts: float
    """Expected net counts in the pixels that are compared."""
    ratio: float
    """Extracted over true flux."""
    ratio_error: float
    offset: float
    """Displacement in dispersion direction in the middle of the spectrum, pixels; NaN if there are no features."""
    offset_error: float
    stretch: float
    """Change of the displacement from the first to the last pixel, pixels."""
    stretch_error: float
    bins: Pulls
    """Of bins, after the displacement is taken out."""
    pixels: Pulls
    """Of single pixels with 100 counts or more; none if there are fewer than 100 of them."""

    def __str__(self) -> str:
        return (
            f"{self.spectrum}: {self.counts:.3g} counts, flux ratio {self.ratio:.4f} +- {self.ratio_error:.4f}, "
            f"offset {self.offset:+.3f} +- {self.offset_error:.3f} pixel, "
            f"stretch {self.stretch:+.3f} +- {self.stretch_error:.3f} pixel, "
            f"pulls {self.bins} (bins), {self.pixels} (pixels)"
        )


def recover(dataset: Dataset, product: str | Path) -> list[Recovery]:
    """Compare the spectra of a product with the truth, one result per segment or stripe.

    Parameters
    ----------
    dataset : Dataset
        What was simulated.
    product : str or Path
        An x1d, x1dsum or x1dsumN file of it, with FLUXCORR done.

    Raises
    ------
    InputError
        If the file is not flux-calibrated, has no good pixels, or the source has no flux in it.
    """
    with fits.open(product) as hdus:
        table = hdus[1].data
        rows = [{name: table[name][k] for name in table.names} for k in range(len(table))]
    return [_recovery(dataset, row, product) for row in rows]


def true_flux(dataset: Dataset, spectrum: str, wavelength: np.ndarray) -> np.ndarray:
    """Flux as the instrument blurs it, at the pixels of a spectrum.

    Parameters
    ----------
    spectrum : str
        Segment or stripe.
    wavelength : ndarray, shape (n,)
        Barycentric, Angstrom, of adjacent pixels.

    Returns
    -------
    ndarray of float64, shape (n,)
        erg/s/cm2/Angstrom
    """
    observation, detector = dataset.observation, dataset.detector
    relation = detector.dispersion(spectrum, observation.configuration.aperture)
    core = detector.line_spread(spectrum) if observation.effects.line_spread else 0.0
    pixel = abs(float(np.median(np.diff(wavelength))))
    # the pixels of a combined spectrum differ a little from those of the detector
    middle = relation.pixel(float(np.median(wavelength)))
    scale = abs(float(relation.dispersion(middle))) / pixel
    n = len(wavelength)
    fine = np.arange(-0.5 + 0.5 / _OVERSAMPLING, n - 0.5, 1.0 / _OVERSAMPLING)
    grid = np.interp(fine, np.arange(n), wavelength)
    blurred = _filters().gaussian_filter1d(
        np.asarray(dataset.source.flux(grid), np.float64),
        np.hypot(core, PIXEL_BLUR) * scale * _OVERSAMPLING,
        mode="nearest",
    )
    return np.interp(np.arange(n), fine, blurred)


def _recovery(dataset: Dataset, row: dict, product: str | Path) -> Recovery:
    spectrum = str(row["SEGMENT"]).strip()
    wavelength = np.asarray(row["WAVELENGTH"], np.float64)
    net, flux = np.asarray(row["NET"], np.float64), np.asarray(row["FLUX"], np.float64)
    weight = np.asarray(row["DQ_WGT"], np.float64)
    known = (flux != 0.0) & (net != 0.0) & (weight > 0.0)
    use = (weight > 0.0) & ~airglow_pixels(dataset, wavelength)
    if not known.any() or not use.any():
        raise InputError(
            f"{product}: the spectrum of {spectrum} has no pixel with DQ_WGT > 0 and a flux. Calibrate with "
            "FLUXCORR and X1DCORR."
        )
    # the sensitivity is smooth, so pixels without counts get it from their neighbours
    per_flux = np.interp(wavelength, wavelength[known], net[known] / flux[known])
    # of a combined spectrum some pixels are seen in some exposures only
    time = float(row["EXPTIME"]) * weight / weight.max()
    rate = true_flux(dataset, spectrum, wavelength) * per_flux
    background = np.clip(np.asarray(row["BACKGROUND"], np.float64) * time, 0.0, None)
    variance = sum(np.asarray(row[f"VARIANCE_{v}"], np.float64) for v in ("FLAT", "COUNTS", "BKG"))
    use &= rate > 0.0
    if not use.any():
        raise InputError(
            f"{product}: the source has no flux in the spectrum of {spectrum}; nothing to compare."
        )
    values, errors, registered = _register(rate, net, time, background, np.asarray(variance), use)
    truth, registered, variance = (rate * time)[use], registered[use], np.asarray(variance)[use]
    bins = _pulls(registered, variance, truth, COUNTS_PER_BIN)
    bright = truth >= 100.0
    pixels = registered[bright] / np.sqrt(variance[bright] + 1e-9) if bright.sum() >= 100 else np.zeros(0)
    (ratio, offset, stretch), (ratio_error, offset_error, stretch_error) = values.tolist(), errors.tolist()
    return Recovery(
        spectrum=spectrum,
        counts=float(truth.sum()),
        ratio=ratio,
        ratio_error=ratio_error,
        offset=offset,
        offset_error=offset_error,
        stretch=stretch,
        stretch_error=stretch_error,
        bins=_moments(bins),
        pixels=_moments(pixels),
    )


def airglow_pixels(dataset: Dataset, wavelength: np.ndarray) -> np.ndarray:
    """Pixels in which there may be airglow."""
    if not dataset.observation.effects.airglow:
        return np.zeros(len(wavelength), bool)
    margin = AIRGLOW_MARGIN * abs(float(np.median(np.diff(wavelength))))
    distance = np.abs(wavelength[:, np.newaxis] - np.array([line.wavelength for line in AIRGLOW]))
    return (distance < margin).any(axis=1)


def _register(
    rate: np.ndarray,
    net: np.ndarray,
    time: np.ndarray,
    background: np.ndarray,
    variance: np.ndarray,
    use: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratio of fluxes, offset and stretch of an observed spectrum against the truth, by least squares.

    Parameters
    ----------
    rate, net, time : ndarray, shape (n,)
        Expected and observed net count rate of adjacent pixels, and how long each was seen.
    background, variance : ndarray, shape (n,)
        Counts.
    use : ndarray of bool, shape (n,)

    Returns
    -------
    values, errors : ndarray, shape (3,)
        Ratio, offset, stretch; NaN for the last two if the spectrum has too few features.
    residual : ndarray, shape (n,)
        Observed minus true counts; the truth at the offset and stretch found.
    """
    pixel = np.arange(len(rate), dtype=np.float64)
    position = np.linspace(-0.5, 0.5, len(rate))
    counts = net * time
    # expected variances as weights: observed ones would favour pixels that came out low
    weights = use / (rate * time + background + 1.0)
    known = np.sum(weights * (np.gradient(rate) * time) ** 2) * _LARGEST_OFFSET_ERROR**2 > 1.0
    free = slice(0, 3 if known else 1)
    values = np.array([1.0, _coarse_offset(rate, counts, time, use) if known else 0.0, 0.0])
    for _ in range(_ITERATIONS):
        # the rate is moved and not the counts: exposures end at columns of the detector, not at wavelengths
        moved = np.interp(pixel - values[1] - values[2] * position, pixel, rate)
        slope = -np.gradient(moved) * time
        moved = moved * time
        weights = use / (moved + background + 1.0)
        design = np.stack([moved, slope, slope * position])[free]
        projection = np.linalg.pinv((design * weights) @ design.T, hermitian=True) @ (design * weights)
        change = projection @ (counts - moved)
        values[free] = [1.0 + change[0], *(values[1:][: len(change) - 1] + change[1:])]
    errors = np.sqrt(np.maximum((projection**2) @ variance, 0.0))
    residual = counts - moved - change[1:] @ design[1:]
    if not known:
        return np.array([values[0], np.nan, np.nan]), np.array([errors[0], np.nan, np.nan]), residual
    return values, errors, residual


def _coarse_offset(rate: np.ndarray, counts: np.ndarray, time: np.ndarray, use: np.ndarray) -> float:
    """The whole number of pixels by which the true rate is to be moved to resemble the counts most."""
    # smooth weights: those of the truth itself would punish a line that is in the wrong place one-sidedly
    weights = use / (_filters().uniform_filter1d(rate, 501) * time + 1.0)
    shifts = np.arange(-_LARGEST_OFFSET, _LARGEST_OFFSET + 1)
    misfits = []
    for shift in shifts:
        moved = np.roll(rate, shift) * time
        ratio = np.sum(weights * moved * counts) / max(np.sum(weights * moved**2), 1e-30)
        misfits.append(np.sum(weights * (counts - ratio * moved) ** 2))
    return float(shifts[np.argmin(misfits)])


def _pulls(residual: np.ndarray, variance: np.ndarray, truth: np.ndarray, counts: float) -> np.ndarray:
    """Pulls in bins of adjacent pixels with at least `counts` expected counts each."""
    number = (np.cumsum(truth) / counts).astype(np.int64)
    sums = [np.bincount(number, a) for a in (residual, variance)]
    # the last bin is not full
    return (sums[0] / np.sqrt(np.maximum(sums[1], 1e-9)))[:-1][np.bincount(number)[:-1] > 0]


def _moments(values: np.ndarray) -> Pulls:
    if len(values) < 2:
        return Pulls(float("nan"), float("nan"), len(values))
    return Pulls(float(values.mean()), float(values.std(ddof=1)), len(values))


def _filters() -> ModuleType:
    """The filters of scipy, which is optional.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        from scipy import ndimage
    except ImportError:
        raise UsageError("Recovering a spectrum needs scipy. Install it (pip install scipy).") from None
    module: ModuleType = ndimage
    return module
