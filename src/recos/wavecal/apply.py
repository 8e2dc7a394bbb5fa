"""Displacements from wavelength-calibration exposures, or the default ones, removed from science events.

Specification 4, sections 11.1 and 11.3.
"""

from __future__ import annotations

import logging

import numpy as np

from recos.exposure import Exposure, ShiftHistory
from recos.kernels.times import second_grid
from recos.messages import warn
from recos.references import References
from recos.wavecal import lamp
from recos.wavecal.records import Interpolated, lookup
from recos.wavecal.simulated import SimulatedDrift, simulated_drift
from recos.wavecal.tagflash import user_shift1

logger = logging.getLogger(__name__)


def calibrate_by_exposures(exposure: Exposure, refs: References) -> str:
    """Remove the displacement that ``exposure.wavecals`` measured, or the default one without any.

    Sets XFULL, YFULL, ``exposure.shift_history`` and the keywords. A shift that the user gives replaces the
    measured one for the whole exposure. ``exposure.active`` tells which events are corrected.

    Returns
    -------
    str
        The value of WAVECORR: COMPLETE; SKIPPED for the default shift; PERFORM if no wavecal can be used.

    Raises
    ------
    MissingRowError
        If WCPTAB does not cover the mode.
    """
    mode, time = exposure.mode, exposure.events.time
    search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset)
    limits = (float(time[0]), float(time[-1])) if len(time) else (None, None)
    exposure.shift_history = ShiftHistory(second_grid(*limits))
    user = user_shift1(exposure, 1)
    found, outcome = None, "COMPLETE"
    if exposure.wavecals:
        found = lookup(
            exposure.wavecals, mode.cenwave, mode.fpoffset, mode.expstart, search.max_time_difference
        )
    if found is None and exposure.wavecals and user is None:
        # QUIRK (specification 4, section 2): neither is the default shift applied, nor is the step SKIPPED
        return "PERFORM"
    if found is None:
        found, outcome = default_values(exposure, refs), "SKIPPED"
    letter = _letter(exposure, found)
    if letter is None:
        return "PERFORM"
    if user is not None:
        found.values["shift1" + letter], found.slopes["shift1" + letter], outcome = user, 0.0, "COMPLETE"
    drift = None if user is not None else simulated_drift(exposure, refs)
    _correct(exposure, found, letter, drift, np.float32 if user is not None else np.float64)
    if outcome == "COMPLETE":
        _name_files(exposure, found)
    return outcome


def default_values(exposure: Exposure, refs: References) -> Interpolated:
    """The displacement to be expected from the FPOFFSET alone. Specification 4, section 11.1."""
    letter = exposure.mode.letter.lower()
    values = {
        "shift1" + letter: lamp.default_shift(refs, exposure.mode, exposure.mode.segment),
        "shift2" + letter: 0.0,
    }
    return Interpolated(values, dict.fromkeys(values, 0.0), "")


def _letter(exposure: Exposure, found: Interpolated) -> str | None:
    """Letter, lower case, of the segment whose values apply; None if neither segment was measured."""
    letter = exposure.mode.letter.lower()
    if "shift1" + letter in found.values:
        return letter
    other = "b" if letter == "a" else "a"
    warn(logger, f"There is no wavecal for segment {exposure.mode.segment}")
    if "shift1" + other not in found.values:
        logger.error("No matching wavecal for segment FUV%s either", other.upper())
        return None
    warn(logger, f"Using shift info for segment FUV{other.upper()}")
    return other


def _correct(
    exposure: Exposure, found: Interpolated, letter: str, simulated: SimulatedDrift | None, dtype: type
) -> None:
    events, active, header = exposure.events, exposure.active, exposure.header
    if active is None or not len(events):
        return
    key1, key2 = "shift1" + letter, "shift2" + letter
    # QUIRK (specification 4, section 11.3): values are those at EXPSTART, slopes act from the first event
    elapsed = events.time - events.time[0]
    middle = (events.time[0] + events.time[-1]) / np.float32(2.0)
    history = second_grid(float(events.time[0]), float(events.time[-1]))
    if simulated is None:
        shift1 = dtype(found.values[key1]) + dtype(found.slopes[key1]) * elapsed
        average = found.slopes[key1] * float(middle) + found.values[key1]
        history1 = (found.slopes[key1] * history.astype(np.float64) + found.values[key1]).astype(np.float32)
    else:
        shift1 = simulated.shift(elapsed, events.time)
        average = float(np.mean(shift1[active])) if active.any() else simulated.shift_at(float(middle))
        history1 = simulated.history(history)
    exposure.shift_history = ShiftHistory(history, history1)
    # the reference computes measured shift1 in float64, shift2 in float32
    shift2 = np.float32(found.values[key2]) + np.float32(found.slopes[key2]) * elapsed
    events.xfull[:] = np.where(active, events.xdopp - shift1, events.xdopp)
    events.yfull[:] = np.where(active, events.ycorr - shift2, events.ycorr)
    x = exposure.mode.letter
    header["SHIFT1" + x] = round(float(average), 4)
    header["SHIFT2" + x] = round(found.slopes[key2] * float(middle) + found.values[key2], 4)
    selected = events.xfull[active]
    rest = selected - np.around(selected)
    header["DPIXEL1" + x] = round(float(rest.mean(dtype=np.float64)), 4) if len(rest) else 0.0


def _name_files(exposure: Exposure, found: Interpolated) -> None:
    """Write the names of the raw wavecal files of this segment, and of the shift file, to WAVECALS."""
    letter = exposure.mode.letter.lower()
    other = "b" if letter == "a" else "a"
    names = [name.replace(f"_{other}.fits", f"_{letter}.fits") for name in found.files]
    logger.info("Wavecal file(s) '%s'", " ".join(names))
    if exposure.user_shifts is not None:
        names.append(exposure.user_shifts.name)
    exposure.primary["WAVECALS"] = " ".join(names)
