"""Which reference files exposures need, and where they are. Data handbook, section 3.6.1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from astropy.io import fits

from recos.association.checks import NEVER_CALIBRATED
from recos.association.read import read_association
from recos.data.reference_kinds import KINDS
from recos.errors import NothingToCalibrateError
from recos.io.read import ExposureHeaders
from recos.pipeline.needs import needs_of
from recos.references.collection import References

if TYPE_CHECKING:
    from astropy.table import Table

FOUND, MISSING, NOT_NAMED, UNREADABLE = "found", "missing", "not named", "unreadable"


@dataclass(slots=True)
class ReferenceFile:
    """One reference file that the enabled switches of some exposures need.

    Attributes
    ----------
    keyword : str
        Header keyword.
    name : str
        As in the header, e.g. ``lref$x_flat.fits``.
    path : Path
        With the prefix expanded; a variable that is not set stays in it.
    status : {'found', 'missing', 'not named', 'unreadable'}
        Not named: the keyword is N/A or blank.
    pedigree, useafter : str
        From the primary header of the file; empty if it cannot be read.
    purposes : list of str
        Switches and steps that read it.
    exposures : list of Path
        Raw files that need it.
    """

    keyword: str
    name: str
    path: Path
    status: str
    pedigree: str = ""
    useafter: str = ""
    purposes: list[str] = field(default_factory=list)
    exposures: list[Path] = field(default_factory=list)


def find_exposures(inputs: str | Path | Iterable[str | Path]) -> list[ExposureHeaders]:
    """The exposures of inputs, each raw file once; only headers are read.

    Parameters
    ----------
    inputs : str, Path or iterable of them
        As for :func:`recos.run`: association tables, raw or corrtag files (the other FUV segment is found beside
        them), rootnames.

    Returns
    -------
    list of ExposureHeaders
        Without exposures that are never calibrated.

    Raises
    ------
    InputError
        If a file is unreadable, or exposures of an association do not fit together.
    NothingToCalibrateError
        If an input has no exposure of a type that can be calibrated.
    """
    found: dict[Path, ExposureHeaders] = {}
    for name in [inputs] if isinstance(inputs, str | Path) else inputs:
        files = [headers for headers, _ in read_association(name)]
        calibrated = {h.path: h for h in files if h.mode.kind not in NEVER_CALIBRATED}
        if not calibrated:
            raise NothingToCalibrateError(f"{name}: no exposure of a type that is calibrated.")
        found |= calibrated
    return list(found.values())


def reference_files(exposures: Iterable[ExposureHeaders]) -> list[ReferenceFile]:
    """The reference files that the enabled switches of some exposures need.

    Parameters
    ----------
    exposures : iterable of ExposureHeaders
        As :func:`find_exposures` returns them.

    Returns
    -------
    list of ReferenceFile
        In the order of the header keywords, each file once. Of each only the primary header is read, once.
    """
    files: dict[tuple[str, str], ReferenceFile] = {}
    for headers in exposures:
        refs = References.from_header(headers.primary)
        for need in needs_of(headers, refs):
            key = (need.keyword, refs.names[need.keyword])
            if key not in files:
                files[key] = _look_up(need.keyword, refs)
            file = files[key]
            if need.purpose not in file.purposes:
                file.purposes.append(need.purpose)
            if headers.path not in file.exposures:
                file.exposures.append(headers.path)
    order = list(KINDS)
    return sorted(files.values(), key=lambda file: (order.index(file.keyword), file.name))


def _look_up(keyword: str, refs: References) -> ReferenceFile:
    file = ReferenceFile(keyword, refs.names[keyword], Path(refs.path(keyword)), MISSING)
    if keyword not in refs:
        file.status = NOT_NAMED
    elif file.path.is_file():
        try:
            with fits.open(file.path, lazy_load_hdus=True) as hdus:
                header = hdus[0].header
                file.pedigree = str(header.get("PEDIGREE", "")).strip()
                file.useafter = str(header.get("USEAFTER", "")).strip()
            file.status = FOUND
        except OSError:
            file.status = UNREADABLE
    return file


#: Columns of the table of reference files.
COLUMNS = ("KEYWORD", "NAME", "STATUS", "PATH", "PEDIGREE", "USEAFTER", "PURPOSES", "EXPOSURES")


def table_rows(files: Iterable[ReferenceFile]) -> list[tuple]:
    """What :data:`COLUMNS` hold for each file."""
    return [
        (
            *(file.keyword, file.name, file.status, str(file.path), file.pedigree, file.useafter),
            *(", ".join(file.purposes), len(file.exposures)),
        )
        for file in files
    ]


def reference_table(inputs: str | Path | Iterable[str | Path]) -> Table:
    """The reference files that the enabled switches need, as a table.

    Parameters
    ----------
    inputs : str, Path or iterable of them
        See :func:`find_exposures`.

    Returns
    -------
    astropy.table.Table
        Columns KEYWORD, NAME (as in the header), STATUS (found, missing, not named, unreadable), PATH, PEDIGREE,
        USEAFTER, PURPOSES (separated by commas): str; EXPOSURES, the number of raw files that need it: int.

    Raises
    ------
    InputError
        See :func:`find_exposures`.
    """
    from astropy.table import Table

    rows = table_rows(reference_files(find_exposures(inputs)))
    return Table(rows=rows or None, names=COLUMNS, dtype=[str] * (len(COLUMNS) - 1) + [int])
