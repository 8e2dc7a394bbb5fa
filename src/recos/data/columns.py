"""Column: one column of a table, declared once for those who read, make and write it."""

from __future__ import annotations

from typing import NamedTuple

_FITS_TYPES = {"?": "L", "u1": "B", "i2": "I", "i4": "J", "f4": "E", "f8": "D"}


class Column(NamedTuple):
    """One column of a table.

    Attributes
    ----------
    name : str
        FITS name.
    dtype : str
        Type of the values in memory, native byte order: ``f4``, ``U4``, ``?`` …
    unit : str or None
        TUNIT.
    disp : str or None
        Display format, TDISP.
    comment : str or None
        Comment of the TTYPE card.
    is_vector : bool
        Each row has as many values as a spectrum has pixels, not one.
    """

    name: str
    dtype: str
    unit: str | None = None
    disp: str | None = None
    comment: str | None = None
    is_vector: bool = False

    def form(self, n: int = 1) -> str:
        """FITS format, TFORM, of `n` values in each row.

        Examples
        --------
        >>> Column("FLUX", "f4", is_vector=True).form(16384), Column("SEGMENT", "U4").form()
        ('16384E', '4A')
        """
        return f"{self.dtype[1:]}A" if self.dtype.startswith("U") else f"{n}{_FITS_TYPES[self.dtype]}"
