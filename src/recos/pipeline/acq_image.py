"""Calibration of ACQ/IMAGE exposures: images of the target acquisition, calibrated as images without events.

Everything is computed in memory before the counts and flt files are written. Specification 2, section 22.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos._version import CAL_VER
from recos.association.model import ProductNames
from recos.corrections import record_corrections
from recos.data.events import EventList
from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.headers import copy_header
from recos.data.mode import exposure_time
from recos.errors import ReferenceFileError
from recos.io.read import ExposureHeaders
from recos.messages import NOTICE, get_logger, warn
from recos.options.run import Options
from recos.pipeline.image_sets import ImageSet, read_image_sets
from recos.products.csum import acquisition_csum
from recos.products.planes import Plane, write_together
from recos.references import References
from recos.references.regions import paint_regions, regions_for
from recos.steps._check_aperture import check_aperture
from recos.steps._deadcorr import livetime_curve
from recos.steps._photcorr import write_photometry

logger = get_logger(__name__)

_SWITCHES = ("PHOTCORR", "DQICORR", "DEADCORR", "FLATCORR")
"""Switches of the steps for images."""
_CORRECTIONS = frozenset({"acquisition-images", "low-rate-livetime"})
"""Named corrections of the steps for images."""
_COUNTER = "MEVENTS"
_TOLERANCE = 0.1
"""Relative difference of two estimates of the live time that deserves a warning."""


@dataclass(slots=True)
class AcqImage:
    """An ACQ/IMAGE exposure in memory.

    Attributes
    ----------
    exposure : Exposure
        Primary header, mode, switches and log lines; without events. Its header is that of the first image as
        it was read.
    sets : list of ImageSet
    """

    exposure: Exposure
    sets: list[ImageSet]

    def live_sum(self) -> np.ndarray:
        """Sum of the images corrected for dead time but not for the flat field: what the csum file shows.

        Returns
        -------
        ndarray of float32, shape (1024, 1024)
        """
        total = np.zeros(self.sets[0].live.shape, np.float32)
        for image in self.sets:
            total += image.live
        return total


def calibrate_acq_image(
    headers: ExposureHeaders, names: ProductNames, refs: References, options: Options
) -> list[Path]:
    """Calibrate an ACQ/IMAGE exposure and write its counts and flt files, and the csum image if asked for.

    Parameters
    ----------
    headers : ExposureHeaders
        Of the raw file, ``…_rawacq.fits``.
    names : ProductNames
    refs : References
    options : Options
        Which files are wanted, whether they may be overwritten, and where the lines for the live-time file go.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    RecosError
        As :func:`calibrate_images`; then nothing is written. Or if a file cannot be written.
    """
    acq = calibrate_images(read_acq_image(headers, options.corrections), refs)
    files: list[tuple[Path, fits.Header, list[Plane]]] = []
    if options.csum is None or not options.csum.only:
        wanted = {
            path for kind, path in (("counts", names.counts), ("flt", names.flt)) if kind in options.products
        }
        files += [file for file in _image_files(acq, names) if file[0] in wanted]
    if options.csum is not None:
        headers_of_sets = [image.sci for image in acq.sets]
        primary, header, image = acquisition_csum(
            acq.exposure.primary, headers_of_sets, acq.live_sum(), options.csum
        )
        files.append((names.csum, primary, [Plane("SCI", 1, header, image)]))
    products = write_together(files, options.overwrite)
    options.append_text_files(acq.exposure.log_text)
    return products


def read_acq_image(headers: ExposureHeaders, corrections: frozenset[str] = frozenset()) -> AcqImage:
    """Read the images of a raw ACQ/IMAGE file.

    Parameters
    ----------
    headers : ExposureHeaders
    corrections : frozenset of str
        Named corrections that are switched on; those that concern acquisitions act.

    Raises
    ------
    InputError
        See :func:`recos.pipeline.image_sets.read_image_sets`.
    """
    sets = read_image_sets(headers.path, headers.mode)
    exptime = exposure_time(headers.mode, headers.header)
    exposure = Exposure(
        path=headers.path,
        primary=copy_header(headers.primary),
        header=copy_header(sets[0].sci),
        mode=headers.mode,
        switches=dict(headers.switches),
        events=EventList.empty(),
        raw_gti=GTI(),
        gti_hdus=[],
        exptime=exptime,
        elapsed=exptime,
        corrections=corrections & _CORRECTIONS,
    )
    return AcqImage(exposure, sets)


def calibrate_images(acq: AcqImage, refs: References) -> AcqImage:
    """Run the steps that the switches ask for on all images.

    Parameters
    ----------
    acq : AcqImage
        Changed in place.
    refs : References

    Returns
    -------
    AcqImage
        The same object.

    Raises
    ------
    BadApertureError
        If APERTURE is no aperture of COS.
    InputError
        If the photometry of OPT_ELEM is not known.
    ReferenceFileError
        If a reference file is missing or does not fit.
    """
    exposure = acq.exposure
    check_aperture(exposure, refs)
    # other keywords stay as in the raw file, also where the image was calibrated otherwise
    exposure.primary["CAL_VER"] = CAL_VER
    record_corrections(exposure.primary, exposure.corrections, "events")
    for switch in _SWITCHES:
        exposure.mark(switch, exposure.switches[switch])
    for image in acq.sets:
        _write_photometry(exposure, image)
        _write_count_rate(exposure, image)
        for switch, correct in (
            ("DQICORR", _flag_bad_pixels),
            ("DEADCORR", _correct_dead_time),
            ("FLATCORR", _divide_by_flat),
        ):
            exposure.announce(switch)
            if exposure.performs(switch):
                correct(exposure, image, refs)
    if exposure.performs("DEADCORR"):
        done = any(image.exptime > 0.0 for image in acq.sets)
        exposure.mark("DEADCORR", "COMPLETE" if done else "SKIPPED")
    return acq


def _image_files(acq: AcqImage, names: ProductNames) -> list[tuple[Path, fits.Header, list[Plane]]]:
    """Name, primary header and extensions of the counts and the flt file."""
    primary, statistics = acq.exposure.primary, acq.exposure.performs("STATFLAG")
    for image in acq.sets:
        if image.exptime <= 0.0:
            warn(
                logger, f"EXPTIME = {image.exptime:g} s in image set {image.version}; its products are zero."
            )
    acq.exposure.announce("STATFLAG")
    counts = [plane for image in acq.sets for plane in image.counts_planes(statistics)]
    flt = [plane for image in acq.sets for plane in image.flt_planes(statistics)]
    return [(names.counts, primary, counts), (names.flt, primary, flt)]


def _write_photometry(exposure: Exposure, image: ImageSet) -> None:
    exposure.announce("PHOTCORR")
    if exposure.performs("PHOTCORR"):
        write_photometry(image.sci, exposure.mode, exposure.path)
        exposure.mark("PHOTCORR")


def _write_count_rate(exposure: Exposure, image: ImageSet) -> None:
    # QUIRK (specification 2, section 22): the exposure time is that of the first image, for all of them
    exptime = image.exptime if "acquisition-images" in exposure.corrections else exposure.exptime
    total = float(image.counts.sum(dtype=np.float64))
    image.sci["GLOBRATE"] = round(total / exptime, 4) if exptime > 0.0 else 0.0


def _flag_bad_pixels(exposure: Exposure, image: ImageSet, refs: References) -> None:
    """Add the bits of BPIXTAB to those of the raw image."""
    refs.announce("BPIXTAB")
    paint_regions(image.quality, regions_for(exposure, refs))
    exposure.mark("DQICORR")


def _correct_dead_time(exposure: Exposure, image: ImageSet, refs: References) -> None:
    """Divide by the live time at the mean count rate, or at that of the event counter for subarrays."""
    refs.announce("DEADTAB")
    if image.exptime <= 0.0:
        warn(logger, f"DEADCORR is skipped: EXPTIME = {image.exptime:g} s in image set {image.version}.")
        _write_live_time(image, 0.0, "SKIPPED", 1.0)
        return
    curve = livetime_curve(exposure, refs)
    number = curve.observed.dtype.type
    # QUIRK (specification 2, section 22): the event counter is that of the first image, for all of them
    header = image.sci if "acquisition-images" in exposure.corrections else exposure.header
    counter = float(header.get(_COUNTER, exposure.primary.get(_COUNTER, 0.0)))
    actual = round(image.live.sum()) / image.exptime
    from_counter, from_data = curve(number(counter)), curve(number(actual))
    if exposure.primary.get("SUBARRAY", False) is True:
        rate, livetime, method, source = (
            counter,
            from_counter,
            _COUNTER,
            f"digital event counter ({_COUNTER})",
        )
    else:
        rate, livetime, method, source = actual, from_data, "DATA", "actual count rate"
    image.live = image.effective = image.live / livetime
    _write_live_time(image, rate, method, float(livetime))
    lines = [
        f"actual countrate and livetime:  {actual:.6g}, {from_data:6.4f}",
        f"countrate and livetime from {_COUNTER}:  {counter:.6g}, {from_counter:6.4f}",
        f"livetime {livetime:6.4f} is based on {source}.",
    ]
    _report(exposure, lines, differ=abs(from_counter - from_data) > _TOLERANCE * from_data)


def _write_live_time(image: ImageSet, rate: float, method: str, livetime: float) -> None:
    image.sci["DEADRT"] = rate
    image.sci["DEADMT"] = method
    image.sci["LIVETM"] = livetime


def _report(exposure: Exposure, lines: list[str], differ: bool) -> None:
    if differ:
        warn(logger, "livetime estimates differ.")
    for line in lines:
        logger.log(NOTICE if differ else logging.DEBUG, "%s", line)
    exposure.log_text.setdefault("live", []).extend([f"# {exposure.path}", *lines])


def _divide_by_flat(exposure: Exposure, image: ImageSet, refs: References) -> None:
    """Divide by the flat field; where it is not positive, counts stay as they are."""
    refs.announce("FLATFILE")
    flat, header = refs.image("FLATFILE", 1)
    x, y = int(header.get("ORIGIN_X", 0)), int(header.get("ORIGIN_Y", 0))
    image.effective = image.live.copy()
    part = image.effective[y : y + flat.shape[0], x : x + flat.shape[1]]
    if min(x, y) < 0 or part.shape != flat.shape:
        raise ReferenceFileError(
            f"{refs.path('FLATFILE')} (FLATFILE): {flat.shape[0]} x {flat.shape[1]} pixels from ORIGIN_X = {x}, "
            f"ORIGIN_Y = {y} on do not fit into an image of 1024 x 1024. Use a flat field for NUV images."
        )
    np.divide(part, flat, out=part, where=flat > 0.0)
    exposure.mark("FLATCORR")
