"""Wavelengths of image columns. Specification 5, sections 5.2 (step 3) and 5.10.1."""

from __future__ import annotations

from typing import Any

import numpy as np

from recos.data.spectrum import Spectrum
from recos.errors import MissingRowError
from recos.extract.keywords import write_wavelength_range
from recos.references import Dispersion, References


def find_dispersion(refs: References, fpoffset: int, **criteria: Any) -> Dispersion:
    """The dispersion relation of a mode.

    Raises
    ------
    MissingRowError
        If DISPTAB has none.
    """
    relation = refs.dispersion(fpoffset, **criteria)
    if relation is None:
        wanted = ", ".join(f"{k.upper()} = {v}" for k, v in (criteria | {"fpoffset": fpoffset}).items())
        raise MissingRowError(
            f"{refs.path('DISPTAB')} (DISPTAB): no row for {wanted}. Use a DISPTAB that covers this mode."
        )
    return relation


def update_wavecal_wavelengths(
    spectrum: Spectrum, refs: References, corrections: frozenset[str] = frozenset()
) -> None:
    """Give a wavecal spectrum the wavelengths that follow from its own shift.

    Parameters
    ----------
    spectrum : Spectrum
        With SHIFT1A, SHIFT1B in its header as measured. Changed in place; WAVECORR becomes COMPLETE.
    refs : References
        For DISPTAB.
    corrections : frozenset of str
        Named corrections that are switched on.

    Raises
    ------
    MissingRowError
        If DISPTAB has no row for the mode.
    """
    if not spectrum.n_rows:
        return
    primary, header = spectrum.primary, spectrum.header
    for i, segment in enumerate(spectrum["SEGMENT"]):
        relation = find_dispersion(
            refs,
            primary.get("FPOFFSET", 0),
            segment=str(segment),
            opt_elem=primary["OPT_ELEM"],
            cenwave=primary["CENWAVE"],
            aperture="WCA",
        )
        n = int(spectrum["NELEM"][i])
        shift = header.get("SHIFT1" + str(segment)[-1], 0.0)
        pixel = np.arange(n, dtype=np.float64) - shift - header.get("X_OFFSET", 0)
        spectrum["WAVELENGTH"][i, :n] = relation.wavelength(pixel)
    # QUIRK (specification 5, section 5.10.1): MINWAVE and its like keep the values of the nominal wavelengths.
    if "wavecal-range" in corrections:
        write_wavelength_range(spectrum, warn_of_bad=False)
    spectrum.mark("WAVECORR")
