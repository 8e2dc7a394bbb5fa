"""Rows of x1d tables: which pixels are good, and the errors of flux and count rate. Specification 5, section 5.6."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from astropy.io import fits

from recos.comparison.hdus import Hdu

Row = Mapping[str, np.ndarray]
"""Columns of one row, shape (n,), by name."""


def holds_spectra(rows: fits.FITS_rec) -> bool:
    """Whether the rows of a table have a segment and columns of vectors."""
    fields = {name.upper(): rows.dtype[name] for name in rows.dtype.names}
    return "SEGMENT" in fields and any(kind.shape for kind in fields.values())


class SpectrumTable:
    """The rows of a table by label: the segment, with a number where a segment has several rows.

    Parameters
    ----------
    hdu : Hdu
    rows : astropy.io.fits.FITS_rec
        Its rows.

    Attributes
    ----------
    numbers : dict of str to int
        Row numbers by label, in the order of the table.
    """

    def __init__(self, hdu: Hdu, rows: fits.FITS_rec) -> None:
        self.hdu, self._rows = hdu, rows
        segments = [str(name).strip() for name in hdu.column(rows, "SEGMENT")]
        several = {name for name, number in Counter(segments).items() if number > 1}
        seen: Counter[str] = Counter()
        self.numbers: dict[str, int] = {}
        for number, name in enumerate(segments):
            seen[name] += 1
            self.numbers[f"{name} {seen[name]}" if name in several else name] = number

    def row(self, label: str) -> dict[str, np.ndarray]:
        """All columns of a row by name, upper case, each of shape (n,)."""
        number = self.numbers[label]
        names = self._rows.dtype.names
        return {n.upper(): np.ravel(self.hdu.column(self._rows, n)[number]) for n in names}


def are_good(row: Row, n: int) -> np.ndarray:
    """Pixels that count: DQ_WGT above zero; all where there is no such column. Bool, shape (n,).

    Specification 5, sections 5.4.2 and 5.5.2.
    """
    weight = row.get("DQ_WGT")
    return np.ones(n, bool) if weight is None or weight.size != n else weight > 0


def error_of(name: str, row: Row, has_flux: bool) -> np.ndarray | None:
    """The errors of FLUX or NET, float64, shape (n,); None if the row has none.

    ERROR is the error of the flux: that of NET, divided by the sensitivity like NET itself (specification 5,
    sections 5.7.1 and 5.7.2; of combined spectra, section 5.13.6). So the error of NET is ERROR times NET / FLUX, and
    where both are zero, that ratio is interpolated between its neighbours. Without FLUXCORR, ERROR is the error of
    NET (section 5.6), and FLUX has none.

    Parameters
    ----------
    name : {"FLUX", "NET"}
    row : mapping of str to ndarray
        With ERROR.
    has_flux : bool
        FLUXCORR was done.
    """
    if "ERROR" not in row or row["ERROR"].size != row[name].size:
        return None
    error = row["ERROR"].astype(np.float64)
    if (name == "FLUX") == has_flux:
        return error
    if name == "FLUX" or "FLUX" not in row:
        return None
    net, flux = row["NET"].astype(np.float64), row["FLUX"].astype(np.float64)
    known = np.isfinite(net) & np.isfinite(flux) & (net != 0.0) & (flux != 0.0)
    if not known.any():
        return None
    pixels = np.arange(len(net))
    return error * np.interp(pixels, pixels[known], np.abs(net[known] / flux[known]))
