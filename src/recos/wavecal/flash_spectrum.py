"""Spectrum and background of one lamp flash. Specification 4, sections 5.5, 5.7 and 9.4."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recos.data.instrument import EVENT_REJECTION
from recos.errors import ReferenceFileError
from recos.kernels.times import nint
from recos.references import Row
from recos.wavecal import lamp
from recos.wavecal.cross_dispersion import LampEvents, box


class FlashSpectrum(NamedTuple):
    """Counts of one flash per column, float64, shape (n,)."""

    gross: np.ndarray
    background: np.ndarray
    net: np.ndarray
    """Gross less background, weighted by EPSILON."""


class BackgroundMask:
    """Which pixels around the lamp spectrum may count as background.

    Parameters
    ----------
    rectangles : ndarray of int, shape (m, 4)
        Regions with serious flags: x0, y0, x1, y1, the upper limits exclusive.
    shape : (int, int)
        Rows and columns of the detector.
    """

    def __init__(self, rectangles: np.ndarray, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.rectangles = np.clip(rectangles, 0, (shape[1], shape[0]) * 2)

    def bands(self, row: Row, shift2: float, x_offset: int) -> list[Band]:
        """The two background regions of an XTRACTAB row, displaced by `shift2`.

        Raises
        ------
        ReferenceFileError
            If one of them extends beyond the detector.
        """
        centres = (float(row["B_BKG1"]) + shift2, float(row["B_BKG2"]) + shift2)
        slope = float(row["SLOPE"])
        return [
            self._band(slope, y, height, x_offset)
            for y, height in zip(centres, lamp.background_heights(row), strict=True)
        ]

    def _band(self, slope: float, centre: float, height: int, x_offset: int) -> Band:
        ny, nx = self.shape
        y = centre - slope * x_offset
        half = height // 2
        ends = nint(np.array([y - half, y + half, y - half + (nx - 1) * slope, y + half + (nx - 1) * slope]))
        if ends.min() < 0 or ends.max() >= ny:
            raise ReferenceFileError(
                f"XTRACTAB: the lamp background at row {centre:.1f}, {height} rows high, extends beyond the "
                f"detector (rows {ends.min()} to {ends.max()}). Use an XTRACTAB for this mode."
            )
        first = nint(y - half + slope * np.arange(nx))
        low, high = int(first.min()), int(first.max()) + height
        x0, y0, x1, y1 = self.rectangles.T
        near = self.rectangles[(y0 < high) & (y1 > low) & (x0 < x1)]
        bad = np.zeros((high - low, nx), bool)
        for x0, y0, x1, y1 in near:
            bad[max(y0 - low, 0) : y1 - low, x0:x1] = True
        good = np.full(nx, height)
        columns = np.flatnonzero(bad.any(axis=0))
        rows = np.arange(height)[:, None] + (first - low)[columns]
        good[columns] -= bad[rows, columns].sum(axis=0)
        return Band(centre, height, first - low, good, bad)


class Band(NamedTuple):
    """A background region."""

    centre: float
    height: int
    first: np.ndarray
    """Lowest row of the region in `bad`, per column."""
    good: np.ndarray
    """Number of rows without flags, per column."""
    bad: np.ndarray
    """Flagged pixels of the rows that the region touches."""

    def counts(self, events: LampEvents, slope: float, x_offset: int) -> np.ndarray:
        """Counts of unflagged pixels, per column; float64."""
        n = len(self.first)
        _, column, row = box(events.x, events.y, slope, self.centre, self.height, n, x_offset)
        keep = ~self.bad[self.first[column] + row, column]
        return np.bincount(column[keep], minlength=n).astype(np.float64)


def extract_flash(
    events: LampEvents,
    row: Row,
    shift2: float,
    shape: tuple[int, int],
    x_offset: int,
    mask: BackgroundMask | None,
) -> FlashSpectrum:
    """Extract the lamp spectrum of one flash.

    Parameters
    ----------
    events : LampEvents
        The events of the flash.
    row : Row
        XTRACTAB row of the lamp spectrum.
    shift2 : float
        Cross-dispersion displacement, pixels.
    shape : (int, int)
        Rows and columns of the image.
    x_offset : int
        Column of the image that holds detector column 0.
    mask : BackgroundMask or None
        None for no background subtraction.
    """
    n, slope, height = shape[1], float(row["SLOPE"]), int(row["HEIGHT"])
    good = (events.dq & EVENT_REJECTION) == 0
    index, column, _ = box(
        events.x[good], events.y[good], slope, float(row["B_SPEC"]) + shift2, height, n, x_offset
    )
    gross = np.bincount(column, minlength=n).astype(np.float64)
    weighted = np.bincount(column, weights=events.epsilon[good][index], minlength=n)
    epsilon = np.divide(weighted, gross, out=np.ones(n), where=weighted != 0.0)
    background = np.zeros(n) if mask is None else _background(events, row, shift2, x_offset, mask)
    return FlashSpectrum(gross, background, epsilon * (gross - background))


def _background(
    events: LampEvents, row: Row, shift2: float, x_offset: int, mask: BackgroundMask
) -> np.ndarray:
    """Smoothed background under the spectrum, counts per column."""
    slope = float(row["SLOPE"])
    bands = mask.bands(row, shift2, x_offset)
    height = sum(band.height for band in bands)
    counts: np.ndarray = np.sum([band.counts(events, slope, x_offset) for band in bands], axis=0)
    good = np.sum([band.good for band in bands], axis=0)
    counts *= np.where(good > 0, height / np.maximum(good, 1), 1.0) * (int(row["HEIGHT"]) / height)
    first, last = x_offset, x_offset + 1024 if x_offset > 0 else len(counts)
    covered = first + np.flatnonzero(good[first:last] > 0)
    if len(covered):
        inside = slice(covered[0], covered[-1] + 1)
        counts[inside] = running_mean(counts[inside].astype(np.float32), int(row["BWIDTH"]))
    return counts


def running_mean(values: np.ndarray, width: int) -> np.ndarray:
    """Mean over `width` elements, fewer at the ends; an even window reaches one further down. float32."""
    cumulative = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    start = np.arange(len(values)) - width // 2
    stop = np.clip(start + width, 0, len(values))
    start = np.clip(start, 0, len(values))
    mean: np.ndarray = ((cumulative[stop] - cumulative[start]) / (stop - start)).astype(np.float32)
    return mean
