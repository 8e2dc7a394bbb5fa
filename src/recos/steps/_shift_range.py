"""Extreme displacements during the exposure, by which bad regions are widened. Specification 3, section 9."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.exposure import Exposure
from recos.kernels.positions import difference_limits, label_rows
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.bands import sky_aperture, spectrum_bands
from recos.steps._active_area import active_area
from recos.steps.step import step

logger = get_logger(__name__)

_CREDIBLE_SPREAD = 20.0
"""pixels"""
_ZERO = np.float32(0.0)


@dataclass(frozen=True, slots=True)
class ShiftRange:
    """Least and largest displacement that the wavelength calibration removed from the events.

    Attributes
    ----------
    shift1_min, shift1_max, shift2_min, shift2_max : np.float32
        In and across the dispersion, pixels. Their type takes part in the rounding of region borders.
    rows : (int, int)
        First row, and row behind the last, of the events before the correction.
    """

    shift1_min: np.float32 = _ZERO
    shift1_max: np.float32 = _ZERO
    shift2_min: np.float32 = _ZERO
    shift2_max: np.float32 = _ZERO
    rows: tuple[int, int] = (0, 1024)


@step()
def shift_range(exposure: Exposure, refs: References) -> None:
    """Find the range of wavecal displacements of the events; sets ``exposure.shift_range``, a list.

    One range of the active events for the FUV and for images; for NUV spectra one for each external stripe
    and of the lamp, which all have the same range across the dispersion.

    QUIRK (specification 3, section 9): for corrtag input YFULL also holds trace and alignment, which widens
    the range of shift 2; the correction ``corrtag-flags`` takes SHIFT2 instead.
    """
    mode, events = exposure.mode, exposure.events
    exposure.shift_range = [ShiftRange()]
    if not mode.is_spectroscopic or exposure.performs("WAVECORR", "OMIT"):
        return
    active_area(exposure, refs)
    active = exposure.active
    if active is None or not active.any():
        return
    across = _limits(events.ycorr, events.yfull, active)
    if not mode.is_fuv:
        exposure.shift_range = _of_stripes(exposure, refs, active, across)
        return
    if exposure.is_corrtag and not exposure.performs("WAVECORR") and "corrtag-flags" in exposure.corrections:
        across = (np.float32(exposure.header.get("SHIFT2" + mode.letter, 0.0)),) * 2
    low, high = _limits(events.xdopp, events.xfull, active)
    if high - low > _CREDIBLE_SPREAD:
        low, high = _without_outliers(events.xdopp[active] - events.xfull[active], low, high)
    exposure.shift_range = [ShiftRange(low, high, *across)]


def _of_stripes(
    exposure: Exposure, refs: References, active: np.ndarray, across: tuple[np.float32, np.float32]
) -> list[ShiftRange]:
    events = exposure.events
    bands = spectrum_bands(refs, exposure.mode, sky_aperture(exposure))
    label = label_rows(events.ycorr, np.array(bands.edges, np.float64), active)
    ranges = []
    for number, rows in enumerate(bands.limits(), start=1):
        inside = label == number
        found = inside.any()
        along = _limits(events.xdopp, events.xfull, inside) if found else (_ZERO, _ZERO)
        ranges.append(ShiftRange(*along, *(across if found else (_ZERO, _ZERO)), rows))
    return ranges


def _limits(before: np.ndarray, after: np.ndarray, active: np.ndarray) -> tuple[np.float32, np.float32]:
    low, high = difference_limits(before, after, active)
    return np.float32(low), np.float32(high)


def _without_outliers(shift: np.ndarray, low: np.float32, high: np.float32) -> tuple[np.float32, np.float32]:
    middle = 0.5 * (low + high)
    below, above = np.count_nonzero(shift < middle), np.count_nonzero(shift > middle)
    warn(
        logger,
        "Difference between min and max shift1 > 20.0",
        f"Min={low:f}, max={high:f}",
        f"{below} events < midpt, {above} events > midpt",
    )
    kept = shift[shift < middle] if below > above else shift[shift > middle]
    return kept.min(), kept.max()
