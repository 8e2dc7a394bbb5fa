"""A figure of what comes out of the calibration of a simulated exposure, and how well it fits what was put in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from astropy.io import fits

from recos.data.instrument import EVENT_REJECTION, FUV_SHAPE, NUV_SHAPE, NUV_X_OFFSET, STRIPES
from recos.errors import InputError
from recos.figures.style import COLOURS, FONT, GREY, empty_figure, label_axes
from recos.simulate.airglow import AIRGLOW

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Truth = Callable[[str, np.ndarray], np.ndarray] | tuple[np.ndarray, np.ndarray]
"""Flux as a function of segment or stripe and wavelength (Angstrom), or wavelengths and fluxes."""

_PULL_LIMITS = (4.0, 12.0)
"""Least and largest extent of the residuals; what is beyond stands at the border."""
_MARGIN = 22
"""Rows of the image above and below the extraction region."""
_AIRGLOW_HALF_WIDTH = 65
"""Pixels: half of the image of the aperture, 2.5 arcsec, and a little more."""


class _Widths(NamedTuple):
    """Pixels: bins of the spectrum, of the residuals, of the image; left out at either end of the spectrum."""

    spectrum: int
    residuals: int
    image: int
    edge: int


_WIDTHS = {True: _Widths(16, 128, 32, 300), False: _Widths(4, 16, 4, 20)}


class _Bins(NamedTuple):
    """One segment or stripe in bins of pixels; fluxes in erg/s/cm2/Angstrom."""

    wavelength: np.ndarray
    flux: np.ndarray
    truth: np.ndarray
    pull: np.ndarray
    """(found - true) / error"""


class _Row(NamedTuple):
    """What the figure shows of a row of an x1d table."""

    name: str
    spectrum: _Bins
    residuals: _Bins
    columns: np.ndarray
    """Detector columns with good data."""
    lower: np.ndarray
    """Lower edge of the extraction region in each of `columns`, rows."""
    upper: np.ndarray
    angstrom_per_pixel: float


def plot_recovery(
    path: str | Path,
    x1d: str | Path,
    corrtags: Sequence[str | Path],
    lampflash: str | Path | None,
    truth: Truth,
    title: str = "",
    airglow: bool = True,
) -> Path:
    """Draw a figure of one calibrated exposure.

    Spectrum with the truth over it, residuals in units of their errors, events near the spectrum with the extraction
    region (BOXCAR: keywords SP_LOC, SP_SLP, SP_HGT; TWOZONE: columns Y_LOWER_OUTER, Y_UPPER_OUTER; specification 5,
    sections 5.4.3 and 5.6), and wavecal shifts against time.

    Parameters
    ----------
    path : str or Path
        The figure; its suffix says the kind (.png, .pdf, .svg).
    x1d : str or Path
        Spectrum of the exposure.
    corrtags : sequence of str or Path
        Events of its segments; the events of the first one are shown.
    lampflash : str or Path, optional
        None if there are no lamp flashes.
    truth : callable or (ndarray, ndarray)
        What the extraction should find, erg/s/cm2/Angstrom: a function of the name of the segment or stripe and of
        the barycentric wavelengths (Angstrom), or wavelengths and fluxes.
    title : str
        By default rootname, mode and extraction algorithm.
    airglow : bool
        Whether to mark airglow lines and leave them out of the statistics.

    Returns
    -------
    Path
        The figure.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    InputError
        If the x1d has no flux.
    """
    figure = empty_figure(12.0, 10.0)
    with fits.open(x1d) as hdus:
        primary, rows = hdus[0].header, _rows(hdus, truth)
    if not rows:
        raise InputError(
            f"{x1d}: no good data with a flux in any row, so nothing can be compared with the truth."
        )
    axes = figure.subplot_mosaic(
        [["spectrum", "spectrum"], ["residuals", "residuals"], ["events", "shifts"]],
        height_ratios=(3.2, 1.5, 2.3),
        width_ratios=(1.7, 1.0),
    )
    axes["residuals"].sharex(axes["spectrum"])
    figure.suptitle(title or _title(primary), fontsize=FONT + 3)
    shaded = _airglow_ranges(rows) if airglow else []
    _draw_spectrum(axes["spectrum"], rows, shaded)
    _draw_residuals(axes["residuals"], rows, shaded)
    _draw_events(axes["events"], _row_of(rows, corrtags[0]), corrtags[0])
    _draw_shifts(axes["shifts"], corrtags, lampflash)
    figure.savefig(path)
    return Path(path)


def _title(primary: fits.Header) -> str:
    mode = f"{primary['DETECTOR']} {primary['OPT_ELEM']}/{primary['CENWAVE']}"
    algorithm = primary.get("XTRCTALG", "BOXCAR")
    return f"{primary['ROOTNAME']}: extracted and true spectrum ({mode}, {algorithm})"


# ---------------------------------------------------------------------------------------------------- numbers


def _rows(hdus: fits.HDUList, truth: Truth) -> list[_Row]:
    algorithm, header = hdus[0].header.get("XTRCTALG", "BOXCAR"), hdus[1].header
    rows = (_row(row, header, algorithm == "TWOZONE", truth) for row in hdus[1].data)
    return [row for row in rows if row is not None]


def _row(row: fits.FITS_record, header: fits.Header, two_zone: bool, truth: Truth) -> _Row | None:
    """One row; None if it has no good data with a flux."""
    name = str(row["SEGMENT"]).strip()
    is_fuv = name not in STRIPES
    widths = _WIDTHS[is_fuv]
    good = np.flatnonzero((row["DQ_WGT"] > 0) & (row["FLUX"] != 0.0))
    if len(good) == 0:
        return None
    use = np.zeros(len(row["FLUX"]), bool)
    use[good] = True
    # at the end of the active area some of the light is lost
    use[: good[0] + widths.edge] = use[good[-1] + 1 - widths.edge :] = False
    if not use.any():
        return None
    columns = np.arange(good[0], good[-1] + 1)
    lower, upper = _region(row, header, two_zone, columns, is_fuv)
    return _Row(
        name=name,
        spectrum=_bins(row, use, truth, widths.spectrum),
        residuals=_bins(row, use, truth, widths.residuals),
        columns=columns - (0 if is_fuv else NUV_X_OFFSET),
        lower=lower,
        upper=upper,
        angstrom_per_pixel=float(np.median(np.abs(np.diff(row["WAVELENGTH"])))),
    )


def _bins(row: fits.FITS_record, use: np.ndarray, truth: Truth, width: int) -> _Bins:
    """Sums over bins of pixels, in counts, where weights do not depend on the noise."""
    wavelength, flux, net = (row[n].astype(np.float64) for n in ("WAVELENGTH", "FLUX", "NET"))
    exptime = float(row["EXPTIME"])
    counts_per_flux = np.divide(exptime * net, flux, out=np.zeros_like(net), where=use)
    expected = _true_flux(truth, str(row["SEGMENT"]).strip(), wavelength) * counts_per_flux
    variance = sum(row[f"VARIANCE_{v}"].astype(np.float64) for v in ("FLAT", "COUNTS", "BKG"))
    n = len(use) // width * width
    number, position, scale, found, true, square = (
        np.where(use, a, 0.0)[:n].reshape(-1, width).sum(axis=1)
        for a in (np.ones(len(use)), wavelength, counts_per_flux, exptime * net, expected, variance)
    )
    full = (number > 0.5 * width) & (scale > 0.0) & (square > 0.0)
    number, position, scale, found, true, square = (
        a[full] for a in (number, position, scale, found, true, square)
    )
    return _Bins(position / number, found / scale, true / scale, (found - true) / np.sqrt(square))


def _true_flux(truth: Truth, name: str, wavelength: np.ndarray) -> np.ndarray:
    if callable(truth):
        return truth(name, wavelength)
    return np.interp(wavelength, *truth, left=0.0, right=0.0)


def _region(
    row: fits.FITS_record, header: fits.Header, two_zone: bool, columns: np.ndarray, is_fuv: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper edge of the rows that are summed."""
    if two_zone:
        return row["Y_LOWER_OUTER"][columns] - 0.5, row["Y_UPPER_OUTER"][columns] + 0.5
    centre, slope, height = (
        header[f"{k}_{str(row['SEGMENT']).strip()[-1]}"] for k in ("SP_LOC", "SP_SLP", "SP_HGT")
    )
    middle = FUV_SHAPE[1] / 2.0 if is_fuv else NUV_SHAPE[1] / 2.0 + NUV_X_OFFSET
    rows = centre + slope * (columns - middle)
    return rows - height / 2.0, rows + height / 2.0


