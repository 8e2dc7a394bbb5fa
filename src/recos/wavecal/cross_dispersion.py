"""Where the lamp spectrum is in the cross-dispersion direction. Specification 4, section 7."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recos.data.mode import Mode
from recos.kernels.times import nint
from recos.messages import get_logger, warn
from recos.references import References, Row
from recos.wavecal import lamp
from recos.wavecal.quadratic import fit_quadratic

logger = get_logger(__name__)

_DETECTION = 5.0
"""Signal to noise from which a spectrum counts as found, and the lamp as on."""


class LampEvents(NamedTuple):
    """Events in which the lamp spectrum is looked for; arrays of shape (n,)."""

    x: np.ndarray
    y: np.ndarray
    dq: np.ndarray
    epsilon: np.ndarray


class CrossPosition(NamedTuple):
    """Result of the search across the dispersion."""

    shifts: dict[str, float | None]
    """Displacement of each segment or stripe from B_SPEC, pixels; None where the spectrum was not found."""
    locations: dict[str, float]
    """Position at the left edge of the detector, pixels."""
    applied: float
    """The displacement to apply to all of them: 0 if no spectrum was found."""
    lamp_on: bool


def find_spectrum(
    events: LampEvents, refs: References, mode: Mode, search: lamp.SearchParameters
) -> CrossPosition:
    """Find the lamp spectrum of an FUV segment or of the NUV stripes, and whether the lamp was on.

    Raises
    ------
    MissingRowError
        If XTRACTAB does not cover the mode.
    """
    shifts: dict[str, float | None] = dict.fromkeys(mode.spectra)
    locations = dict.fromkeys(mode.spectra, 0.0)
    if not len(events.x):
        return CrossPosition(shifts, locations, 0.0, False)
    rows = {segment: lamp.extraction_row(refs, mode, segment) for segment in mode.spectra}
    for segment, row in rows.items():
        profile = cross_profile(events, _slope(row), mode.image_shape[0])
        shift, locations[segment] = _peak(profile, float(row["B_SPEC"]) + mode.plate_offset, search)
        shifts[segment] = None if shift is None else shift + mode.plate_offset
    applied = _common_shift(shifts, int(rows[mode.spectra[-1]]["HEIGHT"]))
    return CrossPosition(shifts, locations, applied, _is_lamp_on(events, rows, applied, mode))


def _common_shift(shifts: dict[str, float | None], height: int) -> float:
    """Mean of the displacements that lie within a quarter of the height of their median; 0 without any."""
    found = np.sort([shift for shift in shifts.values() if shift is not None])
    if len(found) < 2:
        return float(found[0]) if len(found) else 0.0
    return float(np.mean(found[np.abs(found - found[len(found) // 2]) < height / 4.0]))


def cross_profile(events: LampEvents, slope: float, n: int) -> np.ndarray:
    """Counts of unflagged events per row, projected along the spectrum to the left edge; float32, (n,)."""
    good = events.dq == 0
    row = nint(events.y[good] - slope * events.x[good].astype(np.float64))
    return np.bincount(row[(row >= 0) & (row < n)], minlength=n).astype(np.float32)


def _peak(profile: np.ndarray, nominal: float, search: lamp.SearchParameters) -> tuple[float | None, float]:
    """Displacement of the peak from the nominal row (None if insignificant) and the row of the peak."""
    n = len(profile)
    low, high = round(nominal - search.cross_range), round(nominal + search.cross_range) + 1
    if low < 0 or high >= n:
        warn(logger, "XD_RANGE in WCPTAB is too large.")
        low, high = max(low, 0), min(high, n - 1)
    if low >= high:
        return None, 0.0
    smooth = _boxcar(profile, search.box)
    order = np.argsort(smooth[low:high])
    top = low + int(order[-1])
    signal, background = float(smooth[top]), float(smooth[low + order[(high - low) // 2]])
    location = _refined(smooth, top, search)
    if location is None:
        return None, 0.0
    noise = np.sqrt(signal * search.box + background * search.box)
    if noise == 0.0 or (signal - background) * search.box / noise < _DETECTION:
        return None, location
    return location - nominal, location


def _refined(smooth: np.ndarray, top: int, search: lamp.SearchParameters) -> float | None:
    """The position of a peak to a fraction of a row; None if it has no extremum."""
    n = len(smooth)
    below, above = top, top
    while below > 0 and smooth[below] == smooth[top]:
        below -= 1
    while above < n and smooth[above] == smooth[top]:
        above += 1
    middle = (below + above) / 2.0
    width = above - below + search.box
    if width >= search.cross_range:
        return middle
    first = max(round(middle) - width // 2, 0)
    first = min(first + width, n) - width
    fit = fit_quadratic(smooth[first : first + width])
    if "extremum-fits" in search.corrections:
        inner = None if fit is None else fit.inner_extremum(width, kind=-1)
        return middle if inner is None else inner + first
    # QUIRK (specification 4, section 7.1): neither the kind nor the range of the extremum is tested
    extremum = None if fit is None else fit.extremum
    return None if extremum is None else extremum + first


def _boxcar(profile: np.ndarray, width: int) -> np.ndarray:
    """Running mean, the ends continued; an even window reaches one row further up."""
    padded = np.pad(profile.astype(np.float64), ((width - 1) // 2, width // 2), mode="edge")
    return (np.convolve(padded, np.ones(width), mode="valid") / width).astype(np.float32)


def _is_lamp_on(events: LampEvents, rows: dict[str, Row], shift2: float, mode: Mode) -> bool:
    """Whether the counts of the spectra exceed those of the background significantly. Section 7.3."""
    good = (events.dq & mode.sdqflags) == 0
    x, y = events.x[good], events.y[good]

    def counts(row: Row, centre: str, height: int) -> int:
        place = float(row[centre]) + shift2
        return len(box(x, y, _slope(row), place, height, mode.image_shape[1], mode.x_offset)[0])

    source = sum(counts(row, "B_SPEC", int(row["HEIGHT"])) for row in rows.values())
    beside = rows[mode.segment if mode.is_fuv else "NUVB"]
    heights = lamp.background_heights(beside)
    around = counts(beside, "B_BKG1", heights[0]) + counts(beside, "B_BKG2", heights[1])
    ratio = sum(int(row["HEIGHT"]) for row in rows.values()) / sum(heights)
    noise = np.sqrt(source + ratio**2 * around)
    logger.debug(
        "Counts in wavecal = %d, background = %.1f, stddev of difference = %.2f",
        source,
        ratio * around,
        noise,
    )
    return bool(noise > 0.0 and (source - ratio * around) / noise > _DETECTION)


def box(
    x: np.ndarray, y: np.ndarray, slope: float, centre: float, height: int, length: int, x_offset: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events of an extraction box that follows a sloping spectrum. Specification 4, section 5.4.

    Returns
    -------
    index : ndarray of int
        Events inside.
    column, row : ndarray of int
        Their pixel in the box.
    """
    column = nint(x) + x_offset
    row = nint(y - (centre - height // 2 + slope * x.astype(np.float64)))
    index = np.flatnonzero((column >= 0) & (column < length) & (row >= 0) & (row < height))
    return index, column[index], row[index]


def _slope(row: Row) -> float:
    return float(row["SLOPE"])
