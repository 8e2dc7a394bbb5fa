"""Displacement of events against time. Specification 4, sections 5.2 and 9.7."""

from __future__ import annotations

import math

import numpy as np

from recos.kernels.compiled import kernel


@kernel
def shift_events(source, target, time, label, start, origin, value, slope, total, number):
    """Subtract piecewise linear functions of time from a coordinate; float64, rounded once.

    Parameters
    ----------
    source, target : ndarray of float32, shape (n,)
        Coordinate before and after.
    time : ndarray of float32, shape (n,)
        Seconds.
    label : ndarray of int8, shape (n,)
        Number of the function that applies to the event, from 1; other events (0) are copied.
    start : ndarray of int64, shape (m + 1,)
        Interval i has the events ``start[i]`` to ``start[i + 1] - 1``.
    origin : ndarray of float64, shape (m,)
    value, slope : ndarray of float64, shape (functions, m)
        The displacement in interval i is ``value[i] + (time - origin[i]) * slope[i]``.
    total : ndarray of float64, shape (functions,)
        Receives the sum over the events of the target minus its nearest integer (formed in float32).
    number : ndarray of int64, shape (functions,)
        Receives the number of events.
    """
    for i in range(len(origin)):
        for k in range(start[i], start[i + 1]):
            if label[k] > 0:
                f = label[k] - 1
                shift = value[f, i] + (np.float64(time[k]) - origin[i]) * slope[f, i]
                x = np.float32(np.float64(source[k]) - shift)
                target[k] = x
                total[f] += np.float64(x - np.float32(np.rint(x)))
                number[f] += 1
            else:
                target[k] = source[k]


@kernel
def binned_counts(time, y, low, high, width, complete, counts):
    """Count events of a range of rows in uniform bins of time, by the rules of the reference.

    QUIRK (specification 4, section 5.2): the last event before an empty bin is not counted.

    Parameters
    ----------
    time : ndarray of float32, shape (n,)
        Seconds, nondecreasing.
    y : ndarray of float32, shape (n,)
        Row; counted when ``low <= nearest integer <= high``.
    low, high : int
    width : float
        Seconds.
    complete : bool
        Every event belongs to a bin; limits are rounded to float32, like times (correction ``time-bins``).
    counts : ndarray of int64, shape (m,)
        Result.
    """
    n = len(time)
    first = np.float64(time[0])
    k = 0
    for i in range(len(counts)):
        begin = first + i * width
        end = begin + width
        after = begin + 2.0 * width
        start, stop = n, n
        if complete:
            start, limit = k, np.float32(first + (i + 1) * width)
            while k < n and (time[k] < limit or i == len(counts) - 1):
                k += 1
            stop = k
        elif k < n:
            while k < n and np.float64(time[k]) < begin:
                k += 1
            if k >= n:
                start = 0
            else:
                start = k
                if np.float64(time[k]) > end:
                    stop = k
                else:
                    while k < n and np.float64(time[k]) < end:
                        k += 1
                    if k < n:
                        stop = k - 1 if np.float64(time[k]) >= after and k > 0 else k
        total = 0
        for j in range(start, stop):
            row = math.floor(np.float64(y[j]) + 0.5)
            if low <= row <= high:
                total += 1
        counts[i] = total