def _airglow_ranges(rows: list[_Row]) -> list[tuple[float, float]]:
    """Wavelengths that airglow may reach; ranges that overlap are joined."""
    half = _AIRGLOW_HALF_WIDTH * max(row.angstrom_per_pixel for row in rows)
    ranges: list[tuple[float, float]] = []
    for line in sorted(AIRGLOW, key=lambda one: one.wavelength):
        wings = 2.0 if line.name == "Lyman alpha" else 1.0
        start, stop = line.wavelength - wings * half, line.wavelength + wings * half
        if ranges and start < ranges[-1][1]:
            start = ranges.pop()[0]
        ranges.append((start, stop))
    seen = np.concatenate([row.spectrum.wavelength for row in rows])
    return [(a, b) for a, b in ranges if np.any((seen > a) & (seen < b))]


def _inside(wavelength: np.ndarray, ranges: list[tuple[float, float]]) -> np.ndarray:
    result = np.zeros(len(wavelength), bool)
    for start, stop in ranges:
        result |= (wavelength > start) & (wavelength < stop)
    return result


# --------------------------------------------------------------------------------------------------- drawing


def _draw_spectrum(axes: Axes, rows: list[_Row], shaded: list[tuple[float, float]]) -> None:
    highest = max(_highest(row, shaded) for row in rows)
    power = int(np.floor(np.log10(highest))) if highest > 0.0 else 0
    unit = 10.0**power
    for row in rows:
        s, pull = row.spectrum, row.residuals.pull[_counted(row, shaded)]
        rms = np.sqrt((pull**2).sum() / max(len(pull), 1))
        axes.step(
            s.wavelength, s.flux / unit, where="mid", color=COLOURS[row.name], linewidth=1.1,
            label=f"{row.name} (rms of residuals {rms:.2f})",
        )  # fmt: skip
    for number, row in enumerate(rows):
        axes.plot(
            row.spectrum.wavelength, row.spectrum.truth / unit, "k", linewidth=0.6, alpha=0.85,
            label=None if number else "truth",
        )  # fmt: skip
    _shade(axes, shaded, "airglow")
    axes.set_ylim(-0.04 * highest / unit, 1.1 * highest / unit)
    label_axes(axes, "", rf"Flux ($10^{{{power}}}$ erg s$^{{-1}}$ cm$^{{-2}}$ $\mathrm{{\AA}}^{{-1}}$)")
    axes.tick_params(labelbottom=False)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=len(rows) + 2, fontsize=FONT - 1, frameon=False
    )


