"""What a user wants to be different from the headers of the input: keywords with values, presets.

The keywords that may be overridden are listed here, and nowhere else. COS Data Handbook, sections 3.6.1 and 3.6.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from recos.errors import UsageError
from recos.overrides import Override
from recos.references.kinds import KINDS
from recos.suggestions import near
from recos.switches import SWITCHES

PRESETS = {"boxcar": {"XTRCTALG": "BOXCAR", "TRCECORR": "OMIT", "ALGNCORR": "OMIT"}}
"""Overrides by name. boxcar: what section 3.6.3 says for an extraction with BOXCAR instead of TWOZONE."""

_SWITCH_VALUES = ("PERFORM", "OMIT")
_ALGORITHMS = ("BOXCAR", "TWOZONE")
_LARGEST_SEED = 2**32 - 1
_LARGEST_FLAGS = 2**15 - 1


def parse_overrides(values: Any, preset: Any = None) -> tuple[Override, ...]:
    """Overrides from what the user gave.

    Parameters
    ----------
    values : mapping of str to value, or None
        Keyword, in any case, to its value: PERFORM or OMIT for a switch, the name of a file, a number.
    preset : str, optional
        A name of `PRESETS`; `values` win over it.

    Raises
    ------
    UsageError
        If a keyword is none that may be overridden, or a value impossible.
    """
    if not isinstance(values, Mapping | None):
        raise UsageError(f"overrides = {values!r}; expected a dict such as {{'BRSTCORR': 'OMIT'}}.")
    given = {str(keyword).strip().upper(): value for keyword, value in (values or {}).items()}
    if len(given) < len(values or {}):
        raise UsageError(f"overrides = {values!r}: a keyword is given twice.")
    of_preset = {k: v for k, v in _preset(preset).items() if k not in given}
    return tuple(_override(k, v) for k, v in given.items()) + tuple(
        _override(k, v, from_preset=True) for k, v in of_preset.items()
    )


def parse_settings(words: Iterable[str]) -> dict[str, str]:
    """Overrides from words ``KEYWORD=VALUE`` of the command line.

    Raises
    ------
    UsageError
        If a word has no ``=``, or a keyword has two values.
    """
    found: dict[str, str] = {}
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.strip().upper()
        if not equals or not keyword or not value.strip():
            raise UsageError(f"--set {word}: expected KEYWORD=VALUE, such as --set BRSTCORR=OMIT.")
        if found.setdefault(keyword, value.strip()) != value.strip():
            raise UsageError(f"--set {keyword} is given twice: {found[keyword]} and {value.strip()}.")
    return found


def _preset(name: Any) -> Mapping[str, str]:
    if name is None:
        return {}
    if str(name).lower() not in PRESETS:
        raise UsageError(f"There is no preset {name!r}; expected {' or '.join(PRESETS)}.")
    return PRESETS[str(name).lower()]


def _override(keyword: str, value: Any, from_preset: bool = False) -> Override:
    if keyword in SWITCHES:
        word = _switch(keyword, value)
        stored: Any = word == "PERFORM" if keyword == "STATFLAG" else word
        return Override(keyword, stored, word, from_preset=from_preset)
    if keyword in KINDS:
        name = _file_name(keyword, value)
        return Override(keyword, name, name, from_preset=from_preset)
    if keyword not in _OTHERS:
        known = (*SWITCHES, *KINDS, *_OTHERS)
        raise UsageError(
            f"{keyword} is no keyword that can be set.{near(keyword, known)} Those are calibration switches, "
            f"reference files, {', '.join(_OTHERS)}."
        )
    parse, in_extension = _OTHERS[keyword]
    stored = parse(keyword, value)
    return Override(keyword, stored, str(stored), in_extension, from_preset)


def _switch(keyword: str, value: Any) -> str:
    word = str(value).strip().upper()
    if keyword == "STATFLAG":
        word = {"T": "PERFORM", "TRUE": "PERFORM", "F": "OMIT", "FALSE": "OMIT"}.get(word, word)
    return _one_of(keyword, word, _SWITCH_VALUES)


def _algorithm(keyword: str, value: Any) -> str:
    return _one_of(keyword, str(value).strip().upper(), _ALGORITHMS)


def _one_of(keyword: str, word: str, known: tuple[str, ...]) -> str:
    if word not in known:
        raise UsageError(f"{keyword} = {word}; expected {' or '.join(known)}.{near(word, known)}")
    return word


def _file_name(keyword: str, value: Any) -> str:
    """As it goes into a header: a bare name stands for a file in the current folder, else in lref."""
    name = str(value).strip()
    if not isinstance(value, str | Path) or not name:
        raise UsageError(f"{keyword} = {value!r}; expected the name of a file, or N/A for none.")
    if name.upper() == "N/A":
        return "N/A"
    if name.startswith("~"):
        name = str(Path(name).expanduser())
    if not (name.isascii() and name.isprintable()):
        raise UsageError(
            f"{keyword} = {name}: FITS headers hold printable ASCII characters only. Rename the file, or make a link."
        )
    is_bare = "$" not in name and "/" not in name
    return f"lref${name}" if is_bare and not Path(name).is_file() else name


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    def parse(keyword: str, value: Any) -> int:
        number = _number(keyword, value)
        if number != int(number) or not low <= number <= high:
            raise UsageError(f"{keyword} = {value}; expected a whole number from {low} to {high}.")
        return int(number)

    return parse


def _number(keyword: str, value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{keyword} = {value}; expected a number.")
    return number


#: Keywords besides switches and reference files: what checks the value, and whether it is in the extension header.
_OTHERS: dict[str, tuple[Callable[[str, Any], Any], bool]] = {
    "XTRCTALG": (_algorithm, False),
    "RANDSEED": (_whole(-1, _LARGEST_SEED), False),
    "LIFE_ADJ": (_whole(-1, 20), False),
    "SP_SET_A": (_number, True),
    "SP_SET_B": (_number, True),
    "SDQFLAGS": (_whole(0, _LARGEST_FLAGS), True),
    "SDQOUTER": (_whole(0, _LARGEST_FLAGS), True),
}
