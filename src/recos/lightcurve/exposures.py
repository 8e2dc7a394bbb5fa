"""From corrtag files to extracted exposures, in memory: what a light curve is measured in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.errors import InputError
from recos.extract.flux import sensitivity
from recos.io.fits import open_fits
from recos.io.read import ExposureHeaders, read, read_headers
from recos.lightcurve.regions import Region, region_of
from recos.messages import get_logger, warn
from recos.pipeline.exposure import calibrate
from recos.references import References
from recos.steps._active_area import active_events
from recos.steps._shift_range import ShiftRange
from recos.steps.airglow import MULTIPLETS, airglow_limits

logger = get_logger(__name__)

_OF_SPECTRA = ("X1DCORR", "BACKCORR", "FLUXCORR", "TDSCORR", "HELCORR")
_UNSET = -999.0
_SAME_ROW = 0.01
"""Rows by which two positions of a spectrum may differ by rounding."""
_NUV_MARGIN = 30.0
"""Columns on either side of an airglow multiplet; for the FUV see :func:`recos.steps.airglow.airglow_limits`."""


@dataclass
class ExtractedSpectrum:
    """One spectrum of an exposure, a segment or stripe, by image column.

    Attributes
    ----------
    segment : str
    region : Region
        Where the spectrum and its background lie.
    wavelength : ndarray of float64, shape (columns,)
        As in the x1d, Angstrom.
    good : ndarray of bool
        DQ_WGT of the x1d.
    airglow : ndarray of bool
        Columns in which airglow may lie.
    flux_factor : ndarray of float64
        Flux per net count rate, (erg/s/cm2/Angstrom) / (count/s); 0 where the sensitivity is not known.
    """

    segment: str
    region: Region
    wavelength: np.ndarray
    good: np.ndarray
    airglow: np.ndarray
    flux_factor: np.ndarray


def read_all(corrtags: Sequence[str | Path]) -> list[list[ExposureHeaders]]:
    """Headers of corrtag files, those of the segments of one exposure together, exposures in order of time.

    Raises
    ------
    InputError
        If a file is no corrtag file of a TIME-TAG spectrum with events, or is given twice.
    """
    groups: dict[str, list[ExposureHeaders]] = {}
    for path in corrtags:
        _check_columns(path)
        headers = read_headers(path)
        _check(headers)
        headers.switches = _switches(headers.switches)
        root = str(headers.header.get("ROOTNAME", headers.primary.get("ROOTNAME", ""))) or headers.path.name
        group = groups.setdefault(root.lower(), [])
        for other in group:
            if other.mode.segment == headers.mode.segment:
                raise InputError(
                    f"{headers.path}: segment {headers.mode.segment} of exposure {root} is in "
                    f"{other.path}, too. Give each file once."
                )
        group.append(headers)
    for group in groups.values():
        group.sort(key=lambda headers: headers.mode.segment)
    return sorted(groups.values(), key=lambda group: group[0].mode.expstart)


def _switches(switches: dict[str, str]) -> dict[str, str]:
    """Switches with which the events stay as they are, also where a step was left undone."""
    found = {s: "SKIPPED" if v == "PERFORM" and s not in _OF_SPECTRA else v for s, v in switches.items()}
    if switches["DQICORR"] == "PERFORM":  # its image is wanted, but the flags of the events are kept
        found["DQICORR"] = "COMPLETE"
    return found


def _check_columns(path: str | Path) -> None:
    """Raise InputError unless a file has the columns by which a corrtag file is known."""
    with open_fits(path) as hdus:
        tables = [hdu for hdu in hdus if hdu.name == "EVENTS" and hasattr(hdu, "columns")]
        if not any("XFULL" in hdu.columns.names for hdu in tables):
            raise InputError(
                f"{path}: this is no corrtag file, it has no table EVENTS with a column XFULL. Calibrate the "
                "exposure, and give its …_corrtag….fits."
            )


def _check(headers: ExposureHeaders) -> None:
    """Raise InputError for what has no light curve."""
    path, mode = headers.path, headers.mode
    problem = ""
    if not mode.is_spectroscopic:
        problem = f"OBSTYPE = {mode.obstype}; light curves are made of spectra only"
    elif mode.obsmode != "TIME-TAG":
        problem = f"OBSMODE = {mode.obsmode}; only the events of TIME-TAG exposures have times"
    elif mode.is_wavecal:
        problem = "EXPTYPE = WAVECAL; a light curve needs an exposure of the sky"
    elif not headers.n_events:
        problem = "the file holds no events"
    elif headers.switches["X1DCORR"] != "PERFORM":
        problem = (
            f"X1DCORR = {headers.switches['X1DCORR']}; the counts are taken where the spectrum is extracted. "
            "Set X1DCORR to PERFORM"
        )
    if problem:
        raise InputError(f"{path}: {problem}.")


def extract(
    headers: ExposureHeaders, refs: References, corrections: frozenset[str] = frozenset()
) -> tuple[Exposure, list[ExtractedSpectrum]]:
    """Read one file, bin its events, and extract its spectra as the pipeline does.

    Returns
    -------
    exposure : Exposure
        With the good time intervals.
    spectra : list of ExtractedSpectrum
        The segment, or the three stripes.

    Raises
    ------
    RecosError
        If a step cannot be done, for example because a reference file is missing.
    """
    exposure = read(headers.path, headers, corrections)
    before = copy_header(exposure.header)
    context = Context(find_target=(True, None) if _was_searched(exposure) else None)
    _forget_search(exposure)
    calibrate(exposure, refs, stop_after="shift_range", context=context)
    _without_trace(exposure, refs)
    calibrate(exposure, refs, "trcecorr" if exposure.mode.is_fuv else "dqicorr", "images", context)
    calibrate(exposure, refs, "x1dcorr", "x1dcorr", context)
    spectrum = exposure.require("spectrum")
    for segment in exposure.mode.spectra:
        keyword = "SP_LOC_" + segment[-1]
        old, new = float(before.get(keyword, _UNSET)), float(exposure.header[keyword])
        if old > 0.0 and abs(old - new) > _SAME_ROW:
            warn(logger, f"{exposure.path}: {keyword} = {old:.2f}, but the counts are taken at {new:.2f}")
    regions = [
        region_of(exposure, refs, context, {name: values[i] for name, values in spectrum.columns.items()})
        for i in range(spectrum.n_rows)
    ]
    factor = _flux_factor(exposure, refs)
    calibrate(exposure, refs, "helcorr", "helcorr")
    return exposure, [
        ExtractedSpectrum(
            segment=str(segment),
            region=regions[i],
            wavelength=spectrum["WAVELENGTH"][i],
            good=spectrum["DQ_WGT"][i] > 0.0,
            airglow=_airglow(exposure, refs, spectrum["WAVELENGTH"][i]),
            flux_factor=factor[i],
        )
        for i, segment in enumerate(spectrum["SEGMENT"])
    ]


def _was_searched(exposure: Exposure) -> bool:
    """Whether the spectrum was extracted (BOXCAR) where it was found: not at its nominal position."""
    if exposure.mode.xtrctalg != "BOXCAR":
        return False
    for segment in exposure.mode.spectra:
        at, nominal = (
            float(exposure.header.get(f"{root}_{segment[-1]}", _UNSET)) for root in ("SP_LOC", "SP_NOM")
        )
        if at > 0.0 and nominal > 0.0 and abs(at - nominal) > _SAME_ROW:
            return True
    return False


def _forget_search(exposure: Exposure) -> None:
    """Unset SP_OFF where it tells the result of the target search and not an alignment of the events.

    Otherwise the data-quality image would be moved by it.
    """
    keyword = "SP_OFF_" + exposure.mode.letter
    aligned = exposure.primary.get("ALGNCORR") in ("COMPLETE", "SKIPPED", "USER-SUPPLIED")
    if not aligned and keyword in exposure.header:
        exposure.header[keyword] = _UNSET


def _without_trace(exposure: Exposure, refs: References) -> None:
    """Find the range of SHIFT2 as it was before TRCECORR and ALGNCORR moved the events.

    Otherwise the data-quality image of a corrtag file would have wider flaws than that of its x1d (see
    :func:`recos.steps.shift_range.shift_range`). Only events of the lamp spectrum were not moved; those in the
    inner half of its rows cannot have come from elsewhere.
    """
    if not any(exposure.primary.get(s) == "COMPLETE" for s in ("TRCECORR", "ALGNCORR")):
        return
    events, mode, active = exposure.events, exposure.mode, active_events(exposure, refs)
    row = refs.xtractab.row(**mode.row_filter("WCA"))
    centre = float(row["B_SPEC"]) + float(row["SLOPE"]) * events.xfull.astype(np.float64)
    of_lamp = active & (np.abs(events.yfull - centre) < float(row["HEIGHT"]) / 4.0)
    shift2 = (events.ycorr - events.yfull)[of_lamp]
    if not len(shift2):
        shift2 = np.array([exposure.header.get("SHIFT2" + mode.letter, 0.0)], np.float32)
    found = exposure.require("shift_range")[0]
    exposure.shift_range = [ShiftRange(found.shift1_min, found.shift1_max, shift2.min(), shift2.max())]


def _flux_factor(exposure: Exposure, refs: References) -> np.ndarray:
    """Flux of a net rate of 1 count/s, float64, shape (spectra, columns); 0 without calibration.

    It comes out of the steps of the pipeline, which get a spectrum that is 1 everywhere.
    """
    spectrum = exposure.require("spectrum")
    if not exposure.performs("FLUXCORR"):
        return np.zeros(spectrum["NET"].shape)
    known = [
        sensitivity(refs.fluxtab, exposure.mode, str(segment), wavelength) > 0.0
        for segment, wavelength in zip(spectrum["SEGMENT"], spectrum["WAVELENGTH"], strict=True)
    ]
    exposure.spectrum = spectrum.copy()
    exposure.spectrum["NET"][:] = 1.0
    calibrate(exposure, refs, "fluxcorr", "tdscorr")
    factor = exposure.spectrum["FLUX"].astype(np.float64)
    exposure.spectrum = spectrum
    return np.where(known & np.isfinite(factor), factor, 0.0)


def _airglow(exposure: Exposure, refs: References, wavelength: np.ndarray) -> np.ndarray:
    """Image columns of a spectrum in which airglow may lie, bool."""
    column = np.arange(len(wavelength), dtype=np.float64)
    found = np.zeros(len(column), bool)
    if exposure.mode.is_fuv:
        for multiplet in MULTIPLETS:
            limits = airglow_limits(exposure.mode, refs, multiplet)
            if limits is not None:
                found |= (column >= limits[0]) & (column <= limits[1])
        return found
    # the second order of G230L reaches down to O I 1356
    margin = _NUV_MARGIN * np.abs(np.gradient(wavelength))
    for lines in MULTIPLETS.values():
        found |= (wavelength >= min(lines) - margin) & (wavelength <= max(lines) + margin)
    return found
