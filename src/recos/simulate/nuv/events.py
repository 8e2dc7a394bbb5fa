"""Events as the detector records them: response of the pixels, dead time, time stamps, the on-board Doppler shift."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from recos.data.gti import Interval
from recos.data.instrument import SECONDS_PER_DAY, SPEED_OF_LIGHT, STRIPES
from recos.data.truth import NoTruthValue
from recos.simulate.nuv import imaging, layout
from recos.simulate.nuv.detector import TIME_STEP, response, survival
from recos.simulate.nuv.layout import COLUMNS, MIDDLE, ROWS
from recos.simulate.nuv.mechanism import shift1
from recos.simulate.nuv.motion import orbit
from recos.simulate.nuv.photons import (
    Photons,
    Source,
    concatenate,
    draw_dark,
    draw_lamp,
    draw_spectrum,
    spectrum_rates,
)
from recos.simulate.plan import PlannedExposure


@dataclass
class RawEvents(NoTruthValue):
    """Events in order of time, as columns of a rawtag table.

    Attributes
    ----------
    time : ndarray of float32
        Seconds since the start of the exposure.
    rawx, rawy : ndarray of int16
    counter_rate : float
        Count/s before dead time, as the digital event counter (MEVENTS) sees them.
    counts : dict of str to int
        Recorded events by origin: source (with what it scatters), lamp, dark.
    """

    time: np.ndarray
    rawx: np.ndarray
    rawy: np.ndarray
    counter_rate: float
    counts: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.time)


def flashes(planned: PlannedExposure) -> tuple[Interval, ...]:
    """Flashes of the lamp, as far as the exposure lasts."""
    return tuple((on, min(off, planned.exptime)) for on, off in planned.flashes if on < planned.exptime)


def lamp_times(planned: PlannedExposure) -> tuple[Interval, ...]:
    """When the lamp is on: in flashes, or all the time of a wavecal."""
    return ((0.0, planned.exptime),) if planned.is_wavecal else flashes(planned)


def bad_times(planned: PlannedExposure) -> tuple[Interval, ...]:
    """When the high voltage is off and nothing is recorded; never in ACCUM, which has no means to correct it."""
    accum = planned.configuration.obsmode == "ACCUM"
    return planned.bad_times if planned.effects.bad_times and not accum else ()


def expected_rate(planned: PlannedExposure, source: Source) -> float:
    """Count/s of the source: all stripes, as far as they fall on the detector, or the image.

    The response of the pixels counts as 1, and dead time as none.
    """
    if planned.configuration.is_imaging:
        return imaging.count_rate(planned, source)
    middle = np.array([planned.exptime / 2.0])
    total = 0.0
    for stripe in STRIPES:
        x, rates = spectrum_rates(planned, source, stripe)
        x = x + shift1(planned, stripe, middle)
        total += float(rates[(x >= 0.0) & (x < COLUMNS)].sum())
    return total


def simulate_events(planned: PlannedExposure, source: Source) -> RawEvents:
    """Draw all events of an exposure.

    Parameters
    ----------
    planned : PlannedExposure
    source : Source
        Ignored in exposures of the lamp.
    """
    rng = np.random.default_rng([*planned.seed, ord("N")])
    excess = float(response().max()) if planned.effects.flat else 1.0
    origins = {
        "source": [] if planned.is_wavecal else _source(planned, source, rng, excess),
        "lamp": _lamp(planned, rng, excess),
        "dark": [draw_dark(planned, rng)] if planned.effects.dark else [],
    }
    pixels = [
        _detected(concatenate(parts), rng, excess if origin != "dark" and planned.effects.flat else 0.0)
        for origin, parts in origins.items()
        if parts
    ]
    origin = np.repeat(np.arange(len(pixels)), [len(time) for time, _, _ in pixels])
    time, x, y = (np.concatenate([p[k] for p in pixels]) for k in range(3))
    counter_rate = len(time) / planned.exptime
    kept = _recorded(planned, time, rng)
    time, x, y, origin = (a[kept] for a in (time, x, y, origin))
    names = [name for name, parts in origins.items() if parts]
    counts = dict(zip(names, np.bincount(origin, minlength=len(names)).tolist(), strict=True))
    # a digitised time step later than the start, so that no event is before the exposure
    ticks = np.clip(np.ceil(time / TIME_STEP), 1, np.floor(planned.exptime / TIME_STEP)).astype(np.int32)
    order = np.argsort(ticks, kind="stable")
    return RawEvents((ticks[order] * TIME_STEP).astype(np.float32), x[order], y[order], counter_rate, counts)


def _source(
    planned: PlannedExposure, source: Source, rng: np.random.Generator, excess: float
) -> list[Photons]:
    if planned.configuration.is_imaging:
        return [imaging.draw_target(planned, source, rng, excess)]
    return [draw_spectrum(planned, source, stripe, rng, excess) for stripe in STRIPES]


def _lamp(planned: PlannedExposure, rng: np.random.Generator, excess: float) -> list[Photons]:
    intervals = lamp_times(planned)
    if planned.configuration.is_imaging:
        return [imaging.draw_lamp_image(planned, intervals, rng, excess)]
    return [draw_lamp(planned, stripe, intervals, rng, excess) for stripe in STRIPES]


def _detected(
    photons: Photons, rng: np.random.Generator, excess: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time and pixel of what falls onto the detector and survives the response of its pixels (if `excess` > 0)."""
    x, y = np.rint(photons.x), np.rint(photons.y)
    inside = (x >= 0) & (x < COLUMNS) & (y >= 0) & (y < ROWS)
    time, x, y = photons.time[inside], x[inside].astype(np.int16), y[inside].astype(np.int16)
    if excess == 0.0:
        return time, x, y
    kept = rng.uniform(0.0, excess, len(time)) < response()[y, x]
    return time[kept], x[kept], y[kept]


