"""Where the counts of a spectrum and of its background were summed, and how the background was scaled.

The background of an x1d spectrum is a linear function of the counts in the background boxes: each pixel has a
factor, sums over columns are smoothed along the dispersion, and scaled to the rows of the spectrum. `Region`
holds these factors, so that single events can be treated as the sums were. Specification 5, sections 5.4 and 5.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.extract.boxcar import locate, smoothed_columns
from recos.extract.boxes import tilted_box, window
from recos.extract.exposure import extraction_algorithm, extraction_input
from recos.extract.inputs import BackgroundBoxes, ExtractionInput
from recos.extract.zone_background import ZoneBackground
from recos.references import References


@dataclass(frozen=True, slots=True)
class Rows:
    """A range of image rows in each column.

    Attributes
    ----------
    first, last : ndarray of int64, shape (columns,)
        Both included; `last` below `first` where there is none.
    """

    first: np.ndarray
    last: np.ndarray

    def contain(self, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Which pixels are inside, bool."""
        return (row >= self.first[column]) & (row <= self.last[column])

    def count_good(self, good: np.ndarray) -> np.ndarray:
        """Number of good pixels in each column; `good` is a bool image."""
        low, high = max(int(self.first.min()), 0), int(self.last.max())
        row = np.arange(low, high + 1)[:, np.newaxis]
        inside = (row >= self.first) & (row <= self.last)
        return np.count_nonzero(good[low : high + 1] & inside, axis=0)


@dataclass(frozen=True, slots=True)
class Region:
    """Where one spectrum and its background are.

    Attributes
    ----------
    spectrum : Rows
    sky : tuple of Rows
        The background boxes; empty if no background is subtracted.
    gain : ndarray of float64, shape (columns,)
        Net counts per count in the spectrum: 1 / ACTUAL_EE, 0 in columns without light.
    sky_pixel : ndarray of float64, shape (columns,)
        What a count in a background box adds to the background of its column, before smoothing.
    sky_scale : ndarray of float64, shape (columns,)
        Background in the rows of the spectrum, as weighted counts, per smoothed background.
    sky_good : ndarray of bool, shape (columns,)
        Columns in which only good pixels of the boxes count.
    smoothed : slice
        The columns in which the background is smoothed.
    smoothing : int
        Columns of the running mean.
    smoothed_in : ndarray of bool, shape (columns,)
        Columns that it is taken of.
    weighted_sky : bool
        Counts of the background are weighted by EPSILON.
    """

    spectrum: Rows
    sky: tuple[Rows, ...]
    gain: np.ndarray
    sky_pixel: np.ndarray
    sky_scale: np.ndarray
    sky_good: np.ndarray
    smoothed: slice
    smoothing: int
    smoothed_in: np.ndarray
    weighted_sky: bool

    def sky_weights(self, weight: np.ndarray) -> np.ndarray:
        """What a count in the background boxes adds to a weighted sum of the background over columns.

        Parameters
        ----------
        weight : ndarray of float64, shape (columns,)
            Weights of the background of each column.

        Returns
        -------
        ndarray of float64, shape (columns,)
            By the column of the count.
        """
        spread = weight * self.sky_scale
        spread[self.smoothed] = _spread(
            spread[self.smoothed], self.smoothing, self.smoothed_in[self.smoothed]
        )
        return spread * self.sky_pixel


def _spread(weight: np.ndarray, width: int, used: np.ndarray) -> np.ndarray:
    """The transpose of :func:`recos.extract.boxes.smooth`: hand each weight to the pixels of its mean."""
    n = len(weight)
    low, high = window(n, width)
    before = np.concatenate(([0], np.cumsum(used)))
    number = before[high] - before[low]
    share = np.where(number > 0, weight / np.maximum(number, 1), 0.0)
    steps = np.bincount(low, share, n + 1) - np.bincount(high, share, n + 1)
    return np.where(used, np.cumsum(steps)[:n], 0.0) + np.where(number > 0, 0.0, weight)


