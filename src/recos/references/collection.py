"""References: the reference files of one exposure, and the cache in which each file is opened once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload
from weakref import finalize

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.base import BITPIX2DTYPE

from recos.data.exposure import Exposure
from recos.data.reference_kinds import KINDS
from recos.errors import MissingReferenceError, ReferenceFileError
from recos.io.fits import DAMAGED
from recos.messages import get_logger, reference_line
from recos.references import dispersion
from recos.references.locate import expand_name
from recos.references.tables import Criterion, ReferenceTable, Row

logger = get_logger(__name__)

_Item = TypeVar("_Item")

Extension = int | tuple[str, int]
"""Number of an extension, or its EXTNAME and EXTVER."""
Cells = Mapping[int, Mapping[str, Any]]
"""New values of cells of a table, by row and column."""


def _close(files: dict[str, fits.HDUList]) -> None:
    for hdus in files.values():
        hdus.close()
    files.clear()


class ReferenceCache:
    """Open reference files, shared by the exposures of a run; safe to use from several threads.

    Use it as a context manager, or call :meth:`close`; otherwise files are closed when nobody uses it any more.
    """

    def __init__(self) -> None:
        self._files: dict[str, fits.HDUList] = {}
        finalize(self, _close, self._files)
        self._items: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> ReferenceCache:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files. Arrays that are still in use stay valid."""
        with self._lock:
            _close(self._files)
            self._items.clear()

    def file(self, keyword: str, path: str) -> fits.HDUList:
        """The open file.

        Raises
        ------
        MissingReferenceError, ReferenceFileError
        """
        with self._lock:
            if path not in self._files:
                try:
                    hdus = fits.open(path, memmap=True, mode="readonly")
                    len(hdus)  # reads all headers here, under the lock: astropy is lazy
                    self._files[path] = hdus
                except FileNotFoundError:
                    raise MissingReferenceError(
                        f"{keyword} = {path}: no such file. Set the environment variable of the prefix "
                        "(usually lref) to the folder of reference files, or retrieve the file from CRDS.",
                        path=path,
                        keyword=keyword,
                    ) from None
                except PermissionError:
                    raise ReferenceFileError(
                        f"{keyword} = {path}: no permission to read the file.", path=path, keyword=keyword
                    ) from None
                except DAMAGED as error:
                    raise ReferenceFileError(
                        f"{keyword} = {path}: not a readable FITS file ({error}). Retrieve it again.",
                        path=path,
                        keyword=keyword,
                        remedy="Retrieve it again.",
                    ) from None
            return self._files[path]

    def get(self, key: Hashable, make: Callable[[], _Item]) -> _Item:
        """The item of a key, made by ``make()`` when it is first asked for."""
        with self._lock:
            if key not in self._items:
                self._items[key] = make()
            item: _Item = self._items[key]
            return item

    def table(self, keyword: str, path: str, extension: Extension = 1) -> ReferenceTable:
        """A table extension of a file."""

        def make() -> ReferenceTable:
            hdus = self.file(keyword, path)
            try:
                hdu = hdus[extension]
            except (KeyError, IndexError):
                raise ReferenceFileError(
                    f"{keyword} = {path}: the file has no extension {extension}."
                ) from None
            if not isinstance(hdu, fits.BinTableHDU):
                raise ReferenceFileError(f"{keyword} = {path}: extension {extension} is no table.")
            try:
                hdu.data  # noqa: B018  # read here, under the lock: astropy loads it on first access
                return ReferenceTable(keyword, Path(path), hdu, hdus[0].header, self)
            except DAMAGED as error:
                raise ReferenceFileError(
                    f"{keyword} = {path}: the table in extension {extension} is damaged ({error}). Retrieve it again."
                ) from None

        return self.get((path, extension, "table"), make)

    def image(self, keyword: str, path: str, extension: Extension = 1) -> tuple[np.ndarray, fits.Header]:
        """An image extension: the array as in the file (big-endian, mapped where possible), its header."""

        def make() -> tuple[_MappableImage | np.ndarray, fits.Header]:
            hdus = self.file(keyword, path)
            try:
                hdu = hdus[extension]
            except (KeyError, IndexError):
                raise ReferenceFileError(
                    f"{keyword} = {path}: the file has no extension {extension}."
                ) from None
            try:
                return _MappableImage.of(hdu, path) or hdu.data, hdu.header
            except ValueError:  # scaled integers
                return fits.getdata(path, extension, memmap=False), hdu.header

        image, header = self.get((path, extension, "image"), make)
        return (image.map() if isinstance(image, _MappableImage) else image), header


