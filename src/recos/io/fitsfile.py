"""Writing FITS files: atomically, in pieces, without copies of what is large.

A product appears under its name only when it is complete: it is written under a temporary name in the same
directory and then renamed. Blocks of zeros are left out, which makes holes in the file instead of bytes on the disk.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.data.headers import card_length, card_text, structure_text
from recos.data.table import BinTable
from recos.errors import OutputError, OutputExistsError
from recos.io import platform

BLOCK = 2880
_CARD = 80
_CHUNK_ROWS = 1 << 15


def padded(size: int) -> int:
    """`size` rounded up to whole FITS blocks."""
    return -(-size // BLOCK) * BLOCK


def header_bytes(
    header: fits.Header,
    structure: str | None = None,
    size: int = 0,
    values: Mapping[str, str | int] | None = None,
) -> bytes:
    """A header as it stands in the file, whole blocks.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Cards that were never changed are taken as they were read, which saves most of the time.
    structure : str, optional
        Cards (:func:`recos.data.headers.structure_text`) that take the place of those of the header that describe
        the structure of a table or image.
    size : int
        A shorter header is filled with blank cards up to this number of bytes.
    values : mapping, optional
        Values that stand for those of the header.
    """
    cards: Iterable[fits.Card] = header.cards
    if values:
        cards = [_with_value(card, values) for card in cards]
    if structure is not None:
        cards = [card for card in cards if not is_structural(card.keyword)]
    text = (structure or "") + "".join(map(card_text, cards))
    if size > padded(len(text) + _CARD):
        text = text.ljust(size - BLOCK)
    text += "END".ljust(_CARD)
    return text.ljust(padded(len(text))).encode("ascii", "replace")


def _header_size(header: fits.Header, structure: str) -> int:
    """The length of what :func:`header_bytes` makes of a header with a structure."""
    lengths = (card_length(card) for card in header.cards if not is_structural(card.keyword))
    return padded(len(structure) + sum(lengths) + _CARD)


class AtomicFile:
    """A file that appears under its name only when the context ends without an error.

    Parameters
    ----------
    path : Path
        Final name.
    overwrite : bool
        Replace an existing file.
    mark : str
        Part of the temporary name, for a second file of the same final name.

    Raises
    ------
    OutputExistsError
        If the file exists and may not be replaced.
    OutputError
        If it cannot be created or written; a full disk is named as such. Nothing is left behind.
    """

    def __init__(self, path: str | Path, overwrite: bool = False, mark: str = "") -> None:
        self.path = Path(path)
        self.temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}{mark}.tmp")
        self._file: FileIO | None = None
        self._lock = threading.Lock()
        if self.path.exists() and not overwrite:
            raise OutputExistsError(
                f"{self.path}: the file exists. Remove it, or allow overwriting (`overwrite=True`).",
                path=self.path,
            )

    def __enter__(self) -> AtomicFile:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def open(self) -> None:
        """Create the file under its temporary name."""
        try:
            self._file = FileIO(self.temporary, "wb+")
        except OSError as error:
            raise self._failure(error) from None

    def settle(self) -> None:
        """Nothing: the file has no headers that are written last, see :meth:`FitsFile.settle`."""

    def commit(self) -> None:
        """Close the file and give it its name."""
        self._close()
        try:
            self.temporary.replace(self.path)
        except OSError as failure:
            self.temporary.unlink(missing_ok=True)
            raise self._failure(failure) from None

    def discard(self) -> None:
        """Close the file and remove it, unless it has its name already."""
        if self._file is not None:
            self._close()
            self.temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def resize(self, size: int) -> None:
        """Set the length of the file; what is never written reads as zeros."""
        try:
            self._opened.truncate(size)
        except OSError as error:
            raise self._failure(error) from None

    def write(self, offset: int, data: bytes | np.ndarray) -> None:
        """Write bytes at a position."""
        view = memoryview(data.data if isinstance(data, np.ndarray) else data).cast("B")
        try:
            with self._lock:
                platform.write_at(self._opened, offset, view)
        except OSError as error:
            raise self._failure(error) from None

    @property
    def _opened(self) -> FileIO:
        assert self._file is not None, "write to a file that is not open"
        return self._file

    def _failure(self, error: OSError) -> OutputError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "The disk is full; free some space, or choose another output directory."
        elif error.errno == errno.EFBIG:
            remedy = (
                "The file system or a limit of the session (ulimit -f) does not allow files of this size."
            )
        else:
            remedy = "Choose an output directory that exists and that you may write to."
        return OutputError(f"{self.path}: cannot be written ({error.strerror}). {remedy}")


# ---------------------------------------------------------------------------------------------- tables


def table_dtype(table: BinTable) -> np.dtype:
    """Record of a table as FITS stores it: big-endian, packed."""
    fields: list[tuple[str, str] | tuple[str, np.dtype, tuple[int, ...]]] = []
    for column in table.columns:
        array = column.array
        if array.dtype.kind in "SU":
            fields.append((column.name, f"S{_width(column.form)}"))
        elif array.dtype.kind == "b":
            fields.append((column.name, "S1"))
        else:
            fields.append((column.name, array.dtype.newbyteorder(">"), array.shape[1:]))
    return np.dtype(fields)


def _width(form: str) -> int:
    return int(form.rstrip("A") or 1)


def table_chunks(table: BinTable) -> Iterable[np.ndarray]:
    """The rows of a table as FITS stores them, in pieces of moderate size that share their memory."""
    buffer = np.zeros(min(len(table), _CHUNK_ROWS), table_dtype(table))
    for start in range(0, len(table), _CHUNK_ROWS):
        rows = buffer[: len(table) - start]
        for column in table.columns:
            values = column.array[start : start + len(rows)]
            if values.dtype.kind == "b":
                values = np.where(values, b"T", b"F")
            elif values.dtype.kind == "U":
                values = np.char.encode(values, "ascii")
            rows[column.name] = values
        yield rows


_TABLE_STRUCTURE = (
    "XTENSION", "SIMPLE", "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "EXTEND", "THEAP", "EXTNAME",
)  # fmt: skip
_COLUMN_STRUCTURE = ("TTYPE", "TFORM", "TUNIT", "TDISP", "TNULL", "TDIM", "TSCAL", "TZERO", "NAXIS")


def is_structural(keyword: str) -> bool:
    """Whether a keyword describes the structure of a table or image and not the observation."""
    if keyword in _TABLE_STRUCTURE:
        return True
    root = keyword.rstrip("0123456789")
    return root != keyword and root in _COLUMN_STRUCTURE


def table_structure(table: BinTable) -> str:
    """The cards of a table extension that describe its structure and columns, and EXTNAME."""
    cards: list[tuple[str, str | int] | tuple[str, str | int, str]] = [
        ("XTENSION", "BINTABLE", "binary table extension"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", table_dtype(table).itemsize, "length of dimension 1"),
        ("NAXIS2", len(table), "length of dimension 2"),
        ("PCOUNT", 0, "number of group parameters"),
        ("GCOUNT", 1, "number of groups"),
        ("TFIELDS", len(table.columns), "number of table fields"),
    ]
    for i, column in enumerate(table.columns, 1):
        cards.append((f"TTYPE{i}", column.name, column.layout.comment or ""))
        cards.append((f"TFORM{i}", column.form))
        if column.layout.unit:
            cards.append((f"TUNIT{i}", column.layout.unit))
        if column.layout.disp:
            cards.append((f"TDISP{i}", column.layout.disp))
        cards += [(f"{root}{i}", value) for root, value in column.keywords.items()]
    return structure_text([*cards, ("EXTNAME", table.name, "extension name")])


# ---------------------------------------------------------------------------------------------- files


def _with_value(card: fits.Card, values: Mapping[str, str | int]) -> fits.Card:
    if card.keyword not in values:
        return card
    return fits.Card(card.keyword, values[card.keyword], card.comment)


class Extension(NamedTuple):
    """An extension of a file that is being written: cards of its structure, other keywords, bytes of its data."""

    structure: str
    keywords: fits.Header
    size: int


class FitsFile:
    """A FITS file whose data can be written before its headers are final. It appears when it is finished.

    Parameters
    ----------
    path : Path
        File to make.
    primary : astropy.io.fits.Header
        Keywords of the primary header; FILENAME and NEXTEND are set.
    extensions : sequence of Extension
    room : int
        Number of cards that may yet be added to the header of the first extension.
    overwrite : bool

    Raises
    ------
    OutputError, OutputExistsError
    """

    def __init__(
        self,
        path: Path,
        primary: fits.Header,
        extensions: Sequence[Extension],
        room: int = 0,
        overwrite: bool = False,
    ) -> None:
        self._file = AtomicFile(path, overwrite)
        self._primary, self._extensions = primary, list(extensions)
        self._header_sizes = [
            len(self._primary_bytes(0)),
            *(_header_size(e.keywords, e.structure) for e in self._extensions),
        ]
        if room:
            self._header_sizes[1] += padded(room * _CARD)
        self._header_starts, position = [], 0
        for header_size, data_size in zip(
            self._header_sizes, [0, *(e.size for e in extensions)], strict=True
        ):
            self._header_starts.append(position)
            position += header_size + padded(data_size)
        self._file.open()
        try:
            self._file.resize(position)
        except BaseException:
            self.discard()
            raise

    def __enter__(self) -> FitsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()

    @property
    def path(self) -> Path:
        """The name under which the file appears."""
        return self._file.path

    def write(self, extension: int, offset: int, data: np.ndarray) -> None:
        """Write bytes into the data of an extension (1 is the first)."""
        self._file.write(self._header_starts[extension] + self._header_sizes[extension] + offset, data)

    def map(self, extension: int, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
        """The data of an extension as written so far, mapped into memory, read-only."""
        offset = self._header_starts[extension] + self._header_sizes[extension]
        return np.memmap(self._file.temporary, dtype, "r", offset, shape)

    def finish(self) -> None:
        """Write the headers as they are now, and give the file its name."""
        self.settle()
        self.commit()

    def settle(self) -> None:
        """Write the headers as they are now; nothing is left to write."""
        sizes = self._header_sizes
        headers = [
            self._primary_bytes(sizes[0]),
            *(
                header_bytes(e.keywords, e.structure, n)
                for e, n in zip(self._extensions, sizes[1:], strict=True)
            ),
        ]
        try:
            for start, header in zip(self._header_starts, headers, strict=True):
                self._file.write(start, header)
        except BaseException:
            self.discard()
            raise

    def commit(self) -> None:
        """Give the file its name."""
        self._file.commit()

    def discard(self) -> None:
        """Remove the file, unless it is finished."""
        self._file.discard()

    def _primary_bytes(self, size: int) -> bytes:
        """The primary header with FILENAME and NEXTEND of this file.

        GROUPS, which raw files of the archive have, is left out: products hold no random groups.
        """
        self._primary.remove("GROUPS", ignore_missing=True)
        name = self.path.name.encode("ascii", "replace").decode()  # headers hold nothing else
        values: dict[str, str | int] = {"FILENAME": name, "NEXTEND": len(self._extensions)}
        for keyword, value in values.items():
            if keyword not in self._primary:
                self._primary[keyword] = value
        return header_bytes(self._primary, size=size, values=values)


def start_tables(
    path: Path, primary: fits.Header, tables: Sequence[BinTable], room: int = 0, overwrite: bool = False
) -> FitsFile:
    """Write the rows of binary tables into a new file, which is to be finished.

    Parameters
    ----------
    path, primary, room, overwrite
        See :class:`FitsFile`.
    tables : sequence of BinTable
        The extensions; their headers may still change.

    Raises
    ------
    OutputError, OutputExistsError
    """
    extensions = [Extension(table_structure(t), t.header, len(t) * table_dtype(t).itemsize) for t in tables]
    file = FitsFile(path, primary, extensions, room, overwrite)
    try:
        for number, table in enumerate(tables, 1):
            position = 0
            for chunk in table_chunks(table):
                file.write(number, position, chunk.view(np.uint8))
                position += chunk.nbytes
    except BaseException:
        file.discard()
        raise
    return file


def write_tables(
    path: Path, primary: fits.Header, tables: Sequence[BinTable], overwrite: bool = False
) -> None:
    """Write a file of binary tables behind a primary header; parameters and errors as :func:`start_tables`."""
    start_tables(path, primary, tables, overwrite=overwrite).finish()
