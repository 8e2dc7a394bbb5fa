"""Active area: the photon-sensitive part of the FUV detector. Specification 2, section 4."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.kernels.events import inside_box
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    if headers.mode.is_fuv:
        yield Need("BRFTAB", "the active area", {"segment": headers.mode.segment})


@step(files=("BRFTAB",), needs=_needs)
def active_area(exposure: Exposure, refs: References) -> None:
    """Find the events inside the active area of BRFTAB, from XCORR and YCORR; sets ``exposure.active``.

    Stim pulses and noise at the edges lie outside. The limits belong to the area. All NUV events are inside.
    """
    events = exposure.events
    if not exposure.mode.is_fuv:
        exposure.active = np.ones(len(events), dtype=bool)
        return
    low, high, left, right = refs.active_area(exposure.mode.segment)
    exposure.active = inside_box(
        events.xcorr, events.ycorr, float(left), float(right), float(low), float(high)
    )


def active_events(exposure: Exposure, refs: References) -> np.ndarray:
    """Mask of the events in the active area as found last; found now if no step did, bool, shape (n,)."""
    if exposure.active is None:
        active_area(exposure, refs)
    assert exposure.active is not None
    return exposure.active
