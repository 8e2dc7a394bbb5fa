"""RANDCORR: make integer pixel coordinates continuous. Specification 2, section 11."""

from __future__ import annotations

import time

import numpy as np

from recos.data.exposure import Exposure
from recos.errors import InputError
from recos.messages import get_logger, notice
from recos.references import References
from recos.steps._active_area import active_events
from recos.steps.step import nothing, step

logger = get_logger(__name__)

_CHUNK = 1 << 16
_LARGEST_SEED = 2**32 - 1


@step("RANDCORR", files=("BRFTAB",), needs=nothing)
def randcorr(exposure: Exposure, refs: References) -> None:
    """Subtract uniform random numbers in [-0.5, 0.5) from XCORR and YCORR of events in the active area.

    The numbers are those of NumPy's Mersenne Twister, seeded with RANDSEED of the primary header: one for
    each event for x, then one for each event for y, used or not. RANDSEED = -1 takes the seed from the clock
    and records it.

    Raises
    ------
    InputError
        If RANDSEED is no possible seed.
    """
    active = active_events(exposure, refs)
    generator = np.random.RandomState(_seed(exposure))
    for position in (exposure.events.xcorr, exposure.events.ycorr):
        for first in range(0, len(position), _CHUNK):
            chunk = position[first : first + _CHUNK]
            shift = generator.uniform(-0.5, 0.5, len(chunk))
            # in float64, rounded to float32 once
            chunk[:] = np.where(active[first : first + _CHUNK], chunk - shift, chunk)


def _seed(exposure: Exposure) -> int:
    seed = exposure.primary.get("RANDSEED", -1)
    if seed == -1:
        seed = int(time.time())
        exposure.primary["RANDSEED"] = seed
        notice(logger, f"RANDSEED = {seed} (was -1)")
        return seed
    if not isinstance(seed, int) or not 0 <= seed <= _LARGEST_SEED:
        raise InputError(
            f"{exposure.path}: RANDSEED = {seed!r} in the primary header; expected -1 or an integer "
            f"from 0 to {_LARGEST_SEED}."
        )
    notice(logger, f"RANDSEED = {seed}")
    return seed
