"""Where XTRACTAB says that spectra lie, and the rows between them. Specification 3, section 2.3."""

from __future__ import annotations

from recos import instrument
from recos.mode import Mode
from recos.references.collection import References


def spectrum_location(refs: References, mode: Mode, aperture: str) -> float:
    """Row of the spectrum of an aperture in the middle of the detector.

    Raises
    ------
    MissingRowError
        If XTRACTAB has no row for the mode and the aperture.
    """
    row = refs.xtractab.row(**mode.row_filter(aperture))
    width = (instrument.FUV_SHAPE if mode.is_fuv else instrument.NUV_SHAPE)[1]
    return float(row["B_SPEC"]) + float(row["SLOPE"]) * (width / 2.0)


def _row_between(refs: References, mode: Mode, aperture: str) -> int:
    return round((spectrum_location(refs, mode, aperture) + spectrum_location(refs, mode, "WCA")) / 2.0)


def doppler_boundary(refs: References, mode: Mode) -> int:
    """First row above the light of the sky, which the orbital motion shifts; there lies the lamp (FUV)."""
    return _row_between(refs, mode, "BOA" if mode.aperture == "BOA" else "PSA")


def wavelength_boundary(refs: References, mode: Mode) -> int:
    """First row that has the wavelengths of the lamp spectrum (FUV); PSA counts, also for BOA data."""
    return _row_between(refs, mode, "PSA")
