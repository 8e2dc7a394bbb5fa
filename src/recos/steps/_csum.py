"""The csum image: counts of the detector, corrected for dead time. Specification 2, section 20."""

from __future__ import annotations

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.data.instrument import FUV_SHAPE, NUV_SHAPE
from recos.kernels.events import find_bins
from recos.options.csum import CsumOptions
from recos.products.csum import CsumImage, csum_primary
from recos.references import References
from recos.steps.step import step

_PULSE_HEIGHTS = 32


def _asked(context: Context) -> bool:
    return context.csum is not None


@step(asked=_asked, without_events=True)
def csum(exposure: Exposure, refs: References, context: Context) -> None:
    """Find the pixel of the csum image of every event; sets ``exposure.csum``.

    All events count, with the weight EPSILON, whatever their flags. The images of FUV TIME-TAG exposures have a plane
    for each pulse height.
    """
    options, events, mode = context.csum or CsumOptions(), exposure.events, exposure.mode
    height, width = FUV_SHAPE if mode.is_fuv else NUV_SHAPE
    ny, nx = height // options.biny, width // options.binx
    x, y = (events.rawx, events.rawy) if options.raw else (events.xcorr, events.ycorr)
    in_planes = mode.is_fuv and mode.obsmode == "TIME-TAG"
    plane = events.pha if in_planes else np.zeros(len(events), np.uint8)
    pixel = np.empty(len(events), np.int32)
    find_bins(x, y, options.binx, options.biny, nx, ny, pixel)
    inside = pixel >= 0
    chosen: np.ndarray | slice = slice(None)
    if in_planes:
        shown = np.flatnonzero(inside & (plane < _PULSE_HEIGHTS))
        chosen = shown[np.argsort(plane[shown], kind="stable")]
    elif not inside.all():
        chosen = np.flatnonzero(inside)
    exposure.csum = CsumImage(
        csum_primary(exposure.primary, options.raw, len(events) > 0),
        copy_header(exposure.header),
        (_PULSE_HEIGHTS, ny, nx) if in_planes else (ny, nx),
        pixel[chosen],
        plane[chosen],
        events.epsilon[chosen].copy(),  # later steps change it while the image is written
    )
