"""Which events the corrections of trace and alignment move. Specification 3, section 10.1."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.kernels.positions import outside_band
from recos.references import References
from recos.steps._active_area import active_events


def science_events(exposure: Exposure, refs: References) -> np.ndarray:
    """Mask of the active events outside the lamp spectrum, bool, shape (n,).

    It is found when it is first asked for, from positions without trace and alignment, and kept as
    ``exposure.science_events``.

    Raises
    ------
    MissingRowError
        If XTRACTAB has no row for the lamp (WCA).
    """
    if exposure.science_events is None:
        row = refs.xtractab.row(**exposure.mode.row_filter("WCA"))
        exposure.science_events = outside_band(
            exposure.events.xfull,
            exposure.events.yfull,
            active_events(exposure, refs),
            float(row["B_SPEC"]),
            float(row["SLOPE"]),
            float(row["HEIGHT"]),
        )
    return exposure.science_events
