"""Downloading reference files that are missing: in parallel, resumed, checked, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from recos.errors import InputError, MissingReferenceError, OutputError, ReferenceFileError
from recos.io import platform
from recos.io.paths import make_directory
from recos.reference_tools.inventory import MISSING, NOT_NAMED, UNREADABLE, ReferenceFile
from recos.reference_tools.mirrors import (
    CRDS_SERVER,
    AbsentError,
    Mirror,
    TransferError,
    UnreachableError,
    mirror_of,
)
from recos.references.check import PART, check_whole

_CHUNK = 1 << 18
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds between attempts."""
_DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
"""Names of checksums by the number of their hexadecimal digits."""
T = TypeVar("T")
#: Told about a file: its name, bytes so far, bytes in all (if known).
Progress = Callable[[str, int, int | None], None]


@dataclass(slots=True)
class Download:
    """What became of the files that were missing.

    Attributes
    ----------
    downloaded : list of Path
        Files that are there now.
    failed : list of (ReferenceFile, str)
        Files that are still missing, and why.
    """

    downloaded: list[Path] = field(default_factory=list)
    failed: list[tuple[ReferenceFile, str]] = field(default_factory=list)


class _Failure(Exception):  # noqa: N818  # a reason, which the report tells
    """A file could not be had; the text says why."""


def download_missing(
    files: Iterable[ReferenceFile],
    mirror: str | None = None,
    checksums: Mapping[str, str] | None = None,
    jobs: int = 4,
    progress: Progress | None = None,
    pauses: tuple[float, ...] = _PAUSES,
) -> Download:
    """Download the reference files that are missing, each into the folder that its name in the header stands for.

    A file is transferred under its name with ``.part`` behind it. It gets its name when it is whole: of the length
    that the server told, of the checksum if one is known, and a FITS file of the right FILETYPE. What has come of a
    transfer that breaks off is kept, and continued by the next one.

    Parameters
    ----------
    files : iterable of ReferenceFile
        See :func:`recos.reference_tools.reference_files`; files that are there are left alone.
    mirror : str, optional
        URL of a folder that has the files (``https://``, ``s3://``); by default the CRDS server.
    checksums : mapping of str to str, optional
        MD5, SHA-1 or SHA-256 in hexadecimal digits by file name. For other files, those that a given mirror has in
        files of the same name with ``.sha256`` or ``.sha1`` behind it.
    jobs : int
        Files at the same time.
    progress : callable, optional
        Called from several threads with the name of a file, bytes so far, bytes in all or None.
    pauses : tuple of float
        Seconds to wait before each new attempt after a failure that may pass.

    Returns
    -------
    Download

    Raises
    ------
    UsageError
        If the mirror cannot be used.
    MissingReferenceError
        If a variable, such as lref, that stands for the folder is not set.
    """
    source = mirror_of(mirror or CRDS_SERVER)
    result = Download()
    missing: dict[Path, list[ReferenceFile]] = {}
    for file in files:
        problem = _problem(file)
        if problem:
            result.failed.append((file, problem))
        elif file.status == MISSING:
            missing.setdefault(file.path, []).append(file)
    task = _Task(source, mirror is not None, checksums or {}, progress, pauses)
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        waiting = [pool.submit(task.fetch, path, files) for path, files in missing.items()]
        try:
            for (path, files), future in zip(missing.items(), waiting, strict=True):
                try:
                    future.result()
                    result.downloaded.append(path)
                except _Failure as failure:
                    result.failed.append((files[0], str(failure)))
        except BaseException:
            task.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return result


def _problem(file: ReferenceFile) -> str:
    """Why a file need not be asked for, or nothing; the folder for it is made.

    Raises
    ------
    MissingReferenceError
        If the name holds a variable that is not set.
    """
    if file.status == NOT_NAMED:
        return "the header names no file"
    if file.status == UNREADABLE:
        return f"{file.path} is not readable; delete it to have it downloaded again"
    folder, variable = file.path.parent, re.match(r"\$\{?(\w+)", str(file.path))
    if file.status == MISSING and variable:
        raise MissingReferenceError(
            f"{file.keyword} = {file.name}: the environment variable {variable[1]} is not set. Set it to the folder "
            f"for reference files: export {variable[1]}=/some/folder/"
        )
    if file.status == MISSING:
        try:
            make_directory(folder)
        except OutputError as error:
            return str(error)
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"no permission to write into {folder}; set lref to a folder that you may write to"
    return ""


