"""The log of a run: trailer files and the console. Specification 1, sections 16 and 17."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from recos.errors import OutputError
from recos.io.paths import append_lines
from recos.messages import VERBOSITY_LEVELS, current_subject, format_line, to_logging


def timestamp() -> str:
    """The local time, as the trailer shows it: ``02-Jan-2030 03:04:05 UTC``."""
    return time.strftime("%d-%b-%Y %H:%M:%S %Z", time.localtime())


def to_stdout(line: str) -> None:
    """Write a line to standard output, as the reference implementation does."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


class RunLog:
    """The log of a run: a sink of messages for :func:`recos.messages.messages_to`.

    A message goes to the trailer file of the exposure that it is about (:func:`recos.messages.subject`) or, when
    the input is a single raw file, to the only trailer. Messages wait until trailers are opened.

    Parameters
    ----------
    verbosity : int
        0, 1 or 2: which messages trailers and console get.
    console : callable, optional
        Gets each line. By default messages of every level are handed to :mod:`logging` instead.
    console_level : int, optional
        Level below which the console gets no line; by default that of `verbosity`.
    """

    def __init__(
        self,
        verbosity: int = 1,
        console: Callable[[str], None] | None = None,
        console_level: int | None = None,
    ) -> None:
        self.level, self.console = VERBOSITY_LEVELS[verbosity], console
        self.console_level = self.level if console_level is None else console_level
        self._lock = threading.Lock()
        self._waiting: dict[str | None, list[str]] = {}
        self._paths: Mapping[str | None, Path] | None = None

    def __call__(self, record: logging.LogRecord) -> None:
        """Take a message. That a trailer can no longer be written is not a reason to end a run."""
        line = format_line(record.levelno, record.getMessage())
        with self._lock:
            if self.console is not None and record.levelno >= self.console_level:
                self.console(line)
            if record.levelno >= self.level:
                self._to_trailer(current_subject(), line)
        if self.console is None:
            to_logging(record)

    def _to_trailer(self, about: str | None, line: str) -> None:
        if self._paths is None:
            self._waiting.setdefault(about, []).append(line)
        elif about in self._paths:
            with contextlib.suppress(OutputError):
                append_lines(self._paths[about], [line])

    def open_for_exposures(self, trailers: Mapping[str, Path], first_line: str) -> None:
        """Begin trailers, one per exposure, by rootname; they get no messages about none of them.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        with self._lock:
            self._paths = dict[str | None, Path](trailers.items())
            for root, path in trailers.items():
                append_lines(path, [first_line, *self._waiting.get(root, [])])
            self._waiting.clear()

    def open_for_file(self, path: Path, roots: Iterable[str]) -> None:
        """Begin the only trailer of a raw file, which gets all messages.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        with self._lock:
            self._paths = dict.fromkeys([None, *roots], path)
            append_lines(path, [line for waiting in self._waiting.values() for line in waiting])
            self._waiting.clear()

    def record_failure(self, text: str) -> None:
        """Note in the trailer of a raw file why the run ended; whoever called the run reports it to the user."""
        with self._lock:
            if self._paths is not None and None in self._paths:
                self._to_trailer(None, format_line(logging.ERROR, text))
