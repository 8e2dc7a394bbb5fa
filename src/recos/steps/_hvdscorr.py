"""HVDSCORR: correct the sensitivity for the high voltage of the detector. Specification 3, section 7."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.errors import InputError
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    yield Need("HVDSTAB", "HVDSCORR", {"segment": mode.segment, "cenwave": mode.cenwave})


@step("HVDSCORR", files=("HVDSTAB",), needs=_needs)
def hvdscorr(exposure: Exposure, refs: References) -> None:
    """Multiply the weight EPSILON of all events by ``INTERCEPT + SLOPE (HV - ZEROPOINT)`` of HVDSTAB (FUV).

    Raises
    ------
    InputError
        If the header has no HVLEVEL.
    MissingRowError
        If HVDSTAB has no row for segment and central wavelength.
    """
    refs.announce("HVDSTAB")
    keyword = exposure.key("HVLEVEL")
    if keyword not in exposure.header:
        raise InputError(
            f"{exposure.path}: the EVENTS header has no keyword {keyword}, which HVDSCORR needs. "
            "Add it, or set HVDSCORR to OMIT."
        )
    row = refs.hvdstab.row(segment=exposure.mode.segment, cenwave=exposure.mode.cenwave)
    level = exposure.header[keyword]
    factor = row["INTERCEPT"] + row["SLOPE"] * (level - row["ZEROPOINT"])
    # a float64 factor takes the product to float64 before it is rounded
    np.multiply(exposure.events.epsilon, factor, out=exposure.events.epsilon, casting="same_kind")
