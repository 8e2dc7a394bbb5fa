"""What differs between two headers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from astropy.io import fits

from recos.comparison.result import Fact
from recos.data.overrides import notes_of
from recos.io.fitsfile import is_structural

ALWAYS_DIFFERENT = (
    "DATE", "FILENAME", "CAL_VER", "CHECKSUM", "DATASUM", "HISTORY", "COMMENT", "ORIGIN", "IRAF-TLM", "PROCTIME",
    "OPUS_VER", "CSYS_VER", "AWSYSVER", "AWDPVER", "LONGSTRN",
)  # fmt: skip
"""Keywords that tell who made a file and when, or are a checksum."""
_STORAGE = ("EXTVER", "BSCALE", "BZERO", "BLANK")
_TEXTS = ("HISTORY", "COMMENT")


@dataclass(frozen=True, slots=True)
class KeywordChoice:
    """Which keywords are compared.

    Attributes
    ----------
    ignore : tuple of str
        Patterns, upper case.
    all_keywords : bool
        Also those of :data:`ALWAYS_DIFFERENT`.
    """

    ignore: Sequence[str] = ()
    all_keywords: bool = False

    def __contains__(self, keyword: str) -> bool:
        left_out = keyword in ALWAYS_DIFFERENT and not self.all_keywords
        return not left_out and not any(fnmatchcase(keyword, pattern) for pattern in self.ignore)


def compare_headers(
    label: str, old: fits.Header, new: fits.Header, choice: KeywordChoice, rtol: float
) -> Iterator[Fact]:
    """Compare the keywords of two headers, but for those that describe tables and images.

    Parameters
    ----------
    label : str
        Of the extension.
    old, new : astropy.io.fits.Header
    choice : KeywordChoice
    rtol : float
        Relative difference up to which floating-point values are equal.

    Yields
    ------
    Fact
        Of the kind ``keyword``; each line of HISTORY and COMMENT that is on one side only is one.
    """
    ours, theirs = (_values(header, choice) for header in (old, new))
    for keyword in dict.fromkeys([*ours, *theirs]):
        a, b = ours.get(keyword), theirs.get(keyword)
        if a is None or b is None or not _is_same(a, b, rtol):
            yield Fact("keyword", label, keyword, a, b)
    for keyword in _TEXTS:
        if keyword in choice:
            lines = ([str(x) for x in header.get(keyword, ())] for header in (old, new))
            yield from _lines("keyword", label, keyword, *lines)


def compare_notes(old: fits.Header, new: fits.Header, choice: KeywordChoice) -> Iterator[Fact]:
    """What recos notes in HISTORY of primary headers: named corrections, overridden keywords, regions.

    Yields
    ------
    Fact
        Of the kind ``made with``.
    """
    if any(fnmatchcase("HISTORY", pattern) for pattern in choice.ignore):
        return
    notes = (list(notes_of(header)) for header in (old, new))
    yield from _lines("made with", "PRIMARY", "HISTORY", *notes)


def _lines(kind: Any, label: str, name: str, old: list[str], new: list[str]) -> Iterator[Fact]:
    for line in dict.fromkeys(old):
        if line not in new:
            yield Fact(kind, label, name, line, None)
    for line in dict.fromkeys(new):
        if line not in old:
            yield Fact(kind, label, name, None, line)


def _values(header: fits.Header, choice: KeywordChoice) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for card in header.cards:
        keyword = card.keyword
        if (
            keyword
            and keyword not in (*_TEXTS, *_STORAGE)
            and not is_structural(keyword)
            and keyword in choice
        ):
            value = card.value
            value = "" if isinstance(value, fits.card.Undefined) else value
            found.setdefault(keyword, value.rstrip() if isinstance(value, str) else value)
    return found


def _is_same(old: Any, new: Any, rtol: float) -> bool:
    if isinstance(old, bool) != isinstance(new, bool):
        return False
    if isinstance(old, float) and isinstance(new, float) and old != new:
        return abs(old - new) <= rtol * max(abs(old), abs(new))
    return bool(old == new)
