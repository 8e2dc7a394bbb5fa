"""TEMPCORR: undo the thermal shift and stretch of the FUV coordinates. Specification 2, section 12."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recos.data.exposure import Exposure
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps.step import nothing, step
from recos.steps.stims import Point, Stims, StimStep, find_stims

logger = get_logger(__name__)


class LinearMap(NamedTuple):
    """``corrected = intercept + measured * slope`` on one axis."""

    intercept: np.floating
    slope: np.floating

    @property
    def is_identity(self) -> bool:
        """Whether the map changes nothing."""
        return bool(self.intercept == 0.0 and self.slope == 1.0)


@step("TEMPCORR", files=("BRFTAB",), needs=nothing)
def tempcorr(exposure: Exposure, refs: References) -> str | None:
    """Map XCORR and YCORR of all events so that the stims fall on their reference positions.

    One linear map for each time step and axis, through the two stims. Writes the STIM keywords. SKIPPED if no
    map changes anything, as when no stim was ever found.
    """
    refs.announce("BRFTAB")
    if exposure.stims is None:
        find_stims(exposure, refs)
    stims = exposure.require("stims")
    _write_keywords(exposure, stims)
    changed = False
    for stim_step in stims.steps:
        x_map, y_map = thermal_maps(stim_step, stims.references)
        if x_map.is_identity and y_map.is_identity:
            continue
        changed = True
        events = slice(stim_step.first, stim_step.last)
        for position, (intercept, slope) in ((exposure.events.xcorr, x_map), (exposure.events.ycorr, y_map)):
            position[events] = intercept + position[events] * slope
    if changed:
        return None
    warn(logger, "TEMPCORR was skipped")
    return "SKIPPED"


def thermal_maps(stim_step: StimStep, references: tuple[Point, Point]) -> tuple[LinearMap, LinearMap]:
    """The maps of x and of y that take the measured stims of a time step to their reference positions."""
    left, right = stim_step.left.position, stim_step.right.position
    maps = []
    for axis in (0, 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (references[1][axis] - references[0][axis]) / (right[axis] - left[axis])
            maps.append(LinearMap(references[0][axis] - left[axis] * slope, slope))
    return maps[0], maps[1]


def _write_keywords(exposure: Exposure, stims: Stims) -> None:
    header, letter = exposure.header, exposure.mode.letter
    for side, reference, average in zip("LR", stims.references, stims.averages, strict=True):
        for axis in (0, 1):
            suffix = side + "XY"[axis]
            header[f"STIM{letter}0{suffix}"] = float(reference[axis])
            # rounded as NumPy does: raw stims lie on whole pixels, so that means on a half digit are common
            header[f"STIM{letter}_{suffix}"] = float(np.round(average.mean[axis], 3))
            header[f"STIM{letter}S{suffix}"] = float(np.round(average.rms[axis], 3))
