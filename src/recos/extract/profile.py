"""Rows that hold given fractions of the light of a reference profile. Specification 5, section 5.5.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from recos.errors import ReferenceFileError
from recos.extract.boxes import rows_about
from recos.messages import get_logger, warn

logger = get_logger(__name__)

LIMITS = ("LOWER_OUTER", "LOWER_INNER", "UPPER_INNER", "UPPER_OUTER")


@dataclass(frozen=True, slots=True)
class ZoneLimits:
    """The two zones of each column.

    Attributes
    ----------
    lower_outer, lower_inner, upper_inner, upper_outer : ndarray of float64, shape (columns,)
        Image rows, inclusive.
    enclosed_energy : ndarray of float64
        Fraction of the light of the profile between the outer limits; 0 in columns without profile.
    """

    lower_outer: np.ndarray
    lower_inner: np.ndarray
    upper_inner: np.ndarray
    upper_outer: np.ndarray
    enclosed_energy: np.ndarray


class KnownZones(NamedTuple):
    """The zones of a time slice, and what they follow from."""

    settings: tuple[object, ...]
    quality: np.ndarray
    """Data-quality bits of the rows of the profile."""
    zones: ZoneLimits


def check_limits(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The four limits of a row of TWOZXTAB, as stored.

    Raises
    ------
    ReferenceFileError
        Unless they rise from 0 to 1.
    """
    limits = tuple(row[name] for name in LIMITS)
    if all(a <= b for a, b in zip((0.0, *limits), (*limits, 1.0), strict=True)):
        return limits
    text = ", ".join(f"{name} = {value}" for name, value in zip(LIMITS, limits, strict=True))
    warn(logger, "Zone boundaries invalid:", text)
    raise ReferenceFileError(
        f"TWOZXTAB: invalid boundaries of enclosed energy ({text}); they must rise from 0 to 1."
    )


def box_rows(centre: float, height: int, n_rows: int, exact_height: bool = False) -> slice:
    """Rows of a profile about its centre over which it is normalised; see :func:`recos.extract.boxes.rows_about`.

    Raises
    ------
    ReferenceFileError
        If the profile has fewer rows.
    """
    first, last = rows_about(round(centre), height, exact_height)
    if first < 0 or last >= n_rows:
        raise ReferenceFileError(
            f"The extraction height {height} about row {centre:.1f} of the reference profile does not fit "
            f"into its {n_rows} rows. Reduce HEIGHT in TWOZXTAB, or use a PROFTAB with more rows."
        )
    return slice(first, last + 1)


def find_zones(
    profile: np.ndarray, limits: tuple[Any, ...], first_row: float, whole_light: bool = False
) -> ZoneLimits:
    """Rows between which each column of a profile holds given fractions of its light.

    Parameters
    ----------
    profile : ndarray of float32 or float64, shape (rows, columns)
        The profile within the extraction height, background subtracted.
    limits : tuple
        Fractions at the four limits; exactly 0 and 1 stand for the first and the last row.
    first_row : float
        Image row of the first row of `profile`.
    whole_light : bool
        The lowest row that is summed counts, too (correction enclosed-energy).

    Raises
    ------
    ReferenceFileError
        If no column has any light.
    """
    cumulative = _cumulative(profile)
    last = len(cumulative) - 1
    lit = cumulative[last] > 0.0
    columns = np.arange(cumulative.shape[1])
    indices, values = [], []
    for name, limit in zip(LIMITS, limits, strict=True):
        if name.startswith("LOWER"):
            index, value = _lower(cumulative, float(limit), columns)
        else:
            index, value = _upper(cumulative, float(limit), columns)
        indices.append(np.where(lit, index, 0))
        values.append(np.where(lit, value, 0.0))
    # QUIRK (specification 5, section 5.5.1): the light of the lowest row that is summed does not count.
    below = _light_below(cumulative, indices[0], columns) if whole_light else values[0]
    energy = np.where(lit, values[3] - below, 0.0)
    good = np.flatnonzero(indices[3])
    if not len(good):
        raise ReferenceFileError(
            "PROFTAB: the reference profile holds no light within the extraction height."
        )
    for index in indices:
        index[: good[0]] = index[good[0]]
        index[good[-1] + 1 :] = index[good[-1]]
    rows = [index + np.float64(first_row) for index in indices]
    return ZoneLimits(rows[0], rows[1], rows[2], rows[3], energy)


def _cumulative(profile: np.ndarray) -> np.ndarray:
    total = profile.sum(axis=0, dtype=np.float64)
    total[total == 0.0] = 1.0
    normalised = (profile / total).astype(profile.dtype)
    cumulative: np.ndarray = normalised.astype(np.float64)
    for above, row in pairwise(cumulative):  # by rows, which lie together in memory
        row += above
    return cumulative


def _light_below(cumulative: np.ndarray, index: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.where(index > 0, cumulative[np.maximum(index - 1, 0), columns], 0.0)


def _lower(cumulative: np.ndarray, limit: float, columns: np.ndarray) -> tuple[np.ndarray, Any]:
    """The last row whose cumulative light is below the limit."""
    if limit == 0.0:
        return np.zeros(len(columns), np.int64), 0.0
    index = np.zeros(len(columns), np.int64)
    for k, row in enumerate(cumulative):
        index[row < limit] = k
    return index, cumulative[index, columns]


def _upper(cumulative: np.ndarray, limit: float, columns: np.ndarray) -> tuple[np.ndarray, Any]:
    """The first row whose cumulative light exceeds the limit, else the last row."""
    last = len(cumulative) - 1
    if limit == 1.0:
        return np.full(len(columns), last), 1.0
    index = np.full(len(columns), last)
    for k in range(last, -1, -1):
        index[cumulative[k] > limit] = k
    return index, cumulative[index, columns]
