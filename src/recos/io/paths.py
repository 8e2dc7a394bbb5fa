"""Names of files and directories that users give."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from recos.errors import InputError, OutputError

_DEEPEST = 100
"""Variables that name variables; more is a circle."""


def expand(name: str | Path) -> Path:
    """A name with environment variables, which may name others, and ``~`` expanded."""
    return Path(_expanded(name))


def _expanded(name: str | Path) -> str:
    text = os.fspath(name)
    for _ in range(_DEEPEST):
        expanded = os.path.expandvars(text)
        if expanded == text:
            break
        text = expanded
    return os.path.expanduser(text)  # noqa: PTH111  # the rest of the name stays as it was given


def matches(name: str | Path) -> list[str]:
    """The files that a name stands for, with those wildcards expanded that the shell has left alone.

    Returns
    -------
    list of str
        In alphabetical order; the name itself if nothing matches it: it may be a rootname.
    """
    text = _expanded(name)
    found = [] if Path(text).exists() else sorted(glob.glob(text))  # noqa: PTH207  # names as given
    return found or [text]


def matching_files(names: Iterable[str | Path]) -> list[Path]:
    """The files that names stand for (:func:`matches`), each once.

    Raises
    ------
    InputError
        If a pattern matches no file.
    """
    found: dict[Path, Path] = {}
    for name in names:
        for match in map(Path, matches(name)):
            if glob.has_magic(str(match)) and not match.exists():
                raise InputError(f"No file matches {str(match)!r}. Check the name and the current directory.")
            found.setdefault(match.resolve(), match)
    return list(found.values())


def same_directory(first: Path, second: Path) -> bool:
    """Whether two directories are the same, also through links; they need not exist."""
    return first.resolve() == second.resolve()


def check_directory(directory: Path) -> None:
    """Check that files can be made in a directory, or that the directory can be made.

    Raises
    ------
    OutputError
        If it is a file, or lacks permission.
    """
    existing = directory.resolve()
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        what = (
            "is a file"
            if existing == directory.resolve()
            else f"cannot be made, because {existing} is a file"
        )
        raise OutputError(f"{directory}: the output directory {what}. Give another name (`outdir`).")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(
            f"{directory}: no permission to write into {existing}. Give another output directory (`outdir`), "
            "or change the permissions."
        )


def make_directory(directory: Path) -> None:
    """Make a directory and its parents.

    Raises
    ------
    OutputError
        If that fails.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{directory}: the output directory cannot be made ({error.strerror}).") from None


def check_text_file(path: Path | None, argument: str) -> None:
    """Check that lines can be appended to a text file that an argument names.

    Raises
    ------
    OutputError
        If its directory does not exist, or the file is a directory or lacks permission.
    """
    if path is None:
        return
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"{path} (`{argument}`): the directory {folder} does not exist. Make it first.")
    target = path if path.exists() else folder
    if path.is_dir() or not os.access(target, os.W_OK):
        raise OutputError(
            f"{path} (`{argument}`): lines cannot be appended to it. Give the name of a writable file."
        )


def append_lines(path: Path, lines: list[str]) -> None:
    """Append lines to a text file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(line + "\n" for line in lines)
    except OSError as error:
        raise OutputError(f"{path}: lines cannot be appended ({error.strerror}).") from None
