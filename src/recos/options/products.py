"""Which products a user wants to have."""

from __future__ import annotations

from typing import Any

from recos.errors import UsageError

PRODUCTS = ("corrtag", "counts", "flt", "lampflash", "x1d", "x1dsum", "fltsum")
"""Kinds of products that can be left out; x1dsum stands for x1dsum1 to x1dsum4, too."""


def parse_products(value: Any) -> frozenset[str]:
    """Kinds of products from what the user gave: None for all, names in a text with commas, or a sequence.

    Raises
    ------
    UsageError
        If a name is unknown, there is none, or fltsum is wanted without the flt files that it is made of.
    """
    if value is None:
        return frozenset(PRODUCTS)
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    try:
        chosen = frozenset(str(word).lower() for word in words)
    except TypeError:
        raise UsageError(f"products = {value!r}: expected names of products.") from None
    unknown = sorted(chosen - set(PRODUCTS))
    if unknown or not chosen:
        raise UsageError(
            f"products = {value!r}: {', '.join(unknown) or 'none'}? Name one or more of {', '.join(PRODUCTS)}."
        )
    if "fltsum" in chosen and "flt" not in chosen:
        raise UsageError(f"products = {value!r}: fltsum is made of the flt files; add flt.")
    return chosen
