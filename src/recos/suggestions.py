"""Words near a wrong one, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near(word: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The known word nearest to `word` as a question with a blank before it, or nothing.

    `cutoff`, 0 to 1, is how alike they must be (:func:`difflib.get_close_matches`).

    Examples
    --------
    >>> near("FLATCOR", ["FLATCORR", "DEADCORR"])
    ' Did you mean FLATCORR?'
    """
    found = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f" Did you mean {found[0]}?" if found else ""
