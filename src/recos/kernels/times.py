"""Slices and grids of sorted event times. Specification 2, sections 2.2 and 2.5."""

from __future__ import annotations

import numpy as np


def slice_index(time: np.ndarray, t: float) -> int:
    """Index of the first event at or after `t`, with the end rules of the reference.

    `t` is rounded to float32 before the search; at or after the last event the index is ``len(time)``, so
    that a slice up to the last time includes the last event (QUIRK of specification 2, section 2.2,
    reproduced).

    Parameters
    ----------
    time : ndarray of float32, shape (n,)
        Nondecreasing, n > 0.
    t : float
        Seconds.
    """
    limit = np.float32(t)
    if limit <= time[0]:
        return 0
    if limit >= time[-1]:
        return len(time)
    return int(np.searchsorted(time, limit, side="left"))


def slice_indices(time: np.ndarray, t: np.ndarray) -> np.ndarray:
    """:func:`slice_index` for many times at once; int64, shape of `t`."""
    limits = np.asarray(t).astype(np.float32)
    index = np.searchsorted(time, limits, side="left")
    index[limits >= time[-1]] = len(time)
    index[limits <= time[0]] = 0
    return index


def time_slice(time: np.ndarray, t0: float, t1: float) -> tuple[int, int] | None:
    """Index range of the events of ``t0 <= time < t1``; None if the interval does not overlap the times.

    Reversed limits are exchanged.
    """
    if t1 < t0:
        t0, t1 = t1, t0
    if t1 < float(time[0]) or t0 > float(time[-1]):
        return None
    return slice_index(time, t0), slice_index(time, t1)


def second_grid(first: float | None, last: float | None) -> np.ndarray:
    """One time per second from `first` to `last`, float32; a single 0 without a range."""
    if first is None or last is None or last - first <= 0.0:
        return np.zeros(1, np.float32)
    n = round(float(last) - float(first)) + 1
    return np.float32(first) + np.arange(n, dtype=np.float32)


def nint(value: np.ndarray | float) -> np.ndarray:
    """Nearest integer, rounded half up, in float64: the rule by which events fall into pixels."""
    return np.floor(np.asarray(value, dtype=np.float64) + 0.5).astype(np.int64)


def first_index(time: np.ndarray, t: np.ndarray | float, *, after: bool = False) -> np.ndarray:
    """Index of the first event at or after (`after`: strictly after) `t`, without the end rules of a slice.

    Compares as in float64, although no float64 copy of the times is made.

    Parameters
    ----------
    time : ndarray of float32, shape (n,)
        Nondecreasing.
    t : float or ndarray of float64
        Seconds.

    Returns
    -------
    ndarray of int64, shape of `t`
        n where no event is that late.
    """
    exact = np.asarray(t, dtype=np.float64)
    limit = exact.astype(np.float32)
    # where `t` was rounded down, events at the limit are before `t`
    at = np.searchsorted(time, limit, side="left")
    beyond = np.searchsorted(time, limit, side="right")
    return np.where((limit < exact) | ((limit == exact) & after), beyond, at)


def time_steps(first: float, last: float, step: float, *, closed: bool = False) -> np.ndarray:
    """Edges of equal time steps from `first` until `last` is covered, float64, shape (steps + 1,).

    Edges are accumulated one by one, as the reference does. No step begins at or after `last` (`closed`:
    after `last`), so that there may be none.
    """
    n = max(0, int((last - first) / step) + 2)
    edges = np.cumsum(np.concatenate([[np.float64(first)], np.full(n, step, np.float64)]))
    begins = edges <= last if closed else edges < last
    return edges[: np.count_nonzero(begins) + 1]
