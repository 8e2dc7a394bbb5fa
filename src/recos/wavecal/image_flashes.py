"""Position of NUV images by lamp flashes during the exposure. Specification 4, section 9.10."""

from __future__ import annotations

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.kernels.times import time_slice
from recos.messages import get_logger
from recos.references import References
from recos.wavecal.drift import Drift
from recos.wavecal.flash_times import LAMP_IMAGE_X, LAMP_IMAGE_Y, Flash, find_flashes, log_flashes
from recos.wavecal.flashes import FlashRow, LampFlashes
from recos.wavecal.lamp_keywords import set_lamp_used
from recos.wavecal.tagflash import finish, without_flash

logger = get_logger(__name__)

_HALF_BOX = 50.0
"""Pixels around the median within which events count as light of the lamp."""


def calibrate_image_by_flashes(exposure: Exposure, refs: References, context: Context) -> str:
    """Measure where the image of the lamp is in every flash, and remove its displacement from the events.

    The nominal position is the same for both mirrors. Sets XFULL, YFULL, ``exposure.flashes``,
    ``exposure.shift_history`` and the keywords of the measurements.

    Returns
    -------
    str
        The value of WAVECORR: COMPLETE, or SKIPPED if no flash was found.

    Raises
    ------
    InputError
        If the header does not tell when the lamp was on.
    """
    flashes = find_flashes(exposure, refs)
    if not flashes:
        return without_flash(exposure, refs)
    log_flashes(flashes)
    table = LampFlashes.for_exposure(exposure)
    for number, flash in enumerate(flashes, start=1):
        shift1, shift2 = _displacement(exposure, context, flash, number)
        logger.info("%2d  shift1 %9.1f  shift2 %9.1f", number, shift1, shift2)
        table.rows.append(_row(flash, shift1, shift2, table.n))
    drift = Drift(
        np.array([row.time for row in table.rows]),
        {exposure.mode.spectra[0]: np.array([row.shift_disp for row in table.rows])},
        np.array([row.shift_xdisp for row in table.rows]),
    )
    finish(exposure, refs, table, drift)
    for header in (exposure.header, table.header):
        header["CHI_SQ_A"], header["NDF_A"] = 0.0, len(flashes) - 1
    if exposure.performs("STATFLAG"):
        table.write_statistics()
    set_lamp_used(True, exposure.primary, table.primary)
    return "COMPLETE"


def _displacement(exposure: Exposure, context: Context, flash: Flash, number: int) -> tuple[float, float]:
    """Of the lamp in x and y from its nominal place, pixels; values of the user come first."""
    events, mode = exposure.events, exposure.mode
    part = slice(*(time_slice(events.time, flash.on, flash.off) or (0, 0)))
    x, y = events.xdopp[part], events.ycorr[part]
    shifts = [0.0, 0.0]
    if len(x):
        near = np.abs(x - np.sort(x)[len(x) // 2]) <= _HALF_BOX
        near &= np.abs(y - np.sort(y)[len(y) // 2]) <= _HALF_BOX
        means = (np.mean(values[near], dtype=np.float64) for values in (x, y))
        shifts = [float(m) - nominal for m, nominal in zip(means, (LAMP_IMAGE_X, LAMP_IMAGE_Y), strict=True)]
    if context.user_shifts is not None:
        given = context.user_shifts.lookup(exposure.root, mode.fpoffset, number, mode.spectra[0])
        shifts = [
            s if user is None else user for s, user in zip(shifts, (given.shift1, given.shift2), strict=True)
        ]
    return shifts[0], shifts[1]


def _row(flash: Flash, shift1: float, shift2: float, n: int) -> FlashRow:
    """A row of the lampflash table: no spectrum, only the displacement."""
    nothing = np.zeros(n)
    return FlashRow(
        segment="N/A",
        time=flash.median,
        exptime=flash.duration,
        lamp_on=flash.on,
        lamp_off=flash.off,
        wavelength=nothing,
        net=nothing,
        gross=nothing,
        background=nothing,
        shift_disp=shift1,
        shift_xdisp=shift2,
        spec_found=True,
        chi_square=0.0,
        n_deg_freedom=0,
    )