def _recorded(planned: PlannedExposure, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which events neither bad times nor the dead time take away, bool, shape (n,)."""
    kept = np.ones(len(time), bool)
    for start, stop in bad_times(planned):
        kept &= (time < start) | (time > stop)
    if planned.effects.dead_time:
        second = time.astype(np.int32)
        whole = int(np.ceil(planned.exptime)) + 1
        rate = np.bincount(second[kept], minlength=whole).astype(np.float64)
        kept &= rng.uniform(size=len(time)) < survival(rate)[second]
    return kept


def onboard_amplitude(planned: PlannedExposure) -> float:
    """Amplitude of the Doppler shift of ACCUM that the flight software takes out, pixels (DOPMAGT)."""
    c = planned.configuration
    speed = orbit(planned).amplitude
    if speed == 0.0 or c.is_imaging or c.obsmode != "ACCUM":
        return 0.0
    per_pixel = float(layout.dispersion(c.opt_elem, c.cenwave, "NUVB", c.aperture).dispersion(MIDDLE))
    return round(speed / SPEED_OF_LIGHT * c.cenwave / per_pixel, 4)


def accumulate(planned: PlannedExposure, events: RawEvents) -> np.ndarray:
    """The image of an ACCUM exposure, uint16, shape (1024, 1024).

    The flight software moves each event by a whole number of pixels against the orbital Doppler shift of stripe B;
    what leaves the image is lost.
    """
    amplitude = onboard_amplitude(planned)
    motion = orbit(planned)
    seconds = (planned.expstart - motion.zero) * SECONDS_PER_DAY + events.time.astype(np.float64)
    shift = np.rint(amplitude * np.sin(2.0 * np.pi * seconds / motion.period)).astype(np.int32)
    x = events.rawx - shift
    inside = (x >= 0) & (x < COLUMNS)
    pixel = events.rawy[inside].astype(np.int32) * COLUMNS + x[inside]
    counts = np.bincount(pixel, minlength=ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    return np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16)
