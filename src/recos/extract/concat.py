"""One spectrum of both FUV segments. Specification 5, section 5.10."""

from __future__ import annotations

import numpy as np

from recos.data.spectrum import Spectrum
from recos.errors import InputError
from recos.extract.keywords import write_archive_keywords, write_statistics
from recos.products.merge import join_headers, join_primaries
from recos.references import References


def finish(spectrum: Spectrum, refs: References) -> None:
    """Write the keywords that sum up a spectrum: for archive searches, and the statistics of its counts."""
    write_archive_keywords(spectrum, refs)
    write_statistics(spectrum)


def concatenate(a: Spectrum, b: Spectrum, refs: References) -> Spectrum:
    """Join the spectra of the segments of one exposure.

    Parameters
    ----------
    a, b : Spectrum
        Of segments FUVA and FUVB, in any order; each may be without rows. They are not changed.
    refs : References
        For the archive keywords.

    Returns
    -------
    Spectrum
        The rows of A, then those of B, with archive keywords and statistics of both.

    Raises
    ------
    InputError
        If they are not one of each segment.
    """
    by_segment = {str(s.primary.get("SEGMENT", "")).strip(): s for s in (a, b)}
    if set(by_segment) != {"FUVA", "FUVB"}:
        found = " and ".join(str(s.primary.get("SEGMENT")) for s in (a, b))
        raise InputError(f"Spectra to concatenate must be of segments FUVA and FUVB, not {found}.")
    a, b = by_segment["FUVA"], by_segment["FUVB"]
    columns = {name: np.concatenate((a[name], b[name])) for name in a.columns}
    primary = join_primaries(a.primary, b.primary, a.n_rows, b.n_rows)
    result = Spectrum(primary, join_headers(a.header, b.header), columns, a.layout)
    finish(result, refs)
    return result
