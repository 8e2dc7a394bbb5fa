"""Displacements from wavelength-calibration exposures, or the default ones, removed from science events.

Specification 4, sections 11.1 and 11.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure, ShiftHistory
from recos.kernels.positions import label_rows
from recos.kernels.times import second_grid
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.bands import sky_aperture, spectrum_bands
from recos.wavecal import lamp
from recos.wavecal.records import Interpolated, lookup, usable_wavecals
from recos.wavecal.simulated import SimulatedDrift, simulated_drift
from recos.wavecal.tagflash import user_shift1

logger = get_logger(__name__)


def calibrate_by_exposures(exposure: Exposure, refs: References, context: Context) -> str:
    """Remove the displacement that ``context.wavecals`` measured, or the default one without any.

    Sets XFULL, YFULL, ``exposure.shift_history`` and the keywords. A shift that the user gives replaces the
    measured one for the whole exposure. ``exposure.active`` tells which events are corrected.

    Returns
    -------
    str
        The value of WAVECORR: COMPLETE; SKIPPED for the default shift, and if no wavecal can be used.

    Raises
    ------
    MissingRowError
        If WCPTAB does not cover the mode.
    """
    mode = exposure.mode
    search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset)
    exposure.shift_history = ShiftHistory(_history_grid(exposure))
    user = {segment: user_shift1(exposure, context, 1, segment) for segment in mode.spectra}
    given = any(shift is not None for shift in user.values())
    wavecals, outcome = usable_wavecals(exposure, context), "COMPLETE"
    found = lookup(wavecals, mode.cenwave, mode.fpoffset, mode.expstart, search.max_time_difference)
    # QUIRK (specification 4, section 2): the default shift is not applied if there are wavecals, all unusable
    if found is None and wavecals and not given and "default-shift" not in exposure.corrections:
        return "SKIPPED"
    if found is None:
        found, outcome = default_values(exposure, refs), "SKIPPED"
    letters = _letters(exposure, found)
    if letters is None:
        return "SKIPPED"
    for segment, shift in user.items():
        if shift is not None:
            key = "shift1" + letters[segment]
            found.values[key], found.slopes[key], outcome = shift, 0.0, "COMPLETE"
    drift = None if given else simulated_drift(exposure, refs, context)
    _correct(exposure, refs, found, letters, drift, np.float32 if given else np.float64)
    if outcome == "COMPLETE":
        _name_files(exposure, context, found)
    return outcome


def default_values(exposure: Exposure, refs: References) -> Interpolated:
    """The displacement to be expected from the FPOFFSET alone. Specification 4, section 11.1."""
    values: dict[str, float] = {}
    for segment in exposure.mode.spectra:
        letter = segment[-1].lower()
        values["shift1" + letter] = lamp.default_shift(refs, exposure.mode, segment)
        values["shift2" + letter] = 0.0
    return Interpolated(values, dict.fromkeys(values, 0.0), "")


def _letters(exposure: Exposure, found: Interpolated) -> dict[str, str] | None:
    """Letter, lower case, of the segment whose values apply to each segment or stripe.

    An FUV segment that was not measured takes the values of the other one; None if there are none.
    """
    letters = {segment: segment[-1].lower() for segment in exposure.mode.spectra}
    for segment, letter in letters.items():
        if "shift1" + letter in found.values:
            continue
        warn(logger, f"There is no wavecal for segment {segment}")
        other = "b" if letter == "a" else "a"
        if not exposure.mode.is_fuv or "shift1" + other not in found.values:
            logger.error("No matching wavecal for segment %s, nor another that could stand for it", segment)
            return None
        warn(logger, f"Using shift info for segment FUV{other.upper()}")
        letters[segment] = other
    return letters


def _correct(
    exposure: Exposure,
    refs: References,
    found: Interpolated,
    letters: dict[str, str],
    simulated: SimulatedDrift | None,
    dtype: type,
) -> None:
    """Remove the displacements, and write them to the header."""
    events, header, mode = exposure.events, exposure.header, exposure.mode
    if exposure.active is None or not len(events):
        return
    # QUIRK (specification 4, section 11.3): values are those at EXPSTART, slopes act from the first event
    elapsed = events.time if "shift-times" in exposure.corrections else events.time - events.time[0]
    middle = (events.time[0] + events.time[-1]) / np.float32(2.0)
    history = _history_grid(exposure)
    places = _places(exposure, refs)
    events.xfull[:] = events.xdopp
    for segment, letter in letters.items():
        key = "shift1" + letter
        inside = places[segment].inside
        if simulated is None:
            shift1 = dtype(found.values[key]) + dtype(found.slopes[key]) * elapsed[inside]
            average = dtype(found.slopes[key]) * middle + dtype(found.values[key])
            history1 = (found.slopes[key] * history.astype(np.float64) + found.values[key]).astype(np.float32)
        else:
            shift1 = simulated.shift(elapsed[inside], events.time[inside])
            average = float(np.mean(shift1)) if len(shift1) else simulated.shift_at(float(middle))
            history1 = simulated.history(history)
        events.xfull[inside] = events.xdopp[inside] - shift1
        if segment == mode.timeline_spectrum:
            exposure.shift_history = ShiftHistory(history, history1)
        header["SHIFT1" + segment[-1]] = float(str(np.round(average, 4)))
        selected = events.xfull[places[segment].of_sky]
        rest = selected - np.around(selected)
        header["DPIXEL1" + segment[-1]] = round(float(rest.mean(dtype=np.float64)), 4) if len(rest) else 0.0
    key2 = "shift2" + letters[mode.timeline_spectrum]
    # the reference computes measured shift1 in float64, shift2 in float32
    zero2, slope2 = np.float32(found.values[key2]), np.float32(found.slopes[key2])
    shift2 = zero2 + slope2 * elapsed
    events.yfull[:] = events.ycorr
    np.subtract(events.ycorr, shift2, out=events.yfull, where=exposure.active)
    for segment in mode.spectra:
        header["SHIFT2" + segment[-1]] = float(str(np.round(zero2 + slope2 * middle, 4)))


def _history_grid(exposure: Exposure) -> np.ndarray:
    """Times for the TIMELINE table: seconds from the first to the last event; of ACCUM, of the exposure."""
    time = exposure.events.time
    if exposure.mode.obsmode == "ACCUM":
        return second_grid(0.0, exposure.exptime)
    return second_grid(float(time[0]), float(time[-1])) if len(time) else second_grid(None, None)


class _Place(NamedTuple):
    """Events of one segment or stripe, bool, shape (n,)."""

    inside: np.ndarray
    """Those that are corrected."""
    of_sky: np.ndarray
    """Those whose mean position within a pixel is DPIXEL1."""


def _places(exposure: Exposure, refs: References) -> dict[str, _Place]:
    """FUV: the active area. NUV: the rows of sky and lamp of each stripe."""
    mode, active = exposure.mode, exposure.require("active")
    if mode.is_fuv:
        return {mode.segment: _Place(active, active)}
    sky_name = sky_aperture(exposure)
    bands = spectrum_bands(refs, mode, sky_name)
    label = label_rows(exposure.events.ycorr, np.array(bands.edges, np.float64), active)
    places = {}
    for stripe in mode.spectra:
        sky, lamp_band = (bands.spectra.index((stripe, aperture)) + 1 for aperture in (sky_name, "WCA"))
        places[stripe] = _Place((label == sky) | (label == lamp_band), label == sky)
    return places


def _name_files(exposure: Exposure, context: Context, found: Interpolated) -> None:
    """Write the names of the raw wavecal files of this segment, and of the shift file, to WAVECALS."""
    names = found.files
    if exposure.mode.is_fuv:
        letter = exposure.mode.letter.lower()
        other = "b" if letter == "a" else "a"
        names = [name.replace(f"_{other}.fits", f"_{letter}.fits") for name in names]
    logger.info("Wavecal file(s) '%s'", " ".join(names))
    if context.user_shifts is not None:
        names.append(context.user_shifts.name)
    exposure.primary["WAVECALS"] = " ".join(names)
