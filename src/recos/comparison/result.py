"""What a comparison has found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from recos.comparison.values import ValueChange, flags_text, place_text

if TYPE_CHECKING:
    from astropy.table import Table

Kind = Literal["made with", "structure", "keyword"]

_COLUMNS = (
    "FILE", "KIND", "HDU", "NAME", "ROW", "N", "N_DIFFERENT", "LARGEST", "RELATIVE", "UNIT", "LARGEST_IN_UNITS",
    "MEAN_IN_UNITS", "RMS_IN_UNITS", "PLACE", "OLD", "NEW", "FLAGS",
)  # fmt: skip
_NUMBERS = ("LARGEST", "RELATIVE", "LARGEST_IN_UNITS", "MEAN_IN_UNITS", "RMS_IN_UNITS")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something other than values that differs.

    Attributes
    ----------
    kind : {"made with", "structure", "keyword"}
        What recos notes in HISTORY (named corrections, overridden keywords, regions); extensions, rows and columns; a
        keyword.
    hdu : str
        EXTNAME, followed by a comma and EXTVER if that is not 1.
    name : str
        The keyword, or what is meant, such as ``column DQ_OUTER`` or ``rows``.
    old, new : object
        None where it is missing.
    """

    kind: Kind
    hdu: str
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class FileComparison:
    """What differs between two files.

    Attributes
    ----------
    name : str
        Of the product.
    old, new : Path
    facts : list of Fact
    values : list of ValueChange
    """

    name: str
    old: Path
    new: Path
    facts: list[Fact] = field(default_factory=list)
    values: list[ValueChange] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.facts and not self.values

    def facts_of(self, kind: Kind) -> list[Fact]:
        """The facts of one kind."""
        return [fact for fact in self.facts if fact.kind == kind]


@dataclass(frozen=True)
class Comparison:
    """What differs between two files or folders.

    Attributes
    ----------
    old, new : Path
        As given.
    files : list of FileComparison
        Files that are on both sides, by name.
    only_old, only_new : list of str
        Names of products that are on one side only.
    """

    old: Path
    new: Path
    files: list[FileComparison]
    only_old: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs and no file is on one side only."""
        return not self.only_old and not self.only_new and all(file.is_equal for file in self.files)

    def table(self) -> Table:
        """Everything that differs.

        Returns
        -------
        astropy.table.Table
            One row per difference: FILE; KIND (``values`` or that of :class:`Fact`); HDU, NAME, ROW, N, N_DIFFERENT,
            LARGEST, RELATIVE as in :class:`~recos.comparison.values.ValueChange`; UNIT (``sigma``, ``pixel``, or
            empty), LARGEST_IN_UNITS, MEAN_IN_UNITS, RMS_IN_UNITS; PLACE, OLD, NEW, FLAGS as text. Numbers that do
            not apply are NaN.
        """
        from astropy.table import Table

        rows = list(self._rows())
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
        kinds = [
            float if name in _NUMBERS else int if name in ("N", "N_DIFFERENT") else str for name in _COLUMNS
        ]
        return Table([list(c) for c in columns], names=_COLUMNS, dtype=kinds)

    def _rows(self) -> Iterator[tuple]:
        nan = float("nan")
        for file in self.files:
            for fact in file.facts:
                missing = (0, 0, nan, nan, "", nan, nan, nan, "")
                yield (
                    file.name, fact.kind, fact.hdu, fact.name, "", *missing, _text(fact.old), _text(fact.new), "",
                )  # fmt: skip
            for change in file.values:
                numbers = (_number(change.largest), _number(change.relative))
                units = change.units
                in_units: tuple = ("", nan, nan, nan)
                if units is not None:
                    in_units = (units.unit, units.largest, _number(units.mean), _number(units.rms))
                yield (
                    file.name, "values", change.hdu, change.name, change.row, change.n, change.n_different, *numbers,
                    *in_units, place_text(change), _text(change.old), _text(change.new), flags_text(change),
                )  # fmt: skip
        for side, names in (("old", self.only_old), ("new", self.only_new)):
            for name in names:
                there = ("there", "") if side == "old" else ("", "there")
                yield (name, "structure", "", "file", "", 0, 0, nan, nan, "", nan, nan, nan, "", *there, "")


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: Any) -> str:
    return "" if value is None else str(value)
