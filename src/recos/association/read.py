"""Reading an association: from its table, or from the name of a single exposure.

Specification 1, sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from recos.association.checks import check_association
from recos.association.members import TableRow, find_files, read_table, single_row, table_name
from recos.association.model import NO_MEMTYPE, Association, Member, Product, ProductNames
from recos.data.mode import classify
from recos.data.names import rootname
from recos.data.overrides import Override
from recos.errors import AssociationError, InputError, NothingToCalibrateError
from recos.io.paths import expand
from recos.io.read import ExposureHeaders
from recos.io.shift_file import ShiftFile
from recos.messages import get_logger, subject, warn

logger = get_logger(__name__)


def read_association(
    path: str | Path,
    outdir: str | Path | None = None,
    shift_file: str | Path | None = None,
    overrides: Sequence[Override] = (),
    keep_going: bool = False,
) -> Association:
    """Find, read and check the exposures of an input. Nothing is written.

    Parameters
    ----------
    path : str or Path
        An association table (``…_asn`` or ``…_asn.fits``), a raw or corrtag file, or a rootname.
        Environment variables and ``~`` are expanded.
    outdir : str or Path, optional
        Directory of the products; by default the current one. It need not exist.
    shift_file : str or Path, optional
        Shifts that replace those of the lamp (specification 1, section 12.5).
    overrides : sequence of Override, optional
        Values that stand for those of the headers of all files.
    keep_going : bool
        Leave out members whose files cannot be read, with a message; they are in `failures`.

    Returns
    -------
    Association

    Raises
    ------
    InputError
        If a file is unreadable or its keywords contradict each other.
    AssociationError
        If the table is wrong or the members do not fit together.
    NothingToCalibrateError
        If no member is present.
    """
    path = expand(path)
    directory = expand(outdir) if outdir else Path()
    table = table_name(path)
    if table is not None:
        logger.info("Association file = %s", table)
        rows = read_table(table)
    else:
        logger.info("Input file = %s", path)
        rows = single_row(path, NO_MEMTYPE)
    return association_of(table or path, rows, directory, shift_file, overrides, keep_going)


def association_of(
    path: Path,
    rows: list[TableRow],
    outdir: Path | None = None,
    shift_file: str | Path | None = None,
    overrides: Sequence[Override] = (),
    keep_going: bool = False,
) -> Association:
    """As :func:`read_association`, from the rows of a table that need not be written yet.

    Parameters
    ----------
    path : Path
        The association table, for messages and product names, or the raw file.
    rows : list of TableRow
    outdir, shift_file, overrides, keep_going
        As for :func:`read_association`.

    Returns
    -------
    Association

    Raises
    ------
    InputError, AssociationError, NothingToCalibrateError
        As :func:`read_association`.
    """
    directory = outdir or Path()
    association = Association(
        path=path,
        outdir=directory,
        members=[],
        product=_product(rows, directory, path),
        is_table=table_name(path) is not None,
        simulates_wavecals=any(row.memtype == "EXP-SWAVE" for row in rows),
        shift_file=None if not shift_file else expand(shift_file),
    )
    if association.shift_file is not None:
        association.user_shifts = ShiftFile.read(association.shift_file)
    _add_members(association, rows, overrides, keep_going)
    _check_shifts(association)
    check_association(association)
    return association


def _check_shifts(association: Association) -> None:
    """Tell of a shift file that has no effect."""
    shifts = association.user_shifts
    if shifts is None:
        return
    named = [f for f, _ in association if shifts.applies_to(rootname(f.path), f.mode.fpoffset)]
    if not named:
        warn(logger, f"{shifts.name}: no line has the rootname and the FPOFFSET of an exposure.")
    for headers in named:
        if headers.switches["WAVECORR"] != "PERFORM" and not headers.mode.is_wavecal:
            value = headers.switches["WAVECORR"]
            warn(logger, f"{headers.path}: WAVECORR = {value}; {shifts.name} has no effect on it.")


def _add_members(
    association: Association, rows: list[TableRow], overrides: Sequence[Override], keep_going: bool
) -> None:
    taken: set[Path] = set()
    for row in rows:
        if row.is_product or not row.present:
            continue
        with subject(rootname(row.path)):
            try:
                files = find_files(row.path, overrides)
            except InputError as error:
                association.note_failure(error, keep_going)
                continue
            if files and all(f.path in taken for f in files):
                warn(logger, f"{row.memname} is listed twice in {association.path}; it is calibrated once")
                continue
            taken.update(f.path for f in files)
            files = [_with_user_shifts(association, f) for f in files]
            for kind in (True, False):  # images of the target acquisition are calibrated by themselves
                chosen = [f for f in files if (f.mode.kind == "ACQ_IMAGE") == kind]
                names = [ProductNames.of(f, association.outdir) for f in chosen]
                if chosen:
                    association.members.append(Member(row.memname, row.memtype, chosen, names))
    if not association.members:
        if association.failures:
            raise association.failures[0]
        raise NothingToCalibrateError(_nothing_found(association, rows))
    if association.product is not None:
        logger.debug("product = %s", association.product.stem)


def _nothing_found(association: Association, rows: list[TableRow]) -> str:
    if association.path.is_file() and not association.is_table:
        return (
            f"{association.path}: an exposure of this kind cannot be calibrated; of target acquisitions, only those "
            "with EXPTYPE = ACQ/IMAGE hold images."
        )
    if not association.is_table:
        return (
            f"{association.path}: no raw or corrtag file of this name that can be calibrated. "
            "Give the name of an association, of a raw file, or a rootname of raw files."
        )
    listed = [row for row in rows if not row.is_product]
    present = [row.memname for row in listed if row.present]
    if not present:
        return (
            f"{association.path}: none of the {len(listed)} members has MEMPRSNT true. "
            "Set it for the exposures that are to be calibrated."
        )
    folder = association.path.parent
    return (
        f"{association.path}: no raw file of a member ({', '.join(present)}) was found in {folder}. "
        "Put the raw files beside the association table."
    )


def _with_user_shifts(association: Association, headers: ExposureHeaders) -> ExposureHeaders:
    """User-supplied shifts are applied like those of lamp flashes. Specification 4, section 6.3."""
    mode = headers.mode
    if (
        association.user_shifts is None
        or mode.has_flashes
        or mode.exptype == "WAVECAL"
        or mode.obsmode == "ACCUM"
    ):
        return headers
    # Without times of flashes there is no flash to assign the shift to: it is then constant.
    if "LMP_ON1" not in headers.header or not association.user_shifts.applies_to(
        rootname(headers.path), mode.fpoffset
    ):
        return headers
    return replace(headers, mode=classify(replace(mode, tagflash="UNIFORMLY SPACED"), headers.path))


def _product(rows: list[TableRow], outdir: Path, table: Path) -> Product | None:
    found = [row for row in rows if row.is_product]
    if len(found) > 1:
        raise AssociationError(
            f"{table}: the association table lists {len(found)} products "
            f"({', '.join(row.memname for row in found)}); it may list no more than one. Remove others."
        )
    return Product(outdir / found[0].memname.lower(), found[0].memtype) if found else None
