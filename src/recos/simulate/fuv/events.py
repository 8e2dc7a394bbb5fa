"""What the FUV detector records: response, pulse heights, inverse distortions, dead time, digitisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.instrument import FUV_SHAPE
from recos.data.truth import NoTruthValue
from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import COLUMNS, LARGEST_RESPONSE, LAYOUT, ROWS
from recos.simulate.fuv.light import Events, Scene
from recos.simulate.orbit import doppler

TIME_STEP = 0.032
"""Resolution of event times, s."""
_DEAD_TIME_BIN = 10.0


@dataclass
class RawEvents(NoTruthValue):
    """Recorded events of one segment in order of time: the columns of a rawtag file.

    Attributes
    ----------
    time : ndarray of float32
        s
    rawx, rawy : ndarray of int16
    pha : ndarray of uint8
    counts : dict of str to int
        Recorded events by origin; ``lost`` to dead time.
    livetime : float
        Average over the events.
    """

    time: np.ndarray
    rawx: np.ndarray
    rawy: np.ndarray
    pha: np.ndarray
    counts: dict[str, int]
    livetime: float

    def __len__(self) -> int:
        return len(self.time)


def record(scene: Scene) -> RawEvents:
    """Events of one segment in one exposure, as the detector records them."""
    planned, segment, rng = scene.planned, scene.segment, scene.rng
    parts: dict[str, tuple[np.ndarray, ...]] = {}
    sagged = detector.sag_map(segment, planned.expstart) if planned.effects.gain_sag else None
    for name, events in scene.all().items():
        parts[name] = _detected(scene, events, sagged)
    parts["stims"] = _stims(scene)
    parts["stray"] = _stray(scene)
    names = list(parts)
    time, x, y, pha = (np.concatenate([part[k] for part in parts.values()]) for k in range(4))
    origin = np.repeat(np.arange(len(names), dtype=np.int8), [len(part[0]) for part in parts.values()])
    order = np.argsort(time, kind="stable")
    livetime = _livetime(time[order], planned.exptime) if planned.effects.dead_time else np.ones(len(time))
    kept = rng.uniform(size=len(time)) < livetime
    order = order[kept]
    counts = dict(zip(names, np.bincount(origin[order], minlength=len(names)).tolist(), strict=True))
    counts["lost"] = int(len(time) - len(order))
    return RawEvents(
        time=_digitised_times(time[order], planned.exptime),
        rawx=np.clip(np.rint(x[order]), 0, COLUMNS - 1).astype(np.int16),
        rawy=np.clip(np.rint(y[order]), 0, ROWS - 1).astype(np.int16),
        pha=pha[order].astype(np.uint8),
        counts=counts,
        livetime=float(livetime.mean()) if len(livetime) else 1.0,
    )


def _digitised_times(time: np.ndarray, exptime: float) -> np.ndarray:
    """Times in steps of the clock, later than the start of the exposure and not after its end."""
    last = np.floor(exptime / TIME_STEP)
    return (np.clip(np.ceil(time / TIME_STEP), 1.0, last) * TIME_STEP).astype(np.float32)


def _detected(scene: Scene, events: Events, sagged: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """Time, raw position and pulse height of the events of one origin that the detector sees."""
    planned, segment, rng = scene.planned, scene.segment, scene.rng
    inside = detector.active(segment, events.x, events.y)
    time, x, y = events.time[inside], events.x[inside], events.y[inside]
    column, row = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
    effects = planned.effects
    if events.photons and (effects.flat or effects.grid_wires):
        response = detector.flat(segment, column, row, effects.flat, effects.grid_wires)
        seen = rng.uniform(0.0, LARGEST_RESPONSE, len(x)) < response
        time, x, y, column, row = (a[seen] for a in (time, x, y, column, row))
    if events.photons:
        holes = sagged[row, column] if sagged is not None else np.zeros(len(x), bool)
        pha = detector.photon_pulse_heights(rng, x, holes)
    else:
        pha = detector.background_pulse_heights(rng, len(x))
    return time, *detector.to_raw(segment, time, x, y, pha, effects), pha


def _stims(scene: Scene) -> tuple[np.ndarray, ...]:
    """Electronic pulses at two corners, which show the thermal state."""
    rng, planned = scene.rng, scene.planned
    n = rng.poisson(detector.STIM_RATE * planned.exptime)
    time = rng.uniform(0.0, planned.exptime, n)
    places = np.array(LAYOUT[scene.segment].stims)[rng.integers(0, 2, n)]
    x, y = (places + rng.normal(0.0, detector.STIM_WIDTH, (n, 2))).T
    if planned.effects.thermal:
        x, y = detector.without_thermal(scene.segment, time, x, y)
    return time, x, y, np.clip(np.rint(rng.normal(19.0, 1.5, n)), 0, 31)


def _stray(scene: Scene) -> tuple[np.ndarray, ...]:
    """Events of noise outside the active area."""
    rng, planned, s = scene.rng, scene.planned, LAYOUT[scene.segment]
    n = rng.poisson(detector.STRAY_RATE * planned.exptime)
    x, y = rng.uniform(0.0, COLUMNS - 1, n), rng.uniform(0.0, ROWS - 1, n)
    near = (x > s.left - 60) & (x < s.right + 60) & (y > s.low - 40) & (y < s.high + 40)
    # not on the stims, which are at the left and right edge
    away = ~near & (x > 600) & (x < COLUMNS - 600)
    return rng.uniform(0.0, planned.exptime, n)[away], x[away], y[away], rng.integers(0, 32, n)[away]


def _livetime(time: np.ndarray, exptime: float) -> np.ndarray:
    """Fraction of recorded events around each event, at the rate of arriving ones; `time` in order."""
    edges = np.arange(0.0, exptime + _DEAD_TIME_BIN, _DEAD_TIME_BIN)
    counts, _ = np.histogram(time, edges)
    width = np.minimum(edges[1:], exptime) - edges[:-1]
    rate = np.where(width > 0.0, counts / np.maximum(width, 1e-6), 0.0)
    # recorded rate r of an arriving rate R: r = R * livetime(r) = R / (1 + R * dead time)
    return np.repeat(1.0 / (1.0 + rate * detector.DEAD_TIME), counts)


def accumulate(events: RawEvents, scene: Scene, pixels_per_km_s: float) -> tuple[np.ndarray, np.ndarray]:
    """An ACCUM image and its pulse-height histogram.

    Events are shifted on board by whole pixels against the orbital Doppler shift; the stims are not.

    Parameters
    ----------
    events : RawEvents
    scene : Scene
    pixels_per_km_s : float
        That the on-board software uses.

    Returns
    -------
    image : ndarray of int16, shape (1024, 16384)
    histogram : ndarray of int32, shape (128,)
        Of pulse heights in 7 bits.
    """
    planned = scene.planned
    x = events.rawx.astype(np.int64)
    if planned.effects.doppler:
        orbit = doppler(planned.ra, planned.dec, planned.expstart)
        velocity = orbit.velocity(planned.expstart + events.time.astype(np.float64) / 86400.0)
        s = LAYOUT[scene.segment]
        light = (x > s.left - 60) & (x < s.right + 60)
        x = np.where(light, x - np.rint(velocity * pixels_per_km_s).astype(np.int64), x)
    image = np.bincount(
        events.rawy * np.int64(COLUMNS) + np.clip(x, 0, COLUMNS - 1), minlength=ROWS * COLUMNS
    )
    counts = np.bincount(events.pha, minlength=32)
    histogram = np.zeros(128, np.int32)
    histogram[2::4] = counts
    return image.reshape(FUV_SHAPE).astype(np.int16), histogram
