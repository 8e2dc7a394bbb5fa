"""Messages: levels, the wording of warnings and switches, and where the lines go during a run.

Modules log through ``logging.getLogger(__name__)``. Three levels matter, as in the reference implementation:

========== =================================== =======================
level      shown                               reference
========== =================================== =======================
DEBUG      with ``-v``                         very verbose
INFO       by default                          verbose
NOTICE     always, also with ``-q``            quiet
WARNING    always, with the prefix Warning:    quiet
ERROR      always, with the prefix ERROR:      quiet
========== =================================== =======================

A run is calibrated in several threads. Each piece of work records its messages in a :class:`Transcript`, and
the run replays the transcripts in the order of the association, to the terminal and to trailer files.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTICE = 25
logging.addLevelName(NOTICE, "NOTICE")

#: Verbosity of the command line and of ``calcos()`` to the lowest level that is shown.
VERBOSITY_LEVELS = {0: NOTICE, 1: logging.INFO, 2: logging.DEBUG}

_sink: contextvars.ContextVar[Callable[[int, str], None] | None]
_sink = contextvars.ContextVar("sink", default=None)
_subject: contextvars.ContextVar[str | None] = contextvars.ContextVar("subject", default=None)


@contextlib.contextmanager
def subject(root: str) -> Iterator[None]:
    """Messages within the context are about the exposure `root` and belong into its trailer file, too."""
    token = _subject.set(root)
    try:
        yield
    finally:
        _subject.reset(token)


def current_subject() -> str | None:
    """Rootname of the exposure that messages are about (see :func:`subject`), or None."""
    return _subject.get()


def warn(logger: logging.Logger, text: str, *continuation: str, level: int = logging.WARNING) -> None:
    """Log a warning of one or more lines; `level` lowers its importance, not its prefix."""
    lines = [("" if level == logging.WARNING else "Warning:  ") + text, *("    " + c for c in continuation)]
    logger.log(level, "%s", "\n".join(lines))


def notice(logger: logging.Logger, text: str) -> None:
    """Log a line that is shown at every verbosity."""
    logger.log(NOTICE, "%s", text)


def switch_line(switch: str, value: str) -> str:
    """The line that tells the value of a calibration switch."""
    if switch == "STATFLAG":
        return f"STATFLAG  {'T' if value == 'PERFORM' else 'F'}"
    shown = {"COMPLETE": "OMIT (already complete)", "SKIPPED": "OMIT (skipped)"}.get(value, value)
    return f"{switch:<9s} {shown}"


def reference_line(keyword: str, name: str) -> str:
    """The line that tells the name of a reference file, as in the header."""
    return f"{keyword:<8s}= {name}"


def format_record(level: int, text: str) -> str:
    """A message with the prefix of its level."""
    if level >= logging.ERROR:
        return "ERROR:  " + text
    return "Warning:  " + text if level >= logging.WARNING else text


class Transcript:
    """Messages of one piece of work, in order, to be replayed."""

    def __init__(self) -> None:
        self.records: list[tuple[int, str]] = []

    def __call__(self, level: int, text: str) -> None:
        """Record a message."""
        self.records.append((level, text))

    def replay(self) -> None:
        """Send the messages to the sink of the calling thread, once."""
        records, self.records = self.records, []
        sink = _sink.get()
        if sink is not None:
            for level, text in records:
                sink(level, text)


@contextlib.contextmanager
def messages_to(sink: Callable[[int, str], None]) -> Iterator[None]:
    """Send what recos logs in this thread to `sink(level, text)` instead of elsewhere, within the context."""
    token = _sink.set(sink)
    _ROUTER.start()
    try:
        yield
    finally:
        _ROUTER.stop()
        _sink.reset(token)


class _Router(logging.Handler):
    """Hands records to the sink of the thread that logs them.

    Attached to the logger of the package while at least one run is under way; then, and only for threads that
    have a sink, records of every level are made and none is passed on to handlers of the application.
    """

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._users = 0
        self._level = logging.NOTSET

    def start(self) -> None:
        logger = logging.getLogger("recos")
        with self._guard:
            self._users += 1
            if self._users == 1:
                self._level = logger.level
                logger.addHandler(self)
                logger.setLevel(logging.DEBUG)

    def stop(self) -> None:
        logger = logging.getLogger("recos")
        with self._guard:
            self._users -= 1
            if self._users == 0:
                logger.removeHandler(self)
                logger.setLevel(self._level)

    def emit(self, record: logging.LogRecord) -> None:
        sink = _sink.get()
        if sink is not None:
            sink(record.levelno, record.getMessage())


_ROUTER = _Router()