@dataclass(slots=True)
class _Task:
    """What the threads share."""

    mirror: Mirror
    has_checksums: bool
    """The mirror may have files with checksums."""
    checksums: Mapping[str, str]
    progress: Progress | None
    pauses: tuple[float, ...]
    stopped: threading.Event = field(default_factory=threading.Event)
    unreachable: str = ""
    """Why there is no connection: then nothing else is tried."""

    def fetch(self, path: Path, files: Sequence[ReferenceFile]) -> None:
        """Download one file, which some keywords name.

        Raises
        ------
        _Failure
        """
        part = path.with_name(path.name + PART)
        try:
            with part.open("ab") as file:
                _lock(file)
                if not _is_named(file, part):
                    raise _Failure("another process has just downloaded the file; run again")
                try:
                    self._transfer_checked(path.name, part, file, [file.keyword for file in files])
                    os.fsync(file.fileno())
                    part.rename(path)
                finally:
                    if not file.tell():
                        part.unlink()
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            if is_full:
                self.stopped.set()
            remedy = "Free some space." if is_full else "Set lref to a folder that you may write to."
            raise _Failure(f"cannot be written ({error.strerror}). {remedy}") from None

    def _transfer_checked(self, name: str, part: Path, file: IO[bytes], keywords: Sequence[str]) -> None:
        """Transfer and check; what was put together from two transfers gets a second chance."""
        checksum = self._repeat(lambda: self._checksum(name))
        while True:
            is_resumed = self._repeat(lambda: self._transfer(name, file)) > 0
            try:
                _check(part, checksum, keywords)
                return
            except ReferenceFileError as error:
                _cut(file, 0)
                if not is_resumed:
                    raise _Failure(str(error)) from None

    def _repeat(self, work: Callable[[], T]) -> T:
        """Do something again, after a pause, if it fails in a way that may pass."""
        for pause in (*self.pauses, None):
            if self.unreachable:
                raise _Failure(self.unreachable)
            try:
                return work()
            except AbsentError as error:
                raise _Failure(str(error)) from None
            except TransferError as error:
                if pause is None:
                    if isinstance(error, UnreachableError):
                        self.unreachable = str(error)
                    raise _Failure(str(error)) from None
            if self.stopped.wait(pause):
                break
        raise _Failure("not tried any more")

    def _checksum(self, name: str) -> str:
        """The checksum of a file, in lower case; empty if none is known."""
        if name in self.checksums or not self.has_checksums:
            return self.checksums.get(name, "").lower()
        for kind in ("sha256", "sha1"):
            with contextlib.suppress(AbsentError), self.mirror.open(f"{name}.{kind}") as transfer:
                words = transfer.stream.read(1000).decode("ascii", "replace").lower().split()
                if words and _digest_name(words[0]) == kind:
                    return words[0]
        return ""

    def _transfer(self, name: str, file: IO[bytes]) -> int:
        """Append what is still missing; returns where that began."""
        with self.mirror.open(name, file.tell()) as (stream, start, total):
            if start != file.tell():
                _cut(file, start)
            while data := stream.read(_CHUNK):
                if self.stopped.is_set():
                    raise _Failure("not tried any more")
                file.write(data)
                if self.progress is not None:
                    self.progress(name, file.tell(), total)
        file.flush()
        if total is not None and file.tell() < total:
            raise TransferError(f"the connection broke after {file.tell()} of {total} bytes")
        return start


def _is_named(file: IO[bytes], path: Path) -> bool:
    """Whether an open file still has a name; another process may have renamed it."""
    return path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())


def _cut(file: IO[bytes], length: int) -> None:
    file.seek(length)
    file.truncate()


def _check(part: Path, checksum: str, keywords: Sequence[str]) -> None:
    """Raise ReferenceFileError if a file is not what it should be."""
    if checksum:
        kind = _digest_name(checksum)
        with part.open("rb") as file:
            found = hashlib.file_digest(file, kind).hexdigest()
        if found != checksum:
            raise ReferenceFileError(f"its {kind} checksum is {found}; expected {checksum}")
    check_whole(part, keywords)


def _lock(file: IO[bytes]) -> None:
    """Keep other processes from the same file."""
    if not platform.lock(file):
        raise _Failure("another process is downloading the file; wait for it")


def _digest_name(checksum: str) -> str:
    """MD5, SHA-1 or SHA-256, by the number of digits; empty for anything else."""
    return _DIGESTS.get(len(checksum), "") if re.fullmatch("[0-9a-f]+", checksum) else ""


def read_checksums(path: Path) -> dict[str, str]:
    """Read a list of checksums as the commands md5sum, sha1sum and sha256sum write it.

    Parameters
    ----------
    path : Path
        One line per file: hexadecimal digits, blanks, name; lines with ``#`` in front are comments.

    Returns
    -------
    dict of str to str
        Checksums in lower case by file name without folder.

    Raises
    ------
    InputError
        If the list cannot be read.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the list of checksums cannot be read ({error}).") from None
    checksums: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split(maxsplit=1)
        if not words or line.startswith("#"):
            continue
        if len(words) < 2 or not _digest_name(words[0].lower()):
            raise InputError(
                f"{path}, line {number}: {line.strip()!r}; expected an MD5, SHA-1 or SHA-256 checksum in "
                "hexadecimal digits and a file name, as sha256sum writes them."
            )
        checksums[Path(words[1].strip().lstrip("*")).name] = words[0].lower()
    return checksums
