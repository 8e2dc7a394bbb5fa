"""The commands as processes of their own: signals and the exit status, which belong to the whole process."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

_ENDING = ("SIGTERM", "SIGHUP")


def recos() -> None:
    """The command ``recos``."""
    _run("recos.cli.main")


def calcos() -> None:
    """The command ``calcos``."""
    _run("recos.cli.calcos")


def _run(module: str) -> None:
    _end_as_by_control_c()
    try:
        import_module(module).main()
        status: int | str | None = 0
    except SystemExit as leave:
        status = leave.code
    except KeyboardInterrupt:  # outside the work on an input
        status = 130
    except BrokenPipeError:
        status = 1
    if _reader_has_gone():
        status = status or 1
    sys.exit(status)


def _end_as_by_control_c() -> None:
    """Let other signals that end a process do so like Control-C, which removes what is half done."""
    for name in _ENDING:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)


def _reader_has_gone() -> bool:
    """Whether what is left to print cannot be printed; it is then dropped, so that Python does not complain."""
    gone = False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return gone