def _highest(row: _Row, shaded: list[tuple[float, float]]) -> float:
    """What the axis must reach: the truth, and nearly all that was found, but for the airglow."""
    s = row.spectrum
    found = s.flux[~_inside(s.wavelength, shaded)]
    return max(float(s.truth.max(initial=0.0)), float(np.percentile(found, 99.0)) if len(found) else 0.0)


def _counted(row: _Row, shaded: list[tuple[float, float]]) -> np.ndarray:
    """Which residuals are free of airglow."""
    half_bin = 0.5 * _WIDTHS[row.name not in STRIPES].residuals * row.angstrom_per_pixel
    return ~_inside(row.residuals.wavelength, [(a - half_bin, b + half_bin) for a, b in shaded])


def _draw_residuals(axes: Axes, rows: list[_Row], shaded: list[tuple[float, float]]) -> None:
    axes.axhspan(-1.0, 1.0, color="0.92", zorder=0)
    axes.axhline(0.0, color=GREY, linewidth=0.8, zorder=1)
    largest = max(float(np.abs(row.residuals.pull[_counted(row, shaded)]).max(initial=0.0)) for row in rows)
    limit = float(np.clip(1.1 * largest, *_PULL_LIMITS))
    for row in rows:
        counted = _counted(row, shaded)
        for chosen, colour, size in ((counted, COLOURS[row.name], 6.0), (~counted, "0.7", 5.0)):
            wavelength, pull = row.residuals.wavelength[chosen], row.residuals.pull[chosen]
            axes.plot(
                wavelength, np.clip(pull, -0.97 * limit, 0.97 * limit), ".", color=colour, markersize=size
            )
    _shade(axes, shaded)
    axes.set_ylim(-limit, limit)
    label_axes(axes, r"Wavelength, barycentric ($\mathrm{\AA}$)", "(Found − true) / error")


