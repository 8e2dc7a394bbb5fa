"""Where XTRACTAB says that spectra lie, and the rows between them. Specification 3, section 2.3."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from recos.data import instrument
from recos.data.exposure import Exposure
from recos.data.mode import Mode
from recos.references.collection import References


class Bands(NamedTuple):
    """Ranges of rows, one above the other, and the spectrum that each of them holds."""

    edges: tuple[float, ...]
    """Range i goes from row ``edges[i]`` to the row before ``edges[i + 1]``; one more than there are ranges."""
    spectra: tuple[tuple[str, str], ...]
    """Segment or stripe, and aperture PSA or WCA, of each range."""

    def limits(self) -> list[tuple[int, int]]:
        """First row, and row behind the last, of each range."""
        rows = [int(edge) for edge in self.edges]
        return list(pairwise(rows))


def spectrum_location(refs: References, mode: Mode, aperture: str, segment: str | None = None) -> float:
    """Row of the spectrum of an aperture in the middle of the detector.

    Raises
    ------
    MissingRowError
        If XTRACTAB has no row for the mode and the aperture.
    """
    row = refs.xtractab.row(**mode.row_filter(aperture, segment))
    width = (instrument.FUV_SHAPE if mode.is_fuv else instrument.NUV_SHAPE)[1]
    return float(row["B_SPEC"]) + float(row["SLOPE"]) * (width / 2.0)


def _row_between(refs: References, mode: Mode, aperture: str) -> int:
    """First row above the highest external spectrum, where those of the lamp begin."""
    sky, lamp = mode.spectra[-1], mode.spectra[0]
    below = spectrum_location(refs, mode, aperture, sky)
    return round((below + spectrum_location(refs, mode, "WCA", lamp)) / 2.0)


def doppler_boundary(refs: References, mode: Mode) -> int:
    """First row above the external spectra, which the orbital motion shifts; the wavecal spectrum lies there."""
    return _row_between(refs, mode, "BOA" if mode.aperture == "BOA" else "PSA")


def sky_aperture(exposure: Exposure) -> str:
    """The aperture whose position and dispersion identify external events and give them wavelengths.

    QUIRK (specification 3, sections 2.3 and 8): PSA, also for BOA data.
    """
    boa = exposure.mode.aperture == "BOA" and "boa-events" in exposure.corrections
    return "BOA" if boa else "PSA"


def spectrum_bands(refs: References, mode: Mode, sky: str = "PSA") -> Bands:
    """The ranges of rows of external and wavecal spectra by their nominal positions; `sky` is the external aperture.

    FUV: external below a row, wavecal from that row on. NUV: three external stripes, then three of the lamp,
    from row 0 to row 1023.
    """
    spectra = tuple((segment, aperture) for aperture in (sky, "WCA") for segment in mode.spectra)
    if mode.is_fuv:
        return Bands((-math.inf, _row_between(refs, mode, sky), math.inf), spectra)
    middle = [spectrum_location(refs, mode, aperture, stripe) for stripe, aperture in spectra]
    between = [round((a + b) / 2.0) for a, b in pairwise(middle)]
    return Bands((0, *between, instrument.NUV_SHAPE[0]), spectra)


def sorted_bands(refs: References, mode: Mode, sky: str = "PSA") -> Bands:
    """The ranges of rows of NUV stripes in the order in which they lie; every row is in one of them.

    Specification 4, section 9.7.
    """
    places = sorted(
        (spectrum_location(refs, mode, aperture, stripe), stripe, aperture)
        for stripe in mode.spectra
        for aperture in ("WCA", sky)
    )
    between = [round((a[0] + b[0]) / 2.0) for a, b in pairwise(places)]
    return Bands((-math.inf, *between, math.inf), tuple(place[1:] for place in places))
