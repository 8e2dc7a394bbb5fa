"""Edit association tables: which exposures are calibrated, further ones, GO wavecals, the name of the product.

COS Data Handbook, sections 3.6.1 ("Edit the Input Association File") and 3.6.2.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from recos.association.model import Association
from recos.association.read import association_of
from recos.association.table import (
    Row,
    checked_name,
    has_root,
    member_files,
    read_rows,
    with_product,
    write_rows,
)
from recos.data.names import rootname
from recos.errors import AssociationError, OutputError, OutputExistsError, RecosError, UsageError, near
from recos.io.fits import open_fits
from recos.io.paths import expand
from recos.io.read import read_headers
from recos.messages import get_logger, warn

logger = get_logger(__name__)

#: Types of members besides the product. Specification 1, section 4.1.
MEMTYPES = ("EXP-FP", "EXP-AWAVE", "EXP-GWAVE", "EXP-IWAVE", "EXP-SWAVE")

Names = str | Iterable[str]


class Edited(NamedTuple):
    """What :func:`edit` did."""

    path: Path
    """The table."""
    rows: list[Row]
    backup: Path | None
    """Copy of the table as it was; None if it was not replaced."""
    is_changed: bool


def edit(
    path: str | Path,
    output: str | Path | None = None,
    *,
    drop: Names = (),
    keep: Names = (),
    add: Names = (),
    add_gwave: Names = (),
    product: str | None = None,
    remove: bool = False,
    force: bool = False,
    overwrite: bool = False,
) -> Edited:
    """Edit an association table. The result is checked as before a calibration, and written completely or not at all.

    Members are named by rootname, any case, or by full file name.

    Parameters
    ----------
    path : str or Path
        The table.
    output : str or Path, optional
        The new table; by default the old one is replaced and a copy kept (``.bak``, ``.bak.1``, …).
    drop : str or iterable of str
        Members that are not to be calibrated: MEMPRSNT becomes false.
    keep : str or iterable of str
        Members that are to be calibrated; all others of their kind, science or wavecals, are dropped.
    add : str or iterable of str
        Further members, ``NAME`` or ``NAME=MEMTYPE``, before the product; by default MEMTYPE follows from EXPTYPE.
        A member that is in the table gets MEMPRSNT true.
    add_gwave : str or iterable of str
        GO wavecals: ``NAME=EXP-GWAVE``. They are used with exposures without lamp flashes (not TAGFLASH).
    product : str, optional
        Rootname of the product.
    remove : bool
        Remove the rows of dropped members.
    force : bool
        Write the table without checks of the exposures.
    overwrite : bool
        Replace `output` if it exists.

    Raises
    ------
    UsageError
        If nothing is to be changed, or the changes contradict each other.
    AssociationError
        If a name is not in the table, a raw file is missing, or members do not fit together.
    OutputError, OutputExistsError
        If the table cannot be written; it then stays as it was.
    """
    path = checked_name(expand(path))
    target = path if output is None else checked_name(expand(output))
    if not any((drop, keep, add, add_gwave, product)):
        raise UsageError("Give what is to be changed: `drop`, `keep`, `add`, `add_gwave` or `product`.")
    if target.exists() and target.resolve() != path.resolve() and not overwrite:
        raise OutputExistsError(
            f"{target}: the file exists. Remove it, or allow overwriting (`overwrite=True`)."
        )
    old = read_rows(path)
    editor = _Editor(path, target, list(old), force)
    editor.choose(_listed(drop), _listed(keep), remove)
    editor.add(_listed(add) + [f"{name}=EXP-GWAVE" for name in _listed(add_gwave)])
    if product is not None:
        editor.rows = with_product(editor.rows, product)
    check_rows(target, editor.rows, force)
    in_place = target.resolve() == path.resolve()
    if in_place and editor.rows == old:
        return Edited(path, old, None, False)
    if in_place and not os.access(path, os.W_OK):
        raise OutputError(f"{path}: no permission to write the table. Give another name (`outdir`).")
    with open_fits(path) as hdus:
        backup = back_up(path) if in_place else None
        write_rows(target.resolve() if in_place else target, hdus, editor.rows, overwrite=True)
    return Edited(target, editor.rows, backup, True)


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else [str(name) for name in names]


class _Editor:
    """Rows of a table while they are changed."""

    def __init__(self, path: Path, target: Path, rows: list[Row], force: bool) -> None:
        self.path, self.folder, self.rows, self.force = path, target.parent, rows, force

    def choose(self, drop: list[str], keep: list[str], remove: bool) -> None:
        """Set MEMPRSNT, or remove rows."""
        dropped = {i for name in drop for i in self._find(name)}
        kept = {i for name in keep for i in self._find(name)}
        if dropped & kept:
            twice = ", ".join(self.rows[i].memname for i in sorted(dropped & kept))
            raise UsageError(f"{twice}: to be kept and to be dropped. Decide for one.")
        kinds = {self.rows[i].is_wavecal for i in kept}
        for i, row in enumerate(self.rows):
            if i in kept:
                self._require_files(row)
                self.rows[i] = replace(row, present=True)
            elif i in dropped or (row.is_wavecal in kinds and not row.is_product):
                dropped.add(i)
                self.rows[i] = replace(row, present=False)
        if remove:
            self.rows = [row for i, row in enumerate(self.rows) if i not in dropped]

    def add(self, words: list[str]) -> None:
        """Add members before the product, or mark those as present that are there."""
        for word in words:
            name, _, memtype = word.partition("=")
            row = self._new_row(name.strip(), memtype.strip().upper())
            known = [i for i, other in enumerate(self.rows) if other.key == row.key and not other.is_product]
            for i in known:
                kind = row.memtype if memtype else self.rows[i].memtype
                self.rows[i] = replace(self.rows[i], memtype=kind, present=True)
            if not known:
                before = next((i for i, other in enumerate(self.rows) if other.is_product), len(self.rows))
                self.rows.insert(before, row)

    def _new_row(self, name: str, memtype: str) -> Row:
        if Path(name).parent != Path():
            if Path(name).resolve().parent != self.folder.resolve():
                raise AssociationError(
                    f"{name}: members are files beside the association table, in {self.folder.resolve()}. Copy or "
                    "link the file, and give its name without the directory."
                )
            name = Path(name).name
        if not name:
            raise UsageError("The name of a member is empty; expected NAME or NAME=MEMTYPE.")
        if memtype and memtype not in MEMTYPES and not self.force:
            raise UsageError(
                f"{name}: MEMTYPE = {memtype}; expected {', '.join(MEMTYPES[:-1])} or {MEMTYPES[-1]}."
                f"{near(memtype, MEMTYPES)}"
            )
        if "PROD" in memtype:
            raise UsageError(f"{name}: MEMTYPE = {memtype} is that of the product, which `product` names.")
        row = Row(name if name.endswith(".fits") else name.upper(), memtype or MEMTYPES[0], True)
        files = self._require_files(row)
        return replace(row, memtype=memtype_of(files[0])) if files and not memtype else row

    def _require_files(self, row: Row) -> list[Path]:
        files = member_files(self.folder / row.key)
        if not files and not self.force:
            what = row.key if row.key.endswith(".fits") else f"{row.key}_raw*.fits"
            raise AssociationError(
                f"{self.folder / what}: no such file. Members need raw files beside the association table; put them "
                "there first, or use `force=True`."
            )
        return files

    def _find(self, name: str) -> list[int]:
        """Rows of a name: that of the row, the rootname of its file, a raw file of its rootname."""
        key = name if name.endswith(".fits") else name.lower()
        members = [i for i, row in enumerate(self.rows) if not row.is_product]
        found = [i for i in members if self.rows[i].key == key]
        if not found:
            found = [i for i in members if has_root(self.rows[i], rootname(name))]
        if not found:
            names = [self.rows[i].key for i in members]
            raise AssociationError(
                f"{self.path}: no member {name}.{near(key, names)} The members are {', '.join(names)}."
            )
        return found


def memtype_of(path: Path) -> str:
    """MEMTYPE of an exposure, from EXPTYPE: EXP-AWAVE for wavecals, EXP-FP for all others."""
    return "EXP-AWAVE" if read_headers(path).mode.exptype == "WAVECAL" else "EXP-FP"


def check_rows(target: Path, rows: list[Row], force: bool) -> None:
    """Check members as before a calibration: they exist, have the right MEMTYPE, and fit together.

    Parameters
    ----------
    target : Path
        The table that the rows are for.
    rows : list of Row
    force : bool
        Check nothing but that there are rows.

    Raises
    ------
    RecosError
        As :meth:`recos.association.model.Association.from_input`.
    """
    if not any(not row.is_product for row in rows):
        raise AssociationError(f"{target}: no member would be left in the table. Leave at least one.")
    if force:
        return
    try:
        association = association_of(target, [row.in_folder(target.parent) for row in rows])
    except RecosError as error:
        raise type(error)(f"{error} With `force=True` the table is written all the same.") from None
    if any(row.present and row.memtype == "EXP-GWAVE" for row in rows):
        _check_use_of_wavecals(association)


def _check_use_of_wavecals(association: Association) -> None:
    """GO wavecals serve exposures without flashes whose WAVECORR is PERFORM. Handbook, section 3.6.2."""
    for member in association.science:
        for headers in member.files:
            if headers.mode.has_flashes:
                warn(
                    logger,
                    f"{headers.path}: TAGFLASH = {headers.mode.tagflash}; the flashes of the exposure are used, "
                    "not the GO wavecal.",
                )
            if headers.switches["WAVECORR"] != "PERFORM":
                warn(
                    logger,
                    f"{headers.path}: WAVECORR = {headers.switches['WAVECORR']}; set it to PERFORM to make use of "
                    "the GO wavecal.",
                )


def back_up(path: Path) -> Path:
    """Copy a file to the first free name of ``.bak``, ``.bak.1``, ….

    Raises
    ------
    OutputError
        If that fails; no part of a copy is left.
    """
    number, backup = 0, path.with_name(path.name + ".bak")
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.bak.{number}")
    temporary = backup.with_name(f".{backup.name}.tmp")
    try:
        shutil.copy2(path, temporary)
        temporary.replace(backup)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(
            f"{backup}: the copy of the old table cannot be written ({error.strerror})."
        ) from None
    return backup
