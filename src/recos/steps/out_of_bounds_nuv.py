"""Pixels of NUV images that no event can reach. Specification 3, section 11.6."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import DQ, NUV_SHAPE
from recos.errors import InputError
from recos.steps._shift_range import ShiftRange

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
    rows between them stay flagged where the displacement across the dispersion varies. With the correction
    ``out-of-bounds``, stripes overlap there.

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
    exact = "out-of-bounds" in exposure.corrections
    if exact:
        subarrays = subarrays or [(0, NUV_SHAPE[1], 0, NUV_SHAPE[0])]
    for shifts in ranges:
        low, high = shifts.rows
        least, largest = shifts.shift1_min, shifts.shift1_max
        if (low + high) // 2 < boundary:
            least, largest = least + doppler[0], largest + doppler[1]
        dx, dy = (round(least), round(largest)), (round(shifts.shift2_min), round(shifts.shift2_max))
        moved = [
            (box[0] - dx[0], box[1] - dx[1], *_rows(box, low, high, dy, overlapping=exact))
            for box in subarrays
            if max(box[2], low) < min(box[3], high)
        ]
        if not moved and not exact:
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


def _rows(box: Box, low: int, high: int, dy: tuple[int, int], overlapping: bool) -> tuple[int, int]:
    """Rows that a range of rows of a subarray has after its displacement by `dy[0]` to `dy[1]`.

    At the borders of the subarray, those that are exposed all the time; `overlapping`: where it goes on beyond the
    range, those that are exposed at any time.
    """
    first = low - dy[1] if overlapping and box[2] < low else max(box[2], low) - dy[0]
    end = high - dy[0] if overlapping and box[3] > high else min(box[3], high) - dy[1]
    return first, end
