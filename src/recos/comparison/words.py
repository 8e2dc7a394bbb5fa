"""A comparison in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from recos.comparison.result import Comparison, Fact, FileComparison
from recos.comparison.values import ValueChange, flags_text, place_text

_FIRST = ("FLUX", "NET", "SCI", "WAVELENGTH", "DQ", "XFULL", "YFULL", "EPSILON", "SHIFT_DISP")
"""Columns and images that matter most, in the order of a verdict."""
_NAMED = 3
"""Columns, and differences of structure, that a verdict names."""
_LONGEST = 60
"""Characters of a value in a table."""


def verdict(file: FileComparison) -> str:
    """The result for a file on one line: ``equal``, or what differs, what matters most first."""
    if file.is_equal:
        return "equal"
    structure = file.facts_of("structure")
    parts = [fact_text(fact) for fact in structure[:_NAMED]]
    if len(structure) > _NAMED:
        parts.append(f"{len(structure) - _NAMED} more of the structure")
    groups: dict[tuple[str, str], list[ValueChange]] = {}
    for change in file.values:
        groups.setdefault((change.hdu, change.name), []).append(change)
    named = _most_important(list(groups.values()))
    parts += [_summary(group) for group in named]
    if len(groups) > len(named):
        noun = "other image" if all(_is_image(group[0]) for group in groups.values()) else "other column"
        parts.append(_counted(len(groups) - len(named), noun))
    keywords = len(file.facts_of("keyword"))
    if keywords:
        parts.append(_counted(keywords, "keyword"))
    return "differs: " + "; ".join(parts or ["nothing but recos' notes in HISTORY"])


def _most_important(groups: list[list[ValueChange]]) -> list[list[ValueChange]]:
    """The columns and images that a verdict names. NET says nothing that FLUX does not."""
    by_rank = sorted(groups, key=lambda group: _rank(group[0].name))
    important = [group for group in by_rank if group[0].name in _FIRST] or by_rank
    if important and important[0][0].name == "FLUX":
        important = [group for group in important if group[0].name != "NET"]
    return important[:_NAMED]


def _is_image(change: ValueChange) -> bool:
    return change.hdu.partition(",")[0] == change.name


def _rank(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _summary(changes: Sequence[ValueChange]) -> str:
    """A column of all rows, or an image."""
    first = changes[0]
    name = first.name if _is_image(first) or first.hdu in ("SCI", "EVENTS") else f"{first.hdu} {first.name}"
    units = [change.units for change in changes if change.units is not None]
    largest = max((change.largest for change in changes if change.largest is not None), default=None)
    if units and first.name == "WAVELENGTH" and largest is not None:
        pixels = max(u.largest for u in units)
        return f"{name} up to {largest:.3g} ({pixels:.2g} pixel; spectra compared pixel by pixel)"
    kind = "pixels" if _is_image(first) else "values"
    where = f"{sum(c.n_different for c in changes)} of {sum(c.n for c in changes)} {kind}"
    if units and not any(u.largest for u in units):
        return f"{name} in {where}, none of them good and with an error"
    if units and all(u.rms is not None for u in units):
        n = sum(u.n for u in units)
        rms = math.sqrt(sum(u.n * (u.rms or 0.0) ** 2 for u in units) / n)
        return f"{name} up to {max(u.largest for u in units):.2g} sigma, rms {rms:.2g} sigma"
    if units:
        return f"{name} in {where}, up to {max(u.largest for u in units):.2g} sigma"
    if first.flags or largest is None:
        return f"{name} in {where}"
    return f"{name} in {where}, up to {largest:.3g}"


# ---------------------------------------------------------------------------------------------- one difference


def fact_text(fact: Fact) -> str:
    """A fact: what differs, and how."""
    what = f"{fact.hdu} {fact.name}"
    if fact.new is None or fact.old is None:
        side = "OLD" if fact.new is None else "NEW"
        if fact.kind == "structure":
            return f"{what} only in {side}"
        return f"{what} only in {side}: {fact.old if fact.new is None else fact.new}"
    return f"{what} {value_text(fact.old)} → {value_text(fact.new)}"


def value_text(value: Any) -> str:
    """A value for a table: short, T and F as in headers."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    text = f"{value:.7g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


VALUE_COLUMNS = ("WHAT", "DIFFER", "OF", "LARGEST", "RELATIVE", "IN UNITS", "MEAN", "RMS", "WHERE")


def value_row(change: ValueChange) -> tuple[str, ...]:
    """A difference of values as a row of a table with :data:`VALUE_COLUMNS`."""
    units = change.units
    in_units = mean = rms = ""
    if units is not None:
        in_units = f"{units.largest:.3g} {units.unit}"
        mean, rms = ("" if x is None else f"{x:.2g}" for x in (units.mean, units.rms))
    where = f"{place_text(change)}: {value_text(change.old)} → {value_text(change.new)}"
    if change.n_not_finite:
        where += f"; {change.n_not_finite} with NaN or infinity"
    what = dict.fromkeys(word for word in (change.hdu, change.name, change.row) if word)
    numbers = ["" if x is None else f"{x:.3g}" for x in (change.largest, change.relative)]
    if change.flags:
        numbers, where = ["", ""], flags_text(change)
    return (
        " ".join(what), str(change.n_different), str(change.n), *numbers, in_units, mean, rms, where,
    )  # fmt: skip


KEYWORD_COLUMNS = ("HDU", "KEYWORD", "OLD", "NEW")


def keyword_rows(file: FileComparison) -> list[tuple[str, ...]]:
    """The keywords of a file that differ, as rows of a table with :data:`KEYWORD_COLUMNS`."""
    return [
        (fact.hdu, fact.name, value_text(fact.old), value_text(fact.new)) for fact in file.facts_of("keyword")
    ]


# ------------------------------------------------------------------------------------------------- all files


def made_with(comparison: Comparison) -> list[str]:
    """What only one side was made with, by recos' notes in HISTORY, and in how many files."""
    files: dict[tuple[str, str], int] = {}
    for file in comparison.files:
        for fact in file.facts_of("made with"):
            key = ("OLD", fact.old) if fact.new is None else ("NEW", fact.new)
            files[key] = files.get(key, 0) + 1
    total = len(comparison.files)
    return [
        f"only in {side}: {text}" + (f"  ({number} of {total} files)" if number < total else "")
        for (side, text), number in files.items()
    ]


def summary(comparison: Comparison) -> str:
    """How many files are equal, and which are on one side only."""
    equal = sum(file.is_equal for file in comparison.files)
    different = len(comparison.files) - equal
    parts = [_counted(len(comparison.files), "file") + f": {equal} equal, {different} different"]
    for side, names in (("OLD", comparison.only_old), ("NEW", comparison.only_new)):
        if names:
            parts.append(f"{len(names)} only in {side}: {', '.join(names)}")
    return "\n".join(parts)
