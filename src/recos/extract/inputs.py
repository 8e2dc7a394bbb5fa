"""What an extraction starts from and what it results in, common to both algorithms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recos.data.images import Images

if TYPE_CHECKING:
    from recos.extract.profile import KnownZones

_DETECTOR_MIDDLE = {"FUV": 8192, "NUV": 512}


@dataclass(frozen=True, slots=True)
class ExtractionInput:
    """The images and the parameters from which one spectrum is extracted.

    Attributes
    ----------
    segment : str
    images : Images
    row : mapping
        Row of XTRACTAB or TWOZXTAB.
    wavelength : ndarray of float64
        Of each image column, Angstrom, not heliocentric.
    exptime : float
        Exposure time of the segment, s.
    sdqflags, sdqouter : int
        Serious data-quality bits, and those that are serious in the outer zones.
    flat_snr : float
        Signal-to-noise ratio of the flat field per pixel; 0 if none was applied.
    subtract_background : bool
        BACKCORR is PERFORM.
    is_wavecal : bool
    shift2 : float
        Cross-dispersion offset that is not yet in the images, rows.
    x_offset : int
        Image column of the left edge of the detector.
    shift1 : float
        Displacement that the wavelength calibration removed, pixels (NUV).
    location : float or None
        Position given by the user: row at the middle column of the image.
    fixed_background : bool
        The user gave the rows of the background boxes.
    find_target : (bool, float or None) or None
        Extract where the target is found, unless its error exceeds the cutoff.
    corrections : frozenset of str
        Named corrections that are switched on.
    known_zones : list of KnownZones or None
        Where TWOZONE leaves its zones for the next slice of the same exposure.
    """

    segment: str
    images: Images
    row: Mapping[str, Any]
    wavelength: np.ndarray
    exptime: float
    sdqflags: int
    sdqouter: int = 0
    flat_snr: float = 0.0
    subtract_background: bool = True
    is_wavecal: bool = False
    shift2: float = 0.0
    x_offset: int = 0
    shift1: float = 0.0
    location: float | None = None
    fixed_background: bool = False
    find_target: tuple[bool, float | None] | None = None
    corrections: frozenset[str] = frozenset()
    known_zones: list[KnownZones] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the images."""
        rows, columns = self.images.dq.shape
        return rows, columns

    @property
    def slope(self) -> float:
        """Rows per column of all boxes; 0 without a column SLOPE."""
        return self.row["SLOPE"] if "SLOPE" in self.row else 0.0  # noqa: SIM401  # of the type of the column

    @property
    def detector_middle(self) -> int:
        """Detector column to which B_BKG1 and B_BKG2 refer."""
        # QUIRK (specification 5, section 5.8.1): of the NUV, not that of SP_LOC.
        if "rows-reported" in self.corrections:
            return self.shape[1] // 2 - self.x_offset
        return _DETECTOR_MIDDLE[self.segment[:3]]

    def effective(self, rows: slice) -> np.ndarray:
        """Flat-fielded count rates of some rows, float32."""
        return self.images.flat_rate(rows)

    def counts(self, rows: slice) -> np.ndarray:
        """Raw count rates of some rows, float32."""
        return self.images.counts_rate(rows)

    def quality(self, rows: slice) -> np.ndarray:
        """Data quality of some rows, int16."""
        return self.images.dq[rows]


@dataclass(frozen=True, slots=True)
class BackgroundBoxes:
    """The two background boxes of an extraction table.

    Attributes
    ----------
    centres : (float, float)
        B_BKG1 and B_BKG2.
    heights : (int, int)
        B_HGT1 and B_HGT2, or BHEIGHT for both.
    smoothing : int
        BWIDTH, columns.
    """

    centres: tuple[float, float]
    heights: tuple[int, int]
    smoothing: int

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> BackgroundBoxes:
        """The boxes of a row of XTRACTAB or TWOZXTAB."""
        names = ("B_HGT1", "B_HGT2") if "B_HGT1" in row else ("BHEIGHT", "BHEIGHT")
        return cls(
            (row["B_BKG1"], row["B_BKG2"]), (int(row[names[0]]), int(row[names[1]])), int(row["BWIDTH"])
        )


@dataclass(frozen=True, slots=True)
class Extraction:
    """One extracted spectrum.

    Attributes
    ----------
    columns : dict
        By the names of the x1d columns; FLUX is missing, ERROR and ERROR_LOWER are in count/s.
    keywords : dict
        SP_LOC, SP_ERR, … B_HGT2, without the letter of the segment.
    """

    columns: dict[str, Any]
    keywords: dict[str, Any]
