"""A figure of two spectra and their difference in units of the error."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recos.comparison.hdus import open_file
from recos.comparison.result import Comparison, FileComparison
from recos.comparison.spectra import SpectrumTable, are_good, error_of, holds_spectra
from recos.comparison.values import InUnits, in_units
from recos.data.instrument import SEGMENTS
from recos.errors import UsageError
from recos.figures.style import COLOURS, FONT, GREY, empty_figure, label_axes
from recos.io.fitsfile import AtomicFile
from recos.io.paths import expand

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SUFFIXES = (".png", ".pdf", ".svg")
_COLUMNS = ("SEGMENT", "WAVELENGTH", "FLUX", "NET", "ERROR")
_BINS = {True: (16, 128), False: (4, 16)}
"""Pixels of a bin of the spectrum, and of the difference, of the FUV and the NUV."""
_HEIGHT = 4.0
"""Of the panels of a segment or stripe, inches."""


class _Curves(NamedTuple):
    """One segment or stripe in both files: Angstrom, flux or count rate, and its error in OLD; shape (n,)."""

    name: str
    is_flux: bool
    wavelength: tuple[np.ndarray, np.ndarray]
    values: tuple[np.ndarray, np.ndarray]
    error: np.ndarray
    use: np.ndarray

    def in_errors(self) -> InUnits:
        """Statistics of the difference."""
        return in_units("sigma", *self.values, self.error, self.use)


def plot_comparison(comparison: Comparison, path: str | Path, overwrite: bool = False) -> list[Path]:
    """Draw both spectra and their difference in units of the error, for each x1d and x1dsum on both sides.

    Parameters
    ----------
    comparison : Comparison
        From :func:`recos.compare`.
    path : str or Path
        The figure; its suffix says the kind (.png, .pdf, .svg). If there are several spectra, the name of the
        product follows: ``change_ldfd01vnq_x1d.png``.
    overwrite : bool
        Replace existing figures.

    Returns
    -------
    list of Path
        The figures.

    Raises
    ------
    UsageError
        If matplotlib is not installed, the suffix is unknown, or no spectrum is on both sides.
    OutputExistsError, OutputError
        If a figure exists already, or cannot be written.
    """
    path = expand(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{path}: a figure is written as {', '.join(_SUFFIXES)}. Give such a name.")
    spectra = [(file, curves) for file in comparison.files if (curves := _curves(file))]
    if not spectra:
        raise UsageError(
            "No figure can be drawn: no x1d or x1dsum is on both sides, with a segment or stripe of equal length."
        )
    several = len(spectra) > 1
    targets = [
        path.with_stem(f"{path.stem}_{file.name.removesuffix('.fits')}") if several else path
        for file, _ in spectra
    ]
    figures = [AtomicFile(target, overwrite) for target in targets]
    for (file, curves), figure in zip(spectra, figures, strict=True):
        image = _draw(file, curves, path.suffix.lower().removeprefix("."))
        with figure:
            figure.write(0, image)
    return targets


def _curves(file: FileComparison) -> list[_Curves]:
    """Segments and stripes that are in both files, with the same number of pixels."""
    with open_file(file.old) as ours, open_file(file.new) as theirs:
        hdus = (ours.get("SCI"), theirs.get("SCI"))
        tables = []
        for hdu in hdus:
            rows = hdu.table() if hdu is not None and hdu.kind == "table" else None
            names = () if rows is None else {name.upper() for name in rows.dtype.names}
            if hdu is None or rows is None or not holds_spectra(rows) or not set(_COLUMNS) <= set(names):
                return []
            tables.append(SpectrumTable(hdu, rows))
        old, new = tables
        has_flux = ours["PRIMARY"].header.get("FLUXCORR") == "COMPLETE"
        found = [_curve(label, old, new, has_flux) for label in old.numbers if label in new.numbers]
        return [curve for curve in found if curve is not None]


def _curve(label: str, old: SpectrumTable, new: SpectrumTable, has_flux: bool) -> _Curves | None:
    column = "FLUX" if has_flux else "NET"
    a, b = (table.row(label) for table in (old, new))
    error = error_of(column, a, has_flux)
    if a[column].size != b[column].size or error is None:
        return None
    wavelength, values = (
        (a[name].astype(np.float64), b[name].astype(np.float64)) for name in ("WAVELENGTH", column)
    )
    use = are_good(a, len(error)) & are_good(b, len(error)) & (error > 0.0)
    return _Curves(label, has_flux, wavelength, values, error, use)


def _draw(file: FileComparison, curves: Sequence[_Curves], kind: str) -> bytes:
    """The figure of one product, as the bytes of a file."""
    figure = empty_figure(12.0, 0.6 + _HEIGHT * len(curves))
    panels = figure.subplots(2 * len(curves), 1, height_ratios=(2.0, 1.4) * len(curves), squeeze=False)[:, 0]
    figure.suptitle(f"{file.name}: OLD and NEW", fontsize=FONT + 3)
    for number, curve in enumerate(sorted(curves, key=lambda one: float(one.wavelength[0].min()))):
        upper, lower = panels[2 * number : 2 * number + 2]
        lower.sharex(upper)
        _draw_spectra(upper, curve, file)
        _draw_difference(lower, curve)
    panels[-1].set_xlabel(r"Wavelength ($\mathrm{\AA}$)", fontsize=FONT)
    figure.align_ylabels(panels)
    image = io.BytesIO()
    figure.savefig(image, format=kind)
    return image.getvalue()


def _draw_spectra(axes: Axes, curve: _Curves, file: FileComparison) -> None:
    width = _BINS[curve.name in SEGMENTS][0]
    binned = [
        (_means(wavelength, curve.use, width), _means(values, curve.use, width))
        for wavelength, values in zip(curve.wavelength, curve.values, strict=True)
    ]
    low, high = _limits(np.concatenate([values for _, values in binned]))
    power = int(np.floor(np.log10(high)))
    colour = COLOURS.get(curve.name, GREY)
    styles = (("OLD", file.old, "0.65", 2.6), ("NEW", file.new, colour, 0.9))
    for (x, y), (side, path, ink, thickness) in zip(binned, styles, strict=True):
        axes.plot(
            x, y / 10.0**power, drawstyle="steps-mid", color=ink, linewidth=thickness,
            label=f"{side}  {_short(path)}",
        )  # fmt: skip
    axes.set_ylim(low / 10.0**power, high / 10.0**power)
    unit = r"erg s$^{-1}$ cm$^{-2}$ $\mathrm{\AA}^{-1}$" if curve.is_flux else "count s$^{-1}$"
    quantity = "Flux" if curve.is_flux else "Net count rate"
    axes.set_title(
        f"{curve.name}   {quantity} ($10^{{{power}}}$ {unit})", loc="left", fontsize=FONT, color=colour
    )
    label_axes(axes, "", "Flux" if curve.is_flux else "Net")
    axes.tick_params(labelbottom=False)
    _legend(axes, is_left=False)


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Limits of an axis that hold nearly all values; lines of airglow may leave it."""
    values = values[np.isfinite(values)]
    if not len(values) or values.max() <= 0.0:
        return -1.0, 1.0
    high = min(float(values.max()), 2.0 * float(np.percentile(values, 98.0)) or float(values.max()))
    low = min(0.0, float(np.percentile(values, 0.5)))
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _legend(axes: Axes, is_left: bool) -> None:
    """A legend on one line above the panel, at the left or right."""
    axes.legend(
        loc="lower left" if is_left else "lower right", bbox_to_anchor=(0.0 if is_left else 1.0, 0.985), ncols=2,
        fontsize=FONT - 2, frameon=False, borderpad=0.1, borderaxespad=0.2, markerscale=3.0,
    )  # fmt: skip


