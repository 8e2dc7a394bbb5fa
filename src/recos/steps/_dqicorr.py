"""DQICORR: flag bad regions of the detector, in the events and in the image. Specification 3, section 11."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recos.data.context import Context, Workspace
from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.kernels.dq import flag_events, paint
from recos.messages import get_logger, warn
from recos.references import References
from recos.references.need import Need
from recos.references.regions import NO_EXTENSION, Regions
from recos.steps._trcecorr import trace_needs
from recos.steps.distortion import distortion_need
from recos.steps.pulse_height_range import compare_pulse_height_range
from recos.steps.quality_image import initial_flags, quality_image, quality_of
from recos.steps.step import DONE_AGAIN, step

logger = get_logger(__name__)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    for switch, keyword in (("GEOCORR", "GEOFILE"), ("DGEOCORR", "DGEOFILE")):
        if headers.performs(switch, *DONE_AGAIN):
            yield distortion_need(switch, keyword, mode)
    if headers.performs("TRCECORR", *DONE_AGAIN):
        yield from trace_needs(headers, refs)
    yield Need("BPIXTAB", "DQICORR")
    for keyword in ("GSAGTAB", "SPOTTAB"):
        if keyword in refs and mode.is_fuv:
            yield Need(keyword, "DQICORR")
    if mode.obsmode == "TIME-TAG" and headers.performs("DOPPCORR", *DONE_AGAIN):
        row = mode.row_filter(segment=mode.timeline_spectrum)
        yield Need("DISPTAB", "DQICORR", row, {"fpoffset": mode.fpoffset})


@step(
    "DQICORR",
    values=DONE_AGAIN,
    files=(
        "BPIXTAB",
        "GSAGTAB",
        "SPOTTAB",
        "BRFTAB",
        "GEOFILE",
        "DGEOFILE",
        "TRACETAB",
        "XTRACTAB",
        "DISPTAB",
    ),
    needs=_needs,
)
def dqicorr(exposure: Exposure, refs: References, context: Context) -> None:
    """Set the bits of BPIXTAB, GSAGTAB and SPOTTAB in the events, and make ``exposure.dq_image``."""
    refs.announce(*(k for k in ("BPIXTAB", "GSAGTAB", "SPOTTAB") if k in refs))
    _check_spot_pulse_heights(exposure, refs)
    workspace = context.workspace
    regions, known = quality_of(exposure, refs, workspace).regions, workspace.flagged_regions
    if len(regions) and not (known is not None and known.same_as(regions)):
        compare_pulse_height_range(exposure, refs, "BPIXTAB")
        _flag_events(exposure, regions)
    exposure.dq_image = dq_flags(exposure, refs, workspace)
    exposure.regions, workspace.quality = regions, None
    _note_gsag_extension(exposure, regions)


def dq_flags(exposure: Exposure, refs: References, workspace: Workspace) -> np.ndarray:
    """The data-quality image by the present state of the exposure; zeros if DQICORR is not done.

    Returns
    -------
    ndarray of int16, shape of the images
    """
    if not exposure.performs("DQICORR", "PERFORM", "COMPLETE"):
        return initial_flags(exposure)
    return quality_image(exposure, refs, workspace)


def _flag_events(exposure: Exposure, regions: Regions) -> None:
    image = exposure.dq_image
    if image is None:
        image = exposure.dq_image = np.zeros(exposure.mode.image_shape, np.int16)
    image[:] = 0  # the array is used again for the quality image
    lx, ly, ux, uy = (v.astype(np.int64) for v in (regions.lx, regions.ly, regions.ux, regions.uy))
    paint(image, lx, ux, ly, uy, regions.dq, 0, image.shape[0])
    events = exposure.events
    flag_events(events.xcorr, events.ycorr, events.dq, image, lx, ly, ux, uy, regions.dq)


def _note_gsag_extension(exposure: Exposure, regions: Regions) -> None:
    """Tell in the comment of GSAGTAB which extension was used."""
    if regions.gsag_extension is None or "GSAGTAB" not in exposure.primary:
        return
    found = regions.gsag_extension != NO_EXTENSION
    note = f"ext. {regions.gsag_extension}" if found else "no ext."
    exposure.primary.comments["GSAGTAB"] = f"{note} for {exposure.mode.segment}"


def _check_spot_pulse_heights(exposure: Exposure, refs: References) -> None:
    """Warn if SPOTTAB was made for another range of pulse heights than that of PHATAB."""
    if "SPOTTAB" not in refs or "PHAFILE" in refs or "PHATAB" not in refs:
        return
    limits = [refs.spottab.primary.get(keyword) for keyword in ("PHAMIN", "PHAMAX")]
    if None in limits:
        warn(logger, "PHAMIN and PHAMAX keywords not found in SPOTTAB")
        return
    criteria = {"segment": exposure.mode.segment}
    if "OPT_ELEM" in refs.phatab:
        criteria["opt_elem"] = exposure.mode.opt_elem
    row = refs.phatab.find(**criteria)
    if row is not None and limits != [row["LLT"], row["ULT"]]:
        warn(
            logger,
            "PHAMIN and PHAMAX in SPOTTAB are different",
            "from values in PHATAB",
            "SPOTTAB: {} {}".format(*limits),
            f"PHATAB: {row['LLT']} {row['ULT']}",
        )
