"""How far two arrays of equal shape differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recos.data.instrument import DQ

_N_BITS = 16


@dataclass(frozen=True, slots=True)
class InUnits:
    """new - old in units of the error of OLD, or of the width of a pixel.

    Attributes
    ----------
    unit : {"sigma", "pixel"}
    largest : float
        Largest absolute value.
    mean, rms : float or None
        Over all `n` pixels that are good in both and have an error, also those that are equal; None for images.
    n : int
    """

    unit: str
    largest: float
    mean: float | None = None
    rms: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Values of a column or image that differ.

    Attributes
    ----------
    hdu : str
        EXTNAME, followed by a comma and EXTVER if that is not 1.
    name : str
        The column; for images the same as EXTNAME.
    row : str
        Segment or stripe of a spectrum; empty for event lists and images.
    n, n_different : int
        Number of values, and of those that differ. NaN equals NaN.
    n_not_finite : int
        Those that differ because one of them is NaN or infinite.
    largest, relative : float or None
        Largest absolute difference of numbers, and largest difference relative to the larger of the two values.
    place : tuple of int
        Index, from 0, of the largest difference: the pixel, the row of a list, row and column of an image.
    old, new : object
        The values there.
    units : InUnits or None
        The differences in units of the error or of a pixel, where there is such a unit.
    flags : dict of str to (int, int)
        For data quality: name of a bit, and in how many values it was set and cleared.
    wavelength : float or None
        Of the pixel `place` in OLD, Angstrom, for spectra.
    """

    hdu: str
    name: str
    row: str
    n: int
    n_different: int
    n_not_finite: int
    largest: float | None
    relative: float | None
    place: tuple[int, ...]
    old: Any
    new: Any
    units: InUnits | None = None
    flags: dict[str, tuple[int, int]] = field(default_factory=dict)
    wavelength: float | None = None


def are_same_bytes(old: np.ndarray, new: np.ndarray) -> bool:
    """Whether two arrays are equal to the bit: quick, and independent of the type."""
    if old.dtype != new.dtype or old.shape != new.shape or old.dtype.hasobject:
        return False
    a, b = (np.ascontiguousarray(x).reshape(-1).view(np.uint8) for x in (old, new))
    return bool(np.array_equal(a, b))


def unequal(old: np.ndarray, new: np.ndarray, rtol: float = 0.0) -> np.ndarray:
    """Which values differ, bool; NaN equals NaN.

    Parameters
    ----------
    old, new : ndarray
        Of equal shape, numbers or texts; blanks at the end of texts do not count.
    rtol : float
        Floating-point numbers are equal if they differ by no more than this, relative to the larger one.
    """
    if old.dtype.kind in "SU" or new.dtype.kind in "SU":
        return np.char.rstrip(old.astype("U")) != np.char.rstrip(new.astype("U"))
    different = old != new
    if old.dtype.kind == "f" or new.dtype.kind == "f":
        different &= ~(np.isnan(old) & np.isnan(new))
        if rtol > 0.0 and different.any():
            a, b = old[different].astype(np.float64), new[different].astype(np.float64)
            with np.errstate(invalid="ignore"):
                different[different] = ~(np.abs(b - a) <= rtol * np.maximum(np.abs(a), np.abs(b)))
    return different


