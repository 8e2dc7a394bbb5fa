"""ShiftFile: wavelength-calibration shifts given by the user. Specification 4, section 6."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from recos.data.instrument import SEGMENTS, STRIPES
from recos.errors import InputError

_FORMAT = "rootname  fpoffset  flash  segment  shift1  [shift2]"


class ShiftLine(NamedTuple):
    """One line of a shift file; None stands for `any` in a key and `n/a` in a value."""

    rootname: str | None
    fpoffset: int | None
    flash: int | None
    segment: str | None
    shift1: float | None
    shift2: float | None


class UserShift(NamedTuple):
    """What a shift file says about one flash and segment."""

    shift1: float | None
    """Total shift in the dispersion direction, pixels; None if not specified."""
    shift2: float | None
    """Cross-dispersion shift, pixels; None if not specified."""
    matches: int
    """Number of lines that apply; the last one decides."""


@dataclass(frozen=True)
class ShiftFile:
    """A shift file: shifts that replace the measured ones.

    Attributes
    ----------
    name : str
        Name as the user gave it; goes into the keyword WAVECALS.
    lines : tuple of ShiftLine
    """

    name: str
    lines: tuple[ShiftLine, ...]

    @classmethod
    def read(cls, path: str | Path) -> ShiftFile:
        """Read a shift file.

        Blank lines and lines that begin with ``#`` are comments; other lines hold rootname, FPOFFSET, flash
        number (from 1), segment or stripe, shift1 and optionally shift2, separated by blanks, in any case.
        The first four may be ``any``, the shifts ``n/a``.

        Raises
        ------
        InputError
            If the file is unreadable or a line is malformed.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: the shift file cannot be read ({error}).") from None
        lines = []
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.lower().split()
            if words and not words[0].startswith("#"):
                lines.append(_parse(words, f"{path}, line {number}: {line.strip()!r}"))
        return cls(str(path), tuple(lines))

    def lookup(self, root: str, fpoffset: int, flash: int | None, segment: str | None) -> UserShift:
        """The shifts of one flash; the last line that applies wins.

        Parameters
        ----------
        root : str
            Rootname of the exposure, in any case.
        fpoffset : int
        flash : int or None
            Number of the flash, from 1; None for any.
        segment : str or None
            Segment or stripe, in any case; None for any.
        """
        result = UserShift(None, None, 0)
        segment = None if segment is None else segment.lower()
        for (entry_flash, entry_segment), shifts in self._entries(root, fpoffset).items():
            same_flash = flash is None or entry_flash in (None, flash)
            if same_flash and (segment is None or entry_segment in (None, segment)):
                result = UserShift(shifts[0], shifts[1], result.matches + 1)
        return result

    def applies_to(self, root: str, fpoffset: int) -> bool:
        """Whether any line names the exposure."""
        return bool(self._entries(root, fpoffset))

    def _entries(
        self, root: str, fpoffset: int
    ) -> dict[tuple[int | None, str | None], tuple[float | None, float | None]]:
        """Shifts by flash and segment; a repeated key has the place of the first, the values of the last."""
        return {
            (line.flash, line.segment): (line.shift1, line.shift2)
            for line in self.lines
            if line.rootname in (None, root.lower()) and line.fpoffset in (None, fpoffset)
        }


def _parse(words: list[str], where: str) -> ShiftLine:
    if len(words) not in (5, 6):
        raise InputError(f"{where}: {len(words)} words instead of 5 or 6; expected {_FORMAT}.")
    words = [*words, "n/a"][:6]
    try:
        return ShiftLine(
            rootname=None if words[0] == "any" else words[0],
            fpoffset=None if words[1] == "any" else int(words[1]),
            flash=None if words[2] == "any" else _flash(words[2]),
            segment=None if words[3] == "any" else _segment(words[3]),
            shift1=None if words[4] == "n/a" else _shift(words[4]),
            shift2=None if words[5] == "n/a" else _shift(words[5]),
        )
    except ValueError as error:
        raise InputError(f"{where}: {error}; expected {_FORMAT}.") from None


def _flash(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError(f"flash {word}, but flashes are numbered from 1")
    return number


def _segment(word: str) -> str:
    names = (*SEGMENTS, *STRIPES, "N/A")  # the last one is that of images
    if word.upper() not in names:
        raise ValueError(f"segment {word} is none of {', '.join(names)}, ANY")
    return word


def _shift(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise ValueError(f"a shift of {word} pixels")
    return value
