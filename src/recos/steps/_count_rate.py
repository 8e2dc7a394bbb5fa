"""Global count rate. Specification 2, section 7."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.references import References
from recos.steps._active_area import active_events
from recos.steps.step import step


@step()
def count_rate(exposure: Exposure, refs: References) -> None:
    """Write the mean rate of events in the active area: GLOBRT_A or GLOBRT_B, for NUV GLOBRATE.

    Events per second between the first and the last event, rounded to 4 decimals; 0 without elapsed time.
    """
    counts = int(np.count_nonzero(active_events(exposure, refs)))
    rate = counts / exposure.elapsed if exposure.elapsed > 0.0 else 0.0
    if exposure.mode.is_fuv and exposure.mode.obsmode == "ACCUM":
        rate = float(str(np.float32(rate)))  # as precise as the reference computes it
    keyword = "GLOBRT_" + exposure.mode.letter if exposure.mode.is_fuv else "GLOBRATE"
    exposure.header[keyword] = round(rate, 4)
