"""What both commands share: inputs one after the other, errors as one paragraph, an exit status."""

from __future__ import annotations

import errno
import glob
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from recos.cli.arguments import as_typed
from recos.errors import NothingToCalibrateError, RecosError, printable


def calibrate_each(names: Sequence[str], calibrate: Callable[[str], int]) -> int:
    """Calibrate inputs one after the other, also after a failure.

    Parameters
    ----------
    names : sequence of str
        Inputs.
    calibrate : callable
        Calibrates one, returns its status, raises if that is impossible.

    Returns
    -------
    int
        The statuses of all inputs, joined by OR.
    """

    def checked(name: str) -> int:
        _check_wildcard(name)
        return calibrate(name)

    return for_each(names, checked)


def for_each(names: Sequence[str], work: Callable[[str], int]) -> int:
    """Do something with inputs one after the other, also after a failure; errors become one paragraph each.

    Parameters
    ----------
    names : sequence of str
        Inputs.
    work : callable
        Gets one, returns its status, raises if something is wrong.

    Returns
    -------
    int
        The statuses of all inputs, joined by OR.
    """
    with warnings.catch_warnings():  # around all threads that a command starts
        # What astropy has to say about damaged files, the error that follows says better.
        warnings.filterwarnings("ignore", module="astropy")
        return _statuses(names, work)


def _statuses(names: Sequence[str], work: Callable[[str], int]) -> int:
    status = 0
    for name in names:
        try:
            status |= work(name)
        except RecosError as error:
            tell_error(str(error))
            status |= error.status
        except KeyboardInterrupt:
            tell_error(f"{name}: interrupted; no product is half written.")
            return status | 130
        except BrokenPipeError:
            raise
        except Exception as error:  # the user gets a paragraph, whatever happens
            tell_error(_unexpected(name, error))
            status |= 1
    return status


def progress(text: str, shown: bool = True) -> AbstractContextManager[object]:
    """A sign of life on a terminal while something is done; nothing on a pipe, or if it is not to be shown."""
    if not shown or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(file=sys.stderr).status(text)  # the stream of now: libraries may redirect it


def tell(line: str) -> None:
    """Print a message of the library on standard error."""
    print(printable(as_typed(line)), file=sys.stderr, flush=True)


def tell_error(text: str) -> None:
    """Print an error on standard error."""
    sys.stdout.flush()
    tell(f"ERROR:  {as_typed(text)}")


def _check_wildcard(name: str) -> None:
    """A pattern that is still one has matched nothing."""
    if glob.has_magic(name) and not Path(name).exists():
        raise NothingToCalibrateError(f"No file matches {name!r}. Check the name and the current directory.")


def _unexpected(name: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{name}: the disk is full ({error.filename or 'writing'}). Free some space and run again."
    if isinstance(error, OSError) and error.errno is not None and error.filename:
        return f"{name}: {error.filename}: {error.strerror}. Check the name and the permissions."
    if isinstance(error, MemoryError):
        return f"{name}: not enough memory. Calibrate fewer segments at a time (recos --jobs 1)."
    if os.environ.get("RECOS_TRACEBACK"):
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    words = [
        f"{name}: unexpected {type(error).__name__} in {where}: {error}.",
        *getattr(error, "__notes__", ()),
    ]
    return (
        f"{' '.join(words)} If the input and its reference files are sound (recos refs check), this is a fault of "
        "recos; please report it, with what it prints if RECOS_TRACEBACK is set."
    )
