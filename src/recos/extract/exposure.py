"""Extraction of one exposure: from its images and tables to a Spectrum. Specification 5, section 5.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recos.corrections import record_corrections
from recos.data.columns import Column
from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.data.mode import exposure_time
from recos.data.spectrum import COLUMNS, Spectrum, without_flux
from recos.errors import InputError
from recos.extract.boxcar import extract_boxcar
from recos.extract.inputs import Extraction, ExtractionInput
from recos.extract.keywords import spectrum_header, write_location
from recos.extract.profile import check_limits
from recos.extract.twozone import extract_twozone
from recos.extract.wavelengths import find_dispersion
from recos.messages import get_logger, warn
from recos.options.regions import Choice
from recos.references import References

logger = get_logger(__name__)

ALGORITHMS = {"BOXCAR": ("XTRACTAB",), "TWOZONE": ("TWOZXTAB", "PROFTAB")}


def extract_exposure(exposure: Exposure, refs: References, context: Context) -> Spectrum:
    """Extract the spectrum of one FUV segment, or of the three NUV stripes.

    Parameters
    ----------
    exposure : Exposure
        Calibrated up to its images; not changed. Without images (no events) the spectrum has no rows.
    refs : References
    context : Context
        ``tailoring`` and ``find_target`` say where the user wants the spectrum to be summed.

    Returns
    -------
    Spectrum
        Net count rates with errors, nominal wavelengths, no flux.

    Raises
    ------
    MissingRowError
        If a table has no row for the mode.
    ReferenceFileError
        If tables are inconsistent, or an extraction box leaves the image.
    InputError
        If the algorithm is unknown or a keyword is missing.
    """
    mode = exposure.mode
    algorithm = extraction_algorithm(exposure)
    logger.info("Extraction algorithm = %s", algorithm)
    refs.announce(*ALGORITHMS[algorithm], "DISPTAB")
    if not mode.is_wavecal and exposure.primary.get("WAVECORR") != "COMPLETE":
        warn(logger, f"WAVECORR was not done for {exposure.root}")
    header = spectrum_header(exposure.header)
    primary = copy_header(exposure.primary)
    record_corrections(primary, exposure.corrections, "spectrum")
    layout: tuple[Column, ...] = COLUMNS
    # QUIRK (specification 5, section 5.6): the unit is that of fluxes also if no flux is computed.
    if "rate-errors" in exposure.corrections and not exposure.performs("FLUXCORR"):
        layout = without_flux(layout)
    if exposure.images is None:
        return Spectrum.from_rows(primary, header, [], mode.image_shape[1], layout)
    rows = []
    for segment in mode.spectra:
        if "SDQOUTER" not in exposure.header:
            warn(logger, "No SDQOUTER keyword, setting to 0")
        data = extraction_input(exposure, refs, context, segment)
        if algorithm == "TWOZONE":
            check_limits(data.row)
            extraction = extract_twozone(data, refs.proftab.row(**mode.row_filter()), exposure.header)
        else:
            extraction = extract_boxcar(data)
        write_location(header, segment[-1], extraction.keywords, exposure.corrections)
        rows.append(_row(data, extraction))
    return Spectrum.from_rows(primary, header, rows, mode.image_shape[1], layout)


def extraction_algorithm(exposure: Exposure) -> str:
    """The algorithm that the header asks for: BOXCAR or TWOZONE.

    Raises
    ------
    InputError
        If XTRCTALG names another one.
    """
    name = exposure.mode.xtrctalg
    if name not in ALGORITHMS:
        raise InputError(
            f"{exposure.path}: XTRCTALG = {name}; the extraction algorithms are {' and '.join(ALGORITHMS)}."
        )
    return name


@dataclass(frozen=True, slots=True)
class _Offsets:
    """Sub-pixel and cross-dispersion offsets of the images; section 5.2, step 2."""

    dpixel1: float
    shift2: float


def _offsets(exposure: Exposure, letter: str) -> _Offsets:
    mode, header = exposure.mode, exposure.header
    if mode.is_wavecal:
        return _Offsets(0.0, header.get("SHIFT2" + letter, 0.0))
    outcome, dpixel1 = exposure.primary.get("WAVECORR"), header.get("DPIXEL1" + letter, 0.0)
    if outcome == "COMPLETE":
        return _Offsets(dpixel1, 0.0)
    # QUIRK (specification 4, section 12.4): the default shift of the FPOFFSET moves events by parts of a pixel, too
    moved = outcome == "SKIPPED" and "dpixel1" in exposure.corrections
    return _Offsets(dpixel1 if moved else 0.0, mode.plate_offset)


def extraction_input(exposure: Exposure, refs: References, context: Context, segment: str) -> ExtractionInput:
    """What one spectrum of an exposure is extracted from.

    Parameters
    ----------
    exposure, refs, context
        As for :func:`extract_exposure`; the exposure has images.
    segment : str
        Segment or stripe.

    Raises
    ------
    MissingRowError
        If a table has no row for the mode.
    InputError
        If the algorithm is unknown or a keyword is missing.
    """
    mode, header = exposure.mode, exposure.header
    algorithm = extraction_algorithm(exposure)
    choice = context.tailoring.of(segment) if context.tailoring else Choice()
    offsets, criteria = _offsets(exposure, segment[-1]), mode.row_filter(segment=segment)
    relation = find_dispersion(refs, mode.fpoffset, **criteria)
    x_offset = header.get("X_OFFSET", mode.x_offset)
    images = exposure.require("images")
    pixels = np.arange(images.dq.shape[1], dtype=np.float64) - x_offset + offsets.dpixel1
    if "SDQFLAGS" not in header:
        raise InputError(f"{exposure.path}: the header has no SDQFLAGS, the serious data-quality flags.")
    return ExtractionInput(
        segment=segment,
        images=images,
        row=refs.extraction_row(algorithm, **criteria),
        wavelength=relation.wavelength(pixels),
        exptime=exposure_time(mode, header),
        sdqflags=int(header["SDQFLAGS"]),
        sdqouter=int(header.get("SDQOUTER", 0)),
        flat_snr=_flat_snr(exposure, refs),
        subtract_background=exposure.performs("BACKCORR"),
        is_wavecal=mode.is_wavecal,
        shift2=offsets.shift2,
        x_offset=x_offset,
        shift1=0.0 if mode.is_fuv else float(header.get("SHIFT1" + segment[-1], 0.0)),
        location=None if mode.is_wavecal else choice.location,
        fixed_background=choice.background_centers is not None,
        find_target=context.find_target,
        corrections=exposure.corrections,
        known_zones=context.workspace.zones,
    )


def _flat_snr(exposure: Exposure, refs: References) -> float:
    if exposure.primary.get("FLATCORR") != "COMPLETE":
        return 0.0
    _, header = refs.flat_field(exposure.mode.segment)
    return float(header.get("SNR_FF", 0.0))


def _row(data: ExtractionInput, extraction: Extraction) -> dict[str, Any]:
    return extraction.columns | {
        "SEGMENT": data.segment,
        "EXPTIME": data.exptime,
        "NELEM": data.shape[1],
        "WAVELENGTH": data.wavelength,
    }
