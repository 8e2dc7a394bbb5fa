"""What differs between operating systems."""

from __future__ import annotations

import importlib
from io import FileIO
from typing import IO


def write_at(file: FileIO, offset: int, data: bytes | memoryview) -> None:
    """Write bytes at a position of a file that is open without a buffer; one thread at a time.

    Raises
    ------
    OSError
    """
    file.seek(offset)
    left = memoryview(data)
    while len(left):
        left = left[file.write(left) :]


def lock(file: IO[bytes]) -> bool:
    """Lock a file against other processes until it is closed; False if another one holds it.

    Where the system or the file system knows no locks, nothing is locked.
    """
    try:
        fcntl = importlib.import_module("fcntl")
    except ImportError:
        return _lock_on_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems
        pass
    return True


def _lock_on_windows(file: IO[bytes]) -> bool:
    try:
        msvcrt = importlib.import_module("msvcrt")
    except ImportError:
        return True
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
