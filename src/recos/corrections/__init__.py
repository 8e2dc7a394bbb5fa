"""Named corrections: where recos can do better than the numbers of the reference implementation.

By default products hold the reference's numbers, its faults included. Each entry of :data:`CORRECTIONS` names one
fault and what is computed instead when the correction is switched on; a step asks ``"name" in exposure.corrections``
at the place where the default is computed. Each group has a module for its entries. Products tell in HISTORY cards
which corrections they were made with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from astropy.io import fits

from recos.corrections.entry import Correction, Stage
from recos.corrections.events import EVENTS
from recos.corrections.extraction import COMBINATION, EXTRACTION
from recos.corrections.wavelengths import WAVELENGTHS
from recos.data.mode import Mode
from recos.errors import UsageError, near

__all__ = [
    "CORRECTIONS",
    "Correction",
    "Stage",
    "corrections_in_force",
    "parse_corrections",
    "record_corrections",
    "recorded_corrections",
]

_MARK = "recos: correction "

CORRECTIONS: dict[str, Correction] = {
    correction.name: correction for correction in (*EVENTS, *WAVELENGTHS, *EXTRACTION, *COMBINATION)
}
"""All corrections by name, in the order of the pipeline."""


def parse_corrections(value: Any) -> frozenset[str]:
    """Names of corrections from what a user gave.

    Parameters
    ----------
    value : str, iterable of str, or None
        Names, as text separated by commas; ``all`` stands for those that are no matter of choice.

    Raises
    ------
    UsageError
        If there is no correction of a name.
    """
    words = value.split(",") if isinstance(value, str) else [] if value is None else value
    if not isinstance(words, Iterable) or not all(isinstance(word, str) for word in words):
        raise UsageError(f"corrections = {value!r}; expected 'all', or names of corrections.")
    found: set[str] = set()
    for word in words:
        name = word.strip().lower()
        if name == "all":
            found |= {c.name for c in CORRECTIONS.values() if c.in_all}
        elif name in CORRECTIONS:
            found.add(name)
        elif name:
            raise UsageError(
                f"There is no correction {word.strip()!r}.{near(name, CORRECTIONS)} "
                "'recos corrections' lists them; 'all' switches them on."
            )
    return frozenset(found)


def corrections_in_force(
    requested: frozenset[str], mode: Mode, primary: fits.Header, is_corrtag: bool
) -> frozenset[str]:
    """The corrections that act on an exposure.

    Parameters
    ----------
    requested : frozenset of str
    mode : Mode
    primary : astropy.io.fits.Header
        Of its file. Events of a corrtag file keep what was done to them: its corrections stay in force, and others
        that change events cannot act on it.
    is_corrtag : bool
    """
    names = set(requested)
    if is_corrtag:
        names = {n for n in names if CORRECTIONS[n].stage != "events"} | recorded_corrections(primary)
    return frozenset(n for n in names if CORRECTIONS[n].concerns(mode))


def recorded_corrections(primary: fits.Header) -> frozenset[str]:
    """The corrections with which a product was made, as its primary header tells."""
    cards = map(str, primary.get("HISTORY", ()))
    names = {card.removeprefix(_MARK).strip() for card in cards if card.startswith(_MARK)}
    return frozenset(names & CORRECTIONS.keys())


def record_corrections(primary: fits.Header, names: frozenset[str], *stages: Stage) -> None:
    """Tell in HISTORY cards of a primary header which corrections a product was made with; in place.

    Parameters
    ----------
    primary : astropy.io.fits.Header
    names : frozenset of str
        Corrections in force.
    *stages : {"events", "images", "spectrum", "combination"}
        Those of the product; corrections of other stages are left out.
    """
    known = recorded_corrections(primary)
    for correction in CORRECTIONS.values():
        if correction.name in names - known and correction.stage in stages:
            primary.add_history(_MARK + correction.name)