def region_of(exposure: Exposure, refs: References, context: Context, row: Mapping[str, Any]) -> Region:
    """The region of one spectrum of an exposure, which has been extracted.

    Parameters
    ----------
    exposure : Exposure
        With images.
    refs, context
        With which it was extracted.
    row : mapping
        SEGMENT, and the columns of its x1d spectrum.
    """
    data = extraction_input(exposure, refs, context, str(row["SEGMENT"]))
    if extraction_algorithm(exposure) == "BOXCAR":
        return _boxcar(data)
    return _twozone(data, row, float(exposure.header["SP_LOC_" + data.segment[-1]]))


def _good(data: ExtractionInput) -> np.ndarray:
    return (data.images.dq & data.sdqflags) == 0


def _boxcar(data: ExtractionInput) -> Region:
    location, slope = locate(data, data.slope), data.slope
    height, boxes = int(data.row["HEIGHT"]), BackgroundBoxes.from_row(data.row)

    def rows(centre: float, height: int) -> Rows:
        first = tilted_box(data.shape, slope, centre, height, data.x_offset).first
        return Rows(first, first + height - 1)

    spectrum = rows(location.centre, height)
    sky = tuple(
        rows(centre + location.background_shift, h)
        for centre, h in zip(boxes.centres, boxes.heights, strict=True)
    )
    good = _good(data)
    n_good = np.sum([s.count_good(good) for s in sky], axis=0)
    scale = height / sum(boxes.heights)
    # without a good pixel in a column, its bad ones count, as they do in the x1d
    pixel = np.where(n_good > 0, sum(boxes.heights) * scale / np.maximum(n_good, 1), scale)
    return Region(
        spectrum=spectrum,
        sky=sky if data.subtract_background else (),
        gain=np.ones(data.shape[1]),
        sky_pixel=pixel,
        sky_scale=_mean_weight(data, spectrum),
        sky_good=n_good > 0,
        smoothed=smoothed_columns(data, n_good > 0),
        smoothing=boxes.smoothing,
        smoothed_in=n_good > 0 if "background-gaps" in data.corrections else np.ones(len(n_good), bool),
        weighted_sky=False,
    )


def _mean_weight(data: ExtractionInput, spectrum: Rows) -> np.ndarray:
    """Mean EPSILON of the counts of each column of the spectrum; 1 without counts."""
    low, high = int(spectrum.first.min()), int(spectrum.last.max())
    row = np.arange(low, high + 1)[:, np.newaxis]
    inside = (row >= spectrum.first) & (row <= spectrum.last)
    counts, effective = (
        np.where(inside, image[low : high + 1], np.float32(0.0)).sum(axis=0, dtype=np.float64)
        for image in (data.images.counts, data.images.effective)
    )
    return np.where(effective == 0.0, 1.0, effective / np.maximum(counts, 1.0))


def _twozone(data: ExtractionInput, row: Mapping[str, Any], centre: float) -> Region:
    n_rows, n_columns = data.shape
    first, last = (row[name].astype(np.int64) for name in ("Y_LOWER_OUTER", "Y_UPPER_OUTER"))
    used = last > first
    energy = np.asarray(row["ACTUAL_EE"], np.float64)
    background = ZoneBackground.from_row(data.row, data.corrections)
    boxes = background.regions(centre, n_rows)
    sky = tuple(Rows(np.full(n_columns, b.start), np.full(n_columns, b.stop - 1)) for b in boxes)
    good = _good(data)
    n_good = np.sum([s.count_good(good) for s in sky], axis=0)
    has_light = used & (energy != 0.0)
    return Region(
        spectrum=Rows(first, np.where(used, last, first - 1)),
        sky=sky if data.subtract_background else (),
        gain=np.where(has_light, 1.0 / np.where(has_light, energy, 1.0), 0.0),
        sky_pixel=np.where(n_good > 0, 1.0 / np.maximum(n_good, 1), 0.0),
        sky_scale=np.where(used, last - first + 1.0, 1.0),
        sky_good=np.ones(n_columns, bool),
        smoothed=slice(0, n_columns),
        smoothing=background.smoothing,
        smoothed_in=n_good > 0 if background.bridges_gaps else np.ones(n_columns, bool),
        weighted_sky=True,
    )
