"""Messages of the library name arguments, as in Python; on the command line they name the options as typed."""

from __future__ import annotations

import re

#: Argument, or argument and value, to option. An argument that is missing has the option of its name: ``--jobs``.
_OPTIONS = {
    "airglow=True": "--with-airglow",
    "burstfile": "--burst",
    "find_target": "--find",
    "livetimefile": "--live",
    "outdir": "-o",
    "outroot": "-o",
    "overrides": "--set",
    "ranges": "--range",
    "shift_file": "--shift",
    "stimfile": "--stim",
}
_NAMED = re.compile(r"`([a-z]\w*(?:=True)?)`")
_AT_THE_BEGINNING = re.compile(r"^([a-z_]+) = ('[^']*'|[^:;]*)(?=[:;])")


def option_of(argument: str) -> str:
    """The option of an argument such as ``outdir`` or ``overwrite=True``."""
    return _OPTIONS.get(argument) or "--" + argument.removesuffix("=True").replace("_", "-")


def as_typed(text: str) -> str:
    """A message of the library with the options of the command line.

    Examples
    --------
    >>> as_typed("products = 'x2d': x2d? Remove the file, or allow overwriting (`overwrite=True`).")
    '--products x2d: x2d? Remove the file, or allow overwriting (--overwrite).'
    """
    text = _NAMED.sub(lambda found: option_of(found[1]), text)
    return _AT_THE_BEGINNING.sub(lambda found: f"{option_of(found[1])} {found[2].strip(chr(39))}", text)
