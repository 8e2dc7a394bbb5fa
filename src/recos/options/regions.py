"""How a user wants a spectrum to be extracted instead of as the tables say: COS Data Handbook, section 3.6.3.

What the handbook does by editing a row of XTRACTAB (BOXCAR) or TWOZXTAB (TWOZONE) is done to a copy in memory, which
all steps see. Specification 5, sections 5.2, 5.4, 5.5 and 5.11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, NamedTuple

from recos.data.instrument import FUV_SHAPE
from recos.errors import UsageError, near

_LETTERS = "ABC"
_ROWS = FUV_SHAPE[0]
"""Detector rows; the NUV has as many."""
_OF_EACH = ("location", "height", "center", "offset", "background_centers", "background_height")
"""What may be given for each segment or stripe."""
_ONE_FOR_ALL_STRIPES = ("height", "offset", "background_height")


class Choice(NamedTuple):
    """What is chosen for one segment or stripe; None: as tabulated. See :class:`Tailoring`."""

    location: float | None = None
    height: int | None = None
    center: float | None = None
    offset: float | None = None
    background_centers: tuple[float, float] | None = None
    background_height: int | None = None
    enclosed_energy: tuple[float, float] | None = None
    inner: tuple[float, float] | None = None


@dataclass(frozen=True)
class Tailoring:
    """Position and size of the regions that a spectrum and its background are summed in; None: as tabulated.

    Most values may be given for each FUV segment (A, B) or NUV stripe (A, B, C), with None for those that stay as
    tabulated. A single one counts for both segments; of the NUV, a single position is that of stripe A, a single
    height or offset that of all stripes.

    Parameters
    ----------
    location : float, or sequence of float or None, optional
        Row of the spectrum in the middle column (BOXCAR; TWOZONE with the correction twozone-location). Of BOXCAR,
        background regions stay, unless the correction background-position is on.
    height : int, or sequence of int or None, optional
        HEIGHT: rows of the extraction box (BOXCAR), or of the region that holds all of the light (TWOZONE).
    center : float, or sequence of float or None, optional
        B_SPEC: row of the spectrum at the left edge of the detector (BOXCAR), or where ALGNCORR looks for it.
    offset : float, or sequence of float or None, optional
        Rows by which the spectrum lies above its expected position. With ALGNCORR, SP_SET: used instead of the
        measured offset; else added to B_SPEC (BOXCAR).
    background_centers : (float, float), or sequence of pairs or None, optional
        B_BKG1 and B_BKG2.
    background_height : int, or sequence of int or None, optional
        BHEIGHT, and B_HGT1 and B_HGT2 where they are.
    enclosed_energy : (float, float), optional
        LOWER_OUTER and UPPER_OUTER (TWOZONE): fractions of the light of the reference profile between which counts
        are summed. Exactly 0 and 1 mean the lower and upper end of the box of HEIGHT rows, whatever the profile.
        Inner limits outside of them move inside.
    inner : (float, float), optional
        LOWER_INNER and UPPER_INNER: between which all data-quality flags count.

    Raises
    ------
    UsageError
        If a value is impossible.
    """

    location: Any = None
    height: Any = None
    center: Any = None
    offset: Any = None
    background_centers: Any = None
    background_height: Any = None
    enclosed_energy: Any = None
    inner: Any = None

    def __post_init__(self) -> None:
        for name in ("location", "center", "offset"):
            self._store(name, _numbers(name, getattr(self, name), Real))
        for name in ("height", "background_height"):
            self._store(name, _numbers(name, getattr(self, name), Integral))
            if any(value is not None and value <= 0 for value in getattr(self, name)):
                raise UsageError(
                    f"{name} = {_shown(getattr(self, name))}: the number of rows must be 1 or more."
                )
        self._store("background_centers", _pairs("background_centers", self.background_centers))
        for name, values in (
            ("location", self.location),
            ("center", self.center),
            ("background_centers", [row for pair in self.background_centers for row in pair or ()]),
        ):
            for value in values:
                if value is not None and not 0 <= value < _ROWS:
                    raise UsageError(f"{name} = {value:g} is outside the detector, rows 0 to {_ROWS - 1}.")
        for name in ("enclosed_energy", "inner"):
            self._store(name, _fractions(name, getattr(self, name)))
        outer, inner = self.enclosed_energy, self.inner
        if outer and inner and not (outer[0] <= inner[0] and inner[1] <= outer[1]):
            raise UsageError(f"inner = {_shown(inner)} is not within enclosed_energy = {_shown(outer)}.")

    def _store(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, tailor: Any, location: Any = None, height: Any = None) -> Tailoring | None:
        """From the arguments of :func:`recos.run`; None if everything stays as tabulated.

        Raises
        ------
        UsageError
            If a value is impossible, unknown, or given twice.
        """
        values = tailor
        if isinstance(tailor, Tailoring):
            values = {f.name: getattr(tailor, f.name) for f in fields(cls)}
        if not isinstance(values, Mapping | None):
            raise UsageError(f"tailor = {tailor!r}; expected a Tailoring or a dict of its arguments.")
        merged = {name: value for name, value in (values or {}).items() if value is not None}
        merged = {name: value for name, value in merged.items() if not isinstance(value, tuple) or value}
        names = [f.name for f in fields(cls)]
        for name in merged:
            if name not in names:
                raise UsageError(f"tailor has no {name}.{near(str(name), names)} It has {', '.join(names)}.")
        for name, value in (("location", location), ("height", height)):
            if value is not None and name in merged:
                raise UsageError(f"{name} is given twice, once of them in tailor.")
            if value is not None:
                merged[name] = value
        choice = cls(**merged)
        return choice if any(choice.of(segment) != Choice() for segment in ("NUVA", "NUVB", "NUVC")) else None

    def of(self, segment: str) -> Choice:
        """What is chosen for a segment or stripe (``FUVA``, …, ``NUVC``)."""
        number = _LETTERS.index(segment[-1])

        def chosen(name: str) -> Any:
            values = getattr(self, name)
            if len(values) == 1 and (segment.startswith("FUV") or name in _ONE_FOR_ALL_STRIPES):
                return values[0]
            return values[number] if number < len(values) else None

        places = {name: chosen(name) for name in _OF_EACH}
        return Choice(**places, enclosed_energy=self.enclosed_energy, inner=self.inner)

    def check_number(self, is_fuv: bool) -> None:
        """Check that there are not more values than spectra.

        Raises
        ------
        UsageError
        """
        most, what = (2, "segments") if is_fuv else (3, "stripes")
        for name in _OF_EACH:
            values = getattr(self, name)
            if len(values) > most:
                raise UsageError(f"{name}: {len(values)} values, but there are only {most} {what}.")


def cells_of(choice: Choice, row: Mapping[str, Any], aligns: bool) -> dict[str, Any]:
    """What a choice changes in a row of XTRACTAB or TWOZXTAB: new values by column.

    Parameters
    ----------
    choice : Choice
    row : mapping
        The row as tabulated.
    aligns : bool
        ALGNCORR will shift the spectrum by the offset, so that it is none of the table.

    Raises
    ------
    UsageError
        If the inner zone would not be within the outer one.
    """
    cells: dict[str, Any] = {}
    if choice.height is not None:
        cells["HEIGHT"] = choice.height
    if choice.center is not None:
        cells["B_SPEC"] = choice.center
    if choice.offset is not None and not aligns:
        cells["B_SPEC"] = float(cells.get("B_SPEC", row["B_SPEC"])) + choice.offset
    if choice.background_centers is not None:
        cells["B_BKG1"], cells["B_BKG2"] = choice.background_centers
    if choice.background_height is not None:
        cells |= {n: choice.background_height for n in ("BHEIGHT", "B_HGT1", "B_HGT2") if n in row}
    if choice.enclosed_energy is not None or choice.inner is not None:
        cells |= _zone_limits(choice, row)
    return cells


def _zone_limits(choice: Choice, row: Mapping[str, Any]) -> dict[str, float]:
    lower, upper = choice.enclosed_energy or (float(row["LOWER_OUTER"]), float(row["UPPER_OUTER"]))
    first, last = choice.inner or (float(row["LOWER_INNER"]), float(row["UPPER_INNER"]))
    if choice.inner is None:
        first, last = min(max(first, lower), upper), max(min(last, upper), lower)
    if not (lower <= first and last <= upper):
        raise UsageError(
            f"inner = {first:g},{last:g} is not within the outer zone of the table, {lower:g},{upper:g}. Give "
            "enclosed_energy, too."
        )
    limits = {"LOWER_OUTER": lower, "LOWER_INNER": first, "UPPER_INNER": last, "UPPER_OUTER": upper}
    return {name: value for name, value in limits.items() if value != float(row[name])}


# ---------------------------------------------------------------------------------------------- values


def _shown(values: Sequence[Any]) -> str:
    return ",".join("none" if value is None else str(value) for value in values)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _numbers(name: str, value: Any, kind: type) -> tuple[Any, ...]:
    """One value or several as a tuple; empty if there is none."""
    values = value if _is_list(value) else (value,)
    for entry in values:
        if entry is not None and not _is_number(entry, kind):
            what = "whole numbers" if kind is Integral else "numbers"
            raise UsageError(f"{name} = {value!r}; expected {what}, or None for the tabulated one.")
    return tuple(values) if any(entry is not None for entry in values) else ()


def _is_number(value: Any, kind: type = Real) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and abs(value) < float("inf")  # type: ignore[arg-type]


def _pairs(name: str, value: Any) -> tuple[Any, ...]:
    """One pair of numbers or several as a tuple of pairs and None."""
    if value is None or value == ():
        return ()
    pairs = (value,) if _is_list(value) and all(_is_number(entry) for entry in value) else value
    if not _is_list(pairs) or not all(entry is None or _is_pair(entry) for entry in pairs):
        raise UsageError(f"{name} = {value!r}; expected two numbers, or a pair of them for each spectrum.")
    return tuple(None if entry is None else tuple(entry) for entry in pairs)


def _is_pair(value: Any) -> bool:
    return _is_list(value) and len(value) == 2 and all(_is_number(entry) for entry in value)


def _fractions(name: str, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    if not _is_pair(value):
        raise UsageError(f"{name} = {value!r}; expected two fractions, such as 0.1,0.9.")
    lower, upper = (float(entry) for entry in value)
    if not 0.0 <= lower < upper <= 1.0:
        raise UsageError(f"{name} = {lower:g},{upper:g}; expected 0 <= lower < upper <= 1.")
    return lower, upper
