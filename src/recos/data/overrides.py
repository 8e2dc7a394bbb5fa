"""Keywords that a run takes to be different from what its input files say; the files stay as they are.

They act where headers are read (:func:`recos.io.read.read_headers`), so that every check and every step sees them.
COS Data Handbook, section 3.6.1, does the same by editing headers. :mod:`recos.options.overrides` makes them of
what a user gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from recos.data.switches import FUV_SWITCHES, SWITCHES
from recos.errors import InputError
from recos.messages import get_logger

logger = get_logger(__name__)

_MARK = "recos: "
_CARD_TEXT = 72
"""Characters of one HISTORY card."""


@dataclass(frozen=True, slots=True)
class Override:
    """One keyword and the value that it is to have.

    Attributes
    ----------
    keyword : str
        Upper case.
    value : str, int, float or bool
        As in the header.
    shown : str
        As the user knows it.
    in_extension : bool
        The keyword stands in the header of the events or the image, not in the primary header.
    from_preset : bool
        Part of a preset: no warning where it does not matter.
    """

    keyword: str
    value: str | int | float | bool
    shown: str
    in_extension: bool = False
    from_preset: bool = False

    def concerns(self, primary: fits.Header) -> bool:
        """Whether a file can have the keyword; files of both segments tell SP_SET_A and SP_SET_B."""
        of_fuv = self.keyword in FUV_SWITCHES or self.keyword.startswith("SP_SET_")
        return bool(primary["DETECTOR"] == "FUV") or not of_fuv


def apply_overrides(
    overrides: Iterable[Override], primary: fits.Header, header: fits.Header, path: Path
) -> None:
    """Give the headers of a file the values that the user wants; each change is told in a HISTORY card.

    Parameters
    ----------
    overrides : iterable of Override
    primary, header : astropy.io.fits.Header
        Of the file and of its events or image; changed in place.
    path : Path
        For messages.

    Raises
    ------
    InputError
        If a step that was done, and cannot be undone, is to be omitted.
    """
    notes = []
    for override in overrides:
        target = header if override.in_extension else primary
        before = target.get(override.keyword)
        if not override.concerns(primary) or before == override.value:
            continue
        if (
            override.keyword in SWITCHES
            and before in ("COMPLETE", "USER-SUPPLIED")
            and override.value == "OMIT"
        ):
            raise InputError(
                f"{path}: {override.keyword} = {before}; what this step did to the events cannot be undone by OMIT. "
                "Start from the raw file."
            )
        target[override.keyword] = override.value
        notes.append(note_of(override.keyword, override.shown, before, path))
        logger.info("%s: %s", path.name, notes[-1].removeprefix(_MARK))
    for note in notes:
        primary.add_history(note)


def note_of(keyword: str, shown: str, before: object, path: Path) -> str:
    """What a HISTORY card tells of an overridden keyword.

    Parameters
    ----------
    keyword, shown : str
        The keyword and its new value.
    before : object
        The value in the file; None if it is missing.
    path : Path
        The file.
    """
    kind = "corrtag" if "_corrtag" in path.name else "raw"
    found = f"not in the {kind} file" if before is None else f"{_shown(before)} in the {kind} file"
    return f"{_MARK}{keyword} = {shown} ({found})"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "PERFORM" if value else "OMIT"  # STATFLAG is the only one
    return str(value).strip()


def merge_notes(primary: fits.Header, others: Iterable[fits.Header]) -> None:
    """Add to a primary header what was overridden in other files that its product is made of; in place."""
    known = set(notes_of(primary))
    for other in others:
        for note in notes_of(other):
            if note not in known:
                primary.add_history(note)
                known.add(note)


def notes_of(primary: fits.Header) -> Iterator[str]:
    """The HISTORY cards about overridden keywords, those of one text joined."""
    text = ""
    for card in map(str, primary.get("HISTORY", ())):
        if card.startswith(_MARK) or not text:
            if text:
                yield text
            text = card if card.startswith(_MARK) else ""
        else:
            text += card
        if text and len(card) < _CARD_TEXT:
            yield text
            text = ""
    if text:
        yield text
