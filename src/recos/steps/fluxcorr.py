"""FLUXCORR: from count rate to flux. Specification 5, section 5.7.1; COS Data Handbook, section 3.4.19."""

from __future__ import annotations

from recos.data.exposure import Exposure, step
from recos.extract.flux import apply_sensitivity
from recos.references import References


@step("FLUXCORR", of_spectrum=True)
def fluxcorr(exposure: Exposure, refs: References) -> str | None:
    """Fill the column FLUX of ``exposure.spectrum`` and convert its errors, erg/s/cm2/Angstrom.

    Comes before HELCORR: sensitivities are looked up at wavelengths in the frame of the telescope.

    Raises
    ------
    MissingRowError
        If FLUXTAB has no row for the mode.
    """
    refs.announce("FLUXTAB")
    spectrum = exposure.require("spectrum", "x1dcorr")
    if not spectrum.n_rows:
        return exposure.switches["FLUXCORR"]
    apply_sensitivity(spectrum, refs.fluxtab, exposure.mode, exposure.root, exposure.corrections)
    return None
