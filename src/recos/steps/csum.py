"""The csum image: counts of the detector, corrected for dead time. Specification 2, section 20."""

from __future__ import annotations

import numpy as np

from recos.exposure import Exposure
from recos.instrument import FUV_SHAPE, NUV_SHAPE
from recos.kernels.times import nint
from recos.products.csum import CsumImage, csum_primary
from recos.references import References

_PULSE_HEIGHTS = 32
_BLOCK = 65536


def csum(exposure: Exposure, refs: References) -> None:
    """Find the pixel of the csum image of every event; sets ``exposure.csum``.

    All events count, with the weight EPSILON, whatever their flags. The images of FUV TIME-TAG exposures have a plane
    for each pulse height.
    """
    options, events, mode = exposure.csum_options, exposure.events, exposure.mode
    height, width = FUV_SHAPE if mode.is_fuv else NUV_SHAPE
    ny, nx = height // options.biny, width // options.binx
    x, y = (events.rawx, events.rawy) if options.raw else (events.xcorr, events.ycorr)
    in_planes = mode.is_fuv and mode.obsmode == "TIME-TAG"
    plane = events.pha if in_planes else np.zeros(len(events), np.uint8)
    pixel = np.empty(len(events), np.int32)  # negative outside the image
    for begin in range(0, len(events), _BLOCK):  # so that intermediate values stay small
        part = slice(begin, begin + _BLOCK)
        column, row = _bin(x[part], options.binx), _bin(y[part], options.biny)
        inside = (column >= 0) & (column < nx) & (row >= 0) & (row < ny) & (plane[part] < _PULSE_HEIGHTS)
        pixel[part] = np.where(inside, row * nx + column, -1)
    chosen = np.flatnonzero(pixel >= 0)
    if in_planes:
        chosen = chosen[np.argsort(plane[chosen], kind="stable")]
    exposure.csum = CsumImage(
        csum_primary(exposure.primary, options.raw, len(events) > 0),
        exposure.header.copy(),
        (_PULSE_HEIGHTS, ny, nx) if in_planes else (ny, nx),
        pixel[chosen],
        plane[chosen],
        events.epsilon[chosen],
    )


def _bin(position: np.ndarray, size: int) -> np.ndarray:
    """Bin of each position, int32.

    QUIRK (specification 2, section 20.3): division is towards zero, so that positions just below 0 fall in bin 0.
    """
    pixel = nint(position).astype(np.int32)
    return pixel if size == 1 else np.where(pixel < 0, -(-pixel // size), pixel // size)
