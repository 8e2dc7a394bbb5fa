"""Nouns that have a length but no truth value."""

from __future__ import annotations

from typing import NoReturn


class NoTruthValue:
    """A base of classes with a length: an empty one must not be mistaken for one that is not there.

    As with NumPy's arrays, ``if events:`` is an error. Ask ``len(events)`` or ``events is None``.
    """

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} has no truth value; ask for its length, or compare it with None."
        )
