"""GTI: time intervals of an exposure, with an algebra. The model is `gammapy.data.GTI`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from recos.data.truth import NoTruthValue
from recos.kernels.times import slice_indices

Interval = tuple[float, float]
"""Start and stop, seconds since EXPSTART; half-open, ``start <= t < stop``."""


@dataclass(frozen=True, slots=True, repr=False)
class GTI(NoTruthValue):
    """Time intervals: the good ones of an exposure, or those that are bad.

    Intervals are half-open, ``start <= t < stop``. Limits keep their types: bursts have float32, as the times of
    events, and the length of an interval between two of them is a float32.

    Attributes
    ----------
    intervals : tuple of (float, float)
        Seconds since EXPSTART, in the order of the table; they may overlap.

    Examples
    --------
    >>> gti = GTI.of([(0.0, 10.0), (20.0, 30.0)])
    >>> gti
    <GTI: 2 intervals, 0 to 30 s, 20 s good>
    >>> list(gti.without(GTI.of([(5.0, 22.0)])))
    [(0.0, 5.0), (22.0, 30.0)]
    """

    intervals: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> GTI:
        """The intervals of a list of pairs (start, stop), seconds."""
        return cls(tuple(intervals))

    def __len__(self) -> int:
        return len(self.intervals)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __repr__(self) -> str:
        if not self.intervals:
            return "<GTI: no intervals>"
        first, last = min(start for start, _ in self), max(stop for _, stop in self)
        number = f"{len(self)} interval{'s' * (len(self) != 1)}"
        return f"<GTI: {number}, {first:g} to {last:g} s, {self.total:g} s good>"

    @property
    def limits(self) -> np.ndarray:
        """Starts and stops, float64, shape (n, 2)."""
        return np.array(self.intervals, dtype=np.float64).reshape(-1, 2)

    @property
    def durations(self) -> tuple[float, ...]:
        """Length of each interval in seconds, in the type of its limits."""
        return tuple(stop - start for start, stop in self)

    @property
    def total(self) -> float:
        """Sum of the lengths of the intervals in seconds, added in float64 in their order.

        Examples
        --------
        >>> GTI.of([(0.5, 200.0), (210.0, 590.0)]).total
        579.5
        """
        total = np.float64(0.0)
        for duration in self.durations:
            total += duration
        return float(total)

    def filled(self) -> GTI:
        """The intervals that are not empty, in order of time.

        Examples
        --------
        >>> list(GTI.of([(20.0, 30.0), (5.0, 5.0), (0.0, 1.0)]).filled())
        [(0.0, 1.0), (20.0, 30.0)]
        """
        return GTI.of(sorted((start, stop) for start, stop in self if start < stop))

    def intersection(self, other: GTI) -> GTI:
        """The time that both have in common; intervals that only touch have none.

        Examples
        --------
        >>> list(GTI.of([(0.0, 10.0), (20.0, 30.0)]).intersection(GTI.of([(5.0, 20.0), (28.0, 40.0)])))
        [(5.0, 10.0), (28.0, 30.0)]
        """
        one, two = sorted(self), sorted(other)
        found, i, k = [], 0, 0
        while i < len(one) and k < len(two):
            start, stop = max(one[i][0], two[k][0]), min(one[i][1], two[k][1])
            if start < stop:
                found.append((start, stop))
            if one[i][1] < two[k][1]:
                i += 1
            else:
                k += 1
        return GTI.of(found)

    def union(self, other: GTI | None = None) -> GTI:
        """The time of either, in order; intervals that touch or overlap are joined.

        Examples
        --------
        >>> list(GTI.of([(0.0, 10.0), (20.0, 30.0)]).union(GTI.of([(10.0, 15.0)])))
        [(0.0, 15.0), (20.0, 30.0)]
        """
        joined: list[Interval] = []
        for start, stop in sorted([*self, *(() if other is None else other)]):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
            else:
                joined.append((start, stop))
        return GTI.of(joined)

    def without(self, other: GTI) -> GTI:
        """What is left of each interval without the others, in the same order.

        An empty interval inside one of these cuts it in two.
        """
        left = list(self)
        for interval in other:
            left = [part for whole in left for part in _cut(whole, interval)]
        return GTI.of(left)

    def complement(self, start: float, stop: float) -> GTI:
        """The time from `start` to `stop` (seconds) that is in none of the intervals.

        Examples
        --------
        >>> list(GTI.of([(5.0, 10.0), (20.0, 30.0)]).complement(0.0, 25.0))
        [(0.0, 5.0), (10.0, 20.0)]
        """
        return GTI.of([(start, stop)]).without(self)

    def select(self, time: np.ndarray) -> np.ndarray:
        """Which times are in an interval.

        As in the reference, limits are rounded to float32 before times are compared with them, and the last time
        is in an interval that ends at or after it.

        Parameters
        ----------
        time : ndarray of float32, shape (n,)
            Seconds since EXPSTART, nondecreasing.

        Returns
        -------
        ndarray of bool, shape (n,)

        Examples
        --------
        >>> GTI.of([(0.0, 2.0)]).select(np.array([0.0, 1.0, 2.0, 3.0], np.float32))
        array([ True,  True, False, False])
        """
        if not len(time):
            return np.zeros(0, bool)
        limits = self.limits
        return rows_between(slice_indices(time, limits[:, 0]), slice_indices(time, limits[:, 1]), len(time))


def rows_between(first: np.ndarray, last: np.ndarray, n: int) -> np.ndarray:
    """Bool of shape (n,), True in the index ranges ``first <= i < last``."""
    rows = np.zeros(n, bool)
    for i, k in zip(first.tolist(), last.tolist(), strict=True):
        rows[i:k] = True
    return rows


def _cut(whole: Interval, bad: Interval) -> list[Interval]:
    """What is left of an interval without another one."""
    start, stop = whole
    if bad[0] >= stop or bad[1] <= start:
        return [whole]
    left = []
    if bad[0] > start:
        left.append((start, bad[0]))
    if bad[1] < stop:
        left.append((bad[1], stop))
    return left
