"""The check of all reference files of all exposures, before anything is calibrated.

Every file that a switch will open is there, is of the right kind, version and detector, and has the row or
extension for the mode of the exposure; if not, one error lists everything that is wrong. Specification 1,
sections 8.3 and 9.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos._version import REFERENCE_VERSION
from recos.data.instrument import FUV_SHAPE
from recos.data.reference_kinds import KINDS
from recos.errors import MissingReferenceError, MissingRowError, ReferenceFileError
from recos.io.fits import DAMAGED
from recos.io.read import ExposureHeaders
from recos.references.collection import ReferenceCache, References
from recos.references.need import Need
from recos.references.tables import ReferenceTable
from recos.references.versions import compare_version

_REMEDY = (
    "Retrieve missing files from CRDS (https://hst-crds.stsci.edu), and set the environment variable of the "
    "prefix (usually lref) to their folder."
)
#: End of the name of a file that is being transferred.
PART = ".part"
#: Columns that some tables have, and arrays that are used as a whole.
_ALL_FINITE = (
    "COEFF", "D", "D_TV03", "DELTA", "FP_PIXEL_SHIFT", "INTENSITY", "SEARCH_OFFSET", "N_SIGMA", "CRPIX1", "CRVAL1",
    "CDELT1", "CDELT3", "G", "ALPHA", "THETA",
)  # fmt: skip
#: Least and largest value of sizes in pixels.
_SIZES = ("HEIGHT", "BHEIGHT", "BWIDTH", "XC_RANGE", "XD_RANGE", "XWIDTH", "YWIDTH")
_LIMITS = dict.fromkeys(_SIZES, (0, FUV_SHAPE[1] - 1)) | {"BOX": (1, FUV_SHAPE[0])}


def check_needs(
    files: Iterable[ExposureHeaders],
    cache: ReferenceCache,
    needs_of: Callable[[ExposureHeaders, References], Iterable[Need]],
) -> None:
    """Check everything that some exposures need of reference files.

    Parameters
    ----------
    files : iterable of ExposureHeaders
        The exposures that will be calibrated.
    cache : ReferenceCache
        Keeps the files open for the run.
    needs_of : callable
        What an exposure needs.

    Raises
    ------
    MissingReferenceError
        If a file does not exist.
    ReferenceFileError
        If a file is unreadable, of the wrong kind, version or detector, or lacks an extension or a column.
    MissingRowError
        If nothing is wrong but rows that are missing.
        In each case the message lists all problems of all exposures.
    """
    report = _Report()
    for headers in files:
        refs = References.from_header(headers.primary, cache)
        _Checker(headers, refs, report).run(needs_of(headers, refs))
    report.raise_if_any()


class _Report:
    """Problems, each with the exposures that it concerns."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[type[ReferenceFileError], list[str], list[str]]] = {}

    def add(self, error: ReferenceFileError, purpose: str, path: Path) -> None:
        _, purposes, paths = self._found.setdefault(str(error), (type(error), [], []))
        for value, values in ((purpose, purposes), (path.name, paths)):
            if value not in values:
                values.append(value)

    def raise_if_any(self) -> None:
        if not self._found:
            return
        kinds = [kind for kind, _, _ in self._found.values()]
        kind = next((k for k in (MissingReferenceError, ReferenceFileError) if k in kinds), MissingRowError)
        remedy = _REMEDY if kind is MissingReferenceError else ""
        lines = [
            f"{text} Needed for {', '.join(purposes)} of {', '.join(paths)}."
            for text, (_, purposes, paths) in self._found.items()
        ]
        if len(lines) == 1:
            raise kind(f"{lines[0]} {remedy}".rstrip())
        listed = "\n".join(f"  {i}. {line}" for i, line in enumerate(lines, 1))
        raise kind(f"{len(lines)} problems with reference files:\n{listed}\n{remedy}".rstrip())


