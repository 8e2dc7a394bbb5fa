"""FLUXCORR: from count rate to flux. Specification 5, section 5.7.1; COS Data Handbook, section 3.4.19."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.extract.flux import apply_sensitivity
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step, with_flux


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    if headers.mode.is_spectroscopic and with_flux(headers):
        for spectrum in headers.mode.spectra:
            yield Need(
                "FLUXTAB",
                "FLUXCORR",
                headers.mode.row_filter(segment=spectrum),
                {"fpoffset": headers.mode.fpoffset},
            )


@step("FLUXCORR", after=("x1dcorr",), when=with_flux, of_spectrum=True, files=("FLUXTAB",), needs=_needs)
def fluxcorr(exposure: Exposure, refs: References) -> str | None:
    """Fill the column FLUX of ``exposure.spectrum`` and convert its errors, erg/s/cm2/Angstrom.

    Comes before HELCORR: sensitivities are looked up at wavelengths in the frame of the telescope.

    Raises
    ------
    MissingRowError
        If FLUXTAB has no row for the mode.
    """
    refs.announce("FLUXTAB")
    spectrum = exposure.require("spectrum")
    if not spectrum.n_rows:
        return exposure.switches["FLUXCORR"]
    apply_sensitivity(spectrum, refs.fluxtab, exposure.mode, exposure.root, exposure.corrections)
    return None
