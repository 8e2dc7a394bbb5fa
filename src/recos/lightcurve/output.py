"""A light curve as the bytes of a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from recos.errors import UsageError

if TYPE_CHECKING:
    from astropy.table import Table

_FORMATS = {".ecsv": "ascii.ecsv", ".fits": "fits"}


def check_suffix(path: Path) -> None:
    """Check that the name of a file tells a format.

    Raises
    ------
    UsageError
        If it ends neither in .ecsv nor in .fits.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"{path}: a light curve is written as {' or '.join(_FORMATS)}. Give such a name.")


def table_bytes(table: Table, path: Path) -> bytes:
    """The contents of the file `path` that holds a table, in the format of its suffix.

    Raises
    ------
    UsageError
        As :func:`check_suffix`.
    """
    check_suffix(path)
    kind = _FORMATS[path.suffix.lower()]
    if kind == "fits":
        binary = io.BytesIO()
        table.write(binary, format=kind)
        return binary.getvalue()
    text = io.StringIO()
    table.write(text, format=kind)
    return text.getvalue().encode("utf-8")
