"""The lines that introduce an exposure in the trailer file. Specification 1, section 16."""

from __future__ import annotations

from recos.association.model import ProductNames
from recos.data.mode import Mode
from recos.messages import get_logger
from recos.options.run import Options
from recos.pipeline.trailer import timestamp

logger = get_logger(__name__)


def introduce(mode: Mode, names: ProductNames, options: Options, flashes: bool) -> None:
    """Log what is calibrated, how it was taken, and which files come out.

    Parameters
    ----------
    mode : Mode
        Configuration of the exposure.
    names : ProductNames
        Its files.
    options : Options
    flashes : bool
        A lampflash file will be written.
    """
    logger.info("\n%s calibration -- %s", mode.obsmode, timestamp())
    files = [("Input", names.raw), ("OutFlt", names.flt), ("OutCounts", names.counts)]
    if mode.is_fuv and mode.obsmode == "ACCUM":
        files.insert(1, ("InPha", names.pha))
    if mode.kind != "ACQ_IMAGE":
        files.insert(-2, ("OutTag" if mode.obsmode == "TIME-TAG" else "pseudo tt", names.corrtag))
    if flashes:
        files.append(("OutFlash", names.flash))
    for label, path in files:
        logger.info("%-10s%s", label, path)
    for text, option in (
        ("wavecal shifts overridden by file", options.shift_file),
        ("stim locations log file  ", options.stimfile),
        ("livetime factors log file", options.livetimefile),
    ):
        if option is not None:
            logger.info("%s %s", text, option)
    logger.info("DETECTOR  %s%s", mode.detector, f", segment {mode.letter}" if mode.is_fuv else "")
    logger.info("EXPTYPE   %s", mode.exptype)
    setting = f", CENWAVE {mode.cenwave}, FPOFFSET {mode.fpoffset}" if mode.is_spectroscopic else ""
    logger.info("OPT_ELEM  %s%s", mode.opt_elem, setting)
    logger.info("APERTURE  %s\n", mode.aperture)
