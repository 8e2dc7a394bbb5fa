"""Boxes of image pixels and what is done with them: cut, smooth, interpolate, errors of rates.

Specification 5, section 5.1.3.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recos.errors import ReferenceFileError
from recos.kernels.poisson import poisson_errors

RowSource = Callable[[slice], np.ndarray]
"""Gives the rows of an image, shape (rows, columns)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of constant height that follows a straight line across the image.

    Attributes
    ----------
    first : ndarray of int, shape (columns,)
        Lowest row of the box in each column.
    height : int
        Number of rows.
    n_rows : int
        Rows of the image.
    """

    first: np.ndarray
    height: int
    n_rows: int

    @property
    def is_inside(self) -> bool:
        """The whole box is inside the image."""
        return int(self.first.min()) >= 0 and int(self.first.max()) + self.height <= self.n_rows

    def require_inside(self, what: str) -> None:
        """Raise ReferenceFileError unless the whole box is inside the image."""
        if not self.is_inside:
            low, high = int(self.first.min()), int(self.first.max()) + self.height - 1
            raise ReferenceFileError(
                f"The {what} reaches from row {low} to row {high}, outside the image of {self.n_rows} rows. "
                "Check location and height, or B_SPEC, B_BKG1, B_BKG2 and the heights in XTRACTAB."
            )

    def cut(self, rows: RowSource) -> np.ndarray:
        """The pixels of the box, shape (height, columns); zero where it leaves the image."""
        low = max(int(self.first.min()), 0)
        high = max(min(int(self.first.max()) + self.height, self.n_rows), low)
        image = rows(slice(low, high))
        out = np.zeros((self.height, len(self.first)), image.dtype)
        starts = np.concatenate(([0], np.flatnonzero(np.diff(self.first)) + 1, [len(self.first)]))
        for begin, end in itertools.pairwise(starts):
            first = int(self.first[begin])
            top, bottom = max(first, low), min(first + self.height, high)
            if bottom > top:
                out[top - first : bottom - first, begin:end] = image[top - low : bottom - low, begin:end]
        return out


def tilted_box(shape: tuple[int, int], slope: float, centre: float, height: int, x_offset: int = 0) -> Box:
    """The box of `height` rows about the line through (`x_offset`, `centre`).

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the image.
    slope : float
        Rows per column.
    centre : float
        Row at image column `x_offset`, the left edge of the detector. A box of even height is one row longer
        below than above.
    height : int
        Number of rows.
    x_offset : int
        Image column of detector column 0.
    """
    columns = np.arange(shape[1], dtype=np.float64)
    low = (centre - slope * x_offset - height // 2) + slope * columns
    return Box(np.floor(low + 0.5).astype(np.int64), int(height), shape[0])


def rows_about(middle: int, height: int, exact: bool) -> tuple[int, int]:
    """First and last of the `height` rows about a row; an even height is one row longer below than above.

    Parameters
    ----------
    middle, height : int
    exact : bool
        False: an even height gains a row above (QUIRK, specification 5, sections 5.5.1 and 5.5.3).
    """
    first = middle - height // 2
    return first, first + height - 1 if exact else middle + height // 2


def window(n: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last pixel of the running mean at each of `n` pixels.

    An even width reaches one pixel further to the left.
    """
    start = np.arange(n) - width // 2
    return np.maximum(start, 0), np.minimum(start + width, n)


def smooth(values: np.ndarray, width: int, used: np.ndarray | None = None) -> np.ndarray:
    """Running mean over `width` pixels, at the ends over those that exist; float32.

    Parameters
    ----------
    values : ndarray
    width : int
        See :func:`window`.
    used : ndarray of bool, optional
        Pixels that the mean is taken of; a value stays as it is where there are none.
    """
    values = np.asarray(values, dtype=np.float32)
    low, high = window(len(values), width)
    if used is None:
        sums, numbers = _running(values, low, high), high - low
        mean: np.ndarray = (sums / numbers).astype(np.float32)
        return mean
    sums, numbers = _running(np.where(used, values, 0.0), low, high), _running(used, low, high)
    return np.where(numbers > 0, sums / np.maximum(numbers, 1), values).astype(np.float32)


def _running(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Sums from pixels `low` up to, but not including, `high`; float64."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    summed: np.ndarray = sums[high] - sums[low]
    return summed


def interpolate(
    x_table: np.ndarray, y_table: np.ndarray, x: np.ndarray, beyond: float | None = None
) -> np.ndarray:
    """Linear interpolation in a table of increasing or decreasing x; float32.

    Parameters
    ----------
    x_table, y_table, x : ndarray
    beyond : float, optional
        Value beyond the table; None: that of its end.
    """
    if len(x_table) > 1 and x_table[-1] < x_table[0]:
        x_table, y_table = x_table[::-1], y_table[::-1]
    values: np.ndarray = np.interp(x, x_table, y_table, beyond, beyond).astype(np.float32)
    return values


def rate_errors(variance: np.ndarray, exptime: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper errors (count/s, float32) of rates whose counts have a variance; zero without time.

    The type of `variance` matters, see :func:`recos.kernels.poisson.poisson_errors`.
    """
    if exptime <= 0.0:
        return np.zeros(variance.shape, np.float32), np.zeros(variance.shape, np.float32)
    lower, upper = poisson_errors(variance)
    return lower / np.float32(exptime), upper / np.float32(exptime)
