"""What XWLKCORR and YWLKCORR share: subtract the walk of one axis. Specification 2, section 14."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.errors import ReferenceFileError
from recos.kernels.events import subtract_walk
from recos.references import References
from recos.steps._active_area import active_area, active_events
from recos.steps.positions import check_positions

_BINS_PER_HEIGHT = 4
"""Histograms have 7 bits of the pulse height, events and tables 5."""


def walk_table(exposure: Exposure, refs: References, keyword: str) -> np.ndarray:
    """Shift against pulse height (rows) and pixel (columns), float32: the first extension for the segment.

    Raises
    ------
    ReferenceFileError
        If the file has none, or it is no image.
    """
    refs.announce(keyword)
    for number, hdu in enumerate(refs.file(keyword)[1:], start=1):
        if str(hdu.header.get("SEGMENT", "")).strip() == exposure.mode.segment:
            table, _ = refs.image(keyword, number)
            if table is not None and table.ndim == 2:
                return np.ascontiguousarray(table, dtype=np.float32)
    raise ReferenceFileError(
        f"{refs.path(keyword)} ({keyword}): no image extension with SEGMENT = {exposure.mode.segment}; "
        f"use a {keyword} for this segment."
    )


def correct_walk(
    exposure: Exposure, refs: References, keyword: str, position: np.ndarray, table: np.ndarray
) -> None:
    """Subtract the walk from one coordinate of the events in the active area, in place.

    Raises
    ------
    ReferenceFileError
        If values of the file are no numbers.
    """
    # QUIRK (specification 2, section 14): the events of images have pulse height 0
    if exposure.pulse_heights is not None and "accum-walk" in exposure.corrections:
        table = _mean_walk(exposure.pulse_heights, table)
    subtract_walk(position, exposure.events.pha, active_events(exposure, refs), table)
    check_positions(refs, keyword, position)


def renew_active_area(exposure: Exposure, refs: References) -> None:
    """Find the events of the active area again, where the walk correction has put them.

    QUIRK (specification 3, section 2.2): not in the reference, so that steps differ in what they take for active.
    """
    if "active-area" in exposure.corrections:
        active_area(exposure, refs)


def _mean_walk(histogram: np.ndarray, table: np.ndarray) -> np.ndarray:
    """The mean walk of events whose pulse heights have a histogram, float32, shape (1, positions)."""
    height = np.minimum(np.arange(len(histogram)) // _BINS_PER_HEIGHT, len(table) - 1)
    weights = np.bincount(height, histogram, len(table))
    if not weights.sum() > 0.0:
        return table
    mean: np.ndarray = (weights @ table / weights.sum()).astype(np.float32)
    return mean[np.newaxis]
