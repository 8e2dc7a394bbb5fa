"""A segment in which the lamp shows no lines takes the measurements of the other one.

Specification 4, section 9.9.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.messages import get_logger, notice, warn
from recos.references import References
from recos.wavecal import lamp
from recos.wavecal.drift import Drift
from recos.wavecal.flashes import FlashRow, LampFlashes
from recos.wavecal.tagflash import finish, user_shift1

logger = get_logger(__name__)

_HEADING = (
    "  segment    cross-disp        dispersion direction",
    "            shift (locn)      shift  [orig.]  chi sq (n)",
    "  -------   -------------     --------------------------",
)


def calibrate_without_lines(exposure: Exposure, refs: References, context: Context) -> str:
    """Correct a segment without lamp lines by ``context.partner_flashes``, else by the default.

    Sets XFULL, YFULL, ``exposure.flashes``, ``exposure.shift_history`` and the keywords.

    Returns
    -------
    str
        The value of WAVECORR: COMPLETE, or SKIPPED if the shift is neither measured nor given by the user.
    """
    if context.partner_flashes is None or exposure.mode.segment != "FUVB":
        return _by_default(exposure, refs, context)
    return _by_partner(exposure, refs, context, context.partner_flashes)


def _by_partner(exposure: Exposure, refs: References, context: Context, partner: LampFlashes) -> str:
    notice(logger, "Info:  No wavecal signal for FUVB,  so info will be copied from FUVA.")
    rows = [replace(row, segment="FUVB", spec_found=False) for row in partner.rows]
    table = LampFlashes(copy_header(partner.primary), copy_header(partner.header), partner.n, rows)
    table.primary["SEGMENT"] = "FUVB"
    table.primary["FILENAME"] = LampFlashes.for_exposure(exposure).primary["FILENAME"]
    exposure.primary["LAMPUSED"] = table.primary.get("LAMPUSED", "NONE")
    _copy_flash_times(exposure, partner)
    if not rows:
        warn(logger, "No data in lampflash table.")
        _finish(exposure, refs, table, None)
        return "SKIPPED"
    # QUIRK (specification 4, section 9.9): spectra, wavelengths and chi-squares stay those of FUVA
    measured = partner.column("SHIFT_DISP").astype(np.float64)
    shift1, shift2 = measured.copy(), partner.column("SHIFT_XDISP").astype(np.float64)
    known = partner.column("SPEC_FOUND")
    for line in _HEADING:
        logger.info(line)
    for i, row in enumerate(partner.rows):
        user = user_shift1(exposure, context, i + 1, "FUVB")
        if user is not None:
            shift1[i], known[i] = user, True
        note = "user-specified" if user is not None else "based on FUVA value"
        if user is None and not row.spec_found:
            note = "not found in FUVA"
        logger.info(
            "%2d %4s %9.1f (-999) %9.1f [%5.1f]  %6.1f (%d)  # %s",
            *(i + 1, "FUVB", shift2[i], shift1[i], measured[i], 0.0, 0, note),
        )
    if "segment-without-lines" in exposure.corrections:
        table.rows = [
            _without_spectrum(row, shift, _wavelength(exposure, refs, table.n, shift))
            for row, shift in zip(rows, shift1.tolist(), strict=True)
        ]
    if not ("lamp-not-found" in exposure.corrections and known.any()):
        known[:] = True
    drift = Drift(partner.column("TIME")[known], {"FUVB": shift1[known]}, shift2[known])
    _finish(exposure, refs, table, drift)
    return "COMPLETE"


def _wavelength(exposure: Exposure, refs: References, n: int, shift1: float) -> np.ndarray:
    """Wavelengths of a lamp spectrum of `n` pixels that is displaced by `shift1`.

    QUIRK (specification 4, section 9.9): the shift is not taken into account.
    """
    relation = lamp.dispersion(refs, exposure.mode, exposure.mode.segment)
    return relation.wavelength(np.arange(n) - shift1 * ("segment-without-lines" in exposure.corrections))


def _without_spectrum(row: FlashRow, shift1: float, wavelength: np.ndarray) -> FlashRow:
    """A row of another segment: its times, but not its spectrum."""
    zeros = np.zeros_like(row.gross)
    return replace(
        row, wavelength=wavelength, net=zeros, gross=zeros, background=zeros,
        shift_disp=shift1, chi_square=0.0, n_deg_freedom=0,
    )  # fmt: skip


def _copy_flash_times(exposure: Exposure, partner: LampFlashes) -> None:
    """The times of the flashes are those that were found in segment A."""
    exposure.header["NUMFLASH"] = partner.header.get("NUMFLASH", len(partner.rows))
    number = 1
    while f"LMP_ON{number}" in exposure.header:
        for word in ("LMP_ON", "LMPOFF", "LMPDUR", "LMPMED"):
            if f"{word}{number}" in partner.header:
                exposure.header[f"{word}{number}"] = partner.header[f"{word}{number}"]
        number += 1


def _by_default(exposure: Exposure, refs: References, context: Context) -> str:
    mode = exposure.mode
    notice(
        logger,
        f"Info:  No wavecal signal for {mode.segment}, and no lamp flashes of FUVA,\n"
        "    so wavecal shifts will be set to the default.",
    )
    default = lamp.default_shift(refs, mode, mode.segment)
    user = user_shift1(exposure, context, 1, mode.segment)
    shift1 = default if user is None else user
    note = "user-specified" if user is not None else "set to 0" if shift1 == 0.0 else "set to default"
    logger.info(
        "%2d %4s %9.1f (-9999) %9.1f 0.00 [  0.0] %6.1f     0.0 (0)  # %s",
        *(1, mode.segment, 0.0, shift1, default, note),
    )
    table = LampFlashes.for_exposure(exposure)
    zeros = np.zeros(table.n, np.float32)
    wavelength = _wavelength(exposure, refs, table.n, shift1)
    table.rows.append(
        FlashRow(
            *(mode.segment, 0.0, 0.0, 0.0, 0.0, wavelength, zeros, zeros, zeros),
            *(shift1, 0.0, False, 0.0, 0),
        )
    )
    _finish(exposure, refs, table, Drift(np.zeros(1), {mode.segment: np.array([shift1])}, np.zeros(1)))
    return "SKIPPED" if user is None else "COMPLETE"


def _finish(exposure: Exposure, refs: References, table: LampFlashes, drift: Drift | None) -> None:
    finish(exposure, refs, table, drift)
    for header in (exposure.header, table.header):
        header["CHI_SQ_" + exposure.mode.letter] = 0.0
        header["NDF_" + exposure.mode.letter] = 0
