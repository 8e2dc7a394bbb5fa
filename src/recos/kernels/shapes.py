"""Checks of the shapes of arrays, which compiled loops do not check themselves."""

from __future__ import annotations


def check_lengths(*lengths: int) -> None:
    """Raise ValueError unless all lengths are equal."""
    if len(set(lengths)) > 1:
        raise ValueError(f"arrays of different lengths: {', '.join(map(str, lengths))}")
