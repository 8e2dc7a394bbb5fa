"""Where the optics-select mechanism puts the spectrum: displaced by FP-POS, by chance, and drifting."""

from __future__ import annotations

import numpy as np

from recos.data.instrument import SECONDS_PER_DAY
from recos.simulate.plan import PlannedExposure

STEP = 52.0
"""Pixels per FP-POS."""
FPOFFSETS = (-2, -1, 0, 1)
_STRETCH = {"NUVA": 1.0230769, "NUVB": 1.0, "NUVC": 1.0230769}
"""The outer stripes move a little more (not with G230L); specification 4, section 8.5."""
_OFFSETS = (4.0, 1.5)
"""Largest offset of an FP-POS along and across the dispersion, pixels."""
_DRIFT = (1.5, 0.5)
"""Amplitude of the drift along and across the dispersion, pixels."""
_PERIOD = 8.0 * 3600.0
"""Seconds; the fastest drift is 1.2 pixels per hour."""


def fp_shift(opt_elem: str, stripe: str, fpoffset: int) -> float:
    """Pixels by which an FPOFFSET displaces a stripe; 0 with a mirror."""
    if opt_elem.startswith("MIRROR"):
        return 0.0
    return STEP * fpoffset * (1.0 if opt_elem == "G230L" else _STRETCH[stripe])


def shift1(planned: PlannedExposure, stripe: str, time: np.ndarray) -> np.ndarray:
    """Displacement of a spectrum along the dispersion, pixels.

    Parameters
    ----------
    planned : PlannedExposure
    stripe : str
        NUVA, NUVB or NUVC; anything for images.
    time : ndarray of float64
        Seconds since the start of the exposure.
    """
    commanded = fp_shift(planned.configuration.opt_elem, stripe, planned.fpoffset)
    return commanded + _wandering(planned, time, 0)


def shift2(planned: PlannedExposure, time: np.ndarray) -> np.ndarray:
    """Displacement across the dispersion, pixels, of all stripes."""
    return _wandering(planned, time, 1)


def _wandering(planned: PlannedExposure, time: np.ndarray, axis: int) -> np.ndarray:
    """Offset of the FP-POS and drift; exposures of one observation (one seed) lie on one curve."""
    if not planned.effects.drift:
        return np.zeros_like(time)
    offset = np.random.default_rng([planned.seed[0], planned.fppos, 1]).uniform(-1.0, 1.0, 2)[axis]
    phase = np.random.default_rng([planned.seed[0], 2]).uniform(0.0, 2.0 * np.pi, 2)[axis]
    seconds = (planned.expstart - 50000.0) * SECONDS_PER_DAY + time
    return _OFFSETS[axis] * offset + _DRIFT[axis] * np.sin(2.0 * np.pi * seconds / _PERIOD + phase)
