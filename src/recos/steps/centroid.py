"""Flux-weighted centroids of spectra across the dispersion. Specification 3, section 10.3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from recos.messages import get_logger, warn

logger = get_logger(__name__)

ITERATIONS = 5
TOLERANCE = 0.005
"""Pixels: a centroid that moves less has converged."""
LARGEST_MOVE = 20.0
"""Pixels: a centroid that moves more is no centroid of the target."""


class Rows(NamedTuple):
    """A range of rows, both ends included."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many rows."""
        return max(self.stop - self.start + 1, 0)

    def moved(self, rows: int) -> Rows:
        """The range, moved."""
        return Rows(self.start + rows, self.stop + rows)


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of spectrum and background for one position of the spectrum, and the columns good in them.

    Attributes
    ----------
    centre : float
        Position for which it was made.
    spectrum, below, above : Rows
        The spectrum and the two regions of background.
    columns : ndarray of bool, shape (nx,)
    """

    centre: float
    spectrum: Rows
    below: Rows
    above: Rows
    columns: np.ndarray

    def moved(self, rows: int) -> Layout:
        """The layout with all rows moved and the same columns."""
        return replace(
            self,
            spectrum=self.spectrum.moved(rows),
            below=self.below.moved(rows),
            above=self.above.moved(rows),
        )


class Sums:
    """Sums over good columns of the rows of an image.

    Parameters
    ----------
    image : ndarray of float32, shape (ny, nx)
    columns : ndarray of bool, shape (nx,)
    first_row : int
        Row number of the first row of the image.
    """

    def __init__(self, image: np.ndarray, columns: np.ndarray, first_row: int = 0) -> None:
        self._image, self._columns, self._first = image, np.flatnonzero(columns), first_row
        self.n_columns = len(self._columns)

    def rows(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers and sums of the rows of a range that exist, float64."""
        start = max(rows.start - self._first, 0)
        stop = min(rows.stop - self._first + 1, len(self._image))
        numbers = np.arange(start, max(stop, start), dtype=np.float64) + self._first
        part = self._image[start : max(stop, start)]
        return numbers, part.take(self._columns, axis=1).sum(axis=1, dtype=np.float64)

    def mean(self, rows: Rows) -> float:
        """Mean over the pixels of a range; NaN without any."""
        _, sums = self.rows(rows)
        n = len(sums) * self.n_columns
        return float(sums.sum()) / n if n else float("nan")


def background(sums: Sums, layout: Layout) -> float:
    """Mean of the background in an exposure, per pixel; each region counts by its number of rows."""
    n = layout.below.size + layout.above.size
    if n == 0:
        return float("nan")
    return (layout.below.size * sums.mean(layout.below) + layout.above.size * sums.mean(layout.above)) / n


def centroid(sums: Sums, rows: Rows, level: float) -> float | None:
    """Centroid of what is above a level in a range of rows; None if there is nothing."""
    numbers, values = sums.rows(rows)
    net = values - level * sums.n_columns
    total = float(net.sum())
    if total == 0.0 or not np.isfinite(total):
        return None
    return float((net * numbers).sum()) / total


@dataclass(frozen=True, slots=True)
class Found:
    """A centroid, the layout of the last iteration, and whether the iteration converged.

    Attributes
    ----------
    value : float
    layout : Layout
    status : str
        ``"converged"``, ``"not converged"`` or ``"undefined"``.
    """

    value: float
    layout: Layout
    status: str


def find_centroid(
    start: float, lay_out: Callable[[float], Layout], sums_of: Callable[[np.ndarray], Sums]
) -> Found:
    """Centroid of a spectrum, by iteration.

    Parameters
    ----------
    start : float
        Expected position.
    lay_out : callable
        Gives the layout for a position.
    sums_of : callable
        Gives the sums of the image over some columns.
    """
    centre, defined = start, False
    for _ in range(ITERATIONS):
        layout = lay_out(centre)
        logger.info("%d good columns", np.count_nonzero(layout.columns))
        if not layout.columns.any():
            logger.info("No good columns.")
            logger.info("Centroid set to input value from reference file: %s", start)
            return Found(start, lay_out(start), "undefined")
        sums = sums_of(layout.columns)
        level = background(sums, layout)
        _log_background(layout, level)
        value = centroid(sums, layout.spectrum, level)
        if value is None:
            warn(logger, "Centroid is not defined in science data")
            centre, defined = start, False
            continue
        defined = True
        logger.info("Centroid = %f", value)
        if abs(value - centre) > LARGEST_MOVE:
            logger.info("Centroid shift too big")
            return Found(value, layout, "undefined")
        if abs(value - centre) < TOLERANCE:
            logger.info("Centroid calculation converged")
            return Found(value, layout, "converged")
        centre = value
    if not defined:
        return Found(start, layout, "undefined")
    warn(logger, "Centroid calculation did not converge", f"after {ITERATIONS} iterations")
    return Found(centre, layout, "not converged")


