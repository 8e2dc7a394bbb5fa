"""Background of the TWOZONE algorithm: two boxes of whole rows. Specification 5, section 5.5.3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recos.errors import ReferenceFileError
from recos.extract.boxes import RowSource, rows_about, smooth
from recos.extract.inputs import BackgroundBoxes
from recos.kernels.sums import sum_masked
from recos.messages import get_logger, warn

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ZoneBackground:
    """Positions of the background boxes relative to the spectrum.

    Attributes
    ----------
    offsets : (int, int)
        Of the centres from the centre of the spectrum, rows.
    heights : (int, int)
        As in the table.
    smoothing : int
        Columns.
    exact_heights : bool
        The boxes have as many rows as the table says, also if their number is even.
    bridges_gaps : bool
        Columns without good pixels get the background of their neighbours.
    """

    offsets: tuple[int, int]
    heights: tuple[int, int]
    smoothing: int
    exact_heights: bool = False
    bridges_gaps: bool = False

    @classmethod
    def from_row(cls, row: Mapping[str, Any], corrections: frozenset[str] = frozenset()) -> ZoneBackground:
        """The boxes of a row of TWOZXTAB."""
        boxes = BackgroundBoxes.from_row(row)
        offsets = tuple(round(float(b - row["B_SPEC"])) for b in boxes.centres)
        return cls(
            (offsets[0], offsets[1]),
            boxes.heights,
            boxes.smoothing,
            "extraction-heights" in corrections,
            "background-gaps" in corrections,
        )

    def centres(self, centre: float) -> tuple[int, int]:
        """Rows of the centres of the boxes for a spectrum at row `centre`."""
        return round(self.offsets[0] + centre), round(self.offsets[1] + centre)

    def regions(self, centre: float, n_rows: int) -> list[slice]:
        """Rows of the boxes that are inside an image of `n_rows` rows.

        Raises
        ------
        ReferenceFileError
            If both boxes are outside.
        """
        regions = []
        for number, (middle, height) in enumerate(zip(self.centres(centre), self.heights, strict=True), 1):
            first, last = rows_about(middle, height, self.exact_heights)
            if first >= n_rows or last < 0:
                warn(
                    logger,
                    "Background region outside array",
                    f"Background region {number} is outside data array",
                )
            else:
                regions.append(slice(max(first, 0), min(last, n_rows - 1) + 1))
        if not regions:
            raise ReferenceFileError(
                f"Both background regions lie outside the {n_rows} rows of the image or profile. "
                "Check B_BKG1, B_BKG2 and B_SPEC in TWOZXTAB."
            )
        return regions

    def measure(
        self, rows: RowSource, quality: RowSource, n_rows: int, centre: float, sdqflags: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Background per pixel of each column, smoothed, and the number of good pixels it is the mean of.

        Parameters
        ----------
        rows, quality : callable
            Rows of an image and of its data quality.
        n_rows : int
            Rows of the image.
        centre : float
            Row of the spectrum.
        sdqflags : int
            Bits of pixels that are left out.

        Returns
        -------
        background : ndarray of float32
        n_good : ndarray of int
            Not smoothed.
        """
        total: Any = 0.0
        n_good: Any = 0
        for region in self.regions(centre, n_rows):
            good = (quality(region) & sdqflags) == 0
            total = total + sum_masked(rows(region), good)
            n_good = n_good + good.sum(axis=0)
        mean = np.where(n_good > 0, total / np.maximum(n_good, 1), 0.0)
        # QUIRK (specification 5, section 5.5.3): columns without good pixels are smoothed in as zeros.
        return smooth(mean, self.smoothing, n_good > 0 if self.bridges_gaps else None), n_good
