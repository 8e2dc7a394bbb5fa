"""Wavelength-calibration exposures: the lamp spectrum is the exposure itself. Specification 4, section 10."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from recos.data.exposure import Exposure
from recos.io.shift_file import ShiftFile
from recos.messages import get_logger, warn
from recos.references import References
from recos.wavecal import lamp, template
from recos.wavecal.cross_dispersion import LampEvents, find_spectrum
from recos.wavecal.lamp_keywords import set_lamp_used
from recos.wavecal.records import WavecalRecord
from recos.wavecal.stripes import LampSpectrum, match_spectra

logger = get_logger(__name__)

_HEADING = (
    "segment   shift    err  [orig.]    FP   chi sq (n)",
    "-------  --------- ---- ------- ------  ----------",
)


_NOT_FOUND = "  # not found"
_BASED_ON_A = "  # based on FUVA value"


class SpectrumRows(Protocol):
    """Extracted spectra: columns SEGMENT and EXPTIME (s), shape (m,), and GROSS (count/s), shape (m, n)."""

    def __getitem__(self, name: str) -> np.ndarray: ...


def find_wavecal(exposure: Exposure, refs: References) -> None:
    """Find the lamp spectra of a wavecal across the dispersion: keywords SHIFT2A, …, and LAMPUSED.

    Raises
    ------
    MissingRowError
        If WCPTAB or XTRACTAB does not cover the mode.
    """
    mode, events = exposure.mode, exposure.events
    search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset, exposure.corrections)
    found = find_spectrum(
        LampEvents(events.xcorr, events.ycorr, events.dq, events.epsilon), refs, mode, search
    )
    logger.info("Shift (location) in cross-dispersion direction:")
    for segment, value in found.shifts.items():
        shift = "   ----" if value is None else f" {value:6.1f}"
        note = "  # not found in XD" if value is None else ""
        logger.info("%4s %s (%5.1f)%s", segment, shift, found.locations[segment], note)
    logger.info("  avg %6.1f", found.applied)
    if len(events) and not found.lamp_on:
        warn(logger, "The wavecal lamp was off for a wavecal!")
    for segment in mode.spectra:
        exposure.header["SHIFT2" + segment[-1]] = round(found.applied, 4)
    set_lamp_used(found.lamp_on, exposure.primary)


def measure_wavecal(
    spectra: Sequence[SpectrumRows],
    exposures: Sequence[Exposure],
    refs: References,
    user_shifts: ShiftFile | None = None,
) -> WavecalRecord | None:
    """Measure the displacement in the dispersion direction of the segments of a wavecal.

    Parameters
    ----------
    spectra : sequence of SpectrumRows
        Extracted spectra of the segments.
    exposures : sequence of Exposure
        The segments, after :func:`find_wavecal`, the first segment first.
    refs : References
    user_shifts : ShiftFile, optional

    Returns
    -------
    WavecalRecord or None
        None if there is no spectrum. The shift1 values are not rounded.

    Raises
    ------
    MissingRowError
        If LAMPTAB or WCPTAB does not cover the mode.
    """
    counts = _counts(spectra)
    if not counts:
        return None
    first = exposures[0]
    refs.announce("WCPTAB", "LAMPTAB", "XTRACTAB")
    logger.info("Input     %s", first.root)
    for line in _HEADING:
        logger.info(line)
    shift2 = {
        segment: float(e.header.get("SHIFT2" + segment[-1], 0.0))
        for e in exposures
        for segment in e.mode.spectra
    }
    user = dict.fromkeys(counts)
    if user_shifts is not None:
        for segment in counts:
            user[segment] = user_shifts.lookup(first.root, first.mode.fpoffset, None, segment).shift1
    # QUIRK (specification 4, section 10.3): a value for FUVA does not pass to an FUVB without lines
    early = user if "segment-without-lines" in first.corrections else {}
    matches = _match(counts, early, first, refs)
    notes = dict.fromkeys(counts, "")
    if "FUVB" in counts and not lamp.has_lines(refs, first.mode, "FUVB"):
        notes["FUVB"] = _without_lines(matches, counts, refs, first)
        shift2["FUVB"] = shift2.get("FUVA", 0.0) if "FUVA" in counts else 0.0
    values: dict[str, Any] = {}
    for segment in counts:
        total = user[segment]
        if total is not None:
            pattern = lamp.find_template(refs, first.mode, segment).embedded(first.mode).spectrum
            matches[segment] = template.override(matches[segment], counts[segment], pattern, total)
            notes[segment] = "  # user-specified"
        match = matches[segment]
        if not match.found and not notes[segment]:
            notes[segment] = _NOT_FOUND
        logger.info(
            " %4s    %9.4f %4.2f [%5.1f] %6.1f  %6.1f (%d)%s",
            *(segment, match.total, match.scatter, match.measured, match.fp_pixel_shift),
            *(match.chi_square, match.ndf, notes[segment]),
        )
        x = segment[-1].lower()
        values["shift2" + x], values["dpixel1" + x] = shift2.get(segment, 0.0), 0.0
        values["shift1" + x] = match.total
        values["chi_sq_" + x], values["ndf_" + x] = round(match.chi_square, 1), match.ndf
    lost = [segment for segment, note in notes.items() if note == _NOT_FOUND]
    if lost:
        _warn_of_lost(first, {segment: matches[segment].total for segment in lost})
    if "FUVA" in lost and notes.get("FUVB") == _BASED_ON_A:
        lost.append("FUVB")
    return _record(first, values, counts, frozenset(lost), refs)


def _warn_of_lost(exposure: Exposure, shifts: dict[str, float]) -> None:
    """Warn of segments or stripes in which no line was found, and of the shifts that stand for them."""
    names = ", ".join(shifts)
    applied = ", ".join(f"{shift:.1f} ({segment})" for segment, shift in shifts.items())
    consequence = (
        f"Shifts of {applied} pixels count as measured nevertheless, also for the science exposures of this wavecal: "
        "do not trust their wavelengths."
    )
    if "lamp-not-found" in exposure.corrections:
        consequence = "Science exposures do without this wavecal there."
    warn(logger, f"{exposure.path.name}: no lamp lines were found in {names}. {consequence}")


def finish_wavecal(exposure: Exposure, record: WavecalRecord) -> None:
    """Write what was measured to the header of one segment of the wavecal; WAVECORR is then COMPLETE."""
    record.write(exposure.header)
    exposure.mark("WAVECORR")


def _counts(spectra: Sequence[SpectrumRows]) -> dict[str, np.ndarray]:
    """Counts of each segment, float64, in order of the segments."""
    counts = {}
    for spectrum in spectra:
        for segment, gross, exptime in zip(
            spectrum["SEGMENT"], spectrum["GROSS"], spectrum["EXPTIME"], strict=True
        ):
            counts[str(segment).strip()] = gross.astype(np.float64) * np.float64(exptime)
    return dict(sorted(counts.items()))


def _match(
    counts: dict[str, np.ndarray], user: Mapping[str, float | None], exposure: Exposure, refs: References
) -> dict[str, template.Match]:
    mode = exposure.mode
    search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset, exposure.corrections)
    lamps = {
        segment: LampSpectrum(spectrum, lamp.find_template(refs, mode, segment).embedded(mode))
        for segment, spectrum in counts.items()
    }
    return match_spectra(lamps, user, search, mode)


def _without_lines(
    matches: dict[str, template.Match], counts: dict[str, np.ndarray], refs: References, exposure: Exposure
) -> str:
    """Give FUVB, where the lamp has no lines, the displacement of FUVA or the default; note for the log."""
    pattern = lamp.find_template(refs, exposure.mode, "FUVB").spectrum
    if "FUVA" in matches:
        total = matches["FUVA"].total
        matches["FUVB"] = template.override(matches["FUVB"], counts["FUVB"], pattern, total)
        return _BASED_ON_A
    # QUIRK (specification 4, section 10.3): the statistics are those at minus the shift of the FPOFFSET
    match = template.override(matches["FUVB"], counts["FUVB"], pattern, 0.0)
    matches["FUVB"] = replace(match, shift=0.0)
    return "  # set to default (no FUVA)"


def _record(
    exposure: Exposure,
    values: dict[str, float],
    segments: Iterable[str],
    not_found: frozenset[str],
    refs: References,
) -> WavecalRecord:
    mode = exposure.mode
    shifts: dict[tuple[str, int], float] = {}
    for segment in segments:
        shifts |= lamp.fp_shifts(refs, mode, segment)
    return WavecalRecord(
        time=mode.mid_time,
        cenwave=mode.cenwave,
        fpoffset=mode.fpoffset,
        values=values,
        fp_shifts=shifts,
        rootname=exposure.root,
        filename=exposure.path.name,
        expstart=mode.expstart,
        not_found=not_found,
    )
