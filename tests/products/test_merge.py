"""Keywords that the segments of a pair tell each other."""

from __future__ import annotations

import pytest
from astropy.io import fits

from recos.products.merge import merge_segments
from recos.products.segment_keywords import segment_keywords


def headers(own: str, other: str, value: float) -> fits.Header:
    """Own keywords have the value, those of the other segment -1."""
    header = fits.Header()
    for keyword in segment_keywords(own):
        header[keyword] = value
    for keyword in segment_keywords(other):
        header[keyword] = -1.0
    header["EXPTIME"] = value
    return header


def test_each_segment_gets_the_keywords_of_the_other_one():
    a, b = headers("A", "B", 1.0), headers("B", "A", 2.0)
    merge_segments(fits.Header(), a, fits.Header(), b)
    for header in (a, b):
        assert all(header[k] == 1.0 for k in segment_keywords("A"))
        assert all(header[k] == 2.0 for k in segment_keywords("B"))
    assert (a["EXPTIME"], b["EXPTIME"]) == (1.0, 2.0)


def test_missing_keywords_are_not_invented():
    a, b = fits.Header({"SHIFT1A": 3.0}), fits.Header()
    merge_segments(fits.Header(), a, fits.Header(), b)
    assert list(b) == ["SHIFT1A"]
    assert list(a) == ["SHIFT1A"]


@pytest.mark.parametrize(
    "keyword", ["STIMA_LX", "STIMA0RY", "STIMASLX", "NPHA_A", "PHALOWRA", "NDF_A", "B_HGT2_A"]
)
def test_names(keyword):
    assert keyword in segment_keywords("A")
    assert len(segment_keywords("A")) == len(set(segment_keywords("A"))) == 42


def gsagtab(comment: str) -> fits.Header:
    return fits.Header([fits.Card("GSAGTAB", "lref$x_gsag.fits", comment)])


def test_comments_of_the_gain_sag_table():
    a, b = gsagtab("ext. 2 for FUVA"), gsagtab("ext. 5 for FUVB")
    merge_segments(a, fits.Header(), b, fits.Header())
    assert a.comments["GSAGTAB"] == b.comments["GSAGTAB"] == "ext. 2 for FUVA; ext. 5 for FUVB"
    assert a["GSAGTAB"] == "lref$x_gsag.fits"


def test_comments_without_an_extension_stay():
    a, b = gsagtab("ext. 2 for FUVA"), gsagtab("")
    merge_segments(a, fits.Header(), b, fits.Header())
    assert (a.comments["GSAGTAB"], b.comments["GSAGTAB"]) == ("ext. 2 for FUVA", "")
