"""Spectra in files: tables of :mod:`astropy.table`, x1d files of COS, whatever ``specutils`` reads."""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy import units as u
from astropy.table import Column, Table

from recos.data.instrument import STRIPES
from recos.errors import InputError
from recos.simulate.spectrum_units import is_flux, is_wavelength, parse_unit

_WAVELENGTH_NAMES = ("wavelength", "wavelengths", "wave", "lambda", "lam", "wl", "frequency", "freq", "nu")
_FLUX_NAMES = ("flux", "fluxes", "flam", "flux_density", "f_lambda", "fnu", "f_nu", "photlam", "photnu")
_UNIT_IN_NAME = re.compile(r"^(?P<name>[^\[(]*?)\s*[\[(](?P<unit>.*)[\])]\s*$")
_FORMATS = {
    ".ecsv": "ascii.ecsv",
    ".csv": "ascii.csv",
    ".fits": "fits",
    ".fit": "fits",
    ".vot": "votable",
    ".xml": "votable",
}
"""Formats of :mod:`astropy.table` by suffix; of anything else, text is expected."""
_RESOLUTION_ELEMENT = {True: 6, False: 3}
"""Pixels of a resolution element of the FUV and the NUV detector."""

#: Wavelengths, fluxes, and their units.
Spectrum = tuple[np.ndarray, np.ndarray, u.UnitBase, u.UnitBase]


class _NoSpectrumError(InputError):
    """A file is no table, or has no columns of wavelength and flux; ``specutils`` may know better."""


class _Named(NamedTuple):
    """A column, its name without unit, and its unit (None if there is none that is known)."""

    name: str
    unit: u.UnitBase | None
    column: Column


def read_spectrum(
    path: Path, wavelength_unit: u.UnitBase | None = None, flux_unit: u.UnitBase | None = None
) -> Spectrum:
    """Read a spectrum.

    Parameters
    ----------
    path : Path
    wavelength_unit, flux_unit : Unit, optional
        Of columns without unit.

    Returns
    -------
    wavelength, flux : ndarray
        float64, in the order of the file, as they are there; of x1d files, good data averaged by resolution element.
    wavelength_unit, flux_unit : Unit

    Raises
    ------
    InputError
        If the file is missing, no table, or has no columns of wavelength and flux with units.
    """
    if not path.is_file():
        what = "is a directory" if path.is_dir() else "does not exist"
        raise InputError(f"{path} {what}. Give the name of a file with a spectrum, or of a built-in source.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty. Expected a table with columns of wavelength and flux.")
    try:
        return _from_table(path, _read_table(path), wavelength_unit, flux_unit)
    except _NoSpectrumError as error:
        if find_spec("specutils") is None:
            remedy = "With pip install 'recos[spectra]', also the formats of specutils are possible."
            raise InputError(f"{error} {remedy}") from None
        other = _with_specutils(path)
        if other is None:
            raise InputError(f"{error} specutils cannot read it, either.") from None
        return other


def _read_table(path: Path) -> Table:
    suffixes = "".join(path.suffixes[-2:]).lower()
    kind = next((_FORMATS[s] for s in _FORMATS if suffixes.removesuffix(".gz").endswith(s)), "ascii")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown units and unusual headers, of which more is said below
            return Table.read(path, format=kind)
    except Exception as error:  # readers of tables raise whatever they like
        # what the text reader says is a list of all that it has tried
        reason = "" if kind == "ascii" else f" ({' '.join(str(error).split())[:120]})"
        raise _NoSpectrumError(
            f"{path}: cannot be read as a table{reason}. Expected ECSV, FITS, VOTable, CSV, or text with a heading "
            "like 'wave[Angstrom] flux[erg/s/cm2/Angstrom]'."
        ) from None


def _from_table(
    path: Path, table: Table, wavelength_unit: u.UnitBase | None, flux_unit: u.UnitBase | None
) -> Spectrum:
    columns = [_named(column) for column in table.columns.values()]
    bare = not any(c.name in _WAVELENGTH_NAMES or c.name in _FLUX_NAMES or c.unit for c in columns)
    if bare and len(columns) == 2 and wavelength_unit is not None and flux_unit is not None:
        wave, flux = columns
    else:
        wave = _find(path, columns, "wavelength", _WAVELENGTH_NAMES)
        flux = _find(path, columns, "flux", _FLUX_NAMES)
    units = [
        _unit_of(path, c, default, example)
        for c, default, example in (
            (wave, wavelength_unit, "Angstrom"),
            (flux, flux_unit, "erg/s/cm2/Angstrom"),
        )
    ]
    if wave.column.shape != flux.column.shape:
        raise InputError(
            f"{path}: the columns {wave.column.name} and {flux.column.name} have the shapes {wave.column.shape} and "
            f"{flux.column.shape}. Expected the same."
        )
    if "DQ_WGT" in table.colnames and wave.column.ndim == 2:
        arrays = _measured(path, table, wave.column, flux.column)
    else:
        arrays = _joined([_numbers(path, wave)], [_numbers(path, flux)])
    return (*arrays, units[0], units[1])


