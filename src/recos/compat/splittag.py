"""The module ``splittag`` of the reference implementation: ``calcos.splittag.splittag(...)``.

Arguments, defaults, names of files and messages are those of calcos 3.6.2 (specification 1, section 20);
:func:`recos.split` does more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recos.errors import OutputExistsError, UsageError
from recos.io.paths import matches
from recos.messages import get_logger, messages_to, warn
from recos.pipeline.trailer import RunLog, to_stdout

if TYPE_CHECKING:
    from recos.slicing import ExposureTimes, TimeSlice

__all__ = ["splittag"]

logger = get_logger(__name__)

_MOST_NAMES = 10_000


def splittag(
    infiles: str | Path,
    outroot: str | Path,
    starttime: float | None = None,
    increment: float | None = None,
    endtime: float | None = None,
    time_list: str | Sequence[object] | None = None,
    verbosity: int = 1,
) -> None:
    """Cut corrtag files into several by time.

    Every input is cut on its own. A file ``outroot_<n>_corrtag….fits`` that exists is kept; the new one gets the
    name ``outroot_<n>_<k>_corrtag….fits``.

    Parameters
    ----------
    infiles : str
        A corrtag file; environment variables and wildcards are expanded. If nothing matches, nothing happens.
    outroot : str
        Beginning of the names of the files.
    starttime, endtime : float, optional
        With `increment`: where slices begin (default 0) and end (default: the last event), seconds since EXPSTART.
    increment : float, optional
        Length of the slices, seconds.
    time_list : str or sequence, optional
        Increasing times, among them ``start``, ``stop``, ``end``; or pairs of times, which may overlap.
    verbosity : {1, 0, 2}
        0 quiet, 1 verbose, 2 very verbose; holds for this call only.

    Raises
    ------
    UsageError
        If neither `increment` nor `time_list` is given, or a value is impossible.
    InputError
        If a file is no corrtag file.
    OutputExistsError, OutputError
    """
    if verbosity not in (0, 1, 2):
        raise UsageError(f"verbosity = {verbosity!r}; expected 0 (quiet), 1 (verbose) or 2 (very verbose).")
    with messages_to(RunLog(verbosity, to_stdout)):
        for name in filter(
            os.path.exists, matches(infiles)
        ):  # as the reference: what is not there is passed over
            _split_one(name, outroot, starttime, increment, endtime, time_list)


def _split_one(
    name: str,
    outroot: str | Path,
    starttime: float | None,
    increment: float | None,
    endtime: float | None,
    time_list: str | Sequence[object] | None,
) -> None:
    from recos.slicing.corrtag import check_outroot, has_events, open_corrtag, write_slice

    beginning = check_outroot(outroot)
    with open_corrtag(name) as corrtag:
        number = 1
        for piece in _slices(corrtag.times(), starttime, increment, endtime, time_list):
            if has_events(corrtag, piece):
                write_slice(corrtag, piece, _free_name(f"{beginning}_{number}", corrtag.suffix))
                number += 1


def _slices(
    exposure: ExposureTimes,
    starttime: float | None,
    increment: float | None,
    endtime: float | None,
    time_list: str | Sequence[object] | None,
) -> list[TimeSlice]:
    from recos.slicing.slices import slices_from_increment, slices_from_times

    has_list = time_list is not None and len(time_list) > 0
    if has_list and increment:
        warn(logger, "Both increment and time_list were specified; time_list will be used.")
    if has_list:
        assert time_list is not None
        slices = slices_from_times(time_list, exposure.first, exposure.last, allow_overlap=True)
    elif increment:
        slices = slices_from_increment(increment, starttime, endtime, exposure.first, exposure.last)
    else:
        raise UsageError("Neither increment nor time_list was given; one of them must be.")
    logger.debug("time_list = %s", [piece.intervals[0] for piece in slices])
    return slices


def _free_name(beginning: str, suffix: str) -> Path:
    """A name that no file has: with a second number, if necessary."""
    path = Path(beginning + suffix)
    if not path.exists():
        return path
    for k in range(1, _MOST_NAMES + 1):
        other = Path(f"{beginning}_{k}{suffix}")
        if not other.exists():
            warn(
                logger,
                f"Output file {path} already exists, will use name {other} instead.",
            )
            return other
    raise OutputExistsError(f"{path}: it exists, and so do {_MOST_NAMES} others of its kind. Remove some.")
