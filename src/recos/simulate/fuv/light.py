"""Light and background on the FUV detector: where and when events of each origin fall, in corrected coordinates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recos.data.gti import Interval
from recos.data.instrument import SPEED_OF_LIGHT
from recos.data.truth import NoTruthValue
from recos.simulate.airglow import AIRGLOW
from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import COLUMNS, LAYOUT
from recos.simulate.fuv.optics import (
    AIRGLOW_RADII,
    LAMP_RATE,
    SCATTERED_FRACTION,
    SCATTERED_WIDTH,
    Motion,
    Optics,
)
from recos.simulate.orbit import doppler
from recos.simulate.plan import PlannedExposure

_BURST_RATE = 2500.0
"""Count/s of a burst on one segment."""
_GARBAGE_RATE = 800.0
"""Count/s of events on one segment while the high voltage is being changed."""


@dataclass
class Events(NoTruthValue):
    """Events of one origin, or of several, in arrays of equal length.

    Attributes
    ----------
    time : ndarray of float64
        Seconds since the start of the exposure.
    x, y : ndarray of float64
        Pixels.
    photons : bool
        Whether the events are light, which the response of the pixels reduces.
    """

    time: np.ndarray
    x: np.ndarray
    y: np.ndarray
    photons: bool = True

    def __len__(self) -> int:
        return len(self.time)


@dataclass
class Scene:
    """What falls on one segment during one exposure.

    Attributes
    ----------
    optics, segment, planned, source, motion
        The light path, the segment, the exposure, the source (``.flux(wavelength)``), the displacements.
    rng : numpy.random.Generator
    """

    optics: Optics
    segment: str
    planned: PlannedExposure
    source: Any
    motion: Motion
    rng: np.random.Generator
    layout: detector.Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = LAYOUT[self.segment]

    @property
    def excess(self) -> float:
        """More light falls on the detector than the mean pixel sees, as the response of pixels will reduce it."""
        effects = self.planned.effects
        return detector.LARGEST_RESPONSE if effects.flat or effects.grid_wires else 1.0

    def all(self) -> dict[str, Events]:
        """Events by origin."""
        p, e = self.planned, self.planned.effects
        origins: dict[str, Events] = {}
        if p.is_wavecal:
            origins["lamp"] = self.lamp(((0.0, p.exptime),))
        else:
            origins["source"] = self.target()
            origins["lamp"] = self.lamp(p.flashes)
            if e.scattered:
                origins["scattered"] = self.scattered(origins["source"])
            if e.airglow:
                origins["airglow"] = self.airglow()
        if e.dark:
            origins["dark"] = self.dark()
        if e.bursts and p.bursts:
            origins["bursts"] = self.everywhere(p.bursts, _BURST_RATE)
        if e.bad_times and p.bad_times:
            origins["bad_times"] = self.everywhere(p.bad_times, _GARBAGE_RATE)
        return origins

    # ------------------------------------------------------------------------------------- positions

    def _blurred(self, x: np.ndarray) -> np.ndarray:
        if not self.planned.effects.line_spread:
            return x
        return x + self.rng.normal(0.0, self.optics.line_spread(self.planned.configuration.aperture), len(x))

    def _from_sky(self, time: np.ndarray, x_full: np.ndarray, across: np.ndarray) -> Events:
        """Events of light from the sky that would fall on columns `x_full` and `across` rows off the spectrum."""
        x = x_full + self.motion.shift1(time)
        if self.planned.effects.doppler:
            x += self._doppler(time, x_full)
        y = self._row(x) + self.motion.across + self.motion.misalignment + across
        return Events(time, x, y)

    def _doppler(self, time: np.ndarray, x_full: np.ndarray) -> np.ndarray:
        p = self.planned
        orbit = doppler(p.ra, p.dec, p.expstart)
        velocity = orbit.velocity(p.expstart + time / 86400.0)
        relation = self.optics.dispersion(self.segment, p.configuration.aperture)
        return velocity / SPEED_OF_LIGHT * relation.wavelength(x_full) / relation.dispersion(x_full)

    def _row(self, x: np.ndarray) -> np.ndarray:
        """Row of the spectrum of the target at corrected columns."""
        c, trace = self.planned.configuration, self.planned.effects.trace
        middle = self.optics.middle(self.segment, c.aperture)
        if trace:
            return middle + self.optics.trace(self.segment, x)
        # BOXCAR extracts along the tilt that its table has, TWOZONE along a row
        tilt = self.optics.slope(self.segment) if c.xtrctalg == "BOXCAR" else 0.0
        return middle + tilt * (x - COLUMNS / 2.0)

    def _spread(self, x: np.ndarray) -> np.ndarray:
        if not self.planned.effects.cross_dispersion:
            return np.zeros(len(x))
        return self.optics.profile_offsets(self.rng, x)

    # --------------------------------------------------------------------------------------- origins

    def target(self) -> Events:
        """Photons of the source."""
        edges, rate = self.optics.source_cells(self.segment, self.source, self.planned)
        cumulative = np.concatenate([[0.0], np.cumsum(rate)])
        n = self.rng.poisson(cumulative[-1] * self.planned.exptime * self.excess)
        if n == 0:
            return self._from_sky(np.zeros(0), np.zeros(0), np.zeros(0))
        # where cells are empty the cumulative rate stands still, and no event falls there
        x = self._blurred(np.interp(self.rng.uniform(0.0, cumulative[-1], n), cumulative, edges))
        return self._from_sky(self._times(n), x, self._spread(x))

    def _times(self, n: int) -> np.ndarray:
        return self.rng.uniform(0.0, self.planned.exptime, n)

    def scattered(self, source: Events) -> Events:
        """Light of the source that the grating scatters far from the spectrum."""
        n = self.rng.poisson(SCATTERED_FRACTION * len(source))
        if n == 0 or len(source) == 0:
            return Events(np.zeros(0), np.zeros(0), np.zeros(0))
        chosen = self.rng.integers(0, len(source), n)
        y = source.y[chosen] + self.rng.normal(0.0, SCATTERED_WIDTH, n)
        return Events(self._times(n), source.x[chosen], y)

    def airglow(self) -> Events:
        """Light of the geocorona, which fills the aperture; it does not move with the Earth's orbit."""
        relation = self.optics.dispersion(self.segment, self.planned.configuration.aperture)
        times, columns, rows = [], [], []
        for line in AIRGLOW:
            x = relation.pixel(line.wavelength)
            if not -700.0 < x < COLUMNS + 700.0:
                continue
            response = self.optics.throughput(self.segment, np.array([line.wavelength]), self.planned)[0]
            # the sensitivity is that to a flux density; a line is a density times the width of a column
            rate = line.flux * response / float(relation.dispersion(x))
            n = self.rng.poisson(rate * self.planned.exptime * self.excess)
            radius, angle = np.sqrt(self.rng.uniform(size=n)), self.rng.uniform(0.0, 2.0 * np.pi, n)
            times.append(self._times(n))
            columns.append(x + AIRGLOW_RADII[0] * radius * np.cos(angle))
            rows.append(AIRGLOW_RADII[1] * radius * np.sin(angle))
        if not times:
            return Events(np.zeros(0), np.zeros(0), np.zeros(0))
        return self._from_sky(
            np.concatenate(times), self._blurred(np.concatenate(columns)), np.concatenate(rows)
        )

    def lamp(self, flashes: tuple[Interval, ...]) -> Events:
        """Light of the lamp while it is on; the motion of HST does not shift it."""
        columns, strengths = self.optics.lamp_lines(self.segment)
        rate = LAMP_RATE * self.excess if len(columns) else 0.0
        times = [self.rng.uniform(on, off, self.rng.poisson(rate * (off - on))) for on, off in flashes]
        time = np.concatenate([np.zeros(0), *times])
        line = self.rng.choice(len(columns), len(time), p=strengths) if len(columns) else np.zeros(0, int)
        x = columns[line] + self.motion.shift1(time)
        if self.planned.effects.line_spread:
            x += self.rng.normal(0.0, self.optics.line_spread(), len(x))
        y = self.optics.middle(self.segment, "WCA") + self.optics.slope(self.segment) * (x - COLUMNS / 2.0)
        return Events(time, x, y + self.motion.across + self._spread(x))

    def dark(self) -> Events:
        """Background of the detector."""
        planned = self.planned.dark_rate
        s = self.layout
        area = (s.right - s.left + 1) * (s.high - s.low + 1)
        rate = (detector.DARK_RATE if planned is None else planned) * area
        return self.everywhere(((0.0, self.planned.exptime),), rate)

    def everywhere(self, intervals: tuple[Interval, ...], rate: float) -> Events:
        """Events all over the active area during intervals, at a rate in count/s."""
        s = self.layout
        stop = self.planned.exptime
        intervals = tuple((max(a, 0.0), min(b, stop)) for a, b in intervals if a < stop and b > 0.0)
        times = [self.rng.uniform(a, b, self.rng.poisson(rate * (b - a))) for a, b in intervals]
        time = np.concatenate([np.zeros(0), *times])
        n = len(time)
        x = self.rng.uniform(s.left - 0.5, s.right + 0.5, n)
        return Events(time, x, self.rng.uniform(s.low - 0.5, s.high + 0.5, n), photons=False)
