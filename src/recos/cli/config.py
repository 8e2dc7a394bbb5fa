"""Options of a run from a TOML file."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recos.errors import InputError, UsageError, near
from recos.io.paths import expand
from recos.options.csum import CsumOptions

_SET = "set"
_NOT_IN_A_FILE = ("input", "log", "overrides")
_NAMES = ("outdir", "preset", "shift_file", "stimfile", "livetimefile", "burstfile")
_FLAGS = ("overwrite", "save_temp_files", "extract_only", "keep_going", "mix_corrections")


def read_config(path: str | Path) -> dict[str, Any]:
    """Read the options of :func:`recos.run` from a TOML file.

    Its keys are the names of the arguments; the table ``[set]`` holds the overrides, tables ``[slices]`` and
    ``[csum]`` what the arguments of these names are made of. Names of files are relative to the current folder, as
    on the command line.

    Parameters
    ----------
    path : str or Path
        Environment variables and ``~`` are expanded.

    Returns
    -------
    dict
        Arguments of :func:`recos.run`.

    Raises
    ------
    InputError
        If the file does not exist, or is no TOML.
    UsageError
        If a key is unknown.
    """
    path = expand(path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a TOML file ({error}).") from None
    options = {key.replace("-", "_"): value for key, value in found.items()}
    known = {*_arguments(), _SET}
    for key in options:
        if key not in known:
            raise UsageError(
                f"{path}: unknown key {key}.{near(key, known)} The keys are {', '.join(sorted(known))}."
            )
    for key, value in options.items():
        _check_type(key, value, path)
    if isinstance(options.get("csum"), Mapping):
        options["csum"] = _csum(options["csum"], path)
    if _SET in options:
        options["overrides"] = options.pop(_SET)
    return options


def _check_type(key: str, value: Any, path: Path) -> None:
    """What the run itself does not check."""
    for names, kind, shown in (
        (_NAMES, str, "a text"),
        (_FLAGS, bool, "true or false"),
        (("tailor",), Mapping, "a table: [tailor], then lines such as height = 25"),
        ((_SET,), Mapping, f'a table: [{_SET}], then lines such as FLATCORR = "OMIT"'),
    ):
        if key in names and not isinstance(value, kind):
            raise UsageError(f"{path}: {key} = {value!r}; expected {shown}.")


def _arguments() -> list[str]:
    from recos.pipeline.run import run  # late: that module is above this one

    return [name for name in inspect.signature(run).parameters if name not in _NOT_IN_A_FILE]


def _csum(values: Mapping[str, Any], path: Path) -> CsumOptions:
    try:
        return CsumOptions(**values)
    except TypeError:
        names = list(inspect.signature(CsumOptions).parameters)
        raise UsageError(f"{path}: unknown key in [csum]; expected {', '.join(names)}.") from None
