"""WAVECORR: remove the displacement of the spectrum that the lamp shows. Specification 4, section 2.

The optics select mechanisms neither return to exactly the same position nor stand still during an exposure.
The displacement comes from lamp flashes during the exposure (TAGFLASH), from wavelength-calibration exposures
of the association, from a shift file of the user, or, without any of them, from the tabulated positions of
the FPOFFSETs.
"""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.context import Context
from recos.data.exposure import Exposure, ShiftHistory
from recos.io.read import ExposureHeaders
from recos.kernels.times import second_grid
from recos.messages import get_logger, notice
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step
from recos.wavecal import lamp
from recos.wavecal.apply import calibrate_by_exposures
from recos.wavecal.copied_flashes import calibrate_without_lines
from recos.wavecal.image_flashes import calibrate_image_by_flashes
from recos.wavecal.tagflash import calibrate_by_flashes
from recos.wavecal.tilt import follow_tilt

logger = get_logger(__name__)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    flashes = mode.has_flashes  # without them, a missing template means a shift of zero
    if mode.is_wavecal or (flashes and not mode.is_spectroscopic):
        return
    fpoffset = {"fpoffset": mode.fpoffset}
    yield Need("WCPTAB", "WAVECORR", {"opt_elem": mode.opt_elem})
    for spectrum in mode.spectra:
        wca = mode.row_filter("WCA", spectrum)
        lamp = {key: value for key, value in wca.items() if key != "aperture"}
        yield Need("LAMPTAB", "WAVECORR", lamp if flashes else None, fpoffset, if_lamp_has_lines=True)
        yield Need("XTRACTAB", "WAVECORR", mode.row_filter("PSA", spectrum))
        yield Need("XTRACTAB", "WAVECORR", wca)
        yield Need("DISPTAB", "WAVECORR", wca if flashes else None, fpoffset, if_lamp_has_lines=True)


@step(
    "WAVECORR",
    files=("WCPTAB", "LAMPTAB", "XTRACTAB", "DISPTAB", "BPIXTAB", "GSAGTAB", "SPOTTAB"),
    needs=_needs,
)
def wavecorr(exposure: Exposure, refs: References, context: Context) -> str:
    """Compute XFULL and YFULL.

    Parameters
    ----------
    exposure : Exposure
        With XDOPP, YCORR, DQ and EPSILON as the earlier steps left them.
    refs : References
        WCPTAB, LAMPTAB, XTRACTAB, DISPTAB, BRFTAB; BPIXTAB, GSAGTAB and SPOTTAB for the background of the
        flashes.
    context : Context, optional
        ``wavecals``, ``user_shifts`` and, for a segment without lamp lines, ``partner_flashes`` say what there is
        besides the flashes.

    Returns
    -------
    str
        COMPLETE; SKIPPED if no shift was measured or given, or none of the wavecals can be used; PERFORM for a
        wavecal, which is measured after its extraction.

    Raises
    ------
    InputError
        If the header of a TAGFLASH exposure does not tell when the lamp was on.
    MissingRowError, ReferenceFileError
        If a reference file does not cover the mode.
    """
    exposure.primary["WAVECALS"] = ""
    events, mode = exposure.events, exposure.mode
    if mode.is_wavecal:
        _copy_positions(exposure)
        limits = (float(events.time[0]), float(events.time[-1])) if len(events) else (None, None)
        exposure.shift_history = ShiftHistory(second_grid(*limits))
        return "PERFORM"
    outcome = (_by_flashes if mode.has_flashes else calibrate_by_exposures)(exposure, refs, context)
    if "tilted-spectra" in exposure.corrections and mode.is_spectroscopic:
        follow_tilt(exposure, refs)
    return outcome


def _by_flashes(exposure: Exposure, refs: References, context: Context) -> str:
    """Flashes of this exposure, or those of the other segment; the value of WAVECORR."""
    mode = exposure.mode
    notice(logger, "Process tagflash wavecal")
    _copy_positions(exposure)
    if not mode.is_spectroscopic:
        outcome = calibrate_image_by_flashes(exposure, refs, context)
    else:
        refs.announce("WCPTAB", "LAMPTAB", "XTRACTAB", "DISPTAB", "BPIXTAB", "GSAGTAB", "SPOTTAB")
        with_lines = not mode.is_fuv or lamp.has_lines(refs, mode, mode.segment)
        outcome = (calibrate_by_flashes if with_lines else calibrate_without_lines)(exposure, refs, context)
    if exposure.flashes is not None and "WAVECORR" in exposure.flashes.primary:
        exposure.flashes.primary["WAVECORR"] = outcome
    if outcome == "COMPLETE":
        names = [exposure.path.name]
        if context.user_shifts is not None:
            names.append(context.user_shifts.name)
        exposure.primary["WAVECALS"] = " ".join(names)
    return outcome


def _copy_positions(exposure: Exposure) -> None:
    """Positions of events that are not corrected."""
    exposure.events.xfull[:] = exposure.events.xdopp
    exposure.events.yfull[:] = exposure.events.ycorr
