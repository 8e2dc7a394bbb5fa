"""FITS headers and cards, where astropy's own functions are slow or print warnings."""

from __future__ import annotations

from collections.abc import Iterable

from astropy.io import fits
from astropy.io.fits.card import _format_value as format_value

_INDICES = ("_keyword_indices", "_rvkc_indices")
_PARTS = {"_cards", "_modified", *_INDICES}
_KEYWORD_LENGTH = 8
_WITHOUT_VALUE = ("COMMENT", "HISTORY", "", "CONTINUE", "END")
_SURELY_ONE_CARD = 33
"""Characters of a string that fit into a card even if all are quotes, which are doubled."""


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
    for all threads of the process at a time. What was formatted once is kept until the card changes.
    """
    if card._image is None or card._modified:
        text = card._image = _formatted(card)
        card._modified = False
        return text
    return str(card)


def _formatted(card: fits.Card) -> str:
    keyword = card.keyword
    if len(keyword) > _KEYWORD_LENGTH or keyword in _WITHOUT_VALUE or card.field_specifier:
        return str(card)
    # a number keeps the format that it was read in; others are formatted without astropy's look-up of settings
    as_read = card._value is None or card._valuestring
    value = card._format_value() if as_read else format_value(card._value)
    comment = card.comment if card._comment is None and card._image else card._comment
    comment = (comment or "").rstrip()
    text = f"{keyword:{_KEYWORD_LENGTH}}= {value}" + (f" / {comment}" if comment else "")
    if len(text) > fits.Card.length:
        if len(value) > fits.Card.length - _KEYWORD_LENGTH - 2:  # continued in further cards
            return str(card)
        text = text[: fits.Card.length]
    return text.ljust(fits.Card.length)


def header_text(header: fits.Header) -> str:
    """The cards of a header as they stand in a file, without END."""
    return "".join(map(card_text, header.cards))


def card_length(card: fits.Card) -> int:
    """The length of :func:`card_text`, for most cards without formatting them."""
    if card._image is None or card._modified:
        value = card._value
        short = isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= _SURELY_ONE_CARD)
        return fits.Card.length if short else len(card_text(card))
    return len(card_text(card))


def structure_text(cards: Iterable[tuple[str, str | int] | tuple[str, str | int, str]]) -> str:
    """Cards of keyword, value and comment as they stand in a file, without the detour by objects."""
    return "".join(_card_of(*card) for card in cards)


def _card_of(keyword: str, value: str | int, comment: str = "") -> str:
    comment = comment.rstrip()
    text = f"{keyword:{_KEYWORD_LENGTH}}= {format_value(value)}" + (f" / {comment}" if comment else "")
    if len(text) > fits.Card.length or not text.isascii() or not text.isprintable():
        return card_text(fits.Card(keyword, value, comment))
    return text.ljust(fits.Card.length)


def _copy_card(card: fits.Card) -> fits.Card:
    """A shallow copy, without the protocol of :mod:`copy`."""
    new = object.__new__(type(card))
    new.__dict__.update(card.__dict__)
    return new
