"""FLATCORR: correct for the response of single pixels. Specification 3, section 6."""

from __future__ import annotations

from recos.exposure import Exposure, step
from recos.kernels.geometry import file_words
from recos.kernels.positions import divide_by_flat
from recos.references import References
from recos.steps.pulse_height_range import compare_pulse_height_range


@step("FLATCORR")
def flatcorr(exposure: Exposure, refs: References) -> None:
    """Divide the weight EPSILON of each event by the flat field at XCORR, YCORR.

    Events outside the flat field, or where it is not positive, keep their weight.
    """
    refs.announce("FLATFILE")
    compare_pulse_height_range(exposure, refs, "FLATFILE")
    flat, header = refs.flat_field(exposure.mode.segment)
    events = exposure.events
    divide_by_flat(
        events.xcorr,
        events.ycorr,
        events.epsilon,
        file_words(flat),
        int(header.get("ORIGIN_X", 0)),
        int(header.get("ORIGIN_Y", 0)),
    )
