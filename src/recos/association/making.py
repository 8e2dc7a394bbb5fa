"""Make an association table from raw files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from recos.association.editing import check_rows
from recos.association.table import Row, checked_name, new_table, with_product, write_rows
from recos.data.names import rootname
from recos.errors import AssociationError, InputError, NothingToCalibrateError, OutputExistsError
from recos.io.paths import expand, matching_files, same_directory
from recos.io.read import ExposureHeaders, read_headers
from recos.messages import Transcript, get_logger, messages_to, warn

logger = get_logger(__name__)

_MEMBERS = ("SCIENCE", "CALIBRATION", "WAVECAL")
_COPIED = ("TARGNAME", "RA_TARG", "DEC_TARG", "PROPOSID", "DETECTOR")


def make(
    files: str | Path | Iterable[str | Path],
    output: str | Path,
    product: str | None = None,
    *,
    gwave: bool = False,
    force: bool = False,
    overwrite: bool = False,
) -> list[Row]:
    """Make an association table from raw or corrtag files that are beside it.

    Parameters
    ----------
    files : str, Path or iterable of them
        Names and patterns. Both segments are one member; target acquisitions are left out, with a warning.
    output : str or Path
        The table, ``…_asn.fits``.
    product : str, optional
        Rootname of the product; by default that of the table.
    gwave : bool
        Wavecals are GO wavecals (EXP-GWAVE) instead of automatic ones (EXP-AWAVE).
    force : bool
        Do not check that the exposures belong together.
    overwrite : bool
        Replace an existing table.

    Returns
    -------
    list of Row
        In the order of the exposures in time, the product last.

    Raises
    ------
    InputError
        If a file is no raw or corrtag file, or damaged.
    NothingToCalibrateError
        If all files were left out.
    AssociationError
        If exposures do not belong together, or are not in the directory of the table.
    OutputError, OutputExistsError
        If the table cannot be written.
    """
    path = checked_name(expand(output))
    if path.exists() and not overwrite:
        raise OutputExistsError(
            f"{path}: the file exists. Remove it, or allow overwriting (`overwrite=True`)."
        )
    names = matching_files([files] if isinstance(files, str | Path) else files)
    found = sorted(_headers(names), key=lambda headers: (headers.mode.expstart, headers.path.name))
    members: dict[str, ExposureHeaders] = {}
    for headers in found:
        _check_place(headers, path)
        first = members.setdefault(rootname(headers.path), headers)
        if first.is_corrtag != headers.is_corrtag:
            raise AssociationError(
                f"{first.path}, {headers.path}: a raw and a corrtag file of one exposure. Give one of them."
            )
    rows = [_row(root, headers, gwave) for root, headers in members.items()]
    if not rows:
        raise NothingToCalibrateError(f"{path}: none of the files is an exposure of an association.")
    rows = with_product(rows, product or path.name.removesuffix("_asn.fits"))
    check_rows(path, rows, force)
    keywords = {key: found[0].primary[key] for key in _COPIED if key in found[0].primary}
    write_rows(path, new_table(path, **keywords), rows, overwrite)
    return rows


def _headers(paths: list[Path]) -> list[ExposureHeaders]:
    found = []
    for path in paths:
        with messages_to(Transcript()):  # the check of the whole table says it again
            headers = read_headers(path)
        if not headers.is_corrtag and "_raw" not in path.name:
            raise InputError(f"{path}: no raw or corrtag file. Give …_raw*.fits or …_corrtag*.fits.")
        if headers.mode.kind in _MEMBERS:
            found.append(headers)
        else:
            warn(logger, f"{path}: EXPTYPE = {headers.mode.exptype} is no part of an association; left out")
    return found


def _check_place(headers: ExposureHeaders, table: Path) -> None:
    if not same_directory(headers.path.parent, table.parent):
        raise AssociationError(
            f"{headers.path}: members are files beside the association table, in {table.parent.resolve()}. Write the "
            "table where the raw files are."
        )


def _row(root: str, headers: ExposureHeaders, gwave: bool) -> Row:
    """By rootname where files are found by it: those of raw files in lower case."""
    wave = "EXP-GWAVE" if gwave else "EXP-AWAVE"
    memtype = wave if headers.mode.exptype == "WAVECAL" else "EXP-FP"
    by_file = headers.is_corrtag or root != root.lower()
    return Row(headers.path.name if by_file else root.upper(), memtype, True)
