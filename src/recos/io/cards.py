"""Changing single cards of a FITS file and nothing else: not a byte of other cards, not the data.

A header that keeps its number of blocks is changed where it stands, card by card from the last to the first, so that
it is a valid header at every moment. One that grows makes a new file, which takes the place of the old one when it is
complete.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from astropy.io import fits
from astropy.io.fits.verify import VerifyWarning

from recos.errors import InputError, OutputError
from recos.io import platform
from recos.io.fitsfile import AtomicFile, padded

_CARD = 80
_PIECE = 1 << 24
_COMMENT_COLUMN = 30
_END = b"END".ljust(_CARD)


class HeaderCards:
    """The cards of one header of a file.

    Parameters
    ----------
    path : Path
        An uncompressed FITS file.
    start, stop : int
        Bytes that the header takes.

    Raises
    ------
    InputError
        If there is no header.
    """

    def __init__(self, path: Path, start: int, stop: int) -> None:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(stop - start)
        self.start, self.stop = start, stop
        self._old = [data[i : i + _CARD] for i in range(0, len(data), _CARD)]
        if _END not in self._old:
            raise InputError(f"{path}: a header without END; the file is truncated. Retrieve it again.")
        self._cards = self._old[: self._old.index(_END)]

    def set(self, keyword: str, value: Any, comment: str) -> None:
        """Give a keyword a value; its comment stays. A keyword that is missing is added at the end."""
        name = keyword.encode().ljust(8) + b"= "
        where = next((i for i, card in enumerate(self._cards) if card.startswith(name)), None)
        if where is None:
            used = len(self._cards)
            while used and not self._cards[used - 1].strip():
                used -= 1
            # a blank card at the end, if there is one, makes room
            self._cards[used : used + 1] = [_image(keyword, value, comment)]
            return
        stop = where + 1
        while stop < len(self._cards) and self._cards[stop].startswith(b"CONTINUE"):
            stop += 1
        old = fits.Card.fromstring(b"".join(self._cards[where:stop]))
        self._cards[where:stop] = [_image(keyword, value, old.comment)]

    @property
    def grows(self) -> bool:
        """The header needs more blocks than it has."""
        return len(self.data) > self.stop - self.start

    @property
    def data(self) -> bytes:
        """The header as it is to stand in the file, whole blocks, no fewer than there were."""
        text = b"".join([*self._cards, _END])
        return text.ljust(max(padded(len(text)), self.stop - self.start))

    def changed_cards(self) -> list[tuple[int, bytes]]:
        """Positions in the file and contents of the cards that differ, the last one first."""
        new = self.data
        cards = [new[i : i + _CARD] for i in range(0, len(new), _CARD)]
        found = [
            (self.start + i * _CARD, card)
            for i, (card, old) in enumerate(zip(cards, self._old, strict=True))
            if card != old
        ]
        return found[::-1]


def _image(keyword: str, value: Any, comment: str) -> bytes:
    """A card as it stands in the file; the comment is shortened if there is no room for all of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VerifyWarning)
        room = _CARD - max(len(str(fits.Card(keyword, value)).rstrip()), _COMMENT_COLUMN) - len(" / ")
        return str(fits.Card(keyword, value, comment[: max(room, 0)])).ljust(_CARD)[:_CARD].encode("ascii")


def header_cards(hdus: fits.HDUList, path: Path) -> list[HeaderCards]:
    """The cards of the primary header and that of the first extension, if there is one.

    Raises
    ------
    InputError
        If the file is compressed or truncated.
    """
    with path.open("rb") as file:
        if file.read(6) != b"SIMPLE":
            raise InputError(f"{path}: a compressed file cannot be changed in place. Unpack it first.")
    places = [hdu.fileinfo() for hdu in hdus[:2]]
    return [HeaderCards(path, place["hdrLoc"], place["datLoc"]) for place in places]


def check_writable(path: Path, headers: Sequence[HeaderCards]) -> None:
    """Check that a file can be changed by :func:`write_headers`.

    Raises
    ------
    OutputError
        If it lacks permission, or its directory does, if that is needed.
    """
    folder = path.resolve().parent
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: no permission to write the file. Change the permissions, or take a copy.")
    if any(header.grows for header in headers) and not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"{path}: the header grows and the file has to be written anew, but there is no permission to write into "
            f"{folder}. Change the permissions, or take a copy."
        )


def write_headers(path: Path, headers: Sequence[HeaderCards]) -> None:
    """Write changed headers.

    Parameters
    ----------
    path : Path
        The file; a link leads to the file that is changed.
    headers : sequence of HeaderCards
        In the order of the file.

    Raises
    ------
    OutputError
        If the file cannot be written; it is then a valid FITS file all the same.
    """
    path = path.resolve()
    if any(header.grows for header in headers):
        _write_copy(path, headers)
        return
    try:
        with path.open("r+b", buffering=0) as file:
            for header in headers:
                for position, card in header.changed_cards():
                    platform.write_at(file, position, card)
    except OSError as error:
        raise OutputError(f"{path}: the header cannot be changed ({error.strerror}).") from None


def _write_copy(path: Path, headers: Sequence[HeaderCards]) -> None:
    with AtomicFile(path, overwrite=True) as copy, path.open("rb") as file:
        position = done = 0
        for header in headers:
            position = _copy(file, done, header.start, copy, position)
            copy.write(position, header.data)
            position, done = position + len(header.data), header.stop
        _copy(file, done, path.stat().st_size, copy, position)
        shutil.copymode(path, copy.temporary)


def _copy(file: Any, start: int, stop: int, copy: AtomicFile, position: int) -> int:
    """Copy bytes of a file; returns the position behind them in the copy."""
    file.seek(start)
    while start < stop:
        piece = file.read(min(_PIECE, stop - start))
        if not piece:
            break
        copy.write(position, piece)
        start, position = start + len(piece), position + len(piece)
    return position
