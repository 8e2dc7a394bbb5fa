"""Small corrtag files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.io import fits

from helpers.builders import make_exposure
from recos.data.table import BinTable
from recos.kernels.times import second_grid
from recos.products.corrtag import start_corrtag
from recos.steps._timeline import COLUMNS, _table
from small_cos.exposure import RawEvents

DURATION = 600.0
"""Seconds of the exposure."""
SUNSET = 300.25
"""When the Sun is at the horizon."""


def sun_altitude(time: np.ndarray) -> np.ndarray:
    """Altitude of the Sun in these files: it sets by 0.1 degrees each second."""
    return 0.1 * (SUNSET - np.asarray(time, float))


def make_timeline(time: np.ndarray) -> BinTable:
    """A TIMELINE with the altitude of the Sun and, as SHIFT1, the number of the row."""
    rows = second_grid(float(time[0]), float(time[-1]))
    values = {column.name: np.zeros(len(rows), np.float32) for column in COLUMNS}
    values["TIME"] = rows
    values["SUN_ALT"] = sun_altitude(rows).astype(np.float32)
    values["SHIFT1"] = np.arange(len(rows), dtype=np.float32)
    return _table(values, fits.Header())


def make_corrtag(
    path: str | Path,
    n: int = 2000,
    segment: str = "FUVA",
    *,
    seed: int = 0,
    times: Iterable[float] | None = None,
    gti: Iterable[tuple[float, float]] | None = None,
    timeline: bool = True,
    **header: object,
) -> Path:
    """A corrtag file with `n` events at random times, or at `times`; other parameters as for ``make_exposure``.

    RAWX is the number of the event.
    """
    path = Path(path)
    rng = np.random.default_rng([seed, ord(segment[-1])])
    time = np.sort(rng.uniform(0.0, DURATION, n)) if times is None else np.array(list(times))
    time = time.astype(np.float32)
    number = np.arange(len(time)).astype(np.int16)
    events = RawEvents(time, number, np.full(len(time), 500, np.int16), np.full(len(time), 10, np.uint8))
    exposure = make_exposure(segment=segment, events=events, gti=gti, **({"WAVECORR": "COMPLETE"} | header))
    if timeline:
        exposure.timeline = make_timeline(time)
    start_corrtag(path, exposure, exposure.header, overwrite=True).finish()
    return path
