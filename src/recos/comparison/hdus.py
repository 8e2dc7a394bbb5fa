"""The extensions of two files: their tables and images, block by block, so that large ones need little memory."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.errors import ComparisonError, InputError
from recos.io.fits import DAMAGED, check_cards
from recos.io.fitsfile import BLOCK

BLOCK_BYTES = 1 << 24
"""Bytes of a table or image that are looked at together."""
_UNPACKED = 1 << 28
"""Bytes of an image of a compressed file up to which it is read as a whole."""
_STORED = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}


@dataclass(frozen=True, slots=True)
class Hdu:
    """One header and its data.

    Attributes
    ----------
    path : Path
    label : str
        EXTNAME, followed by a comma and EXTVER if that is not 1; PRIMARY.
    hdu : object
        Of astropy.
    """

    path: Path
    label: str
    hdu: Any

    @property
    def name(self) -> str:
        """EXTNAME."""
        return str(self.hdu.name or "PRIMARY").upper()

    @property
    def header(self) -> fits.Header:
        """Its header."""
        return self.hdu.header

    @property
    def kind(self) -> str:
        """Table or image."""
        return "table" if isinstance(self.hdu, fits.BinTableHDU | fits.TableHDU) else "image"

    def check(self) -> None:
        """Work out columns or shape, which fails if the header makes no sense."""
        if self.kind == "table":
            if None in self.hdu.columns.names:
                raise ValueError(f"a column of {self.label} has no name")
        else:
            self.hdu.shape  # noqa: B018  # asked for, so that a damaged header is found here

    def table(self) -> fits.FITS_rec | None:
        """The rows of a table, mapped into memory; None if it holds none."""
        return self._data()

    def column(self, data: fits.FITS_rec, name: str) -> np.ndarray:
        """A column of the rows; one of variable length as texts."""
        with _reading(self.path):
            values = np.asarray(data.field(name))
            if values.dtype.hasobject:
                return np.array([str(np.asarray(value).tolist()) for value in values])
            return values

    @property
    def shape(self) -> tuple[int, ...]:
        """Of an image; empty if it holds no data."""
        return tuple(self.hdu.shape or ())

    def blocks(self) -> Iterator[np.ndarray]:
        """An image in pieces along its first axis."""
        rows = max(1, self.shape[0] * BLOCK_BYTES // max(1, self._size))
        if self.path.suffix == ".gz" and self._size > _UNPACKED:
            yield from self._unpacked(rows)
            return
        # of tiles that are compressed, this reads only those that are asked for
        pixels = self.hdu.section if isinstance(self.hdu, fits.CompImageHDU) else self._data()
        for start in range(0, self.shape[0], rows):
            with _reading(self.path):
                yield np.asarray(pixels[start : start + rows])

    def _unpacked(self, rows: int) -> Iterator[np.ndarray]:
        """A large image of a compressed file, read in one go; astropy would begin anew for each piece."""
        kind = np.dtype(_STORED[int(self.header["BITPIX"])])
        with gzip.open(self.path) as file:
            for start in range(0, self.shape[0], rows):
                shape = (min(rows, self.shape[0] - start), *self.shape[1:])
                with _reading(self.path):
                    if start == 0:
                        file.seek(self.hdu.fileinfo()["datLoc"])
                    data = file.read(kind.itemsize * int(np.prod(shape)))
                    yield np.frombuffer(data, kind).reshape(shape)

    def _data(self) -> Any:
        with _reading(self.path):
            return self.hdu.data

    @property
    def _size(self) -> int:
        """Bytes of an image."""
        return int(np.prod(self.shape)) * abs(int(self.header["BITPIX"])) // 8


@contextmanager
def open_file(path: Path) -> Iterator[dict[str, Hdu]]:
    """Open a FITS file for reading: its headers and data by label.

    Raises
    ------
    ComparisonError
        If it cannot be read.
    """
    with _reading(path):
        hdus = fits.open(path, memmap=True)
    with hdus:
        with _reading(path):
            found: dict[str, Hdu] = {}
            for hdu in hdus:
                check_cards(hdu.header, path)
                label = _label(hdu) if found else "PRIMARY"
                while label in found:
                    label += "'"
                found[label] = Hdu(path, label, hdu)
                found[label].check()
            _check_end(path, hdus[-1])
        yield found


def _check_end(path: Path, last: Any) -> None:
    """Check that a file ends where its last extension does; what follows a damaged header is no extension.

    Raises
    ------
    ValueError, EOFError
        If something is missing, or something is left.
    """
    place = last.fileinfo()
    end = place["datLoc"] + place["datSpan"]
    is_packed = path.suffix == ".gz"
    if is_packed:
        with path.open("rb") as packed:
            packed.seek(-4, os.SEEK_END)
            size = int.from_bytes(packed.read(4), "little")  # of the contents, modulo 2**32
        if size == end % (1 << 32):
            return
    with gzip.open(path) if is_packed else path.open("rb") as file:
        file.seek(end - 1)
        if not file.read(1):
            raise ValueError(f"it ends before the extension {last.name or 'PRIMARY'} does")
        file.seek(end)
        if file.read(BLOCK).strip(b" \0"):
            raise ValueError(f"what follows the extension {last.name or 'PRIMARY'} is no extension")


def _label(hdu: Any) -> str:
    name = str(hdu.name or "PRIMARY").upper()
    return name if hdu.ver == 1 else f"{name},{hdu.ver}"


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """What goes wrong when a file is read is an error that names it."""
    try:
        yield
    except InputError as error:
        raise ComparisonError(str(error)) from None
    except (*DAMAGED, EOFError, AssertionError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ComparisonError(f"{path}: the file cannot be read ({error.strerror}).") from None
        raise ComparisonError(
            f"{path}: cannot be read as FITS ({error}). The file is damaged or truncated; make or retrieve it again."
        ) from None
