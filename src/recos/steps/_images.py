"""Bin the events into the images of the counts and flt products. Specification 3, section 12."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.exposure import Exposure
from recos.data.images import Images
from recos.data.instrument import EVENT_REJECTION
from recos.io.read import ExposureHeaders
from recos.kernels.positions import bin_events, clear_pixels
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.steps.quality_image import initial_flags
from recos.steps.step import step

logger = get_logger(__name__)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    """World coordinates, and the table of the algorithm of extraction, which the headers name."""
    mode = headers.mode
    if not mode.is_spectroscopic:
        return
    if mode.xtrctalg == "TWOZONE":
        yield Need("TWOZXTAB", "XTRCTALG = TWOZONE")
    if "SPWCSTAB" in refs and mode.aperture in ("PSA", "BOA") and not mode.is_wavecal:
        for spectrum in mode.spectra:
            row = mode.row_filter(segment=spectrum)
            yield Need("SPWCSTAB", "the world coordinates", row)
            yield Need("XTRACTAB", "the world coordinates", row)


@step(files=("TWOZXTAB", "SPWCSTAB", "XTRACTAB"), needs=_needs)
def images(exposure: Exposure, refs: References) -> None:
    """Bin the good events by XFULL and YFULL; sets ``exposure.images``.

    Events in bursts, at bad times or with rejected pulse heights are left out, those outside the active area
    are not. Without DQICORR, the data-quality image is that of the raw
    image (ACCUM) or 0.
    """
    mode, events = exposure.mode, exposure.events
    if exposure.exptime <= 0.0:
        warn(logger, "Exposure time is zero, so output files are dummy.")
    if exposure.images is None:
        counts, effective = (np.zeros(mode.image_shape, np.float32) for _ in range(2))
    else:
        counts, effective = exposure.images.counts, exposure.images.effective
        if not exposure.images.blank:
            counts[:], effective[:] = 0.0, 0.0
    bin_events(
        events.xfull,
        events.yfull,
        events.epsilon,
        events.dq,
        EVENT_REJECTION,
        float(mode.x_offset),
        0,
        counts,
        effective,
    )
    dq = initial_flags(exposure) if exposure.dq_image is None else exposure.dq_image
    exposure.images = Images(counts, effective, dq, _divisor(exposure))


def _divisor(exposure: Exposure) -> float:
    """Seconds by which counts are divided; with corrtag input the reference divides float32 by float32."""
    return float(np.float32(exposure.exptime)) if exposure.is_corrtag else exposure.exptime


def blank_images(exposure: Exposure) -> Images:
    """The images of an exposure with all counts removed, for another one; only pixels of its events are touched."""
    events, made = exposure.events, exposure.require("images")
    clear_pixels(events.xfull, events.yfull, float(exposure.mode.x_offset), made.counts, made.effective)
    return Images(made.counts, made.effective, made.dq, made.exptime, blank=True)
