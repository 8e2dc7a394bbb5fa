"""Averaging the spectra of several exposures: x1dsum, x1dsum1 … x1dsum4. Specification 5, section 5.13."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from recos.combine.flat_weight import flat_weight
from recos.combine.headers import combined_header, combined_primary, mark_as_product
from recos.combine.inputs import InputSpectrum
from recos.corrections import record_corrections
from recos.data.columns import Column
from recos.data.instrument import DQ, FUV_SHAPE, NUV_SPECTRUM_SHAPE
from recos.data.spectrum import COLUMNS, Spectrum, without_flux
from recos.errors import InputError
from recos.extract.keywords import write_statistics, write_wavelength_range
from recos.kernels.poisson import poisson_errors
from recos.references import References

_BY_NAME = {column.name: column for column in COLUMNS}
_RATES = ("FLUX", "GROSS", "NET", "BACKGROUND")
_COUNTS = ("GCOUNTS", "VARIANCE_FLAT", "VARIANCE_COUNTS", "VARIANCE_BKG")
_ZEROED = ("ERROR", "ERROR_LOWER", *_RATES, *_COUNTS)
_VARIANCES = ("VARIANCE_FLAT", "VARIANCE_COUNTS", "VARIANCE_BKG")

#: Columns of a sum of several spectra.
SUM_COLUMNS = tuple(
    _BY_NAME[name]._replace(unit="count") if name in _VARIANCES else _BY_NAME[name]
    for name in (
        "SEGMENT", "EXPTIME", "NELEM", "WAVELENGTH", "FLUX", "ERROR", "ERROR_LOWER", "GROSS", "GCOUNTS",
        "VARIANCE_FLAT", "VARIANCE_COUNTS", "VARIANCE_BKG", "NET", "BACKGROUND", "DQ", "DQ_WGT",
    )
)  # fmt: skip

_ABSENT_FROM_SINGLE = ("DQ_OUTER", "NUM_EXTRACT_ROWS", "ACTUAL_EE")
#: Columns of the product of a single spectrum. QUIRK (specification 5, section 5.13.1): not those of a sum.
SINGLE_COLUMNS = tuple(
    c for c in COLUMNS if c.name not in _ABSENT_FROM_SINGLE and not c.name.startswith("Y_")
)

_NEGLIGIBLE_WEIGHT = 0.1
_LEAST_VARIANCE = 0.5
_SAME_PIXEL = 1e-6


def combine_spectra(
    spectra: Sequence[Spectrum],
    refs: Sequence[References],
    filename: str,
    corrections: frozenset[str] = frozenset(),
) -> Spectrum:
    """Average spectra on one linear grid of wavelengths.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Concatenated spectra of the exposures, in the order of the association; at least one. Not changed.
    refs : sequence of References
        The reference files of each of them, for the flat field.
    filename : str
        Name of the product, which decides on ASN_MTYP.
    corrections : frozenset of str
        Named corrections that are switched on.

    Returns
    -------
    Spectrum
        A single input is only masked: pixels without weight become zero.

    Raises
    ------
    InputError
        If the spectra differ in size, or a keyword is missing.
    """
    spectra = list(spectra)
    alone = len(spectra) == 1
    result = _mask(spectra[0], corrections) if alone else _average(spectra, refs, corrections)
    mark_as_product(result.header, filename)
    record_corrections(result.primary, corrections, "combination")
    return result


def _mask(spectrum: Spectrum, corrections: frozenset[str]) -> Spectrum:
    result = spectrum.copy()
    if not spectrum.n_rows:
        return result
    as_sum = "sum-of-one" in corrections
    result.layout = _sum_columns(spectrum, corrections) if as_sum else SINGLE_COLUMNS
    result.columns = {column.name: result.columns[column.name] for column in result.layout}
    for name in _ZEROED:
        result.columns[name][result["DQ_WGT"] <= 0.0] = 0.0
    result.primary = combined_primary([spectrum])
    result.header = combined_header([spectrum], as_sum)
    if as_sum:
        write_wavelength_range(result, warn_of_bad=False)
        write_statistics(result)
    return result


def _sum_columns(first: Spectrum, corrections: frozenset[str]) -> tuple[Column, ...]:
    return without_flux(SUM_COLUMNS) if _has_rate_errors(first, corrections) else SUM_COLUMNS


def _has_rate_errors(first: Spectrum, corrections: frozenset[str]) -> bool:
    # QUIRK (specification 5, section 5.13.6): without flux there is no error either.
    return "rate-errors" in corrections and first.primary.get("FLUXCORR") != "COMPLETE"


def _average(spectra: list[Spectrum], refs: Sequence[References], corrections: frozenset[str]) -> Spectrum:
    inputs = [
        (InputSpectrum(spectrum, i), references)
        for spectrum, references in zip(spectra, refs, strict=True)
        for i in range(spectrum.n_rows)
    ]
    by_segment: dict[str, list[tuple[InputSpectrum, References]]] = {}
    for spectrum, references in inputs:
        by_segment.setdefault(spectrum.segment, []).append((spectrum, references))
    sizes = {int(spectrum["NELEM"]) for spectrum, _ in inputs}
    if len(sizes) > 1:
        raise InputError(
            f"The x1d tables have different array sizes ({sorted(sizes)}); they cannot be combined."
        )

    whole = "sum-grid" in corrections
    grids = [Grid.for_inputs([spectrum for spectrum, _ in members], whole) for members in by_segment.values()]
    n = max([grid.n for grid in grids], default=_default_size(spectra[0]))
    rows = []
    for members, grid in zip(by_segment.values(), grids, strict=True):
        total = Accumulator(members[0][0].segment, grid.wavelength(n), corrections)
        for spectrum, references in members:
            total.add(spectrum, flat_weight(spectrum, references))
        rows.append(total.result(_has_rate_errors(spectra[0], corrections)))
    layout = _sum_columns(spectra[0], corrections)
    result = Spectrum.from_rows(combined_primary(spectra), combined_header(spectra), rows, n, layout)
    if rows:
        write_wavelength_range(result, warn_of_bad=False)
    write_statistics(result)
    return result


def _default_size(spectrum: Spectrum) -> int:
    return FUV_SHAPE[1] if spectrum.primary.get("DETECTOR") == "FUV" else NUV_SPECTRUM_SHAPE[1]


class Grid:
    """Linear wavelengths that cover the spectra of one segment; section 5.13.4.

    Attributes
    ----------
    start, step : float
        Angstrom.
    n : int
        Pixels that it needs.
    """

    def __init__(self, start: float, step: float, n: int) -> None:
        self.start, self.step, self.n = start, step, n

    @classmethod
    def for_inputs(cls, spectra: Sequence[InputSpectrum], whole: bool = False) -> Grid:
        """The grid from the shortest to the longest wavelength with the smallest mean dispersion.

        Parameters
        ----------
        spectra : sequence of InputSpectrum
        whole : bool
            It ends with the last pixel up to the longest wavelength.
        """
        sizes = [int(s["NELEM"]) for s in spectra]
        start = min(s.wavelength[0] for s in spectra)
        stop = max(1.0, *(s.wavelength[n - 1] for s, n in zip(spectra, sizes, strict=True)))
        step = min(
            (s.wavelength[n - 1] - s.wavelength[0]) / (n - 1) for s, n in zip(spectra, sizes, strict=True)
        )
        # QUIRK (specification 5, section 5.13.4): a pixel at the longest wavelength itself is missing.
        n = int(np.ceil((stop - start) / step))
        if whole:
            n = int((stop - start) / step + _SAME_PIXEL) + 1
        return cls(start, step, max(*sizes, n))

    def wavelength(self, n: int) -> np.ndarray:
        """Wavelengths of `n` pixels, float64."""
        return self.start + self.step * np.arange(n, dtype=np.float64)


def pixel_coordinates(wavelength_in: np.ndarray, wavelength_out: np.ndarray) -> np.ndarray:
    """Pixel of the input at each wavelength of the output, estimated in two linear steps; section 5.13.5."""
    n = len(wavelength_in)
    mean_step = (wavelength_in[-1] - wavelength_in[0]) / (n - 1)
    local_step = np.empty(n)
    local_step[0] = wavelength_in[1] - wavelength_in[0]
    local_step[-1] = wavelength_in[-1] - wavelength_in[-2]
    local_step[1:-1] = (wavelength_in[2:] - wavelength_in[:-2]) / 2.0
    pixel = np.maximum((wavelength_out - wavelength_in[0]) / mean_step, 0.0)
    for last_step in (False, True):
        near = np.minimum(pixel.astype(np.int64), n - 1)
        pixel = near + (wavelength_out - wavelength_in[near]) / local_step[near]
        if not last_step:
            pixel = np.maximum(pixel, 0.0)
    return pixel


class Accumulator:
    """The growing sum of the spectra of one segment; sections 5.13.5 and 5.13.6.

    Sums are rounded to float32 after every spectrum, as the reference implementation does.
    """

    def __init__(
        self, segment: str, wavelength: np.ndarray, corrections: frozenset[str] = frozenset()
    ) -> None:
        n = len(wavelength)
        self.corrections = corrections
        self.segment, self.wavelength = segment, wavelength
        self.exptime = 0.0
        self.sums = {name: np.zeros(n, np.float32) for name in (*_RATES, *_COUNTS, "DQ_WGT")}
        self.dq = np.full(n, DQ.OUT_OF_BOUNDS, np.int16)
        self.weight = np.zeros(n)
        self.covered = np.zeros(n, bool)

    def add(self, spectrum: InputSpectrum, flat: np.ndarray | None) -> None:
        """Add one spectrum.

        Parameters
        ----------
        spectrum : InputSpectrum
        flat : ndarray of float64 or None
            Factors of the weight of each pixel.
        """
        n = int(spectrum["NELEM"])
        pixel = pixel_coordinates(spectrum.wavelength[:n], self.wavelength)
        covered = np.flatnonzero((pixel >= 0.0) & (pixel <= n - 1))
        if len(covered) < 2:
            return
        # QUIRK (specification 5, section 5.13.5): the last pixel that is covered is dropped.
        out = slice(covered[0], covered[-1] + ("sum-grid" in self.corrections))
        left = np.floor(pixel[out]).astype(np.int64)
        right = np.minimum(left + 1, n - 1)
        q = pixel[out] - left
        p = 1.0 - q

        exptime = float(spectrum["EXPTIME"])
        good = spectrum["DQ_WGT"].astype(np.float64)
        weight = good * exptime if flat is None else good * exptime * flat
        left_weight, right_weight = p * weight[left], q * weight[right]
        self.weight[out] += left_weight + right_weight
        for name in _RATES:
            # a flux without weight may be NaN
            y = np.where(good > 0.0, spectrum[name].astype(np.float64), 0.0)
            self._add(name, out, y[left] * left_weight + y[right] * right_weight)
        for name in _COUNTS:
            y = spectrum[name].astype(np.float64)
            self._add(name, out, y[left] * p * good[left] + y[right] * q * good[right])
        self._add("DQ_WGT", out, good[left] * p + good[right] * q)
        flags = spectrum["DQ"][left] | spectrum["DQ"][right]
        # QUIRK (specification 5, section 5.13.5): where the first spectrum is missing, 128 is ANDed instead.
        begun = self.covered[out] if "sum-flags" in self.corrections else self.exptime != 0.0
        self.dq[out] = np.where(begun, self.dq[out] & flags, flags)
        self.covered[out] = True
        self.exptime += exptime

    def _add(self, name: str, out: slice, values: np.ndarray) -> None:
        self.sums[name][out] = self.sums[name][out] + values

    def result(self, rate_errors: bool = False) -> dict[str, ArrayLike]:
        """The row of the table.

        Parameters
        ----------
        rate_errors : bool
            Errors are those of NET and not of FLUX.
        """
        sums = self.sums
        divisor = np.where(self.weight == 0.0, 1.0, self.weight)
        for name in ("FLUX", "GROSS", "BACKGROUND"):
            sums[name] = (sums[name] / divisor).astype(np.float32)
        lower, upper = self._errors(1.0 / divisor if rate_errors else self._flux_per_net())
        sums["ERROR_LOWER"], sums["ERROR"] = lower, upper
        sums["NET"] = (sums["NET"] / divisor).astype(np.float32)
        low = sums["DQ_WGT"] < _NEGLIGIBLE_WEIGHT
        for values in sums.values():
            values[low] = 0.0
        others: dict[str, ArrayLike] = {
            "SEGMENT": self.segment,
            "EXPTIME": self.exptime,
            "NELEM": len(self.wavelength),
            "WAVELENGTH": self.wavelength,
            "DQ": self.dq,
        }
        return {**sums, **others}

    def _errors(self, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Poisson errors of the total variance, times a scale."""
        sums = self.sums
        variance = sums["VARIANCE_FLAT"] + sums["VARIANCE_COUNTS"] + sums["VARIANCE_BKG"]
        variance[variance < _LEAST_VARIANCE] = _LEAST_VARIANCE
        lower, upper = poisson_errors(variance)
        unused = sums["DQ_WGT"] == 0.0
        lower[unused] = upper[unused] = 0.0
        return (lower * scale).astype(np.float32), (upper * scale).astype(np.float32)

    def _flux_per_net(self) -> np.ndarray:
        """Normalised flux over the sum of weighted net rates; interpolated where there is no net rate."""
        flux, net = self.sums["FLUX"], self.sums["NET"]
        known = net != 0.0
        scale = np.zeros(len(net))
        if known.any():
            scale[known] = flux[known] / net[known]
            scale[~known] = np.interp(self.wavelength[~known], self.wavelength[known], scale[known])
        return scale
