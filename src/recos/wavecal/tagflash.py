"""Wavelength calibration by lamp flashes during the exposure (TAGFLASH). Specification 4, section 9."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from recos.data.context import Context
from recos.data.exposure import Exposure, ShiftHistory
from recos.data.instrument import FUV_SHAPE, NUV_SHAPE
from recos.data.mode import Mode
from recos.kernels.times import second_grid, time_slice
from recos.messages import get_logger, warn
from recos.references import References, Row
from recos.wavecal import lamp, template
from recos.wavecal.cross_dispersion import CrossPosition, LampEvents, find_spectrum
from recos.wavecal.drift import Drift, correct_events, record_drift
from recos.wavecal.flash_spectrum import BackgroundMask, FlashSpectrum, extract_flash
from recos.wavecal.flash_times import Flash, find_flashes, log_flashes
from recos.wavecal.flashes import FlashRow, LampFlashes
from recos.wavecal.lamp_keywords import set_lamp_used
from recos.wavecal.static_mask import background_mask
from recos.wavecal.stripes import LampSpectrum, match_spectra

logger = get_logger(__name__)

_HEADING = (
    "  segment    cross-disp           dispersion direction",
    "            shift (locn)      shift err  [orig.]    FP   chi sq (n)",
    "  -------   -------------     -------------------------  ----------",
)
_DUMMY = Flash(0.0, 1.0, 0.5)
"""Stands for a flash of an exposure without any, when the user gives its shift."""


def calibrate_by_flashes(exposure: Exposure, refs: References, context: Context) -> str:
    """Measure the displacement of the lamp spectrum in every flash, and remove it from the events.

    Sets XFULL, YFULL, ``exposure.flashes``, ``exposure.shift_history`` and the keywords of the measurements.

    Returns
    -------
    str
        The value of WAVECORR: COMPLETE, or SKIPPED if no flash was found.

    Raises
    ------
    InputError
        If the header does not tell when the lamp was on.
    MissingRowError, ReferenceFileError
        If the reference files do not cover the mode.
    """
    flashes = find_flashes(exposure, refs)
    lamp_on = bool(flashes)
    if not flashes and user_gives_shift(exposure, context):
        flashes = [_DUMMY]
    if not flashes:
        return without_flash(exposure, refs)
    measurement = _Measurement(exposure, refs, context)
    log_flashes(flashes)
    for line in _HEADING:
        logger.info(line)
    for number, flash in enumerate(flashes, start=1):
        lamp_on |= measurement.add(number, flash)
    drift = measurement.drift()
    finish(exposure, refs, measurement.table, drift)
    for header in (exposure.header, measurement.table.header):
        for segment, matches in measurement.matches.items():
            _write_statistics(header, segment[-1], matches)
    if exposure.performs("STATFLAG"):
        measurement.table.write_statistics()
    if not lamp_on:
        warn(logger, "The wavecal lamp was not on for tagflash data.")
    set_lamp_used(lamp_on, exposure.primary, measurement.table.primary)
    return "COMPLETE"


def user_gives_shift(exposure: Exposure, context: Context) -> bool:
    """Whether the shift file has a line for the exposure."""
    shifts = context.user_shifts
    return shifts is not None and shifts.applies_to(exposure.root, exposure.mode.fpoffset)


def user_shift1(exposure: Exposure, context: Context, number: int, segment: str) -> float | None:
    """The shift of a segment or stripe in a flash that the user gives, pixels; None if not specified."""
    if context.user_shifts is None:
        return None
    return context.user_shifts.lookup(exposure.root, exposure.mode.fpoffset, number, segment).shift1


def finish(exposure: Exposure, refs: References, flashes: LampFlashes, drift: Drift | None) -> None:
    """Correct the events; write averages to both headers. Specification 4, sections 9.7 and 9.8."""
    dpixel1 = dict.fromkeys(exposure.mode.spectra, 0.0)
    if drift is not None:
        dpixel1 = correct_events(exposure, refs, drift)
    shift1, shift2 = record_drift(exposure, drift)
    for segment in exposure.mode.spectra:
        letter = segment[-1]
        for header in (exposure.header, flashes.header):
            header["SHIFT1" + letter] = round(shift1[segment], 4)
            header["SHIFT2" + letter] = round(shift2, 4)
            header["DPIXEL1" + letter] = round(dpixel1[segment], 4)
    exposure.flashes = flashes


def without_flash(exposure: Exposure, refs: References) -> str:
    """Leave the events as they are, because no lamp flash was found: WAVECORR is SKIPPED."""
    warn(logger, "No lamp flash was found.")
    exposure.flashes = LampFlashes.for_exposure(exposure)
    for primary in (exposure.primary, exposure.flashes.primary):
        primary["LAMPUSED"] = "NONE"
    exposure.shift_history = ShiftHistory(second_grid(None, None))
    # QUIRK (specification 4, section 9.1): not even the displacement of the FPOFFSET is removed
    if "default-shift" in exposure.corrections and exposure.mode.is_spectroscopic:
        mode = exposure.mode
        default = {s: np.array([lamp.default_shift(refs, mode, s)]) for s in mode.spectra}
        finish(exposure, refs, exposure.flashes, Drift(np.zeros(1), default, np.zeros(1)))
    return "SKIPPED"


def _write_statistics(header: fits.Header, letter: str, matches: list[template.Match]) -> None:
    ndf = sum(match.ndf + 1 for match in matches) - 1
    header["CHI_SQ_" + letter] = round(sum(match.chi_square for match in matches), 1)
    header["NDF_" + letter] = ndf


class _Measurement:
    """The flashes of one exposure as they are measured one after the other."""

    def __init__(self, exposure: Exposure, refs: References, context: Context) -> None:
        mode = exposure.mode
        self.exposure, self.refs, self.context, self.mode = exposure, refs, context, mode
        self.search = lamp.search_parameters(refs, mode.opt_elem, mode.fpoffset, exposure.corrections)
        self.rows = {s: lamp.extraction_row(refs, mode, s) for s in mode.spectra}
        self.templates = {s: lamp.find_template(refs, mode, s).embedded(mode) for s in mode.spectra}
        self.dispersions = {s: lamp.dispersion(refs, mode, s) for s in mode.spectra}
        self.mask: BackgroundMask | None = None
        if exposure.performs("BACKCORR"):
            self.mask = background_mask(exposure, refs)
        self.table = LampFlashes.for_exposure(exposure)
        self.matches: dict[str, list[template.Match]] = {s: [] for s in mode.spectra}
        self.shift2: list[float] = []
        self.times: list[float] = []

    def add(self, number: int, flash: Flash) -> bool:
        """Measure one flash; True if the lamp was on."""
        events, mode = self._events(flash), self.mode
        position = find_spectrum(events, self.refs, mode, self.search)
        spectra = {
            segment: extract_flash(events, row, position.applied, mode.image_shape, mode.x_offset, self.mask)
            for segment, row in self.rows.items()
        }
        matches = self._match(number, position, spectra)
        self.shift2.append(position.applied)
        self.times.append(flash.median)
        for segment, match in matches.items():
            self.matches[segment].append(match)
            self.table.rows.append(self._row(flash, segment, position, spectra[segment], match))
            _write_location(self.table.header, mode, segment, self.rows[segment], position.applied)
            logger.info(_table_line(number, segment, position, match))
        return position.lamp_on

    def _match(
        self, number: int, position: CrossPosition, spectra: dict[str, FlashSpectrum]
    ) -> dict[str, template.Match]:
        """Compare the spectra with their templates; shifts that the user gives replace the measured ones."""
        user = {segment: user_shift1(self.exposure, self.context, number, segment) for segment in spectra}
        lamps = {
            segment: LampSpectrum(
                spectra[segment].gross,
                self.templates[segment],
                position.shifts[segment] is not None or user[segment] is not None,
            )
            for segment in spectra
        }
        return match_spectra(lamps, user, self.search, self.mode)

    def drift(self) -> Drift:
        """The displacements of all flashes; with the correction, of those in which the lamp was found, if any."""
        use = [True] * len(self.times)
        if "lamp-not-found" in self.exposure.corrections:
            found = [
                any(match.found for match in flash) for flash in zip(*self.matches.values(), strict=True)
            ]
            use = found if any(found) else use
        shift1 = {s: np.array([match.total for match in matches])[use] for s, matches in self.matches.items()}
        return Drift(np.array(self.times)[use], shift1, np.array(self.shift2)[use])

    def _events(self, flash: Flash) -> LampEvents:
        events = self.exposure.events
        limits = time_slice(events.time, flash.on, flash.off) if len(events) else None
        part = slice(*(limits or (0, 0)))
        return LampEvents(events.xdopp[part], events.ycorr[part], events.dq[part], events.epsilon[part])

    def _row(
        self,
        flash: Flash,
        segment: str,
        position: CrossPosition,
        spectrum: FlashSpectrum,
        match: template.Match,
    ) -> FlashRow:
        seconds = flash.duration if flash.duration > 0.0 else 1.0
        pixel = np.arange(self.table.n) - match.total - self.mode.x_offset
        return FlashRow(
            segment=segment,
            time=flash.median,
            exptime=flash.duration,
            lamp_on=flash.on,
            lamp_off=flash.off,
            wavelength=self.dispersions[segment].wavelength(pixel),
            net=(spectrum.net / seconds).astype(np.float32),
            gross=(spectrum.gross / seconds).astype(np.float32),
            background=(spectrum.background / seconds).astype(np.float32),
            shift_disp=match.total,
            shift_xdisp=position.shifts[segment] or 0.0,
            spec_found=match.found,
            chi_square=match.chi_square,
            n_deg_freedom=int(match.ndf),
        )


def _write_location(header: fits.Header, mode: Mode, segment: str, row: Row, shift2: float) -> None:
    """Where the spectrum was extracted, at mid-detector; the last flash decides."""
    slope, letter = float(row["SLOPE"]), segment[-1]
    middle_of_image = mode.image_shape[1] // 2 - mode.x_offset
    middle = (FUV_SHAPE if mode.is_fuv else NUV_SHAPE)[1] / 2
    header["SP_LOC_" + letter] = header["SP_NOM_" + letter] = (
        float(row["B_SPEC"]) + shift2 + slope * middle_of_image
    )
    header["SP_ERR_" + letter] = 999.0
    if not mode.is_fuv:
        # QUIRK (specification 4, section 9.4): the error of another stripe is reset
        header["SP_ERR_" + ("B" if letter == "A" else "A")] = -999.0
    header["SP_OFF_" + letter] = -999.0
    header["SP_SLP_" + letter] = slope
    header["SP_HGT_" + letter] = int(row["HEIGHT"])
    for i, height in enumerate(lamp.background_heights(row), start=1):
        header[f"B_BKG{i}_{letter}"] = float(row[f"B_BKG{i}"]) + shift2 + slope * middle
        header[f"B_HGT{i}_{letter}"] = height


def _table_line(number: int, segment: str, position: CrossPosition, match: template.Match) -> str:
    shift2 = position.shifts[segment]
    line = f"{number:2d} {segment:>4s} " + ("     ----" if shift2 is None else f"{shift2:9.1f}")
    line += f" ({position.locations[segment]:5.1f}) "
    line += f"{match.total:9.1f} {match.scatter:4.2f} [{match.measured:5.1f}]"
    line += "        " if shift2 is None else f" {match.fp_pixel_shift:6.1f}  "
    line += f"{match.chi_square:6.1f} ({int(match.ndf)})"
    if shift2 is None:
        line += "  # not found in XD"
    elif not match.found:
        line += "  # not found"
    return line + ("  # user-specified" if match.user_specified else "")
