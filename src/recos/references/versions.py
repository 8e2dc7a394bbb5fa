"""Which versions of the reference implementation a reference file admits. Specification 1, section 8.4."""

from __future__ import annotations

from itertools import zip_longest


def _elements(version: str) -> list[str]:
    """The parts of a version; a part with letters becomes two: ``2.13b`` gives 2, 13, b."""
    result: list[str] = []
    for part in version.split("."):
        position = next((i for i, c in enumerate(part) if c > "9"), None)
        result += [part] if position is None else [part[:position] or "0", part[position:]]
    return result


def _compare(first: str, second: str) -> int:
    """-1, 0 or 1: order of two elements, as numbers if both are."""
    if first == second:
        return 0
    try:
        return -1 if int(first) < int(second) else int(int(first) > int(second))
    except ValueError:
        return -1 if first < second else 1


def compare_version(version: str, lowest: str, highest: str) -> int:
    """Compare a version with the limits of a range.

    Returns
    -------
    int
        -1 below `lowest`, 1 above `highest`, 0 between (both inclusive).

    Examples
    --------
    >>> compare_version("2.21.1b", "2.0", "3.6.2")
    0
    >>> compare_version("3.7", "2.0", "3.6.2")
    1
    """
    above_lowest = below_highest = False
    parts = zip_longest(_elements(lowest), _elements(version), _elements(highest), fillvalue="0")
    for low, value, high in parts:
        if not above_lowest:
            order = _compare(low, value)
            if order > 0:
                return -1
            above_lowest = order < 0
        if not below_highest:
            order = _compare(value, high)
            if order > 0:
                return 1
            below_highest = order < 0
    return 0
