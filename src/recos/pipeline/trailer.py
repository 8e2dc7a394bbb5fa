"""Where the messages of a run go: the terminal, and trailer files. Specification 1, sections 16 and 17."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from recos.io.paths import append_lines
from recos.messages import VERBOSITY_LEVELS, current_subject, format_record


def timestamp() -> str:
    """The local time, as the trailer shows it: ``02-Jan-2030 03:04:05 UTC``."""
    return time.strftime("%d-%b-%Y %H:%M:%S %Z", time.localtime())


def to_stdout(line: str) -> None:
    """Write a line to standard output, as the reference implementation does."""
    print(line, flush=True)


def to_stream(stream: TextIO | None = None) -> Callable[[str], None]:
    """A function that writes lines to a stream; standard error by default."""

    def write(line: str) -> None:
        print(line, file=stream or sys.stderr, flush=True)

    return write


class RunLog:
    """The sink of a run's messages: use it with :func:`recos.messages.messages_to`.

    Each message goes to the console. It also goes to the trailer file of the exposure that it is about
    (:func:`recos.messages.subject`), or, when the input is a single raw file, to the only trailer. Nothing is
    written to trailers before they are opened; messages wait for it.

    Parameters
    ----------
    verbosity : int
        0, 1 or 2: which messages are shown.
    console : callable, optional
        Gets each line; none by default.
    console_level : int, optional
        Level of :mod:`logging` below which the console gets no line; by default that of `verbosity`.
    """

    def __init__(
        self,
        verbosity: int = 1,
        console: Callable[[str], None] | None = None,
        console_level: int | None = None,
    ) -> None:
        self.level = VERBOSITY_LEVELS[verbosity]
        self.console, self.console_level = console, console_level
        self._lock = threading.Lock()
        self._waiting: dict[str | None, list[str]] = {}
        self._paths: dict[str | None, Path] | None = None

    def __call__(self, level: int, text: str) -> None:
        """Take a message."""
        line = format_record(level, text)
        shown = self.level if self.console_level is None else self.console_level
        with self._lock:
            if self.console is not None and level >= shown:
                self.console(line)
            if level >= self.level:
                self._to_trailer(current_subject(), line)

    def _to_trailer(self, about: str | None, line: str) -> None:
        if self._paths is None:
            self._waiting.setdefault(about, []).append(line)
        elif about in self._paths:
            append_lines(self._paths[about], [line])

    def open_for_exposures(self, trailers: dict[str, Path], first_line: str) -> None:
        """Begin trailers, one per exposure; messages about none of them go to the console only.

        Parameters
        ----------
        trailers : dict of str to Path
            File by rootname; appended to.
        first_line : str
            Tells the version.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        with self._lock:
            self._paths = {root: path for root, path in trailers.items()}  # noqa: C416  # other key type
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
            lines = [line for waiting in self._waiting.values() for line in waiting]
            append_lines(path, lines)
            self._waiting.clear()

    def record_failure(self, text: str) -> None:
        """Note in the trailer of a raw file why the run ended; whoever called the run tells the user."""
        with self._lock:
            if self._paths is not None and None in self._paths:
                append_lines(self._paths[None], [format_record(logging.ERROR, text)])