class _Checker:
    """The reference files of one exposure."""

    def __init__(self, headers: ExposureHeaders, refs: References, report: _Report) -> None:
        self.headers, self.refs, self.report = headers, refs, report
        self._good: dict[str, bool] = {}

    def run(self, needs: Iterable[Need]) -> None:
        for need in needs:
            if self._file_is_good(need) and self.headers.n_events:
                if self._try(need, _check_extensions):
                    self._try(need, _check_images)
                self._try(need, _check_columns)
                self._try(need, _check_life_adj)
                if need.row is not None and not (need.if_lamp_has_lines and self._lamp_is_dark()):
                    self._try(need, _check_row)

    def _try(self, need: Need, check: Any) -> bool:
        try:
            check(need, self.refs, self.headers.mode.detector)
        except ReferenceFileError as error:
            self.report.add(error, need.purpose, self.headers.path)
            return False
        except DAMAGED as error:
            what = f"the file is damaged ({error}). Retrieve it again."
            if isinstance(error, OSError) and error.errno is not None:
                what = f"the file cannot be read ({error.strerror}). Check the permissions of file and directory."
            damaged = ReferenceFileError(f"{_where(need.keyword, self.refs)}: {what}")
            self.report.add(damaged, need.purpose, self.headers.path)
            return False
        return True

    def _file_is_good(self, need: Need) -> bool:
        if need.keyword not in self._good:
            self._good[need.keyword] = self._try(need, _check_file)
        return self._good[need.keyword]

    def _lamp_is_dark(self) -> bool:
        """The lamp shows no lines in this mode and segment. Specification 4, section 4.1."""
        mode = self.headers.mode
        if not self._good.get("LAMPTAB", False):
            return True
        table = self.refs.lamptab
        if "HAS_LINES" not in table:
            return mode.opt_elem == "G140L" and mode.segment == "FUVB"
        row = table.find(segment=mode.segment, opt_elem=mode.opt_elem, cenwave=mode.cenwave)
        return row is not None and not bool(row["HAS_LINES"])


def _where(keyword: str, refs: References) -> str:
    name, path = refs.names[keyword], refs.path(keyword)
    return f"{keyword} = {name}" if name == path else f"{keyword} = {name} ({path})"


# ---------------------------------------------------------------------------------------------- one file


def _check_file(need: Need, refs: References, detector: str) -> None:
    keyword = need.keyword
    if keyword not in refs:
        raise MissingReferenceError(
            f"{keyword} = {refs.names[keyword] or '(blank)'}: no file is named. Set the keyword in the "
            "primary header of the raw file, or the switch to OMIT."
        )
    where, path = _where(keyword, refs), Path(refs.path(keyword))
    if not path.is_file():
        raise MissingReferenceError(f"{where}: no such file.{_unset_variable(str(path))}")
    hdus = refs.file(keyword)
    refs.cache.get((str(path), "cards"), lambda: _parse_cards(hdus))
    _check_kind(keyword, hdus[0].header, where, detector)
    refs.cache.get((str(path), "length"), lambda: _check_length(hdus, path, where))


def _parse_cards(hdus: fits.HDUList) -> None:
    """A garbled card is found when it is parsed."""
    for hdu in hdus[:2]:
        list(hdu.header.values())


def _unset_variable(path: str) -> str:
    unset = re.findall(r"\$\{?(\w+)", path)
    return f" The environment variable {unset[0]} is not set." if unset else ""


def check_whole(path: Path, keywords: Sequence[str]) -> None:
    """Check that a file which has just arrived is a whole FITS file of the kind that a keyword names.

    Parameters
    ----------
    path : Path
        The file, which may still have the name that it gets while it is being transferred (``….fits.part``).
    keywords : sequence of str
        Header keywords that name it; its kind must be that of one of them.

    Raises
    ------
    ReferenceFileError
        If it is something else, or truncated.
    """
    try:
        with fits.open(path, memmap=True, mode="readonly") as hdus:
            _check_length(hdus, path, "what has come")
            filetype = str(hdus[0].header.get("FILETYPE", "ANY")).strip()
    except DAMAGED as error:
        raise ReferenceFileError(f"what has come is no readable FITS file ({error})") from None
    expected = [KINDS[keyword].filetype for keyword in keywords]
    if filetype not in ("ANY", *expected):
        raise ReferenceFileError(
            f"what has come has FILETYPE = {filetype!r}; expected {' or '.join(map(repr, expected))}"
        )


def _check_kind(keyword: str, primary: fits.Header, where: str, detector: str) -> None:
    kind = KINDS[keyword]
    filetype = str(primary.get("FILETYPE", "ANY")).strip()
    if filetype not in ("ANY", kind.filetype):
        raise ReferenceFileError(
            f"{where}: FILETYPE = {filetype!r}; expected {kind.filetype!r}. "
            f"Name a file of this kind in {keyword}."
        )
    version = str(primary.get("VCALCOS", "1.0")).strip()
    order = compare_version(version, kind.minimum_version, REFERENCE_VERSION)
    if order < 0:
        raise ReferenceFileError(
            f"{where}: VCALCOS = {version}; the reference file must be at least version "
            f"{kind.minimum_version}. Retrieve a newer one."
        )
    if order > 0:
        raise ReferenceFileError(
            f"{where}: VCALCOS = {version}; the file needs calcos {version} or later, and recos "
            f"corresponds to calcos {REFERENCE_VERSION}. Use an older file, or a newer recos."
        )
    found = str(primary.get("DETECTOR", detector)).strip()
    if found in ("FUV", "NUV") and found != detector:
        raise ReferenceFileError(
            f"{where}: DETECTOR = {found}, but the exposure was taken with the {detector} detector. "
            f"Name a file for {detector} in {keyword}."
        )


