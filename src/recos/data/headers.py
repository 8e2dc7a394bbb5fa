"""FITS headers and cards, where astropy's own functions are slow or print warnings."""

from __future__ import annotations

from astropy.io import fits

_INDICES = ("_keyword_indices", "_rvkc_indices")
_PARTS = {"_cards", "_modified", *_INDICES}
_VALUE_BEGINS, _VALUE_ENDS = 10, 30
_NO_ROOM_PROBLEM = 44
"""Characters of value and comment together that fit into every card."""


def copy_header(header: fits.Header) -> fits.Header:
    """An independent copy of a header, equal to :meth:`astropy.io.fits.Header.copy`.

    astropy appends copied cards one by one and looks up the positions of all of them again, which makes copies a
    large part of a short run. Here the index is copied with the cards. Headers with other parts than those of
    astropy 6 to 8 are left to astropy.
    """
    if type(header) is not fits.Header or set(vars(header)) != _PARTS:
        return header.copy()
    new = fits.Header()
    new._cards = [_copy_card(card) for card in header._cards]
    for name in _INDICES:
        index = getattr(header, name)
        getattr(new, name).update({keyword: positions.copy() for keyword, positions in index.items()})
    return new


def card_text(card: fits.Card) -> str:
    """A card as it stands in a file, 80 characters or a multiple.

    A comment too long for the card is cut. astropy does the same, but with a warning, which could only be silenced
    for all threads of the process at a time.
    """
    if card._image is not None and not card._modified:
        return str(card)
    comment = card.comment
    if not comment or len(comment) + len(str(card.value)) <= _NO_ROOM_PROBLEM or len(card.keyword) > 8:
        return str(card)
    bare = _copy_card(card)
    bare.comment = ""
    text = str(bare)
    if len(text) > fits.Card.length:  # a long string, continued in further cards with its comment
        return str(card)
    value_ends = _VALUE_BEGINS if isinstance(card.value, fits.card.Undefined) else _VALUE_ENDS
    return f"{text.rstrip():{value_ends}} / {comment}"[: fits.Card.length].ljust(fits.Card.length)


def _copy_card(card: fits.Card) -> fits.Card:
    """A shallow copy, without the protocol of :mod:`copy`."""
    new = object.__new__(type(card))
    new.__dict__.update(card.__dict__)
    return new
