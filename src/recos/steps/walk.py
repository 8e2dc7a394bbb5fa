"""What XWLKCORR and YWLKCORR share: subtract the walk of one axis. Specification 2, section 14."""

from __future__ import annotations

import numpy as np

from recos.errors import ReferenceFileError
from recos.exposure import Exposure
from recos.kernels.events import subtract_walk
from recos.references import References
from recos.steps.active_area import active_events
from recos.steps.positions import check_positions


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
    subtract_walk(position, exposure.events.pha, active_events(exposure, refs), table)
    check_positions(refs, keyword, position)
