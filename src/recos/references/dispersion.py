"""Dispersion relations of DISPTAB. Specification 3, section 2.4, and 4, section 5.9."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recos.errors import ReferenceFileError
from recos.references.tables import Criterion, ReferenceTable, Row

_NEWTON_STEPS = 100


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Wavelength as a polynomial of the detector pixel.

    Attributes
    ----------
    coefficients : tuple of float
        Increasing order, Angstrom per pixel**k.
    delta : float
        Added to the pixel before the polynomial is evaluated.
    """

    coefficients: tuple[float, ...]
    delta: float

    def wavelength(self, pixel: np.ndarray | float) -> np.ndarray:
        """Vacuum wavelength in Angstrom, float64, of zero-indexed detector pixels."""
        x = np.asarray(pixel, dtype=np.float64) + self.delta
        result = np.full_like(x, self.coefficients[-1])
        for c in reversed(self.coefficients[:-1]):
            result = result * x + c
        return result

    def dispersion(self, pixel: np.ndarray | float) -> np.ndarray:
        """Derivative of the wavelength, Angstrom per pixel."""
        x = np.asarray(pixel, dtype=np.float64) + self.delta
        n = len(self.coefficients)
        result = np.full_like(x, (n - 1) * self.coefficients[-1])
        for k in range(n - 2, 0, -1):
            result = result * x + k * self.coefficients[k]
        return result

    def pixel(self, wavelength: float) -> float:
        """Pixel of a wavelength, by Newton's method from pixel 0; NaN if it does not converge."""
        x = 0.0
        for _ in range(_NEWTON_STEPS):
            slope = float(self.dispersion(x))
            if slope == 0.0:
                return float("nan")
            change = (wavelength - float(self.wavelength(x))) / slope
            x += change
            if abs(change) < 1e-8:
                return x
        return float("nan")


def from_row(row: Row, path: Path) -> Dispersion:
    """The relation of one DISPTAB row.

    Raises
    ------
    ReferenceFileError
        If the row has fewer than two coefficients, or the wavelength does not change along the detector.
    """
    n = int(row["NELEM"])
    if n < 2:
        raise ReferenceFileError(
            f"{path} (DISPTAB): NELEM = {n}; a dispersion relation needs two coefficients."
        )
    if row["COEFF"][1] == 0.0:
        raise ReferenceFileError(
            f"{path} (DISPTAB): COEFF = {', '.join(f'{c:g}' for c in row['COEFF'][:n])}: no change of wavelength "
            "along the detector. Use another DISPTAB."
        )
    if "DELTA" in row:
        delta = float(row["DELTA"])
    else:
        zero = np.float32(0.0)
        at_tv03 = row.get("D_TV03", zero)
        at_launch = row.get("D", zero)
        delta = float(at_tv03 - at_launch)
    return Dispersion(tuple(float(c) for c in row["COEFF"][:n]), delta)


def find(table: ReferenceTable, fpoffset: int = 0, **criteria: Criterion) -> Dispersion | None:
    """The dispersion relation of a mode, or None without a matching row.

    `fpoffset` selects only if the table has a column FPOFFSET.
    """
    if "FPOFFSET" in table:
        criteria["fpoffset"] = fpoffset
    row = table.find(**criteria)
    return None if row is None else from_row(row, table.path)


def coefficient_table(relations: Sequence[Dispersion]) -> np.ndarray:
    """Coefficients of several relations, filled up with zeros: float64, shape (relations, degree + 1)."""
    table = np.zeros((len(relations), max(len(r.coefficients) for r in relations)))
    for row, relation in zip(table, relations, strict=True):
        row[: len(relation.coefficients)] = relation.coefficients
    return table