@dataclass(frozen=True, slots=True)
class _MappableImage:
    """Where an image stands in its file. Each use maps it again, so that its pages go when the use ends."""

    path: str
    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int

    @classmethod
    def of(cls, hdu: Any, path: str) -> _MappableImage | None:
        """The image of an extension; None if it is compressed, scaled or empty."""
        header, place = hdu.header, hdu.fileinfo()
        plain = type(hdu) in (fits.ImageHDU, fits.PrimaryHDU) and place["file"].compression is None
        if not plain or not hdu.shape or not all(hdu.shape) or not {"BSCALE", "BZERO"}.isdisjoint(header):
            return None
        return cls(
            path, np.dtype(BITPIX2DTYPE[header["BITPIX"]]).newbyteorder(">"), hdu.shape, place["datLoc"]
        )

    def map(self) -> np.ndarray:
        return np.memmap(self.path, self.dtype, "r", self.offset, self.shape).view(np.ndarray)


class _FirstTable:
    """An attribute of :class:`References`: the first table of the file whose keyword is its name in upper case."""

    def __set_name__(self, owner: type[References], name: str) -> None:
        self._keyword = name.upper()
        self.__doc__ = f"Table of {self._keyword} ({KINDS[self._keyword].filetype.lower()})."

    @overload
    def __get__(self, refs: None, owner: type[References]) -> _FirstTable: ...
    @overload
    def __get__(self, refs: References, owner: type[References]) -> ReferenceTable: ...
    def __get__(self, refs: References | None, owner: type[References]) -> _FirstTable | ReferenceTable:
        return self if refs is None else refs.table(self._keyword)


