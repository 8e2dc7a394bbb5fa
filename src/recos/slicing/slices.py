"""TimeSlice: a set of time intervals, and what it selects of events, good time and TIMELINE.

All times are seconds since EXPSTART. Specification 1, section 20, and 2, section 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recos.data.gti import GTI, Interval, rows_between
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import UsageError
from recos.kernels.times import slice_indices, time_steps

TIME_RESOLUTION = 0.032
"""Seconds between the times that TIME-TAG data can tell apart (COS Data Handbook, section 1.3)."""
TIMELINE_STEP = 1.0
"""Seconds that a row of TIMELINE stands for."""
MOST_SLICES = 10_000
"""More files than this are taken for a mistake."""


@dataclass(frozen=True)
class TimeSlice:
    """Part of an exposure: the union of some time intervals.

    Intervals are half-open, ``start <= t < stop``, except that the last event of the exposure belongs to a slice
    that ends at or after it. As in the reference, limits are rounded to float32 before events are compared with
    them, so that adjacent slices never share an event nor lose one.

    Attributes
    ----------
    intervals : tuple of (float, float)
        Seconds since EXPSTART; increasing, none empty, none overlapping another.
    label : str
        What the slice is, for messages and the header; empty if its limits say all.
    whole_seconds : bool
        Take the rows of TIMELINE from the start until the whole second after the end, as the reference does;
        otherwise exactly those whose second overlaps the slice.

    Raises
    ------
    UsageError
        If there is no interval, or the intervals are not as they should be.
    """

    intervals: tuple[Interval, ...]
    label: str = ""
    whole_seconds: bool = False

    def __post_init__(self) -> None:
        if not self.intervals:
            raise UsageError(f"A time slice{self._of_label} has no interval; give at least one.")
        before = -math.inf
        for start, stop in self.intervals:
            if not (math.isfinite(start) and math.isfinite(stop) and before <= start < stop):
                raise UsageError(
                    f"A time slice{self._of_label} has the interval {start:g} to {stop:g} s behind one that ends "
                    f"at {before:g} s. Intervals must have a start below their stop and be in increasing order."
                )
            before = stop

    @property
    def _of_label(self) -> str:
        return f" ({self.label})" if self.label else ""

    @property
    def start(self) -> float:
        """Start of the first interval."""
        return self.intervals[0][0]

    @property
    def stop(self) -> float:
        """End of the last interval."""
        return self.intervals[-1][1]

    def event_rows(self, time: np.ndarray) -> np.ndarray:
        """Which events belong to the slice.

        Parameters
        ----------
        time : ndarray of float32, shape (n,)
            Times of the events, nondecreasing.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        return GTI(self.intervals).select(time)

    def timeline_rows(self, time: np.ndarray) -> np.ndarray:
        """Which rows of a TIMELINE belong to the slice; parameters and result as :meth:`event_rows`."""
        if not len(time):
            return np.zeros(0, bool)
        limits = np.array(self.intervals)
        if self.whole_seconds:
            stops = np.ceil(limits[:, 1]) + 0.1
            return rows_between(slice_indices(time, limits[:, 0]), slice_indices(time, stops), len(time))
        starts = time.astype(np.float64)
        first = np.searchsorted(row_ends(starts), limits[:, 0], side="right")
        return rows_between(first, np.searchsorted(starts, limits[:, 1], side="left"), len(time))

    def good_time(self, gti: GTI) -> GTI:
        """The good time intervals of the slice.

        Parameters
        ----------
        gti : GTI
            Those of the exposure; empty if nothing is known of them: then all time is good.
        """
        whole = GTI(self.intervals)
        return gti.intersection(whole) if len(gti) else whole


def known_good_time(piece: TimeSlice, gti: GTI) -> GTI:
    """The good time of a slice, as its product states it: without any, one empty interval.

    A table without rows would mean that nothing is known.
    """
    good = piece.good_time(gti)
    return good if len(good) else GTI.of([(0.0, 0.0)])


def row_ends(time: np.ndarray) -> np.ndarray:
    """When the second of each row of TIMELINE ends, float64: where the next one begins, if it follows at once."""
    ends = time + TIMELINE_STEP
    if len(time) > 1:
        following = time[1:] - time[:-1] < 1.5 * TIMELINE_STEP
        ends[:-1][following] = time[1:][following]
    return ends


# ------------------------------------------------------------------------------------------- lists of slices


