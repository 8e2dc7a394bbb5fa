"""Names of reference files: what ``lref$name.fits`` stands for. Specification 1, section 8.2."""

from __future__ import annotations

import os


def expand_name(name: str) -> str:
    """Expand ``PREFIX$file``, ``$PREFIX/file`` and ``${PREFIX}/file`` by the environment.

    A prefix that is not set stays as it is, so that the message about the missing file shows it.

    Examples
    --------
    >>> import os
    >>> os.environ["lref"] = "/data/ref/"
    >>> expand_name("lref$x_flat.fits")
    '/data/ref/x_flat.fits'
    >>> expand_name("N/A")
    'N/A'
    """
    position = name.find("$")
    if position < 0:
        return name
    if position == 0:
        return os.path.expandvars(name)
    expanded = os.path.expandvars(f"${name[:position]}/{name[position + 1 :]}")
    return expanded.replace("//", "/", 1)