class References:
    """The reference files of one exposure.

    Tables are attributes named after their keyword in lower case (``refs.xtractab``); images are read with
    :meth:`image`. Nothing is opened before it is used. References can be pickled; the copy opens files anew.

    Parameters
    ----------
    names : mapping of str to str
        Keyword (upper case) to the name as in the header.
    cache : ReferenceCache, optional
        Shared by several exposures; a new one by default.
    """

    def __init__(self, names: Mapping[str, str], cache: ReferenceCache | None = None) -> None:
        self.names = dict(names)
        self.cache = cache if cache is not None else ReferenceCache()
        self._cells: dict[str, Cells] = {}
        self._changed: dict[str, ReferenceTable] = {}

    def __reduce__(self) -> tuple[Callable[..., References], tuple[dict[str, str], dict[str, Cells]]]:
        return _with_cells, (self.names, self._cells)

    def __repr__(self) -> str:
        files = [f"{keyword} = {name}" for keyword, name in self.names.items() if keyword in self]
        return f"<References: {', '.join(files) or 'none'}>"

    @classmethod
    def for_exposure(cls, exposure: Exposure, cache: ReferenceCache | None = None) -> References:
        """The reference files that the primary header of an exposure names.

        Parameters
        ----------
        exposure : Exposure
        cache : ReferenceCache, optional
            Shared by several exposures; a new one by default.

        Returns
        -------
        refs : References
            Nothing is opened yet.
        """
        return cls.from_header(exposure.primary, cache)

    @classmethod
    def from_header(cls, primary: fits.Header, cache: ReferenceCache | None = None) -> References:
        """The reference files that a primary header names; a missing keyword counts as N/A."""
        names = {k: str(primary.get(k, "N/A")).strip() for k in KINDS}
        spectroscopic = primary.get("OBSTYPE") == "SPECTROSCOPIC"
        if spectroscopic and "FLUXTAB" not in primary:
            names["FLUXTAB"] = names["PHOTTAB"]
        if not spectroscopic and "IMPHTTAB" not in primary:
            names["IMPHTTAB"] = names["PHOTTAB"]
        return cls(names, cache)

    def __contains__(self, keyword: str) -> bool:
        return self.names.get(keyword, "N/A") not in ("N/A", "")

    def path(self, keyword: str) -> str:
        """The file of a keyword, with its prefix expanded."""
        return expand_name(self.names[keyword])

    badttab = _FirstTable()
    bpixtab = _FirstTable()
    brftab = _FirstTable()
    brsttab = _FirstTable()
    deadtab = _FirstTable()
    disptab = _FirstTable()
    fluxtab = _FirstTable()
    gsagtab = _FirstTable()
    hvdstab = _FirstTable()
    hvtab = _FirstTable()
    imphttab = _FirstTable()
    lamptab = _FirstTable()
    phatab = _FirstTable()
    phottab = _FirstTable()
    proftab = _FirstTable()
    spottab = _FirstTable()
    spwcstab = _FirstTable()
    tdstab = _FirstTable()
    tracetab = _FirstTable()
    twozxtab = _FirstTable()
    wcptab = _FirstTable()
    xtractab = _FirstTable()

    def table(self, keyword: str, extension: Extension = 1) -> ReferenceTable:
        """A table of a reference file.

        Parameters
        ----------
        keyword : str
            Of the file, upper case.
        extension : int or (str, int)
            Number, or EXTNAME and EXTVER.

        Returns
        -------
        ReferenceTable

        Raises
        ------
        MissingReferenceError, ReferenceFileError
            If the file does not exist, is unreadable, or has no such table.
        """
        if extension == 1 and keyword in self._changed:
            return self._changed[keyword]
        return self.cache.table(keyword, self.path(keyword), extension)

    def with_cells(self, cells: Mapping[str, Cells]) -> References:
        """The same reference files, with other values in some cells of their first tables.

        Parameters
        ----------
        cells : mapping
            New values by keyword of the file, row and column.
        """
        changed = References(self.names, self.cache)
        changed._changed = self._changed | {
            keyword: self.table(keyword).with_cells(rows) for keyword, rows in cells.items()
        }
        changed._cells = {
            keyword: _merged(self._cells.get(keyword, {}), cells.get(keyword, {}))
            for keyword in (*self._cells, *cells)
        }
        return changed

    def file(self, keyword: str) -> fits.HDUList:
        """The open file of `keyword`, read-only, for kinds with many extensions."""
        return self.cache.file(keyword, self.path(keyword))

    def image(self, keyword: str, extension: Extension = 1) -> tuple[np.ndarray, fits.Header]:
        """An image of a reference file.

        Parameters
        ----------
        keyword, extension
            As for :meth:`table`.

        Returns
        -------
        image : ndarray
            As in the file, big-endian, mapped into memory where possible.
        header : astropy.io.fits.Header

        Raises
        ------
        MissingReferenceError, ReferenceFileError
            If the file does not exist, is unreadable, or has no such extension.
        """
        return self.cache.image(keyword, self.path(keyword), extension)

    def flat_field(self, segment: str) -> tuple[np.ndarray, fits.Header]:
        """The flat field of an FUV segment or of the NUV detector, as :meth:`image`."""
        return self.image("FLATFILE", (segment, 1) if segment.startswith("FUV") else 1)

    def announce(self, *keywords: str) -> None:
        """Log the names of files that a step uses, as the trailer file shows them."""
        for keyword in keywords:
            logger.info("%s", reference_line(keyword, self.names[keyword]))

    def dispersion(self, fpoffset: int = 0, **criteria: Criterion) -> dispersion.Dispersion | None:
        """The dispersion relation of a mode, or None if DISPTAB has no row for it."""
        return dispersion.find(self.disptab, fpoffset, **criteria)

    def extraction_row(self, algorithm: str, **criteria: Criterion) -> Row:
        """Row of XTRACTAB (BOXCAR) or TWOZXTAB (TWOZONE)."""
        return (self.xtractab if algorithm == "BOXCAR" else self.twozxtab).row(**criteria)

    def active_area(self, segment: str) -> tuple[int, int, int, int]:
        """Active area (low, high, left, right), inclusive: from BRFTAB (FUV), or the whole NUV detector."""
        if segment.startswith("FUV"):
            row = self.brftab.row(segment=segment)
            return int(row["A_LOW"]), int(row["A_HIGH"]), int(row["A_LEFT"]), int(row["A_RIGHT"])
        return 0, 1023, 0, 1023


def _merged(cells: Cells, more: Cells) -> Cells:
    return {row: {**cells.get(row, {}), **more.get(row, {})} for row in (*cells, *more)}


def _with_cells(names: dict[str, str], cells: dict[str, Cells]) -> References:
    """References that come out of a pickle."""
    refs = References(names)
    return refs.with_cells(cells) if cells else refs
