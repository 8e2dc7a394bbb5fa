"""Names of files of the archive. Specification 1, section 3."""

from __future__ import annotations

from pathlib import Path


def rootname(path: str | Path) -> str:
    """Rootname of a raw or corrtag file name: ``x_rawtag_a.fits`` gives ``x``. Specification 1, section 3.1."""
    name = Path(path).name
    for mark in ("_raw", "_corr"):
        if mark in name:
            return name[: name.rindex(mark)]
    return name.removesuffix(".fits")
