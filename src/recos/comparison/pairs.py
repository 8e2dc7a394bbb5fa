"""Which files belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from recos.errors import ComparisonError, UsageError
from recos.io.paths import expand
from recos.options.products import PRODUCTS

KINDS = (*PRODUCTS, "csum")
_PRODUCT = re.compile(rf"_({'|'.join(KINDS)})\d?(_[ab])?\.fits(\.gz)?$")
_SHOWN = 4
"""Names in a message."""


class Pairs(NamedTuple):
    """Files of equal name on both sides, and names on one side only."""

    both: list[tuple[str, Path, Path]]
    only_old: list[str]
    only_new: list[str]


def kind_of(name: str) -> str:
    """Kind of a product by its name, such as x1d; empty if it is none."""
    match = _PRODUCT.search(name)
    return match[1] if match else ""


def parse_kinds(value: str | Iterable[str] | None) -> frozenset[str]:
    """Kinds of products from what the user gave: None for all, names in a text with commas, or several names.

    Raises
    ------
    UsageError
        If a name is unknown, or there is none.
    """
    if value is None:
        return frozenset(KINDS)
    words = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    unknown = [word for word in words if word not in KINDS]
    if unknown or not words:
        raise UsageError(
            f"products = {value!r}: {', '.join(unknown) or 'none'}? Name one or more of {', '.join(KINDS)}."
        )
    return frozenset(words)


def find_pairs(old: str | Path, new: str | Path, kinds: frozenset[str]) -> Pairs:
    """Pair the files of OLD and NEW.

    Two files are compared whatever their names. Of folders, products are compared that have the same name, but for a
    ``.gz``; of a file and a folder, the product of that name.

    Parameters
    ----------
    old, new : str or Path
    kinds : frozenset of str
        Products that count in folders.

    Raises
    ------
    ComparisonError
        If one does not exist, or there is nothing that is on both sides.
    """
    first, second = (_existing(expand(path)) for path in (old, new))
    if first.is_file() and second.is_file():
        name = first.name if first.name == second.name else f"{first.name} → {second.name}"
        return Pairs([(name, first, second)], [], [])
    ours, theirs = _products(first, kinds), _products(second, kinds)
    if first.is_file() or second.is_file():
        (name,) = ours if first.is_file() else theirs
        ours, theirs = ({n: p for n, p in found.items() if n == name} for found in (ours, theirs))
    both = [(name, ours[name], theirs[name]) for name in sorted(ours) if name in theirs]
    if not both:
        raise ComparisonError(
            f"{first} and {second} have no product in common ({_some(ours)}; {_some(theirs)}). Files are paired by "
            "name; give two files to compare them whatever their names."
        )
    return Pairs(both, sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours)))


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ComparisonError(f"{path}: no such file or folder. Check the name and the current directory.")
    if not path.is_file() and not path.is_dir():
        raise ComparisonError(f"{path}: neither a file nor a folder.")
    return path


def _products(path: Path, kinds: frozenset[str]) -> dict[str, Path]:
    """The products of a folder, or one file, by the name without ``.gz``; the uncompressed one comes first."""
    if path.is_file():
        return {path.name.removesuffix(".gz"): path}
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        if kind_of(file.name) in kinds:
            found.setdefault(file.name.removesuffix(".gz"), file)
    return found


def _some(found: dict[str, Path]) -> str:
    names = sorted(found)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else "none"
