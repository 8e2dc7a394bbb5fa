"""Keywords that the two FUV segments of an exposure tell each other. Specification 1, section 14.2."""

from __future__ import annotations

from astropy.io import fits

from recos.data.headers import copy_header
from recos.data.overrides import merge_notes
from recos.products.segment_keywords import segment_keywords

_EXTENSION_NOTE = "ext. "


def merge_segments(
    primary_a: fits.Header, header_a: fits.Header, primary_b: fits.Header, header_b: fits.Header
) -> None:
    """Give the products of each segment the keywords of the other one; all four headers are changed in place.

    Parameters
    ----------
    primary_a, primary_b : astropy.io.fits.Header
        Primary headers of a pair of corrtag, counts or flt files, segments A and B.
    header_a, header_b : astropy.io.fits.Header
        Headers of their first extensions.
    """
    for source, target, letter in ((header_a, header_b, "A"), (header_b, header_a, "B")):
        for keyword in segment_keywords(letter):
            if keyword in source:
                target[keyword] = source[keyword]
    merge_gain_sag_comments(primary_a, primary_b)


def merge_gain_sag_comments(primary_a: fits.Header, primary_b: fits.Header) -> None:
    """Join the comments of GSAGTAB that tell which extension was used for each segment."""
    if "GSAGTAB" not in primary_a or "GSAGTAB" not in primary_b:
        return
    notes = [primary_a.comments["GSAGTAB"], primary_b.comments["GSAGTAB"]]
    if all(_EXTENSION_NOTE in note for note in notes):
        for primary in (primary_a, primary_b):
            primary.comments["GSAGTAB"] = "; ".join(notes)


def join_headers(a: fits.Header, b: fits.Header) -> fits.Header:
    """Header of a table that holds the rows of segment A, then those of B. Specification 5, section 5.10.

    Parameters
    ----------
    a, b : astropy.io.fits.Header
        Extension headers of the tables of the segments; not changed.
    """
    header = copy_header(a)
    for keyword in segment_keywords("B"):
        if keyword in b:
            header[keyword] = b[keyword]
    header["EXPTIME"] = max(a.get("EXPTIMEA", a.get("EXPTIME")), b.get("EXPTIMEB", b.get("EXPTIME")))
    header["NEVENTS"] = a.get("NEVENTSA", a.get("NEVENTS", 0)) + b.get("NEVENTSB", b.get("NEVENTS", 0))
    return header


def join_primaries(a: fits.Header, b: fits.Header, rows_a: int, rows_b: int) -> fits.Header:
    """Primary header of a product of both segments; that of B only if there are no rows of A."""
    primary_a, primary_b = copy_header(a), copy_header(b)
    merge_gain_sag_comments(primary_a, primary_b)
    primary = primary_b if rows_b and not rows_a else primary_a
    merge_notes(primary, [a, b])
    if rows_a and rows_b:
        primary["SEGMENT"] = "BOTH"
    return primary
