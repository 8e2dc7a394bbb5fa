"""Calibrating an input from its raw files to its products: :func:`run`."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path

from recos._version import REFERENCE_VERSION, __version__
from recos.association.checks import (
    NEVER_CALIBRATED,
    check_corrtag_directory,
    check_pulse_heights,
    warn_of_differences,
)
from recos.association.model import Association
from recos.association.product import SupportFile, read_support_file, update_table, write_support_file
from recos.association.read import read_association
from recos.errors import InputError, NothingToCalibrateError, RecosError
from recos.extract.region_checks import check_choices, check_tailoring
from recos.io.paths import check_directory, make_directory
from recos.io.read import ExposureHeaders
from recos.messages import get_logger, messages_to, notice, warn
from recos.options.csum import CsumOptions
from recos.options.regions import Tailoring
from recos.options.run import Options, RunResult
from recos.pipeline.needs import check_references
from recos.pipeline.option_checks import check_corrections, check_search, check_slices, warn_of_unused
from recos.pipeline.outputs import check_outputs, remove_wavecal_products
from recos.pipeline.trailer import RunLog, timestamp
from recos.references import ReferenceCache
from recos.references.check import names_by_file

__all__ = ["RunResult", "run"]

logger = get_logger(__name__)

VERSION_LINE = f"recos version {__version__}, equivalent to CALCOS version {REFERENCE_VERSION}"


def run(
    input: str | Path,
    outdir: str | Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    preset: str | None = None,
    corrections: object = None,
    mix_corrections: bool = False,
    verbosity: int = 1,
    find_target: object = None,
    location: object = None,
    height: object = None,
    tailor: Tailoring | Mapping[str, object] | None = None,
    extract_only: bool = False,
    products: object = None,
    slices: object = None,
    save_temp_files: bool = False,
    shift_file: str | Path | None = None,
    stimfile: str | Path | None = None,
    livetimefile: str | Path | None = None,
    burstfile: str | Path | None = None,
    overwrite: bool = False,
    keep_going: bool = False,
    csum: CsumOptions | bool | None = None,
    jobs: int | None = None,
    log: RunLog | None = None,
) -> RunResult:
    """Calibrate an association, or a single exposure.

    Everything that can be checked is checked before the first file is written; products appear whole or not
    at all.

    Parameters
    ----------
    input : str or Path
        An association table (``…_asn`` or ``…_asn.fits``), a raw or corrtag file (the other FUV segment is
        found beside it), or a rootname. Environment variables and ``~`` are expanded, as in other names.
    outdir : str or Path, optional
        Directory of the products; it is made if necessary. By default the current directory.
    overrides : mapping, optional
        Keywords that are to have other values than in the headers of the input, which stay as they are:
        ``{"BRSTCORR": "OMIT", "FLATFILE": "my_flat.fits"}``. Calibration switches, reference files, XTRCTALG,
        RANDSEED, LIFE_ADJ, SP_SET_A, SP_SET_B, SDQFLAGS, SDQOUTER. A bare file name stands for a file in the
        current folder if there is one, else in ``lref``. Products tell in HISTORY cards what was overridden.
    preset : {"boxcar"}, optional
        Several overrides by one name; `overrides` win over them. boxcar: XTRCTALG = BOXCAR without TRCECORR and
        ALGNCORR (COS Data Handbook, section 3.6.3).
    corrections : str or sequence of str, optional
        Numbers in which recos does better than the reference implementation, by the names in
        :mod:`recos.corrections`, ``"all"`` for all of them; by default none. HISTORY cards tell which ones.
    mix_corrections : bool
        Combine spectra of corrtag files although they were made with different corrections, which is an error
        otherwise.
    verbosity : {1, 0, 2}
        How much the trailer files tell: the usual, only what matters, everything.
    find_target : bool, number, or dict, optional
        Search for the spectrum and centre the extraction on it: always (True), or only where the position is
        known to better than this number of pixels. Concerns the BOXCAR extraction, and that by TWOZONE with the
        correction twozone-location.
    location, height : optional
        Those of `tailor`.
    tailor : Tailoring or dict, optional
        Other regions for the spectrum and its background than tabulated, see :class:`recos.Tailoring`:
        ``{"height": 25, "background_centers": (430, 540)}``, ``{"enclosed_energy": (0.1, 0.9)}``.
    extract_only : bool
        Extract spectra of corrtag files again, whatever X1DCORR says; no corrtag files are written.
    products : str or sequence of str, optional
        Kinds of products to write, of corrtag, counts, flt, lampflash, x1d, x1dsum, fltsum; by default all. As text:
        ``"x1d,x1dsum"``. What is not written costs no time.
    slices : recos.slicing.Selection, str or dict, optional
        Also write the spectrum of each time slice of each exposure, ``root_1_x1d.fits``, ``root_2_x1d.fits``, …, from
        the same corrected events: what ``recos split`` and a calibration of its files would give. As text:
        ``"increment=200"``, ``"where=SUN_ALT < 0"``, ``"period=33.4; phase_bins=4"``, ``"gti"``.
    save_temp_files : bool
        Also write x1d and lampflash files of each segment.
    shift_file : str or Path, optional
        Text file of wavelength-calibration shifts that replace those measured.
    stimfile, livetimefile, burstfile : str or Path, optional
        Text files that stim positions, live-time factors and bursts are appended to.
    overwrite : bool
        Replace existing products; by default they are an error.
    keep_going : bool
        Report exposures of an association that cannot be calibrated, and calibrate and combine the others. By default
        everything is checked first, and an error in one of them is raised before any work.
    csum : CsumOptions or bool, optional
        Also make csum images, or only those (:class:`recos.CsumOptions`).
    jobs : int, optional
        Segments calibrated at the same time; by default one per processor, NUV exposures one by one.
    log : RunLog, optional
        Where messages go. By default all go to :mod:`logging` (an application that does not set it up sees warnings
        on standard error), and those of the given verbosity to trailer files.

    Returns
    -------
    RunResult
        Status (0, or 16 if an exposure could not be calibrated because a reference table lacks a row) and
        products.

    Raises
    ------
    RecosError
        What is wrong and what to do: see :mod:`recos.errors`.
    """
    options = Options.parse(
        outdir,
        overrides=overrides,
        preset=preset,
        corrections=corrections,
        mix_corrections=mix_corrections,
        verbosity=verbosity,
        find_target=find_target,
        location=location,
        height=height,
        tailor=tailor,
        extract_only=extract_only,
        products=products,
        slices=slices,
        save_temp_files=save_temp_files,
        shift_file=shift_file,
        stimfile=stimfile,
        livetimefile=livetimefile,
        burstfile=burstfile,
        overwrite=overwrite,
        keep_going=keep_going,
        csum=csum,
        jobs=jobs,
    )
    log = log or RunLog(options.verbosity)
    with messages_to(log):
        _announce()
        started = time.monotonic()
        try:
            result = _run(input, options, log)
        except Exception as error:
            log.record_failure(str(error))
            raise
        logger.info("End   %s", timestamp())
        elapsed = time.monotonic() - started
        logger.debug("elapsed time = %.1f sec. = %.2f min.", elapsed, elapsed / 60.0)
    return result


def _announce() -> None:
    import astropy
    import numpy as np

    for line in (VERSION_LINE, f"numpy version {np.__version__}", f"astropy version {astropy.__version__}"):
        notice(logger, line)
    logger.info("Begin %s", timestamp())


def _run(path: str | Path, options: Options, log: RunLog) -> RunResult:
    association = read_association(
        path, options.outdir, options.shift_file, options.overrides, options.keep_going
    )
    if all(headers.mode.kind in NEVER_CALIBRATED for headers, _ in association):
        raise NothingToCalibrateError(
            f"{association.path}: no exposure of a type that can be calibrated; target acquisitions and "
            "engineering data cannot."
        )
    if not association.has_work and options.csum is None and not options.extract_only:
        notice(logger, "Nothing to do; all calibration switches are OMIT.")
        return RunResult()
    _limit(association, options)
    check_corrections(association, options.corrections, options.mix_corrections)
    check_pulse_heights(association)
    if options.slices is not None:
        check_slices(association, options.slices, options.outdir, options.overwrite)
    with ReferenceCache() as cache:
        exposures = _with_references(association, options, cache)
        warn_of_unused(exposures, options.overrides, options.only_csum)
        if options.tailor is not None:
            check_tailoring(exposures, options.tailor, cache)
        earlier = check_outputs(association, options.overwrite, options.csum, options.products)
        check_directory(options.outdir)
        options.check_text_files()
        support = _support_file(association)
        _open(association, options, log)
        warn_of_differences(association, names_by_file([headers for headers, _ in association]))
        remove_wavecal_products(earlier)
        from recos.pipeline.association import run_association  # late: it loads the compiled steps

        result = run_association(association, options, cache)
    for failure in association.failures:
        result.status |= failure.status
    if result.status == 0 or (options.keep_going and result.products):
        result.products += _finish(association, support, options.overwrite)
        if options.slices is not None and not result.slices:
            raise InputError(f"{association.path}: no time slice has events; all else is calibrated.")
    return result


def _with_references(
    association: Association, options: Options, cache: ReferenceCache
) -> list[ExposureHeaders]:
    """The exposures that will be calibrated; members whose reference files are wrong are left out if told so."""
    calibrated = [m for m in association.members if m.kind not in NEVER_CALIBRATED]
    if not options.keep_going:
        check_references([headers for m in calibrated for headers in m.files], cache, options.only_csum)
        return [headers for m in calibrated for headers in m.files]
    good = []
    for member in calibrated:
        try:
            check_references(member.files, cache, options.only_csum)
            good.append(member)
        except RecosError as error:
            association.note_failure(error, options.keep_going)
            association.members = [m for m in association.members if m is not member]
    if not good:
        raise association.failures[0]
    return [headers for m in good for headers in m.files]


def _limit(association: Association, options: Options) -> None:
    """Leave out what is not wanted, and check that what is wanted can be done."""
    if options.csum is not None and options.csum.only:
        association.limit_to_csum(options.csum.raw)
    if options.extract_only:
        association.limit_to_extraction()
    else:
        check_corrtag_directory(association)
    if options.extract_only and options.find_target is not None and options.find_target[0]:
        check_search(association, options.corrections)
    if options.tailor is not None:
        check_choices([headers for headers, _ in association], options.tailor, options.corrections)


def _open(association: Association, options: Options, log: RunLog) -> None:
    """Make the output directory and begin the trailers."""
    if not options.outdir.exists():
        warn(logger, f"Creating output directory '{options.outdir}'.")
        make_directory(options.outdir)
    trailers = {names.root: names.trailer for _, names in association}
    if association.is_table:
        log.open_for_exposures(trailers, VERSION_LINE)
    else:
        log.open_for_file(next(iter(trailers.values())), trailers)


def _finish(association: Association, support: SupportFile | None, overwrite: bool) -> list[Path]:
    """The association table and the support file of the product."""
    product, target = association.product, association.table_copy
    if product is None or target is None:
        return []
    written = [update_table(association.path, target, bool(association.combined), overwrite)]
    if support is None:
        warn(logger, "spt file not found, so not copied to product", level=logging.INFO)
        return written
    return [*written, write_support_file(support, product.support, product.memtype, overwrite)]


def _support_file(association: Association) -> SupportFile | None:
    """The support file of the first science exposure, else of the last calibration, else of any."""
    if association.product is None:
        return None
    found: dict[str, Path] = {}
    for headers, names in association:
        if names.spt.is_file():
            if headers.mode.kind == "SCIENCE":
                return read_support_file(names.spt)
            found.setdefault("any", names.spt)
            if headers.mode.kind == "CALIBRATION":
                found["calibration"] = names.spt
    path = found.get("calibration", found.get("any"))
    return None if path is None else read_support_file(path)