def _draw_events(axes: Axes, row: _Row, corrtag: str | Path) -> None:
    from matplotlib.colors import LogNorm

    with fits.open(corrtag) as hdus:
        data = hdus["EVENTS"].data
        kept = (data["DQ"] & EVENT_REJECTION) == 0
        x, y = data["XFULL"][kept], data["YFULL"][kept]
    low, high = np.floor(row.lower.min()) - _MARGIN, np.ceil(row.upper.max()) + _MARGIN
    edges_x = np.arange(row.columns[0], row.columns[-1] + 1, _WIDTHS[row.name not in STRIPES].image)
    edges_y = np.arange(low, high + 1.0) - 0.5
    image, _, _ = np.histogram2d(y, x, bins=(edges_y, edges_x))
    most = max(float(np.percentile(image, 99.8)), 2.0)
    mesh = axes.pcolormesh(
        edges_x, edges_y, np.ma.masked_equal(image, 0.0), cmap="Greys",
        norm=LogNorm(0.5, most), rasterized=True,
    )  # fmt: skip
    colour = COLOURS[row.name]
    for rows in (row.lower, row.upper):
        axes.plot(row.columns, rows, color=colour, linewidth=1.5)
    axes.text(
        0.015, 0.95, f"{row.name}: events and extraction region", transform=axes.transAxes, va="top",
        fontsize=FONT - 1, color=colour, bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none"},
    )  # fmt: skip
    axes.set_xlim(edges_x[0], edges_x[-1])
    axes.set_ylim(edges_y[0], edges_y[-1])
    label_axes(axes, "XFULL (pixel)", "YFULL (pixel)")
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.01, extend="max")
    bar.set_label(f"Events in {np.diff(edges_x)[0]} × 1 pixels", fontsize=FONT - 1)
    bar.set_ticks([t for k in range(5) for t in (10.0**k, 3.0 * 10.0**k) if t <= most], minor=False)
    bar.ax.yaxis.set_major_formatter("{x:.0f}")
    bar.minorticks_off()
    bar.ax.tick_params(labelsize=FONT - 2)


def _draw_shifts(axes: Axes, corrtags: Sequence[str | Path], lampflash: str | Path | None) -> None:
    names = set()
    if lampflash is not None:
        flashes = fits.getdata(lampflash, "LAMPFLASH")
        found = flashes[flashes["SPEC_FOUND"].astype(bool)]
        for name in sorted(set(found["SEGMENT"])):
            mine = found[found["SEGMENT"] == name]
            colour = COLOURS.get(name.strip(), GREY)
            axes.plot(
                mine["TIME"],
                mine["SHIFT_DISP"],
                "o",
                color=colour,
                markersize=7,
                label=f"{name} lamp flashes",
            )
            names.add(name.strip())
    for path in corrtags:
        name, timeline = _timeline(path)
        axes.plot(
            timeline["TIME"], timeline["SHIFT1"], color=COLOURS[name], linewidth=1.2, label=f"{name} SHIFT1",
        )  # fmt: skip
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.margins(y=0.18)
    label_axes(axes, "Time since the start of the exposure (s)", "Shift in dispersion\ndirection (pixel)")
    axes.legend(loc="best", fontsize=FONT - 2, frameon=False)


def _timeline(corrtag: str | Path) -> tuple[str, Any]:
    """Segment, or stripe to which SHIFT1 belongs, and the table against time."""
    with fits.open(corrtag) as hdus:
        primary = hdus[0].header
        name = primary["SEGMENT"].strip() if primary["DETECTOR"] == "FUV" else STRIPES[1]
        return name, np.array(hdus["TIMELINE"].data)


def _row_of(rows: list[_Row], corrtag: str | Path) -> _Row:
    """The spectrum of the events of a corrtag file: its segment, or the first stripe."""
    name = fits.getheader(corrtag).get("SEGMENT", "").strip()
    return next((row for row in rows if row.name == name), rows[0])


def _shade(axes: Axes, ranges: list[tuple[float, float]], label: str | None = None) -> None:
    for number, (start, stop) in enumerate(ranges):
        axes.axvspan(start, stop, color="0.6", alpha=0.3, linewidth=0, label=label if number == 0 else None)
