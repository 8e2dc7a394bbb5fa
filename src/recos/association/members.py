"""From the row of an association table to the raw files of an exposure. Specification 1, section 4."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recos.data.names import rootname
from recos.data.overrides import Override
from recos.errors import AssociationError, InputError
from recos.io.fits import open_fits
from recos.io.read import ExposureHeaders, read_headers
from recos.messages import get_logger, warn

logger = get_logger(__name__)

Reader = Callable[[Path], ExposureHeaders]

_COLUMNS = ("MEMNAME", "MEMTYPE", "MEMPRSNT")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of an association table; `path` is the rootname or file name, with its directory."""

    memname: str
    memtype: str
    present: bool
    path: Path

    @property
    def is_product(self) -> bool:
        """The row names the product."""
        return "PROD" in self.memtype


def table_name(path: Path) -> Path | None:
    """The association table that an input names, or None if it names something else."""
    if path.name.endswith("_asn"):
        return path.with_name(path.name + ".fits")
    return path if path.name.endswith("_asn.fits") else None


def single_row(path: Path, memtype: str) -> list[TableRow]:
    """An input that is no association, as the only row of one."""
    found = path if path.is_file() else path.with_name(rootname(path))
    return [TableRow(path.name, memtype, True, found)]


def read_table(path: Path) -> list[TableRow]:
    """Read an association table.

    Raises
    ------
    InputError
        If the file is unreadable or no association table.
    AssociationError
        If the table is empty.
    """
    with open_fits(path) as hdus:
        if len(hdus) < 2 or not hasattr(hdus[1], "columns"):
            raise InputError(
                f"{path}: no table in extension 1; this is no association table, or it is truncated."
            )
        names = [name.upper() for name in hdus[1].columns.names]
        missing = [c for c in _COLUMNS if c not in names]
        if missing:
            raise InputError(
                f"{path}: the association table has no column {', '.join(missing)}; "
                f"it has {', '.join(names)}."
            )
        data = hdus[1].data
        columns = [] if data is None else [np.array(data.field(names.index(c))) for c in _COLUMNS]
    if not columns or not len(columns[0]):
        raise AssociationError(f"{path}: the association table is empty. Add a row for each exposure.")
    return [_row(path.parent, *cells) for cells in zip(*columns, strict=True)]


def _row(folder: Path, memname: Any, memtype: Any, present: Any) -> TableRow:
    name = str(memname).strip()
    if not name.endswith(".fits"):
        name = name.lower()
    return TableRow(name, str(memtype).strip().upper(), bool(present), folder / name)


# ---------------------------------------------------------------------------------------------- raw files


def find_files(path: Path, overrides: Sequence[Override] = ()) -> list[ExposureHeaders]:
    """The raw files of one exposure, FUV segment A before B, with their headers.

    Parameters
    ----------
    path : Path
        A raw or corrtag file, or directory and rootname of raw files.
    overrides : sequence of Override, optional
        Values that stand for those of the headers.

    Returns
    -------
    list of ExposureHeaders
        Empty, with a warning, if there is nothing that can be calibrated.

    Raises
    ------
    InputError
        If a file is unreadable, or the names contradict the keywords.
    """

    def read(file: Path) -> ExposureHeaders:
        return read_headers(file, overrides)

    return _files_of_name(path, read) if path.is_file() else _files_of_root(path, read)


def _files_of_name(path: Path, read: Reader) -> list[ExposureHeaders]:
    first = read(path)
    if path.name.endswith("rawacq.fits") and first.mode.exptype != "ACQ/IMAGE":
        warn(logger, f"File {path} will be skipped because it is not an ACQ/IMAGE")
        return []
    for own, other in (("_a.fits", "_b.fits"), ("_b.fits", "_a.fits")):
        if first.mode.is_fuv and path.name.endswith(own):
            sibling = path.with_name(path.name.removesuffix(own) + other)
            if sibling.is_file():
                return sorted([first, read(sibling)], key=lambda headers: headers.path.name)
    return [first]


def _glob(root: Path, pattern: str) -> list[Path]:
    if root.parent.is_dir() and not os.access(root.parent, os.R_OK):
        raise InputError(
            f"{root.parent}: no permission to list the directory, in which {root.name} is looked for."
        )
    return sorted(root.parent.glob(glob.escape(root.name) + pattern))


def _files_of_root(root: Path, read: Reader) -> list[ExposureHeaders]:
    found = _glob(root, "_rawtag*.fits") + _glob(root, "_rawaccum*.fits") + _glob(root, "_rawimage*.fits")
    acquisition = root.with_name(f"{root.name}_rawacq.fits")
    headers: dict[Path, ExposureHeaders] = {}
    if acquisition.is_file():
        headers[acquisition] = read(acquisition)
        if headers[acquisition].mode.exptype == "ACQ/IMAGE":
            found.append(acquisition)
        else:
            warn(logger, f"File {acquisition} will be skipped because it is not an ACQ/IMAGE")
    if not found:
        warn(logger, f"There are no files to calibrate for rootname '{root}'")
        return []
    first = headers.get(found[0]) or read(found[0])
    headers[found[0]] = first
    exptype = first.mode.exptype
    if exptype.startswith("ACQ") and exptype != "ACQ/IMAGE":
        warn(logger, f"Rootname '{root}' is an {exptype}, which cannot be processed.")
        return []
    expected = _expected_files(root, first, found)
    if not expected:
        raise InputError(
            f"{root}: DETECTOR = {first.mode.detector} and OBSMODE = {first.mode.obsmode} of {found[0]} do "
            f"not fit the names of the raw files ({', '.join(p.name for p in found)}). Rename the files, or "
            "correct the keywords."
        )
    if len(expected) < len(found):
        warn(
            logger,
            "There are more raw files than we expected:",
            f"we expected {[p.name for p in expected]}",
            f"but we found {[p.name for p in found]}",
        )
    return [headers.get(path) or read(path) for path in expected]


def _expected_files(root: Path, first: ExposureHeaders, found: list[Path]) -> list[Path]:
    tails = ("_a.fits", "_b.fits") if first.mode.is_fuv else (".fits",)
    kinds = ("_rawtag",) if first.mode.obsmode == "TIME-TAG" else ("_rawaccum", "_rawimage")
    expected: list[Path] = []
    for kind in kinds:
        wanted = {f"{root.name}{kind}{tail}" for tail in tails}
        expected = expected or [path for path in found if path.name in wanted]
    return expected + [path for path in found if path.name == f"{root.name}_rawacq.fits"]
