"""What is read from a reference file: a file, an extension, a row. Each step says what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that is read from a reference file.

    Attributes
    ----------
    keyword : str
        Header keyword of the file.
    purpose : str
        The switch or step that reads it.
    row : dict or None
        Criteria that a row of the table must satisfy; None if no particular row is needed.
    optional : dict
        Further criteria, for columns that the table may lack.
    columns : tuple of str
        What is read besides the columns that every use of the file reads (``Kind.columns``).
    extensions : tuple
        Image or table extensions that must exist, each (EXTNAME, EXTVER).
    segment_header : str
        Some extension must have this value of the keyword SEGMENT.
    life_adj : int or None
        Value that the primary keyword LIFE_ADJ must have.
    if_lamp_has_lines : bool
        The row is needed only if the lamp shows lines in this mode and segment (LAMPTAB tells).
    """

    keyword: str
    purpose: str
    row: dict[str, Any] | None = None
    optional: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    extensions: tuple[tuple[str, int], ...] = ()
    segment_header: str = ""
    life_adj: int | None = None
    if_lamp_has_lines: bool = False
