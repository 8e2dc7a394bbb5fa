"""HELCORR: heliocentric wavelengths. Specification 5, section 5.3; COS Data Handbook, section 3.4.18."""

from __future__ import annotations

from recos.data.exposure import Exposure
from recos.extract.flux import heliocentric
from recos.references import References
from recos.steps.heliocentric import heliocentric_velocity
from recos.steps.step import DONE_AGAIN, extracted, step


@step("HELCORR", after=("x1dcorr",), values=DONE_AGAIN, when=extracted, without_events=True, of_spectrum=True)
def helcorr(exposure: Exposure, refs: References) -> None:
    """Correct the wavelengths of ``exposure.spectrum`` for the velocity V_HELIO of the header.

    Comes after FLUXCORR and TDSCORR.
    """
    spectrum = exposure.require("spectrum")
    if spectrum.n_rows:
        if "V_HELIO" not in exposure.header:
            heliocentric_velocity(exposure, refs)
        heliocentric(spectrum, exposure.header["V_HELIO"])
