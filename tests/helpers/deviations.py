"""The list of agreed deviations in docs/deviations.md, as options of compare.py."""

from __future__ import annotations

import re

from helpers import support

PAGE = support.ROOT / "docs" / "deviations.md"


def ignored_keywords(text: str | None = None) -> list[str]:
    """Keywords that the first table of the page excuses: each ``--ignore KEYWORD`` in its last column.

    The second table is about rare cases, which the compared data sets do not have.
    """
    text = PAGE.read_text() if text is None else text
    text = text.partition("## Put right: keywords in rare cases")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    last = [row.rstrip().rstrip("|").rpartition("|")[2] for row in rows]
    return [word for cell in last for word in re.findall(r"--ignore ([A-Z0-9_*?#-]+)", cell)]
