"""Where the target is in the cross-dispersion direction. Specification 5, section 5.4.4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.extract.boxes import RowSource, tilted_box
from recos.extract.inputs import ExtractionInput
from recos.messages import get_logger

logger = get_logger(__name__)

SEARCH_HEIGHT = 91
"""Rows in which the target is searched."""
AIRGLOW_WAVELENGTHS = (1215.67, 1304.0, 1356.0)
"""Angstrom"""
AIRGLOW_HALF_WIDTH = 94
"""Pixels masked on each side of an airglow line."""
_LEAST_FIT_POINTS = 5
NO_SIGMA = 999.0
"""Error of a position that was not found."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target that was found.

    Attributes
    ----------
    position : float
        Row at the left edge of the detector.
    offset : float
        Distance from the nominal position, rows.
    sigma : float
        Error of the position, rows; as the reference implementation defines it, unless the correction search-error is
        on. 999 if the fit failed.
    fwhm : int or float
        Width of the cross-dispersion profile; an integer where rows above half maximum were counted; -1 if
        there is no signal.
    """

    position: float
    offset: float
    sigma: float
    fwhm: float


def search(data: ExtractionInput, slope: float, nominal: float) -> Target:
    """Find the target of an exposure about its nominal row at the left edge of the detector, and tell where."""
    wavelength = data.wavelength if data.segment.startswith("FUV") else None
    exptime = data.exptime if "search-error" in data.corrections else None
    target = find_target(
        data.effective, data.quality, data.shape, slope, nominal, wavelength, data.x_offset, exptime
    )
    middle = slope * (data.shape[1] // 2 - data.x_offset)
    logger.info(
        "%s spectrum was found at y = %.2f vs. nominal y = %.2f\n"
        "    error estimate for y location = %.2f, FWHM = %s",
        data.segment,
        target.position + middle,
        nominal + middle,
        target.sigma,
        f"{target.fwhm:d}" if isinstance(target.fwhm, int) else f"{target.fwhm:.2f}",
    )
    return target


def accepted(data: ExtractionInput, target: Target) -> bool:
    """Whether the user wants the spectrum extracted where the target was found, given the error of its position."""
    if data.find_target is None or not data.find_target[0]:
        return False
    if "search-error" in data.corrections and target.sigma == NO_SIGMA:
        logger.info("%s spectrum was not found.", data.segment)
        return False
    cutoff = data.find_target[1]
    if cutoff is not None and cutoff > 0.0 and target.sigma > cutoff:
        logger.info(
            "%s sigma = %.2f of found location is higher than cutoff = %.2f.",
            data.segment,
            target.sigma,
            cutoff,
        )
        return False
    return True


def find_target(
    effective: RowSource,
    quality: RowSource,
    shape: tuple[int, int],
    slope: float,
    nominal: float,
    wavelength: np.ndarray | None,
    x_offset: int = 0,
    exptime: float | None = None,
) -> Target:
    """Find the target in a band of 91 rows about its nominal position.

    Parameters
    ----------
    effective, quality : callable
        Rows of the flat-fielded count rates and of their data quality.
    shape : (int, int)
        Rows and columns of the images.
    slope, nominal : float
        Rows per column; nominal row at the left edge of the detector.
    wavelength : ndarray or None
        Of each column, increasing, Angstrom, not heliocentric, to leave out airglow lines (FUV).
    x_offset : int
        Image column of the left edge of the detector.
    exptime : float, optional
        Seconds; the error of the position is then that which the counts have.
    """
    box = tilted_box(shape, slope, nominal, SEARCH_HEIGHT, x_offset)
    band = box.cut(effective)
    band[box.cut(quality) != 0] = 0.0
    if wavelength is not None:
        for first, last in airglow_columns(wavelength):
            band[:, first:last] = 0.0
    profile = band.sum(axis=1, dtype=np.float32)
    row, sigma, fwhm = peak(profile, None if exptime is None else profile / max(exptime, 1e-10))
    zero_point = round(float(nominal - slope * x_offset)) - SEARCH_HEIGHT // 2
    found = row + zero_point + slope * x_offset
    return Target(float(found), float(found - nominal), float(sigma), fwhm)


def airglow_columns(wavelength: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of columns (the last one excluded) around airglow lines."""
    n = len(wavelength)
    dispersion = (wavelength[-1] - wavelength[0]) / n
    ranges = []
    for line in AIRGLOW_WAVELENGTHS:
        if line < wavelength[0]:
            pixel = round(float((line - wavelength[0]) / dispersion))
        elif line >= wavelength[-1]:
            pixel = round(float((line - wavelength[-1]) / dispersion + n - 1))
        else:
            pixel = int(np.argmin(np.abs(wavelength - line)))
        low, high = pixel - AIRGLOW_HALF_WIDTH, pixel + AIRGLOW_HALF_WIDTH
        if high >= 0 and low < n:
            ranges.append((max(low, 0), max(min(high, n - 1), 0)))
    return ranges


