# mypy: disable-error-code="valid-type"
"""Displacement of events against time. Specification 4, sections 5.2 and 9.7."""

from __future__ import annotations

import cython
from cython.cimports.libc.math import rint

from recos.kernels.shapes import check_lengths


def shift_events(
    source: cython.const[cython.float][:],
    target: cython.float[:],
    time: cython.const[cython.float][:],
    label: cython.const[cython.schar][:],
    start: cython.const[cython.longlong][:],
    origin: cython.const[cython.double][:],
    value: cython.const[cython.double][:, :],
    slope: cython.const[cython.double][:, :],
    total: cython.double[:],
    number: cython.longlong[:],
) -> None:
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
    i: cython.Py_ssize_t
    k: cython.Py_ssize_t
    f: cython.Py_ssize_t
    shift: cython.double
    x: cython.float
    whole: cython.float
    check_lengths(source.shape[0], target.shape[0], time.shape[0], label.shape[0])
    check_lengths(start.shape[0] - 1, origin.shape[0], value.shape[1], slope.shape[1])
    check_lengths(value.shape[0], slope.shape[0], total.shape[0], number.shape[0])
    with cython.nogil:
        for i in range(origin.shape[0]):
            for k in range(start[i], start[i + 1]):
                if label[k] > 0:
                    f = label[k] - 1
                    shift = value[f, i] + (cython.cast(cython.double, time[k]) - origin[i]) * slope[f, i]
                    x = cython.cast(cython.float, cython.cast(cython.double, source[k]) - shift)
                    target[k] = x
                    whole = cython.cast(cython.float, rint(x))
                    total[f] += cython.cast(cython.double, x - whole)
                    number[f] += 1
                else:
                    target[k] = source[k]


def binned_counts(
    time: cython.const[cython.float][::1],
    y: cython.const[cython.float][::1],
    low: cython.longlong,
    high: cython.longlong,
    width: cython.double,
    complete: cython.bint,
    counts: cython.longlong[:],
) -> None:
    """Count events of a range of rows in uniform bins of time, by the rules of the reference.

    QUIRK (specification 4, section 5.2): the last event before an empty bin is not counted.

    Parameters
    ----------
    time : ndarray of float32, shape (n,)
        Seconds, nondecreasing, n > 0.
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
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    start: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    begin: cython.double
    end: cython.double
    after: cython.double
    limit: cython.float
    total: cython.longlong
    k: cython.Py_ssize_t = 0
    n: cython.Py_ssize_t = time.shape[0]
    check_lengths(n, y.shape[0])
    first: cython.double = time[0]
    with cython.nogil:
        for i in range(counts.shape[0]):
            begin = first + i * width
            end = begin + width
            after = begin + 2.0 * width
            start = n
            stop = n
            if complete:
                start = k
                limit = cython.cast(cython.float, first + (i + 1) * width)
                while k < n and (time[k] < limit or i == counts.shape[0] - 1):
                    k += 1
                stop = k
            elif k < n:
                while k < n and time[k] < begin:
                    k += 1
                if k >= n:
                    start = 0
                else:
                    start = k
                    if time[k] > end:
                        stop = k
                    else:
                        while k < n and time[k] < end:
                            k += 1
                        if k < n:
                            stop = k - 1 if time[k] >= after and k > 0 else k
            total = 0
            for j in range(start, stop):
                total += (low <= y[j] + 0.5) & (y[j] + 0.5 < high + 1)
            counts[i] = total
