"""The spectrum of what is observed: built in, from arrays, from files, from synphot; and the airglow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy import units as u

from recos.errors import InputError, UsageError
from recos.io.paths import expand
from recos.simulate import builtin_sources, source_files
from recos.simulate.spectrum_units import parse_unit, to_angstrom, to_flux_density

_EDGE = 0.05
"""Part of a range that may lie outside a spectrum: FP-POS displaces the range by up to that."""
_GAP = 0.01
"""Part of a range that is a gap if there is no point in it …"""
_SPACINGS = 50.0
"""… and if it is so many times the usual distance of points."""


@dataclass(frozen=True, eq=False)
class Source:
    """A spectrum, tabulated; linear between its points, zero outside.

    Attributes
    ----------
    name : str
        What it is called in headers, messages and figures.
    wavelength : ndarray
        Barycentric, in vacuum, Angstrom; float64, strictly increasing.
    flux_density : ndarray
        erg/s/cm2/Angstrom, at `wavelength`; float64, not negative.

    Raises
    ------
    InputError
        If the arrays are no such spectrum; the message names the row.
    """

    name: str
    wavelength: np.ndarray
    flux_density: np.ndarray

    def __post_init__(self) -> None:
        for attribute in ("wavelength", "flux_density"):
            values = np.array(getattr(self, attribute), dtype=np.float64)
            values.flags.writeable = False
            object.__setattr__(self, attribute, values)
        if self.wavelength.ndim != 1 or self.wavelength.shape != self.flux_density.shape:
            raise InputError(
                f"{self.name}: wavelengths have the shape {self.wavelength.shape}, fluxes "
                f"{self.flux_density.shape}. Expected two arrays of one dimension and the same length."
            )
        _check_values(self.name, self.wavelength, self.flux_density)
        _check_order(self.name, self.wavelength, self.flux_density)

    @classmethod
    def builtin(cls, name: str, flux: float | None = None) -> Source:
        """A built-in source.

        Parameters
        ----------
        name : str
            One of :meth:`names`.
        flux : float, optional
            Of the continuum at 1300 Angstrom, erg/s/cm2/Angstrom; by default typical of such objects.

        Raises
        ------
        UsageError
            If there is no such source, or `flux` is impossible.
        """
        if name not in builtin_sources.BUILTIN:
            raise UsageError(
                f"{name}: no built-in source. There are {', '.join(builtin_sources.BUILTIN)}; "
                "or give the name of a file."
            )
        kind = builtin_sources.BUILTIN[name]
        level = kind.continuum if flux is None else flux
        wavelength = builtin_sources.grid()
        return cls(name, wavelength, kind.shape(wavelength)).scaled(level)

    @staticmethod
    def names() -> dict[str, str]:
        """Names of the built-in sources, and what they are."""
        return {name: kind.description for name, kind in builtin_sources.BUILTIN.items()}

    @classmethod
    def from_array(
        cls,
        wavelength: Any,
        flux: Any,
        wavelength_unit: str | u.UnitBase = "Angstrom",
        flux_unit: str | u.UnitBase = "erg/s/cm2/Angstrom",
        name: str = "array",
    ) -> Source:
        """A spectrum from arrays.

        Parameters
        ----------
        wavelength, flux : array_like or Quantity
            Of the same length, at least two points. Wavelengths increase, in vacuum; frequencies and energies may
            also increase. The units of quantities are their own.
        wavelength_unit, flux_unit : str or Unit
            Of arrays without unit.
        name : str

        Raises
        ------
        UsageError
            If a unit is not known.
        InputError
            If a unit does not fit, or the arrays are no spectrum.
        """
        x, x_unit = _with_unit(wavelength, wavelength_unit, f"{name}: wavelength")
        y, y_unit = _with_unit(flux, flux_unit, f"{name}: flux")
        if x.ndim != 1 or x.shape != y.shape:
            raise InputError(
                f"{name}: wavelengths have the shape {x.shape}, fluxes {y.shape}. Expected two arrays of one "
                "dimension and the same length."
            )
        angstrom = to_angstrom(x, x_unit, f"{name}: wavelength")
        density = to_flux_density(y, y_unit, angstrom, f"{name}: flux")
        if not x_unit.is_equivalent(u.AA):
            _check_values(name, angstrom, density)  # before the rows are turned around
            if np.all(np.diff(angstrom) < 0.0):
                angstrom, density = angstrom[::-1], density[::-1]
        return cls(name, angstrom, density)

    @classmethod
    def read(
        cls,
        path: str | Path,
        wavelength_unit: str | u.UnitBase | None = None,
        flux_unit: str | u.UnitBase | None = None,
    ) -> Source:
        """A spectrum from a file.

        Parameters
        ----------
        path : str or Path
            ECSV, FITS, VOTable, CSV or text tables (read by :mod:`astropy.table`); x1d and x1dsum files of COS; with
            ``recos[spectra]`` also what ``specutils`` reads. Columns are found by name (wavelength, wave, lambda, …;
            flux, flam, …) and unit; the unit of a text table stands in its heading: ``wave[nm],flux[Jy]``.
        wavelength_unit, flux_unit : str or Unit, optional
            Of columns without unit.

        Notes
        -----
        Of x1d files, good columns (DQ_WGT > 0) are averaged by resolution element, and what noise makes negative
        is set to zero.

        Raises
        ------
        InputError
            If the file is missing, no table, or no spectrum.
        """
        file = expand(path)
        found = source_files.read_spectrum(file, _unit(wavelength_unit), _unit(flux_unit))
        return cls.from_array(*found, name=file.name)

    @classmethod
    def from_synphot(cls, spectrum: Any, name: str = "synphot") -> Source:
        """A ``synphot.SourceSpectrum``, also with redshift, extinction and scaling.

        Parameters
        ----------
        spectrum : synphot.SourceSpectrum
            It is sampled at its own points and every 0.05 Angstrom between them, from 800 to 3500 Angstrom.
        name : str

        Raises
        ------
        UsageError
            If it is something else.
        InputError
            If it has no flux there, or a negative one.
        """
        if not callable(spectrum) or not hasattr(spectrum, "waveset"):
            raise UsageError(
                f"{type(spectrum).__name__} is no spectrum of synphot. Expected a synphot.SourceSpectrum; "
                "for arrays there is Source.from_array."
            )
        wavelength = np.arange(builtin_sources.FIRST, builtin_sources.LAST + 0.025, 0.05)
        if spectrum.waveset is not None:
            own = spectrum.waveset.to_value(u.AA)
            # synphot would continue a table with the flux of its ends
            wavelength = wavelength[(wavelength >= own.min()) & (wavelength <= own.max())]
            wavelength = np.union1d(
                wavelength, own[(own >= builtin_sources.FIRST) & (own <= builtin_sources.LAST)]
            )
        return cls(name, wavelength, spectrum(wavelength * u.AA, flux_unit="flam").value)

    def flux(self, wavelength: np.ndarray) -> np.ndarray:
        """Flux at some wavelengths.

        Parameters
        ----------
        wavelength : ndarray
            Barycentric, in vacuum, Angstrom.

        Returns
        -------
        ndarray
            erg/s/cm2/Angstrom, float64; zero outside the range of the spectrum.
        """
        return np.interp(wavelength, self.wavelength, self.flux_density, left=0.0, right=0.0)

    def scaled(self, factor: float) -> Source:
        """The same with all fluxes multiplied.

        Raises
        ------
        UsageError
            If `factor` is negative or not finite.
        """
        if not (np.isfinite(factor) and factor >= 0.0):
            raise UsageError(f"{self.name}: a flux cannot be scaled with {factor}; give a positive number.")
        return Source(self.name, self.wavelength, self.flux_density * factor)

    def check_covers(self, first: float, last: float, what: str) -> None:
        """Check that the spectrum has points where they are needed.

        Parameters
        ----------
        first, last : float
            Range that is needed, Angstrom. Up to 5 % of it may lie outside the spectrum.
        what : str
            What needs it, e.g. ``FUVA of G130M/1291``.

        Raises
        ------
        InputError
            If more than that is missing, or there is a gap: more than 1 % of the range without a point, and 50 times
            the usual distance between points. The message lists what is missing.
        """
        inside = self.wavelength[(self.wavelength > first) & (self.wavelength < last)]
        start, stop = max(first, self.wavelength[0]), min(last, self.wavelength[-1])
        length = last - first
        missing = [(first, min(start, last)), (max(stop, first), last)]
        missing = [(a, b) for a, b in missing if b - a > _EDGE * length]
        if stop > start:
            points = np.unique(np.concatenate([[start], inside, [stop]]))
            missing += _gaps(points, max(_GAP * length, _SPACINGS * self._spacing()))
        if missing:
            ranges = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in sorted(set(missing)))
            raise InputError(
                f"{self.name}: no flux at {ranges} Angstrom, and {what} needs {first:.2f} to {last:.2f}. "
                "Add these wavelengths to the spectrum (0 where it has no flux), or choose another mode."
            )

    def _spacing(self) -> float:
        return float(np.median(np.diff(self.wavelength)))


def _unit(unit: str | u.UnitBase | None) -> u.UnitBase | None:
    if not isinstance(unit, str):
        return unit
    parsed = parse_unit(unit)
    if parsed is None:
        raise UsageError(f"{unit!r} is no unit. Possible: Angstrom, nm, …; erg/s/cm2/Angstrom, Jy, …")
    return parsed


def _with_unit(values: Any, default: str | u.UnitBase, what: str) -> tuple[np.ndarray, u.UnitBase]:
    """Values as float64, and their unit."""
    unit = _unit(getattr(values, "unit", None) or default)
    if unit is None:
        raise UsageError(f"{what} has no unit. Possible: Angstrom, nm, …; erg/s/cm2/Angstrom, Jy, …")
    try:
        return np.asarray(getattr(values, "value", values), dtype=np.float64), unit
    except (TypeError, ValueError):
        raise InputError(f"{what} holds something that is no number.") from None


def _check_values(name: str, wavelength: np.ndarray, flux: np.ndarray) -> None:
    """Check the values of a spectrum, in whatever order."""
    _refuse(
        name,
        wavelength,
        flux,
        (~np.isfinite(wavelength) | (wavelength <= 0.0), "the wavelength is {w:.8g}", "Remove the row"),
        (~np.isfinite(flux), "the flux at {w:.8g} Angstrom is {f}", "Remove the row, or replace the value"),
        (flux < 0.0, "the flux at {w:.8g} Angstrom is {f:.8g}, which is negative", "Set it to 0"),
    )


def _check_order(name: str, wavelength: np.ndarray, flux: np.ndarray) -> None:
    """Check that wavelengths increase."""
    if len(wavelength) < 2:
        raise InputError(f"{name}: {len(wavelength)} point(s); a spectrum needs at least two.")
    before = np.concatenate([[0.0], wavelength[:-1]])
    _refuse(
        name,
        wavelength,
        before,
        (wavelength == before, "the wavelength {w:.8g} is that of the row before, too", "Remove one of them"),
        (wavelength < before, "the wavelength {w:.8g} comes after {f:.8g}", "Sort the rows by wavelength"),
    )


def _refuse(name: str, wavelength: np.ndarray, other: np.ndarray, *problems: tuple) -> None:
    """Raise for the first problem (bad rows, what was found, remedy); rows are counted from 1."""
    for bad, found, remedy in problems:
        if bad.any():
            row = int(np.argmax(bad))
            text = found.format(w=wavelength[row], f=other[row])
            more = f" ({bad.sum()} such rows)" if bad.sum() > 1 else ""
            raise InputError(f"{name}, row {row + 1}: {text}{more}. {remedy}.")


def _gaps(points: np.ndarray, largest: float) -> list[tuple[float, float]]:
    """Neighbouring points that are further apart than allowed."""
    wide = np.flatnonzero(np.diff(points) > largest)
    return [(float(points[i]), float(points[i + 1])) for i in wide]
