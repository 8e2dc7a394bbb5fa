"""The members of an association table with their configurations. COS Data Handbook, section 3.6.1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recos.association.table import Row, checked_name, member_files, read_rows
from recos.io.fits import open_fits
from recos.io.paths import expand

if TYPE_CHECKING:
    from astropy.table import Table

_KEYWORDS = ("DETECTOR", "APERTURE", "OPT_ELEM", "CENWAVE", "OBSMODE", "FPPOS", "EXPTIME", "EXPTYPE")

#: Columns of :func:`show`.
COLUMNS = ("MEMNAME", "MEMTYPE", "MEMPRSNT", *_KEYWORDS, "FILES")

MISSING = "missing"


def show(path: str | Path) -> Table:
    """List the members of an association table: the table, and what the headers of the raw files say.

    Parameters
    ----------
    path : str or Path
        The table; variables and ``~`` are expanded.

    Returns
    -------
    astropy.table.Table
        One row per row of the table: MEMNAME, MEMTYPE, MEMPRSNT; DETECTOR, APERTURE, OPT_ELEM, CENWAVE, OBSMODE,
        FPPOS, EXPTIME (s, the longest of the files), EXPTYPE, None where unknown; FILES: the names of the raw files
        beside the table without the rootname, ``missing`` if there is none, empty for the product.

    Raises
    ------
    InputError
        If the table or a raw file is unreadable.
    """
    from astropy.table import Table

    path = checked_name(expand(path))
    rows = [_listed(row, path.parent) for row in read_rows(path)]
    kinds = [str, str, bool, *[object] * len(_KEYWORDS), str]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return Table(columns, names=COLUMNS, dtype=kinds)


def _listed(row: Row, folder: Path) -> tuple[Any, ...]:
    own = (row.memname, row.memtype, row.present)
    if row.is_product:
        return (*own, *[None] * len(_KEYWORDS), "")
    files = member_files(folder / row.key)
    if not files:
        return (*own, *[None] * len(_KEYWORDS), MISSING)
    found = [_keywords(file) for file in files]
    values = dict(found[0])
    times = [f["EXPTIME"] for f in found if f["EXPTIME"] is not None]
    values["EXPTIME"] = max(times, default=None)
    return (*own, *(values[key] for key in _KEYWORDS), " ".join(_short(file, row) for file in files))


def _short(file: Path, row: Row) -> str:
    return file.name.removeprefix(f"{row.key}_").removesuffix(".fits")


def _keywords(path: Path) -> dict[str, Any]:
    with open_fits(path) as hdus:
        primary = hdus[0].header
        header = hdus[1].header if len(hdus) > 1 else {}
        return {key: primary.get(key, header.get(key)) for key in _KEYWORDS}
