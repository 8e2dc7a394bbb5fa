"""Count rate and flux against time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recos._version import CAL_VER
from recos.corrections import parse_corrections
from recos.data.gti import GTI
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import InputError, UsageError
from recos.io.read import ExposureHeaders
from recos.kernels.poisson import poisson_errors
from recos.lightcurve.bins import TimeBins
from recos.lightcurve.events import SpectrumEvents, WeightedEvents, accepted_events, weigh
from recos.lightcurve.exposures import ExtractedSpectrum, extract, read_all
from recos.messages import get_logger, warn
from recos.pipeline.needs import check_references
from recos.pipeline.option_checks import check_same_corrections
from recos.references import ReferenceCache, References

if TYPE_CHECKING:
    from astropy.table import Table

logger = get_logger(__name__)

Range = tuple[float, float]

_FLUX = "erg / (s cm2 Angstrom)"
#: Columns of the table, their units and meanings.
COLUMNS = {
    "MJD": ("d", "middle of the bin"),
    "TIME": ("s", "start of the bin, since EXPSTART of the exposure"),
    "EXPTIME": ("s", "good time within the bin"),
    "GROSS": ("ct", "counts in the spectrum, weighted by EPSILON"),
    "COUNTS": ("ct", "counts in the spectrum"),
    "BACKGROUND": ("ct", "background within GROSS"),
    "NET": ("ct / s", "net count rate"),
    "NET_ERROR_LOWER": ("ct / s", "distance to the lower 1-sigma limit of NET"),
    "NET_ERROR_UPPER": ("ct / s", "distance to the upper 1-sigma limit of NET"),
    "FLUX": (_FLUX, "mean flux in the wavelength ranges"),
    "FLUX_ERROR": (_FLUX, "distance to the upper 1-sigma limit of FLUX"),
    "ROOTNAME": (None, "exposure"),
}


@dataclass(frozen=True, slots=True)
class _Options:
    """What counts, and in which steps."""

    step: float
    ranges: tuple[Range, ...]
    airglow: bool
    screen_dq: bool
    corrections: frozenset[str]

    def usable(self, spectrum: ExtractedSpectrum) -> np.ndarray:
        """Columns of a spectrum that are good."""
        return spectrum.good if self.screen_dq else np.ones_like(spectrum.good)

    def chosen(self, spectrum: ExtractedSpectrum) -> np.ndarray:
        """Columns of a spectrum that count."""
        chosen = self.usable(spectrum).copy()
        if not self.airglow:
            chosen &= ~spectrum.airglow
        if self.ranges:
            chosen &= np.any([_within(spectrum.wavelength, r) for r in self.ranges], axis=0)
        return chosen


@dataclass(slots=True)
class _Segment:
    """The events of one file, ready to be binned."""

    gti: GTI
    spectra: list[SpectrumEvents] = field(default_factory=list)


@dataclass(slots=True)
class _Exposure:
    """The events of all files of one exposure."""

    root: str
    expstart: float
    segments: list[_Segment] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    """Segment and extraction rows, as text."""

    @property
    def gti(self) -> GTI:
        return GTI.of(interval for segment in self.segments for interval in segment.gti)


def light_curve(
    corrtags: str | Path | Iterable[str | Path],
    step: float = 1.0,
    wavelengths: Sequence[Range] | None = None,
    refs: References | None = None,
    airglow: bool = False,
    screen_dq: bool = True,
    corrections: object = None,
) -> Table:
    """Count rate and flux against time, from the events of corrtag files.

    The counts are taken where the spectrum of the exposure is extracted, its background and calibration are those
    of the spectrum. Weighted with EXPTIME, the mean of NET is the sum of NET of the x1d over the same columns,
    and the mean of FLUX that of FLUX.

    Parameters
    ----------
    corrtags : path or iterable of paths
        Corrtag files of TIME-TAG spectra. The segments of an exposure are added; exposures follow each other.
    step : float
        Length of a time bin, seconds.
    wavelengths : sequence of (float, float), optional
        Ranges of wavelength (Angstrom, as in the x1d: heliocentric), both limits included; by default the whole
        spectrum. Columns in several ranges count once.
    refs : References, optional
        Reference files; by default those that each file names.
    airglow : bool
        Also count columns in which airglow lies: Lyman alpha, N I 1134 and 1200, O I 1304 and 1356 (FUV).
    screen_dq : bool
        Leave out columns with serious data-quality flags (DQ_WGT = 0 in the x1d). Events in bursts, at bad
        times or with rejected pulse heights never count.
    corrections : str or sequence of str, optional
        Named corrections of the extraction, as for :func:`recos.run`.

    Returns
    -------
    astropy.table.Table
        One row for each bin, in order of time; bins without good time have EXPTIME 0 and rates NaN. Columns:
        MJD, TIME (start, s since EXPSTART), EXPTIME (good time, s; that of the segment with the least),
        GROSS (counts weighted by EPSILON), COUNTS (int64), BACKGROUND (within GROSS), NET, NET_ERROR_LOWER,
        NET_ERROR_UPPER (count/s), FLUX, FLUX_ERROR (erg/s/cm2/Angstrom), ROOTNAME. TWOZONE: NET and FLUX
        are scaled to all of the light, GROSS and BACKGROUND are not. Errors are 1-sigma limits of the counts;
        those of the flat field, common to all bins, are not part of them. FLUX is NaN without FLUXCORR, and
        the mean over the columns of known sensitivity.
        ``meta`` tells exposures, segments, ranges, extraction rows and options.

    Raises
    ------
    UsageError
        If the step, a range or a correction is impossible, or no good column is in a range.
    InputError
        If a file is no corrtag file of a TIME-TAG spectrum, or has neither events nor good time, or the files were
        made with different corrections.
    ReferenceFileError
        If a reference file is missing or does not cover the mode.

    Notes
    -----
    Columns of the spectrum, not wavelengths of events, decide which range an event belongs to, so that sums are
    those of the x1d (COS Data Handbook, sections 3.4.17 to 3.4.19). The errors are the frequentist limits of
    :func:`recos.kernels.poisson.poisson_errors`.
    """
    paths = [corrtags] if isinstance(corrtags, str | Path) else list(corrtags)
    if not paths:
        raise UsageError("No corrtag file was given.")
    options = _Options(
        _checked_step(step), _checked_ranges(wavelengths), airglow, screen_dq, parse_corrections(corrections)
    )
    groups = read_all(paths)
    check_same_corrections([h for group in groups for h in group], options.corrections)
    with ReferenceCache() as cache:
        if refs is None:
            check_references([headers for group in groups for headers in group], cache)
        exposures = [_measure(group, refs, cache, options) for group in groups]
    return _table([(e, _curve(e, options)) for e in exposures], groups, options)


# ---------------------------------------------------------------------------------------------- arguments


def _checked_step(step: float) -> float:
    if not (np.isfinite(step) and step > 0.0):
        raise UsageError(f"The step is {step:g} s; it must be positive.")
    return float(step)


def _checked_ranges(wavelengths: Sequence[Range] | None) -> tuple[Range, ...]:
    ranges = []
    for given in wavelengths or ():
        if np.shape(given) != (2,):
            raise UsageError(f"{given!r} is no range of wavelengths: give pairs, [(w0, w1), …], in Angstrom.")
        low, high = (float(w) for w in given)
        if not low < high:
            raise UsageError(
                f"The range from {low:g} to {high:g} Angstrom is reversed or empty; the shorter wavelength "
                "comes first."
            )
        ranges.append((low, high))
    return tuple(ranges)


def _within(wavelength: np.ndarray, limits: Range) -> np.ndarray:
    return (wavelength >= limits[0]) & (wavelength <= limits[1])


def _check_coverage(name: str, spectra: list[ExtractedSpectrum], options: _Options) -> None:
    """Raise UsageError unless each range has good columns, and some column counts."""
    good = [s.wavelength[options.usable(s)] for s in spectra]
    covered = ", ".join(
        f"{s.segment} {w.min():.1f} to {w.max():.1f}" for s, w in zip(spectra, good, strict=True) if len(w)
    )
    for limits in options.ranges:
        if not any(_within(w, limits).any() for w in good):
            raise UsageError(
                f"{name}: no good column between {limits[0]:g} and {limits[1]:g} Angstrom. "
                f"The files cover {covered or 'nothing'} Angstrom."
            )
    if not any(options.chosen(s).any() for s in spectra):
        raise UsageError(
            f"{name}: no column is left to be counted. Airglow or bad pixels cover the wavelength ranges; choose "
            "wider ones, or include airglow (`airglow=True`)."
        )


# -------------------------------------------------------------------------------------------- measurement


def _measure(
    group: list[ExposureHeaders], refs: References | None, cache: ReferenceCache, options: _Options
) -> _Exposure:
    """Extract the files of one exposure, and weigh their events."""
    first = group[0]
    result = _Exposure(
        str(first.header.get("ROOTNAME", first.primary.get("ROOTNAME", first.path.stem))), first.mode.expstart
    )
    seen = []
    for headers in group:
        exposure, spectra = extract(
            headers, refs or References.from_header(headers.primary, cache), options.corrections
        )
        seen += spectra
        gti = GTI.of((float(start), float(stop)) for start, stop in exposure.gti if stop > start)
        if not len(gti):
            raise InputError(f"{headers.path}: the exposure has no good time, so there are no rates.")
        segment = _Segment(gti)
        events = accepted_events(exposure)
        for spectrum in spectra:
            chosen = options.chosen(spectrum)
            if chosen.any():
                segment.spectra.append(weigh(events, spectrum, chosen))
                rows = spectrum.region.spectrum
                used = chosen & (rows.last >= rows.first)
                if used.any():
                    text = f"{spectrum.segment} {rows.first[used].min()}-{rows.last[used].max()}"
                    result.rows.append(text)
        if segment.spectra:  # a segment that the ranges leave out does not shorten the good time
            result.segments.append(segment)
    _check_coverage(result.root, seen, options)
    return result


@dataclass(slots=True)
class _Rate:
    """A sum of weighted events per second, and what its errors follow from.

    Attributes
    ----------
    value, variance : ndarray of float64, shape (bins,)
    weights, squares : ndarray of float64
        Sums of the weights of the counts of the source, and of their squares.
    typical : ndarray of float64
        Weight of a count where there is none.
    """

    value: Any = 0.0
    variance: Any = 0.0
    weights: Any = 0.0
    squares: Any = 0.0
    typical: Any = 0.0

    def add(
        self,
        source: tuple[np.ndarray, np.ndarray],
        sky: tuple[np.ndarray, np.ndarray],
        typical: float,
        per_second: np.ndarray,
    ) -> None:
        """Add one spectrum.

        Parameters
        ----------
        source, sky : (ndarray of int64, ndarray of float64)
            Bin and weight of each event.
        typical : float
            Mean weight of a count.
        per_second : ndarray of float64, shape (bins,)
            1 / good time; NaN without.
        """
        n = len(per_second)
        of_source, of_sky = (np.bincount(bins, weights, n) for bins, weights in (source, sky))
        squares, of_sky_squares = (np.bincount(bins, weights**2, n) for bins, weights in (source, sky))
        self.value = self.value + (of_source - of_sky) * per_second
        self.variance = self.variance + (squares + of_sky_squares) * per_second**2
        self.weights = self.weights + of_source * per_second
        self.squares = self.squares + squares * per_second**2
        self.typical = np.maximum(self.typical, typical * per_second)

    def errors(self) -> tuple[np.ndarray, np.ndarray]:
        """Distances to the lower and upper limit.

        Limits are those of counts: the sums are divided by the mean weight of a count, and the limits multiplied.
        """
        has_counts = self.weights > 0.0
        one = np.where(has_counts, self.squares / np.where(has_counts, self.weights, 1.0), self.typical)
        one = np.where(one > 0.0, one, np.nan)
        lower, upper = poisson_errors(self.variance / one**2)
        return lower * one, upper * one


def _curve(exposure: _Exposure, options: _Options) -> dict[str, np.ndarray]:
    """The columns of one exposure."""
    bins = TimeBins.covering(exposure.gti, options.step)
    n, start = len(bins), bins.edges[:-1]
    good_time = np.full(n, np.inf)
    gross, background, counts = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    net, flux = _Rate(), _Rate()
    n_outside = 0
    for segment in exposure.segments:
        good = bins.good_time(segment.gti)
        good_time = np.minimum(good_time, good)
        per_second = np.divide(1.0, good, out=np.full(n, np.nan), where=good > 0.0)
        for spectrum in segment.spectra:
            source, of_source, lost = _inside(bins, spectrum.source, segment.gti)
            sky, of_sky, _ = _inside(bins, spectrum.sky, segment.gti)
            n_outside += lost
            counts += np.bincount(of_source, minlength=n)
            gross += np.bincount(of_source, source.gross, n)
            background += np.bincount(of_sky, sky.gross, n)
            net.add((of_source, source.net), (of_sky, sky.net), spectrum.typical_net, per_second)
            flux.add((of_source, source.flux), (of_sky, sky.flux), spectrum.typical_flux, per_second)
    if n_outside:
        warn(
            logger,
            f"{exposure.root}: {n_outside} counts of the spectrum are outside the good time intervals, "
            "and left out",
        )
    width = sum(spectrum.width for segment in exposure.segments for spectrum in segment.spectra)
    per_angstrom = 1.0 / width if width > 0.0 else np.nan
    lower, upper = net.errors()
    return {
        "MJD": exposure.expstart + (start + options.step / 2.0) / SECONDS_PER_DAY,
        "TIME": start,
        "EXPTIME": good_time,
        "GROSS": gross,
        "COUNTS": counts,
        "BACKGROUND": background,
        "NET": net.value,
        "NET_ERROR_LOWER": lower,
        "NET_ERROR_UPPER": upper,
        "FLUX": flux.value * per_angstrom,
        "FLUX_ERROR": flux.errors()[1] * per_angstrom,
        "ROOTNAME": np.full(n, exposure.root),
    }


def _inside(bins: TimeBins, events: WeightedEvents, gti: GTI) -> tuple[WeightedEvents, np.ndarray, int]:
    """The events at good times, the bin of each, and the number of the others."""
    index = bins.index(events.time, gti)
    kept = index >= 0
    chosen = WeightedEvents(events.time[kept], events.gross[kept], events.net[kept], events.flux[kept])
    return chosen, index[kept], len(index) - len(chosen.time)


# -------------------------------------------------------------------------------------------------- table


def _table(
    curves: list[tuple[_Exposure, dict[str, np.ndarray]]],
    groups: list[list[ExposureHeaders]],
    options: _Options,
) -> Table:
    from astropy.table import Column, Table

    columns = [
        Column(np.concatenate([curve[name] for _, curve in curves]), name, unit=unit, description=meaning)
        for name, (unit, meaning) in COLUMNS.items()
    ]
    return Table(columns, meta=_metadata([e for e, _ in curves], groups, options))


def _metadata(
    exposures: list[_Exposure], groups: list[list[ExposureHeaders]], options: _Options
) -> dict[str, Any]:
    """What the curve was made of; names and values fit into a FITS header."""
    modes = [headers.mode for group in groups for headers in group]
    ranges = ", ".join(f"{low:g}-{high:g}" for low, high in options.ranges)

    def listed(values: Iterable[Any]) -> str:
        return ", ".join(dict.fromkeys(str(v) for v in values))

    return {
        "ROOTNAME": listed(e.root for e in exposures),
        "SEGMENTS": listed(text.split()[0] for e in exposures for text in e.rows),
        "OPT_ELEM": listed(m.opt_elem for m in modes),
        "CENWAVE": listed(m.cenwave for m in modes),
        "WAVERANG": ranges or "all",
        "XTRCTALG": listed(m.xtrctalg for m in modes),
        "EXTRROWS": listed(text for e in exposures for text in e.rows),
        "AIRGLOW": options.airglow,
        "SCREENDQ": options.screen_dq,
        "STEP": options.step,
        "EXPSTART": exposures[0].expstart,
        "CAL_VER": CAL_VER,
    }
