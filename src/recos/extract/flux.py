"""From count rates to flux: sensitivity and its change with time. Specification 5, section 5.7."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from recos.data.instrument import DQ, SPEED_OF_LIGHT
from recos.data.mode import Mode
from recos.data.spectrum import Spectrum
from recos.errors import ReferenceFileError
from recos.extract.boxes import interpolate
from recos.messages import get_logger, warn
from recos.references import ReferenceTable, Row

logger = get_logger(__name__)

_DAYS_PER_YEAR = 365.25
_SCALED = ("FLUX", "ERROR", "ERROR_LOWER")


def apply_sensitivity(
    spectrum: Spectrum,
    table: ReferenceTable,
    mode: Mode,
    name: str,
    corrections: frozenset[str] = frozenset(),
) -> None:
    """Fill FLUX from NET, and make ERROR and ERROR_LOWER errors of the flux.

    Parameters
    ----------
    spectrum : Spectrum
        With wavelengths that are not heliocentric. Changed in place.
    table : ReferenceTable
        FLUXTAB.
    mode : Mode
    name : str
        Of the exposure, for messages.
    corrections : frozenset of str
        Named corrections that are switched on.

    Raises
    ------
    MissingRowError
        If the table has no row for the mode.
    """
    marks = "unknown-sensitivity" in corrections
    for i, segment in enumerate(spectrum["SEGMENT"]):
        check_pulse_heights(spectrum, table, str(segment), name)
        factor = sensitivity(table, mode, str(segment), spectrum["WAVELENGTH"][i], 0.0 if marks else None)
        # QUIRK (specification 5, section 5.7.1): without sensitivity the "flux" is the count rate.
        unknown = factor <= 0.0
        factor[unknown] = np.nan if marks else 1.0
        if marks:
            _mark_unknown(spectrum, i, unknown)
        spectrum["FLUX"][i] = spectrum["NET"][i] / factor
        spectrum["ERROR"][i] /= factor
        spectrum["ERROR_LOWER"][i] /= factor


def _mark_unknown(spectrum: Spectrum, i: int, unknown: np.ndarray) -> None:
    """Take the weight from pixels whose flux is unknown, and flag them."""
    spectrum["DQ_WGT"][i, unknown] = 0.0
    for column in ("DQ", "DQ_OUTER"):
        spectrum[column][i, unknown] |= np.int16(DQ.POORLY_CALIBRATED)


def sensitivity(
    table: ReferenceTable, mode: Mode, segment: str, wavelength: np.ndarray, beyond: float | None = None
) -> np.ndarray:
    """Sensitivity at some wavelengths, (count/s) / (erg/s/cm2/Angstrom), float32.

    Parameters
    ----------
    table : ReferenceTable
        FLUXTAB.
    mode : Mode
    segment : str
        Segment or stripe.
    wavelength : ndarray of float64
        Angstrom, not heliocentric.
    beyond : float, optional
        Sensitivity beyond the table; None: that at its end.

    Raises
    ------
    MissingRowError
        If the table has no row for the mode.
    ReferenceFileError
        If the sizes of the arrays contradict each other.
    """
    criteria = mode.row_filter(segment=segment)
    if "FPOFFSET" in table:
        criteria["fpoffset"] = mode.fpoffset
    row = table.row(**criteria)
    known, values = row["WAVELENGTH"], row["SENSITIVITY"]
    if known.shape != values.shape:
        raise ReferenceFileError(
            f"{table.path} ({table.keyword}): {known.size} values of WAVELENGTH, but {values.size} of SENSITIVITY. "
            f"Use another {table.keyword}."
        )
    return interpolate(known, values, wavelength, beyond)


def apply_time_dependence(
    spectrum: Spectrum,
    table: ReferenceTable,
    mode: Mode,
    name: str,
    corrections: frozenset[str] = frozenset(),
) -> bool:
    """Divide flux and errors by the sensitivity relative to that of the reference date.

    Parameters
    ----------
    spectrum, mode, name, corrections
        As for :func:`apply_sensitivity`.
    table : ReferenceTable
        TDSTAB.

    Returns
    -------
    bool
        False if nothing was done because a row of the table is a dummy.

    Raises
    ------
    MissingRowError
        If the table has no row for the mode.
    """
    rows = []
    for segment in spectrum["SEGMENT"]:
        check_pulse_heights(spectrum, table, str(segment), name)
        criteria = mode.row_filter() | {"segment": str(segment)}
        rows.append(table.row(**criteria))
        if "PEDIGREE" in table and rows[-1]["PEDIGREE"] == "DUMMY":
            lines = [f"for filter = {criteria}", "so TDSTAB will not be done."]
            warn(logger, f"Current row in TDSTAB {table.path} is dummy", *lines, level=logging.INFO)
            return False
    reference_time = _reference_time(table)
    extrapolated = False
    for i, row in enumerate(rows):
        wavelength, factor, outside = relative_sensitivity(row, mode.mid_time, reference_time)
        extrapolated |= outside
        at_pixels = interpolate(wavelength, factor, spectrum["WAVELENGTH"][i])
        if "unknown-sensitivity" in corrections:
            _mark_unknown(spectrum, i, at_pixels <= 0.0)
            at_pixels[at_pixels <= 0.0] = np.nan
        for column in _SCALED:
            spectrum[column][i] /= at_pixels
    if extrapolated:
        warn(logger, "TDS correction was extrapolated.")
    return True


def relative_sensitivity(row: Row, time: float, reference_time: float) -> tuple[np.ndarray, np.ndarray, bool]:
    """Sensitivity at a time relative to the reference time, from one row of TDSTAB.

    Parameters
    ----------
    row : Row
    time, reference_time : float
        MJD.

    Returns
    -------
    wavelength, factor : ndarray
    extrapolated : bool
        The time is outside the intervals of the table.

    Raises
    ------
    ReferenceFileError
        If the sizes of the arrays contradict each other.
    """
    nt, nwl = int(row["NT"]), int(row["NWL"])
    times = row["TIME"]
    shape = (len(times), len(row["WAVELENGTH"]))
    values = [row["SLOPE"], row["INTERCEPT"]]
    if not (1 <= nt <= shape[0] and 1 <= nwl <= shape[1]) or any(
        v.size != shape[0] * shape[1] for v in values
    ):
        raise ReferenceFileError(
            f"TDSTAB: NT = {nt} and NWL = {nwl} do not fit arrays of {shape[0]} times, {shape[1]} wavelengths, "
            f"{values[0].size} values of SLOPE and {values[1].size} of INTERCEPT. Use another TDSTAB."
        )
    slope, intercept = (v.reshape(shape) for v in values)
    beyond = nt == 1 or time >= times[nt - 1]
    k = nt - 1 if beyond else int(np.argmax(time < times[1:nt]))
    factor = (time - reference_time) / _DAYS_PER_YEAR * slope[k, :nwl] / 100.0 + intercept[k, :nwl]
    return row["WAVELENGTH"][:nwl], factor, bool(time < times[0] or time >= times[nt - 1])


def _reference_time(table: ReferenceTable) -> float:
    if "REF_TIME" in table.header:
        return float(table.header["REF_TIME"])
    warn(
        logger,
        "REF_TIME keyword missing from TDSTAB data extension header",
        "Setting to 0, will probably make fluxes negative",
    )
    return 0.0


def check_pulse_heights(spectrum: Spectrum, table: ReferenceTable, segment: str, name: str) -> None:
    """Warn if a reference table was made for other pulse heights than those of the data. FUV only."""
    if not segment.startswith("FUV"):
        return
    letter = segment[-1]
    used: list[Any] = [spectrum.header.get(root + letter) for root in ("PHALOWR", "PHAUPPR")]
    meant = table.primary.get("PHARANGE")
    if meant is None or any(limit is None or limit < 0 for limit in used):
        return
    try:
        low, high = (int(part) for part in str(meant).split("_"))
    except ValueError:
        warn(logger, f"Can't compare pulse height ranges for {name}; PHARANGE = {meant}")
        return
    if (low, high) != (int(used[0]), int(used[1])):
        warn(
            logger,
            f"Pulse height ranges for {name} don't agree:",
            f"PHATAB limits are {int(used[0])} to {int(used[1])}, but PHARANGE limits are {low} to {high}",
        )


def heliocentric(spectrum: Spectrum, velocity: float) -> None:
    """Correct the wavelengths for the radial velocity of the Earth. Specification 5, section 5.3.

    Parameters
    ----------
    spectrum : Spectrum
        Changed in place.
    velocity : float
        Keyword V_HELIO, km/s.
    """
    wavelength = spectrum["WAVELENGTH"]
    wavelength += wavelength * (-velocity) / SPEED_OF_LIGHT