def slices_from_times(
    times: str | Sequence[object], first: float, last: float, *, allow_overlap: bool = False
) -> list[TimeSlice]:
    """Slices between the times of a list, or those that pairs describe.

    Parameters
    ----------
    times : str or sequence
        Increasing times: numbers, or the words ``start`` (0) and ``stop`` or ``end`` (the last event). Or pairs
        of such times. In a text they are separated by commas or blanks, those of a pair by a colon.
    first, last : float
        Times of the first and of the last event.
    allow_overlap : bool
        Pairs may overlap, as in the reference.

    Returns
    -------
    list of TimeSlice
        Of a list of times, only what overlaps the exposure; all pairs.

    Raises
    ------
    UsageError
        If a time is not understood, times decrease, pairs overlap, or there are less than two times.
    """
    words = times.replace(",", " ").split() if isinstance(times, str) else list(times)
    pairs = [_pair(word) for word in words]
    if words and all(pair is not None for pair in pairs):
        return _slices_from_pairs([p for p in pairs if p is not None], first, last, allow_overlap)
    if any(pair is not None for pair in pairs):
        raise UsageError(f"times = {_shown(words)}: a mixture of times and pairs. Give only one of them.")
    if len(words) < 2:
        raise UsageError(f"times = {_shown(words)}: a list of times needs at least two elements.")
    if isinstance(words[0], str) and words[0].lower() in ("stop", "end"):
        raise UsageError(f"times = {_shown(words)}: the list cannot begin with {words[0]!r}.")
    values = [_time(word, last) for word in words]
    if any(b < a for a, b in pairwise(values)):
        raise UsageError(
            f"times = {_shown(words)}, that is {_shown(values)}: times must be in increasing order "
            f"('end' is the last event, {last:g} s)."
        )
    edges = sorted(set(values))
    return _within(edges, first, last)


def _pair(word: object) -> tuple[object, object] | None:
    if isinstance(word, str):
        start, colon, stop = word.partition(":")
        return (start, stop) if colon else None
    if isinstance(word, (list, tuple, np.ndarray)) and len(word) == 2:
        return word[0], word[1]
    return None


def _time(word: object, last: float) -> float:
    """One time in seconds."""
    if isinstance(word, str) and word.lower() in ("start", "stop", "end"):
        return 0.0 if word.lower() == "start" else last
    try:
        value = float(word)  # type: ignore[arg-type]  # what is no number is told to the user
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(
            f"times: {word!r} is no time; expected a number of seconds, 'start', 'stop' or 'end'."
        )
    return value


def _shown(values: Sequence[object]) -> str:
    return ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values) or "nothing"


def _slices_from_pairs(
    pairs: list[tuple[object, object]], first: float, last: float, allow_overlap: bool
) -> list[TimeSlice]:
    limits = [(_time(start, last), _time(stop, last)) for start, stop in pairs]
    if allow_overlap:
        limits = [(min(pair), max(pair)) for pair in limits]
    for start, stop in limits:
        if stop <= start:
            raise UsageError(f"times: the pair {start:g} to {stop:g} s ends before it begins, or is empty.")
        if stop < first or start > last:
            raise UsageError(
                f"times: the pair {start:g} to {stop:g} s is outside the exposure, whose events are between "
                f"{first:g} and {last:g} s."
            )
    if not allow_overlap:
        for one, other in pairwise(sorted(limits)):
            if other[0] < one[1]:
                raise UsageError(
                    f"times: the pairs {one[0]:g} to {one[1]:g} s and {other[0]:g} to {other[1]:g} s overlap. "
                    "Split them in two runs, under two names."
                )
    return [TimeSlice((pair,), whole_seconds=True) for pair in limits]


def _within(edges: Sequence[float], first: float, last: float) -> list[TimeSlice]:
    """Slices between successive edges, without those before the first or after the last event."""
    pairs = pairwise(edges)
    return [TimeSlice(((a, b),), whole_seconds=True) for a, b in pairs if b > first and a <= last]


