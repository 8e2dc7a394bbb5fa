"""Pixels around the lamp spectrum that are no background: the static data-quality flags.

Specification 4, section 9.4.
"""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.references import References
from recos.references.regions import regions_for
from recos.wavecal.flash_spectrum import BackgroundMask


def background_mask(exposure: Exposure, refs: References) -> BackgroundMask:
    """Mask from BPIXTAB, GSAGTAB and SPOTTAB for the whole exposure, without shifts."""
    regions = regions_for(exposure, refs, GTI.of([(0.0, exposure.exptime)]))
    serious = (np.asarray(regions.dq) & exposure.mode.sdqflags) != 0
    wider, offset = regions.widen, exposure.mode.x_offset
    rectangles = (
        np.rint(regions.lx[serious] - wider) + offset,
        np.rint(regions.ly[serious] - wider),
        np.rint(regions.ux[serious] + wider) + offset + 1,
        np.rint(regions.uy[serious] + wider) + 1,
    )
    return BackgroundMask(np.stack(rectangles, axis=1).astype(np.int64), exposure.mode.image_shape)