class Tally:
    """Counts differences of two arrays that are given in pieces.

    Parameters
    ----------
    rtol : float
        See :func:`unequal`.
    are_flags : bool
        The values are data-quality flags.
    """

    def __init__(self, rtol: float = 0.0, are_flags: bool = False) -> None:
        self._rtol, self._are_flags = rtol, are_flags
        self.n = self.n_different = self._n_not_finite = 0
        self._largest = self._relative = -1.0
        self._first: tuple[int, Any, Any] = (0, None, None)
        self._in_errors = 0.0
        self._set = np.zeros(_N_BITS, np.int64)
        self._cleared = np.zeros(_N_BITS, np.int64)

    def skip(self, n: int) -> None:
        """Count values that are known to be equal."""
        self.n += n

    def add(self, old: np.ndarray, new: np.ndarray, error: np.ndarray | None = None) -> None:
        """Compare the next values.

        Parameters
        ----------
        old, new : ndarray
            Of equal shape.
        error : ndarray, optional
            Of the same shape.
        """
        old, new = _native(old), _native(new)
        index = np.flatnonzero(unequal(old, new, self._rtol))
        if len(index):
            a, b = old[index], new[index]
            if a.dtype.kind in "iuf" and b.dtype.kind in "iuf":
                self._add_numbers(index, a, b, None if error is None else _native(error)[index])
            elif not self.n_different:
                self._first = (self.n + int(index[0]), a[0], b[0])
            self.n_different += len(index)
        self.n += old.size

    def _add_numbers(self, index: np.ndarray, a: np.ndarray, b: np.ndarray, error: np.ndarray | None) -> None:
        if self._are_flags:
            was, now = (x.astype(np.int64) for x in (a, b))
            for bit in range(_N_BITS):
                self._set[bit] += np.count_nonzero(now & ~was & 1 << bit)
                self._cleared[bit] += np.count_nonzero(was & ~now & 1 << bit)
        x, y = a.astype(np.float64), b.astype(np.float64)
        with np.errstate(invalid="ignore"):
            size = np.abs(y - x)
        finite = np.isfinite(size)
        self._n_not_finite += int(np.count_nonzero(~finite))
        size[~finite] = -0.5  # less than any difference, more than none at all
        k = int(np.argmax(size))
        if size[k] > self._largest:
            self._largest = float(size[k])
            self._first = (self.n + int(index[k]), a[k], b[k])
        if finite.any():
            larger = np.maximum(np.abs(x), np.abs(y))[finite]
            self._relative = max(self._relative, float((size[finite] / larger).max()))
        if error is not None:
            use = finite & (error > 0.0) & np.isfinite(error)
            self._in_errors = max(self._in_errors, float((size[use] / error[use]).max(initial=0.0)))

    def units(self) -> InUnits:
        """The largest difference in units of the errors that were given."""
        return InUnits("sigma", self._in_errors)

    def result(
        self, hdu: str, name: str, row: str, shape: tuple[int, ...], units: InUnits | None = None
    ) -> ValueChange | None:
        """What differs; None if nothing does.

        Parameters
        ----------
        hdu, name, row : str
            See :class:`ValueChange`.
        shape : tuple of int
            Of the whole array.
        units : InUnits, optional
        """
        if not self.n_different:
            return None
        place, old, new = self._first
        return ValueChange(
            hdu=hdu,
            name=name,
            row=row,
            n=self.n,
            n_different=self.n_different,
            n_not_finite=self._n_not_finite,
            largest=self._largest if self._largest >= 0.0 else None,
            relative=self._relative if self._relative >= 0.0 else None,
            place=tuple(int(i) for i in np.unravel_index(place, shape)),
            old=_plain(old),
            new=_plain(new),
            units=units,
            flags=self._flags(),
        )

    def _flags(self) -> dict[str, tuple[int, int]]:
        return {
            _flag_name(bit): (int(self._set[bit]), int(self._cleared[bit]))
            for bit in range(_N_BITS)
            if self._set[bit] or self._cleared[bit]
        }


def _flag_name(bit: int) -> str:
    value = 1 << bit
    return str(DQ(value).name) if value in DQ._value2member_map_ else str(value)


def in_units(unit: str, old: np.ndarray, new: np.ndarray, scale: np.ndarray, use: np.ndarray) -> InUnits:
    """New - old in units of `scale`, over the pixels that `use` chooses and that have a scale.

    Parameters
    ----------
    unit : {"sigma", "pixel"}
    old, new, scale : ndarray of float64, shape (n,)
    use : ndarray of bool, shape (n,)
    """
    with np.errstate(invalid="ignore"):
        difference = new - old
    use = use & (scale > 0.0) & np.isfinite(scale) & np.isfinite(difference)
    if not use.any():
        return InUnits(unit, 0.0, 0.0, 0.0)
    z = difference[use] / scale[use]
    return InUnits(unit, float(np.abs(z).max()), float(z.mean()), float(np.sqrt((z**2).mean())), len(z))


def _native(array: np.ndarray) -> np.ndarray:
    """One dimension, native byte order."""
    flat = np.asarray(array).reshape(-1)
    return flat if flat.dtype.isnative else flat.astype(flat.dtype.newbyteorder("="))


def _plain(value: Any) -> Any:
    """A value as Python has it; texts without blanks at their end."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.rstrip() if isinstance(value, str) else value


def place_text(change: ValueChange) -> str:
    """Where the largest difference is: index from 0, of spectra with the wavelength; (row, column) of an image."""
    place = str(change.place[0]) if len(change.place) == 1 else str(change.place)
    return place if change.wavelength is None else f"{place} ({change.wavelength:.2f} Å)"


def flags_text(change: ValueChange) -> str:
    """Which data-quality bits were set and cleared, and in how many values."""
    words = []
    for name, (was_set, cleared) in change.flags.items():
        done = [f"{what} in {n}" for what, n in (("set", was_set), ("cleared", cleared)) if n]
        words.append(f"{name} {', '.join(done)}")
    return "; ".join(words)