def _draw_difference(axes: Axes, curve: _Curves) -> None:
    """Pixels as dots; bins, in units of their own errors, as a line: they show what is systematic."""
    width = _BINS[curve.name in SEGMENTS][1]
    difference = np.where(curve.use, curve.values[1] - curve.values[0], 0.0)
    x = curve.wavelength[0]
    pixels = difference[curve.use] / curve.error[curve.use]
    variance = np.where(curve.use, curve.error**2, 0.0)
    sums, squares = (_blocks(a, width).sum(axis=1) for a in (difference, variance))
    with np.errstate(invalid="ignore", divide="ignore"):
        binned = sums / np.sqrt(squares)
    limit = _extent(pixels, binned[np.isfinite(binned)])
    pixels, binned = (np.clip(a, -0.97 * limit, 0.97 * limit) for a in (pixels, binned))
    colour = COLOURS.get(curve.name, GREY)
    axes.axhspan(-1.0, 1.0, color="0.93", zorder=0)
    axes.axhline(0.0, color=GREY, linewidth=0.8, zorder=1)
    s = curve.in_errors()
    axes.plot(
        x[curve.use], pixels, ".", color=colour, alpha=0.3, markersize=2.5, rasterized=True,
        label=f"pixels: mean {s.mean:.2g}, rms {s.rms:.2g}, largest {s.largest:.2g} sigma",
    )  # fmt: skip
    axes.plot(
        _means(x, curve.use, width), binned, "k", drawstyle="steps-mid", linewidth=1.1,
        label=f"sums of {width} pixels, in units of their error",
    )  # fmt: skip
    axes.set_ylim(-limit, limit)
    label_axes(axes, "", "(NEW − OLD)\n/ error")
    _legend(axes, is_left=True)


def _extent(pixels: np.ndarray, binned: np.ndarray) -> float:
    """Extent of the axis of differences: few that are much larger, as in airglow, stay at its border."""
    if not len(pixels) or not len(binned):
        return 1.0
    usual = max(float(np.percentile(np.abs(pixels), 99.0)), 2.5 * float(np.percentile(np.abs(binned), 90.0)))
    largest = max(float(np.abs(pixels).max()), float(np.abs(binned).max()))
    return 1.15 * (min(usual, largest) or largest) or 1.0


def _blocks(values: np.ndarray, width: int) -> np.ndarray:
    """Values in rows of `width`; the rest at the end is left out unless there is nothing else."""
    width = min(width, len(values))
    return values[: len(values) // width * width].reshape(-1, width)


def _means(values: np.ndarray, use: np.ndarray, width: int) -> np.ndarray:
    """Means of bins over the values to be used; NaN where there are none."""
    number = _blocks(use, width).sum(axis=1)
    total = _blocks(np.where(use, values, 0.0), width).sum(axis=1)
    return np.divide(total, number, out=np.full(len(number), np.nan), where=number > 0)


def _short(path: Path) -> str:
    """The end of a path: folder and name, not too long."""
    text = str(Path(*path.parts[-2:]))
    return text if len(text) <= 48 else "…" + text[-47:]
