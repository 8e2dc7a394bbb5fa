"""Shift keywords of ACCUM images. Specification 1, section 12.3, and 4, section 11.5."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from astropy.io import fits

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps.step import Settings, step
from recos.wavecal import lamp
from recos.wavecal.records import lookup, usable_wavecals
from recos.wavecal.tagflash import user_shift1

logger = get_logger(__name__)


def _science(settings: Settings) -> bool:
    return not settings.mode.is_wavecal


@step(when=_science, without_events=True)
def image_shifts(exposure: Exposure, refs: References, context: Context) -> None:
    """Write the shifts of the wavecals in the middle of an ACCUM exposure; 0 without any, those of the user if given.

    QUIRK (specification 4, section 11.5): the events were shifted by the values at EXPSTART, or the default
    ones, and DPIXEL1 becomes 0 although their positions are no whole pixels. With the correction, what WAVECORR wrote
    stays: it tells what was applied.
    """
    mode, header = exposure.mode, exposure.header
    if any(user_shift1(exposure, context, 1, segment) is not None for segment in mode.spectra):
        return  # what the user gave was applied, and written by WAVECORR
    performs = exposure.performs("WAVECORR", "PERFORM", "COMPLETE")
    found = None
    wavecals = usable_wavecals(exposure, context)
    if performs and wavecals:
        search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset)
        found = lookup(wavecals, mode.cenwave, mode.fpoffset, mode.mid_time, search.max_time_difference)
        if exposure.performs("WAVECORR") and found is not None:
            exposure.mark("WAVECORR")
    values = {} if found is None else found.values
    applied = found is not None or (performs and (not wavecals or "default-shift" in exposure.corrections))
    if "dpixel1" in exposure.corrections and applied:
        _write(header, {key: value for key, value in values.items() if key.startswith(("chi_sq", "ndf"))})
        return
    letters = "AB" if mode.is_fuv else "ABC"
    for letter in letters:
        header["DPIXEL1" + letter] = 0.0
    if found is None:
        warn(logger, "No wavecal info; shift assumed to be 0.", level=logging.INFO)
        for letter in letters:
            header["SHIFT1" + letter] = header["SHIFT2" + letter] = 0.0
        return
    _write(header, values)


def _write(header: fits.Header, values: Mapping[str, float]) -> None:
    for key, value in values.items():
        header[key.upper()] = round(float(value), 4)
