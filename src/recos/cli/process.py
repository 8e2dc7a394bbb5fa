"""The commands as processes of their own: what only makes sense when the whole process is ours.

A run makes several hundred thousand small objects, headers above all, and hardly any reference cycles. Looking for
cycles as often as Python does by default takes a tenth of the time of a run, and taking all objects apart at the end
as long again; the operating system does that at once.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from importlib import import_module

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def recos() -> None:
    """The command ``recos``."""
    _run("recos.cli.main")


def calcos() -> None:
    """The command ``calcos``."""
    _run("recos.cli.calcos")


def _run(module: str) -> None:
    # segments are calibrated in threads of our own; those of the linear algebra library would only wait
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(
                number, signal.default_int_handler
            )  # the end by Control-C, which removes what is half done
    status: int | str | None = 0
    try:
        import_module(module).main()
    except SystemExit as leave:
        status = leave.code
    except KeyboardInterrupt:  # outside of the work on an input
        status = 130
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader of a pipe has gone
            status = status or 1
    os._exit(status or 0)
