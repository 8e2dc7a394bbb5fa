"""TDSCORR: change of sensitivity with time. Specification 5, section 5.7.2; Data Handbook, 3.4.19."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.extract.flux import apply_time_dependence
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.step import step, with_flux


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    if headers.mode.is_spectroscopic and with_flux(headers):
        for spectrum in headers.mode.spectra:
            yield Need("TDSTAB", "TDSCORR", headers.mode.row_filter(segment=spectrum))


@step("TDSCORR", after=("x1dcorr",), when=with_flux, of_spectrum=True, files=("TDSTAB",), needs=_needs)
def tdscorr(exposure: Exposure, refs: References) -> str | None:
    """Divide flux and errors of ``exposure.spectrum`` by the sensitivity relative to the reference date.

    Comes between FLUXCORR and HELCORR. Becomes SKIPPED if the row of TDSTAB is a dummy.

    Raises
    ------
    MissingRowError
        If TDSTAB has no row for the mode.
    """
    refs.announce("TDSTAB")
    spectrum = exposure.require("spectrum")
    if not spectrum.n_rows:
        return exposure.switches["TDSCORR"]
    done = apply_time_dependence(spectrum, refs.tdstab, exposure.mode, exposure.root, exposure.corrections)
    return None if done else "SKIPPED"
