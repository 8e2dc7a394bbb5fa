"""Template matching: where the lines of the lamp are, against where LAMPTAB has them.

Specification 4, section 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from recos.kernels.lags import lag_products
from recos.wavecal.lamp import SearchParameters
from recos.wavecal.quadratic import Quadratic, fit_quadratic

FEWEST_COUNTS = 50.0
"""A spectrum with fewer counts is not taken as found."""
_CANDIDATES = 10
_FIT_WIDTHS = (3, 4, 6, 7, 5)
_GUARD_WIDTH = 7
_RESULT_WIDTH = 5


@dataclass(frozen=True, slots=True)
class Match:
    """Displacement of one lamp spectrum against its template.

    Attributes
    ----------
    shift : float
        Displacement that is applied, pixels, without that of the FPOFFSET.
    measured : float
        Displacement that was measured, pixels; also when it was rejected.
    scatter : float
        Its error, pixels.
    chi_square, ndf : float
        Not reduced chi-square at the nearest integer displacement, and its degrees of freedom.
    found : bool
        The spectrum was found and the match accepted.
    fp_pixel_shift : float
        Displacement of the template itself, pixels.
    user_specified : bool
        `shift` comes from a shift file.
    """

    shift: float
    measured: float
    scatter: float
    chi_square: float
    ndf: float
    found: bool
    fp_pixel_shift: float = 0.0
    user_specified: bool = False

    @property
    def total(self) -> float:
        """Displacement against the template of FPOFFSET = 0, pixels: what corrects the events."""
        return self.shift + self.fp_pixel_shift


def match_segment(
    spectrum: np.ndarray,
    template: np.ndarray,
    search: SearchParameters,
    found: bool = True,
    fp_pixel_shift: float = 0.0,
) -> Match:
    """Match the spectrum of an FUV segment. Specification 4, sections 8.1 to 8.5.

    Parameters
    ----------
    spectrum : ndarray of float64, shape (n,)
        Counts.
    template : ndarray of float32 or float64, shape (n,)
        Counts.
    search : SearchParameters
    found : bool
        Whether the spectrum was found in the cross-dispersion direction.
    fp_pixel_shift : float
        Displacement of the template, pixels.
    """
    found = found and bool(np.sum(spectrum) >= FEWEST_COUNTS)
    position = locate(spectrum, template, search)
    if position is None:
        return Match(0.0, 0.0, 0.0, 0.0, 0.0, False, fp_pixel_shift)
    trial = compare(spectrum, template, round(position.shift))
    if trial is None:
        return Match(0.0, position.measured, position.scatter, 0.0, 0.0, False, fp_pixel_shift)
    reduced = trial.reduced_chi_square
    accepted = 1.0 / search.threshold <= reduced <= search.threshold
    # QUIRK (specification 4, section 8.5): an accepted match is applied even if `found` was false before
    applied = accepted
    if "lamp-not-found" in search.corrections:
        applied = found and accepted and position.certain
    return Match(
        shift=position.shift if applied else 0.0,
        measured=position.measured,
        scatter=position.scatter,
        chi_square=trial.chi_square,
        ndf=trial.ndf,
        found=found and accepted and position.certain,
        fp_pixel_shift=fp_pixel_shift,
    )


def override(match: Match, spectrum: np.ndarray, template: np.ndarray, total: float) -> Match:
    """A match with a total displacement from elsewhere, and the statistics there."""
    shift = total - match.fp_pixel_shift
    trial = compare(spectrum, template, round(shift))
    return replace(
        match,
        shift=shift,
        scatter=0.0,
        chi_square=0.0 if trial is None else trial.chi_square,
        ndf=0.0 if trial is None else trial.ndf,
        found=True,
        user_specified=True,
    )


class Trial(NamedTuple):
    """Agreement of spectrum and scaled template at one integer displacement."""

    chi_square: float
    ndf: float

    @property
    def reduced_chi_square(self) -> float:
        """Chi-square per degree of freedom."""
        return self.chi_square / max(self.ndf, 1.0)


def compare(spectrum: np.ndarray, template: np.ndarray, lag: int) -> Trial | None:
    """Fit the template, displaced by `lag` pixels, to the spectrum; None if they have nothing in common.

    Specification 4, section 8.3.
    """
    n = len(spectrum)
    s, p = spectrum[max(lag, 0) : n + min(lag, 0)], template[max(-lag, 0) : n - max(lag, 0)]
    common = np.flatnonzero((s != 0.0) & (p != 0.0))
    if len(common) < 2:
        return None
    s, p = s[common[0] : common[-1] + 1], p[common[0] : common[-1] + 1]
    n = len(s)
    sum_s, sum_p = np.sum(s), np.sum(p, dtype=np.float64)
    denominator = sum_p**2 - n * np.sum(p * p, dtype=np.float64)
    if denominator == 0.0:
        return None
    factor = (sum_s * sum_p - n * np.sum(s * p)) / denominator
    if factor <= 0.0:
        return None
    constant = (sum_s - factor * sum_p) / n
    counted = (s != 0.0) | (p != 0.0)
    s, p = s[counted], p[counted]
    variance = s / factor**2 + p
    variance[variance <= 0.0] = 1.0
    terms = ((s - constant) / factor - p) ** 2 / variance
    faint = (s <= 1.5) & (p <= 1.5)
    terms[faint] = np.minimum(terms[faint], 1.0)
    ndf = max(0, int(np.count_nonzero((s > 0.0) | (p > 0.0))) - 1)
    return Trial(float(np.sum(terms)), float(ndf))


class Position(NamedTuple):
    """Displacement of the best agreement of a spectrum with its template, pixels."""

    shift: float
    measured: float
    scatter: float
    certain: bool
    """All fits around the minimum have an extremum."""


def locate(spectrum: np.ndarray, template: np.ndarray, search: SearchParameters) -> Position | None:
    """Displacement of the best agreement; None if there is no distinct one. Specification 4, section 8.4."""
    n = 2 * search.half_range + 1
    lags = np.rint(np.arange(n) - search.half_range + search.centre).astype(np.int64)
    rms, bad = _rms_of_lags(spectrum, template, lags)
    chi: dict[int, np.float32] = {}

    def reduced(k: int) -> np.float32:
        if k not in chi:
            trial = compare(spectrum, template, int(lags[k]))
            chi[k] = np.float32(0.0 if trial is None else trial.reduced_chi_square)
        return chi[k]

    fits = ((k, fit_quadratic(rms[_window(k, _RESULT_WIDTH, n)])) for k in _candidates(rms, bad))
    candidates = [k for k, fit in fits if fit is not None and fit.coefficients[2] > 0.0]
    if not candidates:
        return None
    return _refined(min(candidates, key=reduced), reduced, n, search)


def _refined(best: int, reduced: Callable[[int], np.float32], n: int, search: SearchParameters) -> Position:
    """The minimum of the reduced chi-square around lag `best` of `n` lags.

    QUIRK (specification 4, section 8.4): neither the kind of the extremum nor its distance from `best` is
    tested; with the correction, `best` stands for one that is no minimum among the lags.
    """
    first = search.centre - search.half_range
    positions: list[float] = []
    fit: Quadratic | None = None
    extremum = None
    for width in _FIT_WIDTHS:
        window = _window(best, width, n)
        fit = fit_quadratic(np.array([reduced(k) for k in range(window.start, window.stop)], np.float32))
        extremum = None if fit is None else fit.extremum
        if fit is not None and "extremum-fits" in search.corrections:
            inner = fit.inner_extremum(width, kind=1)
            extremum = float(best - window.start) if inner is None else inner
        if extremum is not None:
            positions.append(extremum + window.start + first)
    error = 0.0 if fit is None else fit.extremum_error
    scatter = max(error, (max(positions) - min(positions)) / 2.0) if positions else error
    certain = len(positions) == len(_FIT_WIDTHS)
    if extremum is None:
        return Position(0.0, best + first, scatter, certain)
    return Position(positions[-1], positions[-1], scatter, certain)


def _candidates(rms: np.ndarray, bad: np.ndarray) -> list[int]:
    """Lags of the smallest local minima of the rms, away from lags that are bad; the smallest first."""
    inner = rms[1:-1]
    minima = (np.flatnonzero((inner <= rms[:-2]) & (inner <= rms[2:])) + 1).tolist()
    minima = [k for k in minima if not bad[_window(k, _GUARD_WIDTH, len(rms))].any()]
    return sorted(minima, key=lambda k: rms[k])[:_CANDIDATES]


def _window(k: int, width: int, n: int) -> slice:
    """`width` lags around lag `k`, inside the `n` lags."""
    start = max(k - width // 2, 0)
    stop = min(start + width, n)
    return slice(stop - width, stop)


def _rms_of_lags(
    spectrum: np.ndarray, template: np.ndarray, lags: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rms difference of spectrum and scaled template at every lag, and the lags that cannot be tried.

    Sums over the overlap come from cumulative sums; those of products, from the pixels that have counts.

    Returns
    -------
    rms : ndarray of float32
        0 where bad.
    bad : ndarray of bool
    """
    pixel = np.flatnonzero(spectrum)
    first, last = np.empty_like(lags), np.empty_like(lags)
    sum_sp = np.empty(len(lags))
    ranges = np.searchsorted(pixel, np.stack([lags, lags + len(template)]))
    lag_products(pixel, spectrum[pixel], template.astype(np.float64), lags, ranges, first, last, sum_sp)
    bad = first >= last
    first, last = np.where(bad, np.maximum(lags, 0), first), np.where(bad, np.maximum(lags, 0), last)
    n = (last - first + 1).astype(np.float64)

    def sums(values: np.ndarray, shift: np.ndarray | int) -> np.ndarray:
        cumulative = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        summed: np.ndarray = cumulative[last + 1 - shift] - cumulative[first - shift]
        return summed

    sum_s, sum_ss = sums(spectrum, 0), sums(spectrum * spectrum, 0)
    sum_p, sum_pp = sums(template, lags), sums(template * template, lags)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (sum_s * sum_p - n * sum_sp) / (sum_p**2 - n * sum_pp)
        bad |= ~(factor > 0.0) | np.isinf(factor)
        constant = (sum_s - factor * sum_p) / n
        squares = np.maximum(sum_ss - constant * sum_s - factor * sum_sp, 0.0)
        rms = np.sqrt(squares / (n - 1.0))
    return np.where(bad, 0.0, rms).astype(np.float32), bad