def _log_background(layout: Layout, level: float) -> None:
    logger.info("Background regions are from %d to %d", *layout.below)
    logger.info("and from %d to %d", *layout.above)
    logger.info("Adopted background in science data = %f", level)


def centroid_error(counts: Sums, layout: Layout) -> float | None:
    """Standard error of a centroid from the numbers of events; None if it is not defined."""
    if not counts.n_columns:
        logger.info("No good columns, cannot calculate centroid error")
        return None
    level = background(counts, layout)
    value = centroid(counts, layout.spectrum, level)
    if value is None:
        warn(logger, "Centroid error not defined in science data")
        return None
    numbers, sums = counts.rows(layout.spectrum)
    net = float((sums - level * counts.n_columns).sum())
    error = float(np.sqrt((sums * (numbers - value) ** 2).sum())) / abs(net)
    logger.info("Error on centroid = %f", error)
    return error


def reference_centroid(
    profile: np.ndarray, row_0: int, start: float, layout: Layout, *, weighted: bool = False
) -> float:
    """Centroid of a reference profile within the same columns and the same rows about it.

    Parameters
    ----------
    profile : ndarray of float32, shape (rows, nx)
    row_0 : int
        Detector row of its first row.
    start : float
        Expected centroid, detector rows.
    layout : Layout
        Of the science spectrum.
    weighted : bool
        See :func:`profile_background`.

    Returns
    -------
    float
        Detector rows. QUIRK (specification 3, section 10.3): the value before the last iteration.
    """
    sums = Sums(profile, layout.columns)
    value = start
    for _ in range(ITERATIONS):
        expected = value - row_0
        logger.info("Input Reference centroid = %f, row_0 = %d", value, row_0)
        moved = layout.moved(round(expected - layout.centre))
        found = centroid(
            sums, moved.spectrum, profile_background(sums, moved, len(profile), weighted=weighted)
        )
        if found is None:
            warn(
                logger,
                "Unable to determine centroid in reference spectrum",
                f"Using default value of {value}",
            )
            return value
        measured = found + row_0
        logger.info("Measured reference centroid = %s", measured)
        if abs(value - measured) < TOLERANCE:
            logger.info("Reference centroid calculation converged")
            return value
        value = measured
    warn(logger, "Reference centroid calculation did not converge", f"after {ITERATIONS} iterations")
    return value


def profile_background(sums: Sums, layout: Layout, n_rows: int, *, weighted: bool = False) -> float:
    """Background of a reference profile, whose regions may be cut off at its edges.

    QUIRK (specification 3, section 10.3): the mean of a region that is cut off is not multiplied by its
    weight, and the last row is taken to be `n_rows`. Not if `weighted`: then it is the mean of the two regions,
    weighted by the fraction of their rows that exists.
    """
    if weighted:
        return _weighted_background(sums, layout, n_rows)
    below, above = layout.below, layout.above
    total, weight = 0.0, 0.0
    if below.start >= 0:
        total, weight = sums.mean(below), 1.0
    elif below.stop > 0:
        logger.info("Background region #1 truncated")
        total, weight = sums.mean(Rows(0, below.stop)), (below.stop + 1) / below.size
        below = Rows(0, below.stop)
    if above.stop <= n_rows:
        total, weight = total + sums.mean(above), weight + 1.0
    elif above.start <= n_rows:
        logger.info("Background region #2 truncated")
        weight += (n_rows - above.start + 1) / above.size
        above = Rows(above.start, n_rows)
        total += sums.mean(above)
    if weight == 0.0:
        warn(logger, "Unable to determine background in reference profile")
        return 0.0
    logger.info("Adopted background regions for reference profile:")
    logger.info("Rows %d to %d, and rows %d to %d", *below, *above)
    level = total / weight
    logger.info("Background = %f", level)
    return level


def _weighted_background(sums: Sums, layout: Layout, n_rows: int) -> float:
    total = weight = 0.0
    for rows in (layout.below, layout.above):
        existing = Rows(max(rows.start, 0), min(rows.stop, n_rows - 1))
        if existing.size:
            fraction = existing.size / rows.size
            total, weight = total + fraction * sums.mean(existing), weight + fraction
    if weight == 0.0:
        warn(logger, "Unable to determine background in reference profile")
        return 0.0
    logger.info("Background = %f", total / weight)
    return total / weight
