"""What differs between two tables: spectra row by row, lists (events, times) column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from astropy.io import fits

from recos.comparison.hdus import BLOCK_BYTES, Hdu
from recos.comparison.result import Fact
from recos.comparison.spectra import Row, SpectrumTable, are_good, error_of, holds_spectra
from recos.comparison.values import InUnits, Tally, ValueChange, are_same_bytes, in_units

_FLAGS = ("DQ", "DQ_OUTER")

Found = Iterator[Fact | ValueChange]


def compare_tables(old: Hdu, new: Hdu, rtol: float, has_flux: bool) -> Found:
    """Compare two tables.

    Tables with a SEGMENT and columns of vectors (x1d, lampflash) are compared row by row, rows of the same segment
    with each other; all others column by column.

    Parameters
    ----------
    old, new : Hdu
    rtol : float
        Relative difference up to which floating-point values are equal.
    has_flux : bool
        FLUXCORR was done, so that ERROR is the error of a flux; else it is that of a count rate.

    Yields
    ------
    Fact or ValueChange
    """
    yield from _layout(old, new)
    ours, theirs = old.table(), new.table()
    n, m = (0 if rows is None else len(rows) for rows in (ours, theirs))
    if n == m == 0:
        return
    if ours is None or theirs is None or 0 in (n, m):
        yield Fact("structure", old.label, "rows", n, m)
        return
    names = _common_columns(old, new)
    if holds_spectra(ours) and holds_spectra(theirs):
        yield from _compare_spectra(
            SpectrumTable(old, ours), SpectrumTable(new, theirs), names, rtol, has_flux
        )
    elif n != m:
        yield Fact("structure", old.label, "rows", n, m)
    else:
        yield from _compare_lists(old, new, ours, theirs, names, rtol)


def _columns(hdu: Hdu) -> dict[str, fits.Column]:
    return {column.name.upper(): column for column in hdu.hdu.columns}


def _common_columns(old: Hdu, new: Hdu) -> list[str]:
    theirs = _columns(new)
    return [name for name in _columns(old) if name in theirs]


def _layout(old: Hdu, new: Hdu) -> Iterator[Fact]:
    """Columns that are missing, or have another type or unit. Lengths of vectors are left to the rows."""
    ours, theirs = _columns(old), _columns(new)
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in theirs:
            yield Fact("structure", old.label, f"column {name}", "there", None)
        elif name not in ours:
            yield Fact("structure", old.label, f"column {name}", None, "there")
        else:
            a, b = ours[name], theirs[name]
            for what, x, y in (("type", _type(a), _type(b)), ("unit", a.unit or "", b.unit or "")):
                if x != y:
                    yield Fact("structure", old.label, f"{what} of {name}", x, y)


def _type(column: fits.Column) -> str:
    """TFORM without a number of values."""
    return str(column.format).lstrip("0123456789")


# ------------------------------------------------------------------------------------------------ lists


def _compare_lists(
    old: Hdu, new: Hdu, ours: fits.FITS_rec, theirs: fits.FITS_rec, names: list[str], rtol: float
) -> Iterator[ValueChange]:
    a = {name: old.column(ours, name) for name in names}
    b = {name: new.column(theirs, name) for name in names}
    tallies = {
        name: Tally(rtol, are_flags=name in _FLAGS) for name in names if a[name].shape == b[name].shape
    }
    step = max(1, BLOCK_BYTES // ours.dtype.itemsize)
    plain = (ours.view(np.ndarray), theirs.view(np.ndarray))
    for start in range(0, len(ours), step):
        rows = slice(start, start + step)
        is_same = are_same_bytes(plain[0][rows], plain[1][rows])
        for name, tally in tallies.items():
            if is_same:
                tally.skip(a[name][rows].size)
            else:
                tally.add(a[name][rows], b[name][rows])
    for name, tally in tallies.items():
        change = tally.result(old.label, name, "", a[name].shape)
        if change is not None:
            yield change


# ---------------------------------------------------------------------------------------------- spectra


def _compare_spectra(
    old: SpectrumTable, new: SpectrumTable, names: list[str], rtol: float, has_flux: bool
) -> Found:
    hdu = old.hdu.label
    for label in dict.fromkeys([*old.numbers, *new.numbers]):
        if label not in new.numbers:
            yield Fact("structure", hdu, f"row {label}", "there", None)
        elif label not in old.numbers:
            yield Fact("structure", hdu, f"row {label}", None, "there")
        else:
            yield from _compare_rows(hdu, label, names, old.row(label), new.row(label), rtol, has_flux)


def _compare_rows(
    hdu: str, label: str, names: list[str], old: Row, new: Row, rtol: float, has_flux: bool
) -> Found:
    lengths: dict[tuple[int, int], list[str]] = {}
    for name in names:
        a, b = old[name], new[name]
        if a.size != b.size:
            lengths.setdefault((a.size, b.size), []).append(name)
            continue
        tally = Tally(rtol, are_flags=name in _FLAGS)
        tally.add(a, b)
        units = _in_units(name, old, new, has_flux) if tally.n_different else None
        change = tally.result(hdu, name, label, a.shape, units)
        if change is not None:
            yield replace(change, wavelength=_wavelength(old, change.place[0])) if a.size > 1 else change
    for (n, m), columns in lengths.items():
        yield Fact("structure", hdu, f"length of {label} ({columns[0]}, …)", n, m)


def _wavelength(row: Row, pixel: int) -> float | None:
    wavelengths = row.get("WAVELENGTH", ())
    return float(wavelengths[pixel]) if pixel < len(wavelengths) else None


def _in_units(name: str, old: Row, new: Row, has_flux: bool) -> InUnits | None:
    """The differences of a column in units of the error, or of a pixel, over good pixels."""
    if name == "WAVELENGTH" and old[name].size > 1:
        unit, scale = "pixel", np.abs(np.gradient(old[name].astype(np.float64)))
    elif name in ("FLUX", "NET"):
        unit, scale = "sigma", error_of(name, old, has_flux)
    else:
        return None
    if scale is None:
        return None
    a, b = (row[name].astype(np.float64) for row in (old, new))
    use = are_good(old, len(a)) & are_good(new, len(a)) if unit == "sigma" else np.ones(len(a), bool)
    return in_units(unit, a, b, scale, use)
