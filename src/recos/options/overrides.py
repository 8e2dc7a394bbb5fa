"""What a user wants to be different from the headers of the input: keywords with values, presets.

Those are the calibration keywords (:mod:`recos.options.keywords`). COS Data Handbook, sections 3.6.1 and 3.6.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recos.data.overrides import Override
from recos.data.reference_kinds import KINDS
from recos.errors import UsageError
from recos.options.keywords import known_keyword

PRESETS = {"boxcar": {"XTRCTALG": "BOXCAR", "TRCECORR": "OMIT", "ALGNCORR": "OMIT"}}
"""Overrides by name. boxcar: what section 3.6.3 says for an extraction with BOXCAR instead of TWOZONE."""

_SWITCH_WORDS = {"PERFORM": "T", "OMIT": "F"}
"""Of STATFLAG, which is a logical value."""


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


def _preset(name: Any) -> Mapping[str, str]:
    if name is None:
        return {}
    if str(name).lower() not in PRESETS:
        raise UsageError(f"There is no preset {name!r}; expected {' or '.join(PRESETS)}.")
    return PRESETS[str(name).lower()]


def _override(keyword: str, value: Any, from_preset: bool = False) -> Override:
    known = known_keyword(keyword)
    if keyword in KINDS:
        stored: Any = _file_name(keyword, value)
    else:
        text = str(value).strip()
        stored = known.parse(
            keyword, _SWITCH_WORDS.get(text.upper(), text) if keyword == "STATFLAG" else text
        )
    if stored == "COMPLETE":
        raise UsageError(f"{keyword} = COMPLETE; expected PERFORM or OMIT.")
    word = ("OMIT", "PERFORM")[stored] if keyword == "STATFLAG" else str(stored)
    return Override(keyword, stored, word, known.extension == 1, from_preset)


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