def _named(column: Column) -> _Named:
    name, unit = column.name, str(column.unit or "")
    match = _UNIT_IN_NAME.match(name)
    if match:
        name, unit = match["name"], unit or match["unit"]
    return _Named(name.strip().lower(), parse_unit(unit) if unit else None, column)


def _find(path: Path, columns: list[_Named], what: str, names: tuple[str, ...]) -> _Named:
    """The column with the first of the names, or the only one with such a unit."""
    for name in names:
        for column in columns:
            if column.name == name:
                return column
    fits_unit = is_wavelength if what == "wavelength" else is_flux
    fitting = [c for c in columns if c.unit is not None and fits_unit(c.unit)]
    if len(fitting) == 1:
        return fitting[0]
    raise _NoSpectrumError(
        f"{path}: {'more than one' if fitting else 'no'} column of {what}. Found the columns "
        f"{', '.join(c.column.name for c in columns)}. Name one {names[0]} (or {', '.join(names[1:5])}); "
        f"in a text table, in a heading with the unit: {names[0]}[{'Angstrom' if what == 'wavelength' else 'Jy'}]."
    )


def _unit_of(path: Path, named: _Named, default: u.UnitBase | None, example: str) -> u.UnitBase:
    unit = named.unit or default
    if unit is not None:
        return unit
    found = str(named.column.unit or "")
    has = f"the unit {found!r}, which is not known" if found else "no unit"
    raise InputError(
        f"{path}: the column {named.column.name} has {has}. Write the unit into the heading of a text table "
        f"({named.name}[{example}]), or save it as ECSV or FITS with units."
    )


def _numbers(path: Path, named: _Named) -> np.ndarray:
    """Values as float64; masked ones are NaN."""
    try:
        return np.ma.filled(np.ma.asarray(named.column).astype(np.float64), np.nan)
    except (TypeError, ValueError):
        row, value = next((i, v) for i, v in enumerate(named.column, 1) if not _is_number(v))
        raise InputError(
            f"{path}, row {row}: the column {named.column.name} holds {str(value)!r}, which is no number."
        ) from None


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _measured(path: Path, table: Table, wavelength: Column, flux: Column) -> tuple[np.ndarray, np.ndarray]:
    """Rows of an x1d file: good columns averaged by resolution element, negative means set to zero."""
    waves, fluxes = [], []
    for i in range(len(table)):
        is_fuv = "SEGMENT" not in table.colnames or str(table["SEGMENT"][i]).strip() not in STRIPES
        width = _RESOLUTION_ELEMENT[is_fuv]
        weight = np.asarray(table["DQ_WGT"][i], np.float64)
        n = len(weight) // width * width
        total, x, y = (
            np.asarray(a[:n], np.float64).reshape(-1, width).sum(axis=1)
            for a in (weight, weight * wavelength[i], weight * flux[i])
        )
        good = total > 0.0
        waves.append(x[good] / total[good])
        fluxes.append(np.maximum(y[good] / total[good], 0.0))
    if not any(len(w) for w in waves):
        raise InputError(
            f"{path}: no good data (DQ_WGT > 0) in any row. Take the spectrum of another exposure."
        )
    return _joined(waves, fluxes)


def _joined(waves: list[np.ndarray], fluxes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Spectra one after the other, in order of their first wavelengths; where they overlap, the first one counts."""
    rows = [(w, f) for ws, fs in zip(waves, fluxes, strict=True) for w, f in _rows(ws, fs)]
    if len(rows) == 1:
        return rows[0]
    rows = sorted((r for r in rows if len(r[0])), key=lambda r: r[0][0])
    wavelength, flux = rows[0]
    for w, f in rows[1:]:
        after = w > wavelength[-1]
        wavelength, flux = np.concatenate([wavelength, w[after]]), np.concatenate([flux, f[after]])
    return wavelength, flux


def _rows(wavelength: np.ndarray, flux: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    if wavelength.ndim == 1:
        return [(wavelength, flux)]
    return list(zip(wavelength, flux, strict=True))


def _with_specutils(path: Path) -> Spectrum | None:
    """What ``specutils`` makes of a file; None if it cannot read it either."""
    import specutils

    reader = getattr(specutils, "Spectrum", None) or specutils.Spectrum1D
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spectrum = reader.read(path)
    except Exception:  # what was wrong with the table says more
        return None
    axis = spectrum.spectral_axis
    if spectrum.flux.ndim != 1 or not is_flux(spectrum.flux.unit) or not is_wavelength(axis.unit):
        return None
    return axis.value, spectrum.flux.value, axis.unit, spectrum.flux.unit
