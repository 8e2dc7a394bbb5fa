"""The header keywords that steer the calibration: where each stands, and which values it may have.

COS Data Handbook, sections 3.6.1 and 3.6.3; specification 1, sections 6 to 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from recos.data.instrument import FUV_SHAPE
from recos.data.reference_kinds import KINDS
from recos.data.switches import SWITCHES
from recos.errors import UsageError, near

Value = str | int | float | bool

_LONGEST_TEXT = 68
"""Characters between the quotes of one card."""


class Keyword(NamedTuple):
    """One keyword."""

    name: str
    extension: int
    """0 for the primary header, 1 for that of the events or the image."""
    comment: str
    """Of a card that a file lacks and that is added."""
    parse: Callable[[str, str], Value]
    """Value from keyword and text; raises UsageError."""


def _one_of(words: tuple[str, ...], keyword: str, text: str) -> str:
    if text.upper() not in words:
        raise UsageError(
            f"{keyword} = {text}: expected {', '.join(words[:-1])} or {words[-1]}.{near(text.upper(), words)}"
        )
    return text.upper()


def parse_logical(keyword: str, text: str) -> bool:
    """T, F, true or false, any case.

    Raises
    ------
    UsageError
        If it is something else.
    """
    return _one_of(("T", "F", "TRUE", "FALSE"), keyword, text) in ("T", "TRUE")


def parse_number(keyword: str, text: str) -> float:
    """A finite number.

    Raises
    ------
    UsageError
        If it is something else.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{keyword} = {text}: expected a number.")
    return number


def _offset(keyword: str, text: str) -> float:
    number = parse_number(keyword, text)
    if abs(number) >= FUV_SHAPE[0]:
        raise UsageError(f"{keyword} = {text}: expected an offset in rows; the detector has {FUV_SHAPE[0]}.")
    return number


def parse_integer(keyword: str, text: str, low: float = -math.inf, high: float = math.inf) -> int:
    """An integer within limits.

    Raises
    ------
    UsageError
        If it is something else.
    """
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        limits = "" if math.isinf(low) else f" from {low} to {high}"
        raise UsageError(f"{keyword} = {text}: expected an integer{limits}.")
    return number


def parse_text(keyword: str, text: str) -> str:
    """Text that fits on one card.

    Raises
    ------
    UsageError
        If it is too long, or holds anything but printable ASCII.
    """
    if not (text.isascii() and text.isprintable()):
        raise UsageError(f"{keyword} = {text!r}: FITS headers hold printable ASCII characters only.")
    if len(text.replace("'", "''")) > _LONGEST_TEXT:
        raise UsageError(
            f"{keyword} = {text}: longer than the {_LONGEST_TEXT} characters of a header card. Let an environment "
            "variable stand for the directory, as in lref$flat.fits."
        )
    return text


def _file_name(keyword: str, text: str) -> str:
    if text.upper() == "N/A":
        return "N/A"
    if ".fit" not in text.lower():
        raise UsageError(
            f"{keyword} = {text}: expected the name of a FITS file, as lref$flat.fits, or N/A for none."
        )
    return parse_text(keyword, text)


def _all() -> list[Keyword]:
    switch = partial(_one_of, ("PERFORM", "OMIT", "COMPLETE"))
    flags = partial(parse_integer, low=0, high=2**15 - 1)
    offset = "user-supplied offset of the spectrum (pixels), segment FUV"
    return [
        *(
            Keyword(name, 0, "calibration switch", parse_logical if name == "STATFLAG" else switch)
            for name in SWITCHES
        ),
        *(Keyword(kind.keyword, 0, kind.filetype.lower(), _file_name) for kind in KINDS.values()),
        Keyword("XTRCTALG", 0, "BOXCAR or TWOZONE", partial(_one_of, ("BOXCAR", "TWOZONE"))),
        Keyword(
            "RANDSEED", 0, "seed for pseudo-random numbers", partial(parse_integer, low=-1, high=2**32 - 1)
        ),
        Keyword("LIFE_ADJ", 0, "lifetime position", partial(parse_integer, low=-1, high=20)),
        Keyword("SP_SET_A", 1, offset + "A", _offset),
        Keyword("SP_SET_B", 1, offset + "B", _offset),
        Keyword("SDQFLAGS", 1, "serious data quality flags", flags),
        Keyword("SDQOUTER", 1, "SDQFLAGS for the outer extraction zone", flags),
    ]


#: Calibration keywords by name: switches, reference files, and what else steers single steps.
KEYWORDS = {keyword.name: keyword for keyword in _all()}


def known_keyword(name: str) -> Keyword:
    """The calibration keyword of this name, any case.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest.
    """
    found = KEYWORDS.get(name.upper())
    if found is None:
        raise UsageError(
            f"{name.upper()} is no calibration keyword.{near(name.upper(), KEYWORDS)} Those are the calibration "
            "switches, the reference files, XTRCTALG, RANDSEED, LIFE_ADJ, SP_SET_A, SP_SET_B, SDQFLAGS and SDQOUTER."
        )
    return found


def parse_like(old: Any, keyword: str, text: str) -> Value:
    """A value of the type that a card has already; of the type that the text suggests if there is none.

    Raises
    ------
    UsageError
        If the text is no such value.
    """
    if isinstance(old, bool):
        return parse_logical(keyword, text)
    if isinstance(old, int):
        return parse_integer(keyword, text)
    if isinstance(old, float):
        return parse_number(keyword, text)
    if not isinstance(old, str):
        for parse in (parse_integer, parse_number):
            try:
                return parse(keyword, text)
            except UsageError:
                continue
        if text in ("T", "F"):
            return text == "T"
    return parse_text(keyword, text)
