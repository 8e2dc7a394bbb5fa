"""Messages: a logger per module, and the log of the run to which they belong.

Three levels matter, as in the reference implementation:

========== =================================== =======================
level      shown                               reference
========== =================================== =======================
DEBUG      with ``-v``                         very verbose
INFO       by default                          verbose
NOTICE     always, also with ``-q``            quiet
WARNING    always, with the prefix Warning:    quiet
ERROR      always, with the prefix ERROR:      quiet
========== =================================== =======================

Trailer files are products, and what they say does not depend on the levels that an application has set. Therefore
messages go to the log of the run first (:func:`messages_to`, a context variable), which hands them on to
:mod:`logging`, where the application decides. A run is calibrated in several threads: each piece of work keeps its
messages in a :class:`Transcript`, and the run replays the transcripts in the order of the association.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import Callable, Iterator
from typing import Any

from recos.errors import printable

NOTICE = 25

#: Verbosity of the command line and of ``calcos()`` to the lowest level that is shown.
VERBOSITY_LEVELS = {0: NOTICE, 1: logging.INFO, 2: logging.DEBUG}

_PREFIXES = {logging.WARNING: "Warning:  ", logging.ERROR: "ERROR:  "}

Sink = Callable[[logging.LogRecord], None]
_sink: contextvars.ContextVar[Sink | None] = contextvars.ContextVar("sink", default=None)
_subject: contextvars.ContextVar[str | None] = contextvars.ContextVar("subject", default=None)


class ModuleLogger(logging.LoggerAdapter[logging.Logger]):
    """The logger of a module: what it logs reaches the log of the run, and then :mod:`logging`."""

    def log(self, level: int, msg: object, *args: object, stacklevel: int = 1, **_: Any) -> None:
        """Log a message; the reader of a terminal or file gets no control characters."""
        if _sink.get() is None and not self.logger.isEnabledFor(level):
            return
        path, line, function, _stack = self.logger.findCaller(stacklevel=stacklevel + 1)
        record = self.logger.makeRecord(self.name, level, path, line, msg, args, None, function)
        record.msg, record.args = printable(record.getMessage()), None
        send(record)


def get_logger(name: str) -> ModuleLogger:
    """The logger of a module; `name` is its ``__name__``."""
    return ModuleLogger(logging.getLogger(name), None)


def send(record: logging.LogRecord) -> None:
    """Send a message to the log of the run, or to :mod:`logging` where nothing is run."""
    (_sink.get() or to_logging)(record)


def to_logging(record: logging.LogRecord) -> None:
    """Hand a message to :mod:`logging`, which has no level between INFO and WARNING."""
    if record.levelno == NOTICE:
        record.levelno, record.levelname = logging.INFO, "INFO"
    logger = logging.getLogger(record.name)
    if logger.isEnabledFor(record.levelno):
        logger.handle(record)


@contextlib.contextmanager
def messages_to(sink: Sink) -> Iterator[None]:
    """Send what recos logs in this thread to `sink` and nowhere else, within the context."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


class Transcript:
    """Messages of one piece of work, in order, to be replayed; a sink."""

    def __init__(self) -> None:
        self._records: list[logging.LogRecord] = []

    def __call__(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self._records.append(record)

    def replay(self) -> None:
        """Send the messages to the log of the run of the calling thread, once."""
        records, self._records = self._records, []
        for record in records:
            send(record)


@contextlib.contextmanager
def subject(root: str) -> Iterator[None]:
    """Messages within the context are about the exposure `root` and belong into its trailer file."""
    token = _subject.set(root)
    try:
        yield
    finally:
        _subject.reset(token)


def current_subject() -> str | None:
    """Rootname of the exposure that messages are about (see :func:`subject`), or None."""
    return _subject.get()


def warn(logger: ModuleLogger, text: str, *continuation: str, level: int = logging.WARNING) -> None:
    """Log a warning of one or more lines; `level` lowers its importance, not its prefix."""
    prefix = "" if level == logging.WARNING else _PREFIXES[logging.WARNING]
    logger.log(level, "%s", "\n    ".join([prefix + text, *continuation]), stacklevel=2)


def notice(logger: ModuleLogger, text: str) -> None:
    """Log a line that is shown at every verbosity."""
    logger.log(NOTICE, "%s", text, stacklevel=2)


def switch_line(switch: str, value: str) -> str:
    """The line that reports the value of a calibration switch."""
    if switch == "STATFLAG":
        return f"STATFLAG  {'T' if value == 'PERFORM' else 'F'}"
    shown = {"COMPLETE": "OMIT (already complete)", "SKIPPED": "OMIT (skipped)"}.get(value, value)
    return f"{switch:<9s} {shown}"


def reference_line(keyword: str, name: str) -> str:
    """The line that reports the name of a reference file, as in the header."""
    return f"{keyword:<8s}= {name}"


def format_line(level: int, text: str) -> str:
    """A message with the prefix of its level."""
    return _PREFIXES.get(level, "") + text
