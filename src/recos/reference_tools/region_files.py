"""Extraction tables with other regions, written to new reference files. COS Data Handbook, section 3.6.3."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from astropy.io import fits

from recos.data.reference_kinds import KINDS
from recos.errors import MissingRowError, OutputExistsError, ReferenceFileError, UsageError
from recos.io.fitsfile import AtomicFile
from recos.io.paths import expand
from recos.options.regions import Choice, Tailoring, cells_of
from recos.references.collection import ReferenceCache
from recos.references.tables import ReferenceTable, Row

_BY_FILETYPE = {KINDS[keyword].filetype: keyword for keyword in ("XTRACTAB", "TWOZXTAB")}


def tailor_file(
    path: str | Path, output: str | Path, tailoring: Tailoring, *, overwrite: bool = False, **criteria: Any
) -> list[str]:
    """Copy an extraction table, with other regions in some of its rows.

    Parameters
    ----------
    path : str or Path
        An XTRACTAB or TWOZXTAB.
    output : str or Path
        The new file; never `path` itself.
    tailoring : Tailoring
        Without location, which is no column.
    overwrite : bool
        Replace an existing file.
    **criteria
        Columns and values of the rows that are changed: segment, opt_elem, cenwave, aperture.

    Returns
    -------
    list of str
        What was changed, one line for each cell, as in the HISTORY of the new file.

    Raises
    ------
    ReferenceFileError
        If the file is unreadable, or no extraction table.
    MissingRowError
        If no row satisfies the criteria.
    UsageError
        If nothing is chosen, or a choice is none of this table.
    OutputExistsError, OutputError
    """
    path, output = expand(path), expand(output)
    if output.exists() and path.exists() and output.samefile(path):
        raise OutputExistsError(
            f"{output}: the new file would replace the one it is made of. Give another name."
        )
    with ReferenceCache() as cache:
        keyword = _kind(cache, path)
        table = cache.table(keyword, str(path))
        rows = table.rows(**criteria)
        if not rows:
            wanted = ", ".join(f"{name.upper()} = {value}" for name, value in criteria.items())
            raise MissingRowError(f"{path} ({keyword}): no row for {wanted}. Check the values.")
        cells = {row.index: _cells(row, tailoring, keyword) for row in rows}
        if not any(cells.values()):
            raise UsageError("Nothing is changed. Give other regions: height, center, background_centers, ….")
        changed = table.with_cells(cells)
        notes = [note for row in rows for note in _notes(row, cells[row.index])]
        _write(cache.file(keyword, str(path)), changed, cells, notes, output, overwrite)
    return notes


def _kind(cache: ReferenceCache, path: Path) -> str:
    filetype = str(cache.file("XTRACTAB or TWOZXTAB", str(path))[0].header.get("FILETYPE", "")).strip()
    if filetype not in _BY_FILETYPE:
        raise ReferenceFileError(
            f"{path}: FILETYPE = {filetype!r}; expected {' or '.join(map(repr, _BY_FILETYPE))}."
        )
    return _BY_FILETYPE[filetype]


def _cells(row: Row, tailoring: Tailoring, keyword: str) -> dict[str, Any]:
    choice: Choice = tailoring.of(str(row["SEGMENT"]))
    if choice.location is not None:
        raise UsageError("location is no column of a table; give center (B_SPEC) or offset.")
    if keyword == "XTRACTAB" and (choice.enclosed_energy or choice.inner):
        raise UsageError("XTRACTAB knows no enclosed energy; enclosed_energy and inner are of TWOZXTAB.")
    return cells_of(choice, row, aligns=False)


def _notes(row: Row, cells: dict[str, Any]) -> list[str]:
    where = " ".join(str(row[name]) for name in ("SEGMENT", "OPT_ELEM", "CENWAVE", "APERTURE"))
    return [f"recos: {where}: {column} = {value} (was {row[column]})" for column, value in cells.items()]


def _write(
    hdus: fits.HDUList,
    changed: ReferenceTable,
    cells: dict[int, dict[str, Any]],
    notes: list[str],
    output: Path,
    overwrite: bool,
) -> None:
    copied = fits.HDUList([hdu.copy() for hdu in hdus])
    for index, values in cells.items():
        for column in values:
            copied[1].data.field(column)[index] = changed.value(column, index)
    copied[0].header["FILENAME"] = output.name
    for note in notes:
        copied[0].header.add_history(note)
    buffer = io.BytesIO()
    copied.writeto(buffer, output_verify="silentfix+ignore")
    with AtomicFile(output, overwrite) as file:
        file.write(0, buffer.getvalue())
