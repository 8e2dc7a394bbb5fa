"""FLATCORR: correct for the response of single pixels. Specification 3, section 6."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import InputError
from recos.io.read import ExposureHeaders
from recos.kernels.geometry import file_pixels
from recos.kernels.positions import divide_by_flat, divide_by_smeared_flat
from recos.references import References
from recos.references.need import Need
from recos.steps.pulse_height_range import compare_pulse_height_range
from recos.steps.step import step


def flat_needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    """The flat field of the segment."""
    mode = headers.mode
    yield Need("FLATFILE", "FLATCORR", extensions=((mode.segment, 1),) if mode.is_fuv else ())


@step("FLATCORR", files=("FLATFILE",), needs=flat_needs)
def flatcorr(exposure: Exposure, refs: References) -> None:
    """Divide the weight EPSILON of each event by the flat field at XCORR, YCORR.

    Events outside the flat field, or where it is not positive, keep their weight. ACCUM images were shifted on
    board to follow the orbital motion: their flat field is smeared alike.

    Raises
    ------
    InputError
        See :func:`doppler_kernel`.
    """
    refs.announce("FLATFILE")
    compare_pulse_height_range(exposure, refs, "FLATFILE")
    flat, header = refs.flat_field(exposure.mode.segment)
    events = exposure.events
    origin = int(header.get("ORIGIN_X", 0)), int(header.get("ORIGIN_Y", 0))
    if exposure.mode.obsmode == "ACCUM" and _is_smeared(exposure):
        kernel = doppler_kernel(exposure)
        divide_by_smeared_flat(events.xcorr, events.ycorr, events.epsilon, file_pixels(flat), *origin, kernel)
    else:
        divide_by_flat(events.xcorr, events.ycorr, events.epsilon, file_pixels(flat), *origin)


def _is_smeared(exposure: Exposure) -> bool:
    """Whether the image was shifted on board to follow the motion of HST; DOPPCORR is then COMPLETE."""
    if exposure.mode.is_spectroscopic:
        exposure.announce("DOPPCORR")
    if not exposure.performs("DOPPCORR", "PERFORM", "COMPLETE"):
        return False
    exposure.mark("DOPPCORR")
    return True


def doppler_kernel(exposure: Exposure) -> np.ndarray:
    """Fraction of the exposure that an ACCUM image was shifted by -m … m pixels, float32, shape (2 m + 1,).

    Raises
    ------
    InputError
        If the header does not tell the motion.
    """
    magnitude, zero, period = (
        float(exposure.header.get(key, -1.0)) for key in ("DOPMAGT", "DOPZEROT", "ORBTPERT")
    )
    if magnitude < 0.0 or period <= 0.0:
        raise InputError(
            f"{exposure.path}: DOPMAGT = {magnitude:g}, ORBTPERT = {period:g}; without the Doppler shift on board "
            "the flat field cannot be smeared. Correct the keywords, or set DOPPCORR to OMIT."
        )
    reach = math.ceil(magnitude)
    n = max(round(exposure.elapsed), 1)
    # in float32 throughout, as the reference does: the shift of single seconds depends on it
    time = (np.arange(n) + (exposure.mode.expstart - zero) * SECONDS_PER_DAY).astype(np.float32)
    shift = -np.float32(magnitude) * np.sin(np.float32(2.0 * math.pi) * time / np.float32(period))
    kernel = np.zeros(2 * reach + 1, np.float32)
    np.add.at(kernel, np.rint(shift).astype(np.int64) + reach, np.float32(1.0 / n))
    return kernel
