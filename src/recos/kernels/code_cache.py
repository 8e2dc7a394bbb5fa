"""Files that keep the machine code of kernels from one process to the next.

They are in the folder ``NUMBA_CACHE_DIR`` if that variable is set, else in ``__pycache__`` beside the source, else
(if that cannot be written) in ``~/.cache/recos/kernels``. The name of a file tells the kernel, and by a digest the
types of its arguments and the environment; in it are a checksum, the digest of the source, and the code. A file that
does not fit is as good as none, and is replaced.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recos.kernels.machine_code import Image, UnsuitableCodeError

_FOLDER_VARIABLE = "NUMBA_CACHE_DIR"
_CHECKSUM_BYTES = 32


class CodeFile:
    """The file for a function and some types of arguments.

    Raises
    ------
    UnsuitableCodeError
        On systems for which no machine code is kept.
    OSError
        If the source cannot be read.
    """

    def __init__(self, function: Callable[..., Any], kinds: tuple[Any, ...]) -> None:
        source = Path(function.__code__.co_filename)
        name = f"{source.stem}.{function.__qualname__}-{_digest(repr(kinds), _environment())[:16]}.code"
        self._places = [folder / name for folder in _folders(source)]
        self._source = _digest(source.read_text(encoding="utf-8"))

    def read(self) -> tuple[Image, str] | None:
        """Code, and type of the result; None if there is none that is whole and fits."""
        for place in self._places:
            try:
                stored = place.read_bytes()
            except OSError:
                continue
            checksum, rest = stored[:_CHECKSUM_BYTES], stored[_CHECKSUM_BYTES:]
            if hashlib.sha256(rest).digest() == checksum:
                header, _, content = rest.partition(b"\n")
                source, result, entry, inner, outer = json.loads(header)
                if source == self._source:
                    return Image(content, entry, dict(inner), dict(outer)), result
        return None

    def write(self, image: Image, result: str) -> None:
        """Keep code in the first place that can be written; nowhere if there is none."""
        header = [self._source, result, image.entry, [*image.inner.items()], [*image.outer.items()]]
        rest = json.dumps(header).encode() + b"\n" + image.content
        for place in self._places:
            temporary = place.with_suffix(f".{os.getpid()}-{id(image)}")
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                temporary.write_bytes(hashlib.sha256(rest).digest() + rest)
                temporary.replace(place)  # at once: other processes may read it meanwhile
            except OSError:
                continue
            return


def machine_code_is_kept() -> bool:
    """Whether this is a system for which it is: Linux on x86-64, unless numba is told not to compile."""
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0") != "0"
    return sys.platform == "linux" and os.uname().machine == "x86_64" and not disabled


@functools.cache
def _environment() -> str:
    """Digest of what machine code depends on beside source and types: processor, compiler, its settings."""
    if not machine_code_is_kept():
        raise UnsuitableCodeError("machine code is kept on Linux on x86-64 only")
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        first = [
            line.split(":", 1) for line in iter(file.readline, "\n")
        ]  # processors are set apart by empty lines
    named = ("vendor_id", "cpu family", "model", "stepping", "flags")
    processor = [value for name, value in first if name.strip() in named]
    versions = [importlib.metadata.version(package) for package in ("numba", "llvmlite", "numpy")]
    settings = [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith("NUMBA_")]
    return _digest(sys.version, *processor, *versions, *(s for s in settings if _FOLDER_VARIABLE not in s))


def _folders(source: Path) -> list[Path]:
    chosen = os.environ.get(_FOLDER_VARIABLE)
    if chosen:
        return [Path(chosen)]
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [source.parent / "__pycache__", user / "recos" / "kernels"]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
