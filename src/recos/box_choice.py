"""Where a BOXCAR extraction sums, if the user knows better than the table. Specification 5, sections 5.2 and 5.11."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from recos.errors import UsageError

_LETTERS = "ABC"


@dataclass(frozen=True, slots=True)
class BoxChoice:
    """Position and height of the box of each spectrum; None leaves them as tabulated.

    Attributes
    ----------
    location : tuple of float or None
        Rows of the spectrum in the middle column. FUV: one for all segments, or two (A, B). NUV: of the stripes
        A, B, C in this order, those that are missing as tabulated.
    height : tuple of int or None
        Rows to sum; one for all segments or stripes, or one for each.
    """

    location: tuple[float | None, ...] = ()
    height: tuple[int | None, ...] = ()

    @classmethod
    def parse(cls, location: Any, height: Any) -> BoxChoice | None:
        """From what the user gave: None, a number, or a sequence of numbers and None. None if nothing is chosen.

        Raises
        ------
        UsageError
            If a value is no number, a height is not positive, or there are too many.
        """
        choice = cls(_numbers("location", location, Real), _numbers("height", height, Integral))
        if any(value is not None and value <= 0 for value in choice.height):
            raise UsageError(f"height = {height!r}: the number of rows must be 1 or more.")
        wanted = [value for value in (*choice.location, *choice.height) if value is not None]
        return choice if wanted else None

    def of(self, segment: str) -> tuple[float | None, int | None]:
        """Location and height of a segment or stripe (``FUVA``, …, ``NUVC``)."""
        number = _LETTERS.index(segment[-1])
        is_fuv = segment.startswith("FUV")
        location = self.location * 2 if is_fuv and len(self.location) == 1 else self.location
        height = self.height * 3 if len(self.height) == 1 else self.height
        return (
            location[number] if number < len(location) else None,
            height[number] if number < len(height) else None,
        )

    def check_number(self, is_fuv: bool) -> None:
        """Check that there are not more values than spectra.

        Raises
        ------
        UsageError
        """
        most, what = (2, "segments") if is_fuv else (3, "stripes")
        for name, values in (("location", self.location), ("height", self.height)):
            if len(values) > most:
                raise UsageError(f"{name}: {len(values)} values, but there are only {most} {what}.")


def _numbers(name: str, value: Any, kind: type) -> tuple[Any, ...]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    for entry in values:
        if entry is not None and (not isinstance(entry, kind) or isinstance(entry, bool)):
            what = "whole numbers" if kind is Integral else "numbers"
            raise UsageError(f"{name} = {value!r}; expected {what}, or None for the tabulated one.")
    return tuple(values)
