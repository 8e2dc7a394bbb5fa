"""Pixels of NUV images that no event can reach. Specification 3, section 11.6."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.errors import InputError
from recos.exposure import Exposure
from recos.instrument import DQ, NUV_SHAPE
from recos.steps.shift_range import ShiftRange

Box = tuple[int, int, int, int]
"""x0, x1, y0, y1; half-open, raw detector pixels."""


def flag_outside_nuv_detector(
    exposure: Exposure,
    image: np.ndarray,
    ranges: list[ShiftRange],
    doppler: tuple[float, float],
    boundary: int,
) -> None:
    """Set bit 128 in an NUV image where no subarray lies, in place.

    QUIRK (specification 3, section 11.6): the borders of stripes count like those of the detector, so that
    rows between them stay flagged where the displacement across the dispersion varies.

    Parameters
    ----------
    image : ndarray of int16
    ranges : list of ShiftRange
        Displacements removed from the events of each range of rows.
    doppler : (float, float)
        Least and largest Doppler shift, pixels.
    boundary : int
        First row without Doppler shift.
    """
    ny, nx = image.shape
    offset = exposure.mode.x_offset
    outside = np.full(image.shape, DQ.OUT_OF_BOUNDS, np.int16)
    subarrays = list(_subarrays(exposure))
    for shifts in ranges:
        low, high = shifts.rows
        least, largest = shifts.shift1_min, shifts.shift1_max
        if (low + high) // 2 < boundary:
            least, largest = least + doppler[0], largest + doppler[1]
        dx, dy = (round(least), round(largest)), (round(shifts.shift2_min), round(shifts.shift2_max))
        moved = [
            (x0 - dx[0], x1 - dx[1], y0 - dy[0], y1 - dy[1])
            for x0, x1, y0, y1 in _in_rows(subarrays, low, high)
        ]
        if not moved:
            # QUIRK (specification 3, section 11.6): the lowest row is taken from the first column
            moved = [(-dx[0], NUV_SHAPE[1] - dx[1], -dx[0], high - dy[1])]
        for x0, x1, y0, y1 in moved:
            rows = slice(max(y0, 0), max(min(y1, ny), 0))
            columns = slice(max(x0 + offset, 0), max(min(x1 + offset, nx), 0))
            outside[rows, columns] = 0
    image |= outside


def _subarrays(exposure: Exposure) -> Iterator[Box]:
    header = exposure.header
    for i in range(int(header.get("NSUBARRY", 0))):
        keywords = [f"{word}{i}{axis}" for word in ("CORNER", "SIZE") for axis in "XY"]
        missing = [key for key in keywords if key not in header]
        if missing:
            raise InputError(
                f"{exposure.path}: NSUBARRY = {header['NSUBARRY']}, but the header has no {', '.join(missing)}. "
                "Retrieve the file again."
            )
        x, y, width, height = (int(header[key]) for key in keywords)
        if width > 0 and height > 0:
            yield x, x + width, y, y + height


def _in_rows(subarrays: list[Box], low: int, high: int) -> list[Box]:
    """What of the subarrays lies in a range of rows."""
    cut = [(x0, x1, max(y0, low), min(y1, high)) for x0, x1, y0, y1 in subarrays]
    return [box for box in cut if box[2] < box[3]]