def _check_length(hdus: fits.HDUList, path: Path, where: str) -> None:
    if len(hdus) < 2:
        raise ReferenceFileError(f"{where}: the file has no extension; it is truncated. Retrieve it again.")
    if path.name.removesuffix(PART).endswith(".fits"):
        length, end = path.stat().st_size, max(hdu.fileinfo()["datLoc"] + hdu.size for hdu in hdus)
        if length < end:
            raise ReferenceFileError(
                f"{where}: the file has {length} bytes instead of at least {end}; it is truncated. "
                "Retrieve it again."
            )


# ---------------------------------------------------------------------------------------------- its contents


def _check_extensions(need: Need, refs: References, detector: str) -> None:
    hdus = refs.file(need.keyword)
    present = {(hdu.name.upper(), hdu.ver) for hdu in hdus[1:]}
    missing = [extension for extension in need.extensions if extension not in present]
    if missing:
        names = ", ".join(f"{name},{version}" for name, version in missing)
        raise ReferenceFileError(f"{_where(need.keyword, refs)}: the file has no extension {names}.")
    if need.segment_header and not any(h.header.get("SEGMENT") == need.segment_header for h in hdus[1:]):
        raise ReferenceFileError(
            f"{_where(need.keyword, refs)}: no extension has SEGMENT = {need.segment_header}."
        )


def _check_images(need: Need, refs: References, detector: str) -> None:
    if need.segment_header or not KINDS[need.keyword].filetype.endswith("IMAGE"):
        return
    hdus = refs.file(need.keyword)
    for hdu in [hdus[extension] for extension in need.extensions] or hdus[1:2]:
        if not hdu.is_image or len(hdu.shape) != 2 or 0 in hdu.shape:
            raise ReferenceFileError(
                f"{_where(need.keyword, refs)}: the extension {hdu.name},{hdu.ver} holds no image of two dimensions. "
                "The file is damaged; retrieve it again, or use another one."
            )


def _check_columns(need: Need, refs: References, detector: str) -> None:
    columns = [*KINDS[need.keyword].columns.split(), *need.columns]
    if columns:
        table = refs.table(need.keyword)
        for name in columns:
            table.check_column(name)


def _check_life_adj(need: Need, refs: References, detector: str) -> None:
    if need.life_adj is None:
        return
    found = refs.file(need.keyword)[0].header.get("LIFE_ADJ")
    if found != need.life_adj:
        raise ReferenceFileError(
            f"{_where(need.keyword, refs)}: LIFE_ADJ = {found} in the file, but {need.life_adj} in the data. "
            "Name the file of this lifetime position; if you must use this one, make the two values agree."
        )


def _check_row(need: Need, refs: References, detector: str) -> None:
    table = refs.table(need.keyword)
    criteria = _criteria(need, table)
    if not len(table.indices(**criteria)):
        wanted = ", ".join(f"{key.upper()} = {value}" for key, value in criteria.items())
        raise MissingRowError(
            f"{_where(need.keyword, refs)}: no row for {wanted}. The table does not cover this mode; "
            f"use a {need.keyword} that does."
        )
    used = {*KINDS[need.keyword].columns.split(), *need.columns, *_ALL_FINITE}
    for row in table.rows(**criteria):
        for name in sorted(used & set(table.columns)):
            if table.is_scalar(name) or name in _ALL_FINITE:
                _check_finite(need, refs, name, row[name])
            low, high = _LIMITS.get(name, (-np.inf, np.inf))
            if table.is_scalar(name) and not low <= row[name] <= high:
                raise ReferenceFileError(
                    f"{_where(need.keyword, refs)}: {name} = {row[name]} in the row for this mode; expected {low} to "
                    f"{high}. Correct the table, or use another one."
                )


def _check_finite(need: Need, refs: References, name: str, value: Any) -> None:
    values = np.asarray(value)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ReferenceFileError(
            f"{_where(need.keyword, refs)}: {name} of the row for this mode is not a number. The file is damaged; "
            "retrieve it again, or use another one."
        )


def _criteria(need: Need, table: ReferenceTable) -> dict[str, Any]:
    assert need.row is not None
    return need.row | {key: value for key, value in need.optional.items() if key in table}


def names_by_file(files: Sequence[ExposureHeaders]) -> dict[Path, dict[str, str]]:
    """Reference file names (keyword to name as in the header) of each raw file."""
    return {headers.path: References.from_header(headers.primary).names for headers in files}