def peak(profile: np.ndarray, variance: np.ndarray | None = None) -> tuple[float, float, float]:
    """Position, its error, and width of the highest peak of a cross-dispersion profile (float32).

    Parameters
    ----------
    profile : ndarray of float32
    variance : ndarray, optional
        Of the profile; if given, the error is that of the position, and what is no maximum near the highest pixel
        is no peak.
    """
    padded = np.concatenate((profile[:1], profile, profile[-1:])).astype(np.float64)
    smoothed = ((padded[:-2] + padded[1:-1] + padded[2:]) / 3.0).astype(np.float32)
    highest = int(np.argsort(smoothed, kind="stable")[-1])
    fwhm = full_width(profile, highest)
    n = max(round(fwhm), _LEAST_FIT_POINTS)
    n += 1 - n % 2
    first = max(highest - n // 2, 0)
    last = first + n
    if last > len(profile):
        last, first = len(profile), max(len(profile) - n, 0)
    x = np.arange(first, last, dtype=np.float64)
    row, sigma = parabola_vertex(x, smoothed[first:last])
    # QUIRK (specification 5, section 5.4.4): a minimum, or a vertex beyond the fitted pixels, counts as found.
    if variance is not None and sigma is not None:
        sigma = _vertex_error(x, smoothed[first:last], variance) if first <= row <= last - 1 else None
    if sigma is None:
        row, sigma = float(highest), NO_SIGMA
    if abs(row - highest) > fwhm / 4.0:
        fwhm = full_width(profile, row)
    return row, sigma, fwhm


def parabola_vertex(x: np.ndarray, y: np.ndarray) -> tuple[float, float | None]:
    """Vertex of the parabola through points by least squares, and its error; (nan, None) if there is none."""
    y = y.astype(np.float64) - float(y[0])
    terms = np.vander(x, 3, increasing=True)
    normal = terms.T @ terms
    try:
        a = np.linalg.solve(normal, terms.T @ y)
        inverse = np.linalg.inv(normal)
    except np.linalg.LinAlgError:
        return float("nan"), None
    if a[2] == 0.0:
        return float("nan"), None
    degrees = len(x) - 3
    scatter = np.sqrt(np.sum((y - (a[0] + a[1] * x + a[2] * x**2)) ** 2) / degrees) if degrees > 0 else 0.0
    # QUIRK (specification 5, section 5.4.4): the scatter, not its square, so that sigma is no true error.
    variance = np.diag(inverse) * scatter
    sigma = 0.5 * np.sqrt(variance[1] / a[2] ** 2 + variance[2] * a[1] ** 2 / a[2] ** 4)
    return float(-a[1] / (2.0 * a[2])), float(sigma)


def _vertex_error(x: np.ndarray, y: np.ndarray, variance: np.ndarray) -> float | None:
    """Error of the vertex of the parabola through a smoothed profile; None if it is a minimum."""
    centre = x.mean()
    terms = np.vander(x - centre, 3, increasing=True)
    solve = np.linalg.pinv(terms)
    a = solve @ y.astype(np.float64)
    if a[2] >= 0.0:
        return None
    n = len(variance)
    # the fitted pixels are means of three, those at the ends of two of which one counts twice
    neighbours = np.clip(x[:, np.newaxis].astype(np.int64) + np.array([-1, 0, 1]), 0, n - 1)
    smoothing = np.zeros((len(x), n))
    np.add.at(smoothing, (np.arange(len(x))[:, np.newaxis], neighbours), 1.0 / 3.0)
    derivative = np.array([0.0, -0.5 / a[2], 0.5 * a[1] / a[2] ** 2]) @ solve @ smoothing
    return float(np.sqrt(derivative**2 @ np.maximum(variance, 0.0)))


def full_width(profile: np.ndarray, row: float) -> float:
    """Full width at half maximum of a profile about a row; -1 without signal there."""
    n = len(profile)
    centre = round(float(row)) if np.isfinite(row) else -1
    if centre < 0 or centre >= n or profile[centre] <= 0.0:
        return -1.0
    values = profile.astype(np.float64)
    ordered = np.sort(values)
    background = float(ordered[: n // 3].mean())
    level = (values[centre] - background) / 2.0 + background
    rows_above = int(n - np.count_nonzero(ordered < level))
    width = _crossing_above(values, centre, level) - _crossing_below(values, centre, level)
    return rows_above if rows_above > width + 2.0 else float(width)


def _crossing_below(values: np.ndarray, centre: int, level: float) -> float:
    below = np.flatnonzero(values[: centre + 1] < level)
    j = int(below[-1]) if len(below) else 0
    if j + 1 >= len(values) or values[j + 1] == values[j]:
        return j + 0.5
    crossing: float = j + (level - values[j]) / (values[j + 1] - values[j])
    return crossing


def _crossing_above(values: np.ndarray, centre: int, level: float) -> float:
    below = np.flatnonzero(values[centre:] < level)
    j = centre + int(below[0]) if len(below) else len(values) - 1
    if j == 0 or values[j] == values[j - 1]:
        return j - 0.5
    crossing: float = j - 1 + (level - values[j - 1]) / (values[j] - values[j - 1])
    return crossing
