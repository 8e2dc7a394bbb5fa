"""Exposures with lamp light for tests of the wavelength calibration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from helpers.builders import make_exposure
from recos.data.exposure import Exposure
from recos.data.gti import GTI
from small_cos import SEGMENTS, Model, Setup
from small_cos.exposure import RawEvents

MODEL = Model()
FLASHES = ((20.0, 12.0), (290.0, 12.0), (560.0, 12.0))


def lamp_events(
    rng: np.random.Generator, segment: str, n: int, shift1: float, shift2: float, fpoffset: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of `n` lamp photons, float64."""
    spectrum = MODEL.lamp(segment, fpoffset)
    x = rng.choice(len(spectrum), n, p=spectrum / spectrum.sum()) + rng.uniform(-0.5, 0.5, n) + shift1
    y = MODEL.spectrum_row(segment, x - shift1, "WCA") + shift2 + rng.normal(0.0, MODEL.profile_width, n)
    return x, y


def flash_exposure(
    names: Mapping[str, str],
    segment: str = "FUVA",
    *,
    shifts: tuple[float, ...] = (3.0, 4.0, 5.5),
    shift2: float = 1.4,
    counts: int = 4000,
    fppos: int = 3,
    seed: int = 1,
    flashes: tuple[tuple[float, float], ...] = FLASHES,
    background: int = 3000,
    **header: object,
) -> Exposure:
    """A TAGFLASH exposure before WAVECORR: `counts` lamp events in each flash, and events anywhere.

    XCORR, YCORR, XDOPP hold the positions; the lamp is displaced by `shifts` (less that of the FPOFFSET).
    """
    rng = np.random.default_rng(seed)
    s = SEGMENTS[segment]
    time = [np.concatenate(([0.0, 600.0], rng.uniform(0.0, 600.0, background - 2)))]
    x = [rng.uniform(s.left, s.right, background)]
    y = [rng.uniform(s.low - 30, s.high + 30, background)]
    for (on, duration), shift in zip(flashes, shifts, strict=True):
        lx, ly = lamp_events(rng, segment, counts, shift, shift2, fppos - 3)
        x.append(lx)
        y.append(ly)
        time.append(rng.uniform(on, on + duration, counts))
    return event_exposure(
        names, segment, np.concatenate(time), np.concatenate(x), np.concatenate(y),
        setup=Setup(flashes=flashes, fppos=fppos), **header,
    )  # fmt: skip


def event_exposure(
    names: Mapping[str, str],
    segment: str,
    time: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    setup: Setup,
    **header: object,
) -> Exposure:
    """An exposure before WAVECORR with events at given times and positions."""
    order = np.argsort(time)
    raw = RawEvents(
        time[order].astype(np.float32),
        np.rint(x[order]).astype(np.int16),
        np.rint(y[order]).astype(np.int16),
        np.full(len(time), 12, np.uint8),
    )
    columns = {"xcorr": x[order], "ycorr": y[order], "xdopp": x[order]}
    exposure = make_exposure(segment=segment, events=raw, setup=setup, names=names, columns=columns, **header)
    s, events = SEGMENTS[segment], exposure.events
    exposure.active = (
        (events.xcorr >= s.left)
        & (events.xcorr <= s.right)
        & (events.ycorr >= s.low)
        & (events.ycorr <= s.high)
    )
    exposure.gti = GTI.of([(0.0, setup.exptime)])
    return exposure


def without_lines(names: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Reference files whose LAMPTAB says that the lamp has no lines in FUVB."""
    path = directory / "no_lines_lamp.fits"
    with fits.open(names["LAMPTAB"]) as hdus:
        table = hdus[1]
        has_lines = fits.Column("HAS_LINES", "1L", array=table.data["SEGMENT"] == "FUVA")
        new = fits.BinTableHDU.from_columns(table.columns + fits.ColDefs([has_lines]), name="LAMPTAB")
        fits.HDUList([fits.PrimaryHDU(header=hdus[0].header), new]).writeto(path, overwrite=True)
    return {**names, "LAMPTAB": str(path)}


def changed_table(
    names: Mapping[str, str], keyword: str, directory: Path, **columns: float
) -> dict[str, str]:
    """Reference files in which columns of one table have other values; new columns are added."""
    path = directory / f"changed_{keyword.lower()}.fits"
    with fits.open(names[keyword]) as hdus:
        table = hdus[1]
        kept = [c for c in table.columns if c.name not in columns]
        extra = [fits.Column(k, "1D", array=np.full(len(table.data), v)) for k, v in columns.items()]
        new = fits.BinTableHDU.from_columns(fits.ColDefs(kept + extra), name=keyword)
        fits.HDUList([fits.PrimaryHDU(header=hdus[0].header), new]).writeto(path, overwrite=True)
    return {**names, keyword: str(path)}
