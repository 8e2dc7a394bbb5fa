"""Copies of headers, and cards as text, against what astropy makes."""

from __future__ import annotations

import warnings

import pytest
from astropy.io import fits
from hypothesis import example, given
from hypothesis import strategies as st

from recos.data.headers import card_length, card_text, copy_header, header_text, structure_text

VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
COMMENTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90)


@pytest.fixture
def header():
    made = fits.Header([("A", 1, "one"), ("LONG", "x" * 100, "y" * 70)])
    made["HISTORY"] = "first"
    made.add_history("second")
    return fits.Header.fromstring(made.tostring())


def test_copy_equals_that_of_astropy(header):
    assert copy_header(header).tostring() == header.copy().tostring()
    assert type(copy_header(header)) is fits.Header


def test_copy_is_independent(header):
    before = header.tostring()
    copy = copy_header(header)
    copy["A"] = 2
    copy.add_history("third", after="A")
    del copy["LONG"]
    copy["NEW"] = (3, "three")
    assert header.tostring() == before
    assert list(copy) == ["A", "NEW", "HISTORY", "HISTORY", "HISTORY"]
    assert (copy["A"], list(copy["HISTORY"])) == (2, ["third", "first", "second"])


def test_copy_of_a_header_of_another_class():
    class Other(fits.Header):
        pass

    assert copy_header(Other([("A", 1)]))["A"] == 1


def text_of_astropy(card):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(card)


@example(value=None, comment=" ")
@given(value=VALUES, comment=COMMENTS)
def test_text_of_a_new_card(value, comment):
    card = fits.Card("KEYWORD", value, comment)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = card_text(fits.Card("KEYWORD", value, comment))
    assert text == text_of_astropy(card)


@given(value=VALUES, comment=COMMENTS, later=VALUES)
def test_text_of_a_changed_card(value, comment, later):
    cards = [fits.Card.fromstring(text_of_astropy(fits.Card("KEY", value, comment))) for _ in range(2)]
    for card in cards:
        card.value = later
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = card_text(cards[0])
    assert text == text_of_astropy(cards[1])


@given(value=VALUES, comment=COMMENTS, later=VALUES)
def test_length_of_a_card(value, comment, later):
    card = fits.Card("KEY", value, comment)
    assert card_length(card) == len(text_of_astropy(card))
    card.value = later
    assert card_length(card) == len(card_text(card)) == len(text_of_astropy(card))


@given(first=VALUES, second=VALUES)
def test_text_follows_later_changes(first, second):
    card = fits.Card("KEY", first, "comment")
    card_text(card)
    card.value = second
    assert card_text(card) == text_of_astropy(fits.Card("KEY", second, "comment"))


@given(
    st.lists(
        st.tuples(st.sampled_from(["TTYPE1", "NAXIS"]), VALUES.filter(lambda v: v is not None), COMMENTS)
    )
)
def test_structure_is_that_of_a_header_of_astropy(cards):
    expected = "".join(text_of_astropy(fits.Card(*card)) for card in cards)
    assert structure_text(cards) == expected


def test_text_of_a_header(header):
    assert header_text(header) == header.tostring(endcard=False, padding=False)