def slices_from_increment(
    increment: float, start: float | None, end: float | None, first: float, last: float
) -> list[TimeSlice]:
    """Slices of equal length; the last one is cut at the end.

    Parameters
    ----------
    increment : float
        Length, seconds.
    start, end : float, optional
        By default 0 and the last event.
    first, last : float
        Times of the first and of the last event.

    Raises
    ------
    UsageError
        If the increment is not positive, the end not after the start, or there would be too many slices.
    """
    start, end = 0.0 if start is None else float(start), last if end is None else float(end)
    if not (math.isfinite(increment) and increment > 0.0):
        raise UsageError(
            f"increment = {increment:g}: the length of slices must be a positive number of seconds."
        )
    if not (math.isfinite(start) and math.isfinite(end) and start < end):
        raise UsageError(
            f"Slices from {start:g} to {end:g} s: the end must be after the start (the last event is at {last:g} s)."
        )
    check_number((end - start) / increment, f"increment = {increment:g}")
    edges = time_steps(start, end, increment).tolist()
    edges[-1] = end
    return _within(edges, first, last)


def check_number(count: float, what: str) -> None:
    """Refuse more slices than anybody wants.

    Raises
    ------
    UsageError
    """
    if count > MOST_SLICES:
        raise UsageError(f"{what} would make {count:.0f} slices; at most {MOST_SLICES} are allowed.")


def slices_from_gti(gti: GTI) -> list[TimeSlice]:
    """One slice for each good time interval (seconds), in order of time; none for empty intervals."""
    filled = gti.filled()
    n = len(filled)
    return [TimeSlice((pair,), f"good time interval {i} of {n}") for i, pair in enumerate(filled, 1)]


def slices_from_phase(
    period: float, epoch: float | None, bins: int, expstart: float, begin: float, finish: float
) -> list[TimeSlice]:
    """One slice for each phase bin: the union of its intervals in all cycles.

    Parameters
    ----------
    period : float
        Seconds.
    epoch : float, optional
        MJD of phase 0, in the time system of EXPSTART (no barycentric correction is applied); by default EXPSTART.
    bins : int
        Number of phase bins; bin k holds the phases k/bins to (k + 1)/bins.
    expstart : float
        MJD.
    begin, finish : float
        Extent of the exposure, seconds since EXPSTART.

    Returns
    -------
    list of TimeSlice
        In order of phase; bins that the exposure does not reach are left out.

    Raises
    ------
    UsageError
        If the period is not positive, the number of bins below 1, or a bin shorter than the detector resolves.
    """
    if not (math.isfinite(period) and period > 0.0):
        raise UsageError(f"period = {period:g}: a period must be a positive number of seconds.")
    if bins < 1:
        raise UsageError(f"phase bins = {bins}: there must be at least one.")
    check_number(bins, f"phase bins = {bins}")
    if period / bins < TIME_RESOLUTION:
        raise UsageError(
            f"period = {period:g} s in {bins} bins: bins are shorter than {TIME_RESOLUTION} s, the resolution of "
            "the times of events. Give fewer phase bins."
        )
    zero = 0.0 if epoch is None else (epoch - expstart) * SECONDS_PER_DAY
    # edges are numbered once, so that one bin ends exactly where the next one begins
    width = period / bins
    numbers = np.arange(math.floor((begin - zero) / width), math.ceil((finish - zero) / width) + 1)
    edges = np.clip(zero + numbers * width, begin, finish)
    of_bin: dict[int, list[Interval]] = {}
    for number, (start, stop) in zip(numbers.tolist(), pairwise(edges.tolist()), strict=False):
        if start < stop:
            of_bin.setdefault(number % bins, []).append((start, stop))
    return [
        TimeSlice(
            GTI.of(of_bin[k]).union().intervals,
            f"phase {k / bins:.4g} to {(k + 1) / bins:.4g} of {period:g} s",
        )
        for k in sorted(of_bin)
    ]


def slices_from_condition(
    holds: np.ndarray, timeline_time: np.ndarray, begin: float, finish: float, label: str = ""
) -> list[TimeSlice]:
    """One slice: the seconds in which a condition holds; no slice if there are none.

    Parameters
    ----------
    holds : ndarray of bool, shape (n,)
        Whether the condition holds, for each row of TIMELINE.
    timeline_time : ndarray of float32, shape (n,)
        Column TIME: when the second of each row begins; increasing.
    begin, finish : float
        Extent of the exposure. The first and the last row also stand for what is before and after them.
    label : str
        Label of the slice.
    """
    chosen = np.flatnonzero(holds)
    if not len(chosen):
        return []
    starts = timeline_time.astype(np.float64)
    stops = row_ends(starts)
    starts[0] = min(starts[0], begin)
    if finish > starts[-1]:
        stops[-1] = finish
    seconds = GTI.of(zip(starts[chosen].tolist(), stops[chosen].tolist(), strict=True))
    return [TimeSlice(seconds.union().intervals, label)]
