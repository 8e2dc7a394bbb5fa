"""Exposure: one segment of one exposure in memory.

An exposure is made of the primary and the EVENTS header, the events, the good time intervals, the mode (what the
headers say, parsed once) and, as steps run, their results. Steps read and change it; they touch no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from astropy.io import fits

from recos.data.events import EventList
from recos.data.gti import GTI
from recos.data.mode import Mode
from recos.data.names import rootname
from recos.errors import UsageError
from recos.messages import get_logger, switch_line

if TYPE_CHECKING:
    from recos.data.images import Images
    from recos.data.spectrum import Spectrum
    from recos.data.table import BinTable
    from recos.products.csum import CsumImage
    from recos.references.regions import Regions
    from recos.steps._shift_range import ShiftRange
    from recos.steps._statflag import ImageStatistics
    from recos.steps.stims import Stims
    from recos.wavecal.flashes import LampFlashes

logger = get_logger(__name__)


@dataclass(slots=True)
class ShiftHistory:
    """Displacement in the dispersion direction against time, for the TIMELINE table.

    Attributes
    ----------
    time : ndarray of float32, with lamp flashes of float64, shape (n,)
        Seconds since EXPSTART, one per second.
    shift1 : ndarray of float32 or None
        Pixels; None when no wavelength calibration was applied.
    """

    time: np.ndarray
    shift1: np.ndarray | None = None


_MADE_BY = {
    "active": "active_area", "csum": "csum", "images": "images", "shift_range": "shift_range", "spectrum": "x1dcorr",
    "stims": "find_stims",
}  # fmt: skip
"""Results that later steps require, and the steps that make them."""


@dataclass(repr=False, eq=False, slots=True)
class Exposure:
    """One segment of one exposure, and everything that steps made of it.

    Attributes
    ----------
    path : Path
        The raw (or corrtag) file.
    primary, header : astropy.io.fits.Header
        Working copies of the primary and the EVENTS header; steps write their keywords here. The EVENTS header
        becomes that of the corrtag table and, with the words for images, of the counts and flt images.
    mode : Mode
        Configuration.
    switches : dict
        Values of the calibration switches when the exposure was read (after :func:`recos.association.model` reset
        those that do not apply). Steps never change them; what was done is in `primary` and `completed`.
    events : EventList
    raw_gti, gti : GTI
        Good time intervals of the input file, and those that steps leave of them.
    exptime : float
        Exposure time in seconds; from the header, later the sum of the good time intervals.
    elapsed : float
        Time from the first to the last event (TIME-TAG with events), else the exposure time of the header.
    """

    path: Path
    primary: fits.Header
    header: fits.Header
    mode: Mode
    switches: dict[str, str]
    events: EventList
    raw_gti: GTI
    gti_hdus: list[tuple[fits.Header, np.ndarray]]
    exptime: float
    elapsed: float
    is_corrtag: bool = False
    raw_flags: np.ndarray | None = None
    """Data-quality image of a raw ACCUM image, int16, shape of the images."""
    pulse_heights: np.ndarray | None = None
    """Pulse-height histogram of an FUV ACCUM exposure, counts, shape (128,)."""
    raw_headers: tuple[fits.Header, fits.Header] | None = None
    """Headers of the ERR and DQ extensions of a raw ACCUM image."""
    timeline_input: tuple[fits.Header, np.ndarray] | None = None

    spt_header: fits.Header | None = None
    """Primary header of the support file."""
    corrections: frozenset[str] = frozenset()
    """Named corrections that are switched on, see :mod:`recos.corrections`."""

    # results of steps
    hvlevel: int | None = None
    v_helio: float = 0.0
    active: np.ndarray | None = None
    """Events inside the active area, bool, shape (n,)."""
    stims: Stims | None = None
    bad_times: GTI = field(default_factory=GTI)
    bursts: GTI = field(default_factory=GTI)
    gti: GTI = field(default_factory=GTI)
    gti_changed: bool = False
    shift_history: ShiftHistory | None = None
    shift_range: list[ShiftRange] | None = None
    """Extreme wavecal shifts, for the widening of data-quality regions."""
    trace: np.ndarray | None = None
    flashes: LampFlashes | None = None
    images: Images | None = None
    dq_image: np.ndarray | None = None
    regions: Regions | None = None
    """Regions of bad pixels that DQICORR used."""
    science_events: np.ndarray | None = None
    """Active events outside the lamp spectrum, which TRCECORR and ALGNCORR move, bool, shape (n,)."""
    statistics: dict[str, ImageStatistics] = field(default_factory=dict)
    """Statistics of the counts and of the flt image, by STATFLAG."""
    timeline: BinTable | None = None
    spectrum: Spectrum | None = None
    csum: CsumImage | None = None
    """The csum image, in pixels of events."""
    log_text: dict[str, list[str]] = field(default_factory=dict)
    """Lines for the stim, live-time and burst files."""
    completed: list[str] = field(default_factory=list)
    """Names of the steps that were run, in order."""

    def __repr__(self) -> str:
        return f"<Exposure {self.path.name}: {', '.join(self._summary().values())}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in ({"file": self.path.name} | self._summary()).items()
        )
        return f"<table>{rows}</table>"

    def _summary(self) -> dict[str, str]:
        """What people want to know of it first."""
        mode = self.mode
        summary = {
            "detector": f"FUV {mode.letter}" if mode.is_fuv else "NUV",
            "grating": f"{mode.opt_elem}/{mode.cenwave}" if mode.is_spectroscopic else mode.opt_elem,
            "aperture": mode.aperture,
            "mode": mode.obsmode,
            "exposure time": f"{self.exptime:g} s",
            "events": f"{len(self.events)} events",
        }
        if self.corrections:
            summary["corrections"] = f"corrections {', '.join(sorted(self.corrections))}"
        summary["done"] = f"done up to {self.completed[-1]}" if self.completed else "not calibrated yet"
        return summary

    @property
    def root(self) -> str:
        """Rootname of the file: names the exposure in shift files and products."""
        return rootname(self.path)

    @property
    def latest_gti(self) -> GTI:
        """The good time intervals that steps left, or those of the input file if there are none."""
        return self.gti if len(self.gti) else self.raw_gti

    def performs(self, switch: str, *values: str) -> bool:
        """Whether a switch had one of the given values (default PERFORM) when the exposure was read."""
        return self.switches.get(switch, "N/A") in (values or ("PERFORM",))

    def announce(self, switch: str, note: str = "") -> None:
        """Log the value of a switch, as the trailer file shows it."""
        logger.info("%s%s", switch_line(switch, self.switches.get(switch, "N/A")), note)

    def mark(self, switch: str, value: str = "COMPLETE") -> None:
        """Record in the primary header what became of a step."""
        if switch in self.primary:
            self.primary[switch] = value

    @overload
    def require(self, result: Literal["active"]) -> np.ndarray: ...
    @overload
    def require(self, result: Literal["stims"]) -> Stims: ...
    @overload
    def require(self, result: Literal["shift_range"]) -> list[ShiftRange]: ...
    @overload
    def require(self, result: Literal["images"]) -> Images: ...
    @overload
    def require(self, result: Literal["spectrum"]) -> Spectrum: ...
    @overload
    def require(self, result: Literal["csum"]) -> CsumImage: ...
    def require(self, result: str) -> object:
        """The result of an earlier step.

        Raises
        ------
        UsageError
            If the step that makes it was not run.
        """
        value: object = getattr(self, result)
        if value is None:
            raise UsageError(f"{self.path}: it has no {result} yet; run the step {_MADE_BY[result]} first.")
        return value

    def key(self, root: str, letter: str | None = None) -> str:
        """Segment-specific keyword: `root` and the letter of the segment (FUV)."""
        return root + (letter or self.mode.letter) if self.mode.is_fuv else root
