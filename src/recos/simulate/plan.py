"""What is to be simulated: an observation, its exposures, the effects that are modelled."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from recos.data.gti import Interval
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import UsageError
from recos.simulate.configurations import Configuration


@dataclass(frozen=True)
class Effects:
    """Effects of instrument and sky; each can be switched off by itself.

    Attributes
    ----------
    line_spread, cross_dispersion : bool
        Finite width of the spectrum in and across the dispersion direction.
    trace : bool
        Curved trace (TRACETAB); without it the spectrum is a straight line.
    flat, grid_wires, gain_sag : bool
        Fixed pattern; shadows of the grid wires; holes of low pulse heights.
    walk : bool
        Position depends on the pulse height.
    thermal : bool
        Stretch and drift of the coordinates, as the stims show.
    distortion : bool
        Geometric distortion.
    dead_time : bool
        Events lost at high rates.
    doppler, heliocentric : bool
        Motion of HST around the Earth, of the Earth around the Sun.
    drift : bool
        The mechanism drifts during an exposure, and each exposure has an offset of its own.
    bursts, bad_times : bool
        Whether the bursts and bad times of the plan happen.
    dark, scattered, airglow : bool
        Uniform background; scattered light around the spectrum; geocoronal lines.
    ageing : bool
        Loss of sensitivity with time (TDSTAB).
    """

    line_spread: bool = True
    cross_dispersion: bool = True
    trace: bool = True
    flat: bool = True
    grid_wires: bool = True
    gain_sag: bool = True
    walk: bool = True
    thermal: bool = True
    distortion: bool = True
    dead_time: bool = True
    doppler: bool = True
    heliocentric: bool = True
    drift: bool = True
    bursts: bool = True
    bad_times: bool = True
    dark: bool = True
    scattered: bool = True
    airglow: bool = True
    ageing: bool = True

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of all effects."""
        return tuple(f.name for f in fields(cls))

    def without(self, *names: str) -> Effects:
        """The same, but for some effects.

        Raises
        ------
        UsageError
            If there is no such effect.
        """
        for name in names:
            if name not in self.names():
                raise UsageError(f"{name}: no effect of the simulator. There are {', '.join(self.names())}.")
        return replace(self, **dict.fromkeys(names, False))

    @classmethod
    def only(cls, *names: str) -> Effects:
        """Only some effects."""
        cls().without(*names)
        return cls(**{name: name in names for name in cls.names()})


@dataclass(frozen=True)
class PlannedExposure:
    """One exposure.

    Attributes
    ----------
    root : str
        Rootname.
    role : str
        MEMTYPE in the association: EXP-FP, EXP-AWAVE.
    configuration : Configuration
        Of an EXP-AWAVE: TIME-TAG, and the lamp is on all the time.
    target, ra, dec
        Name and position of the target, degrees.
    expstart : float
        MJD.
    exptime : float
        Seconds.
    fppos : int
        1 to 4.
    flashes : tuple of (float, float)
        Lamp flashes of TIME-TAG with TAGFLASH.
    bursts, bad_times : tuple of (float, float)
        When the FUV detector bursts; when the high voltage is off (BADTTAB).
    dark_rate : float or None
        count/s/pixel; None: that of the detector.
    randseed : int
        RANDSEED of the header.
    seed : tuple of int
        Of the random numbers of the simulation.
    effects : Effects
    """

    root: str
    role: str
    configuration: Configuration
    association: str = ""
    target: str = "SIMULATED-STAR"
    ra: float = 150.0
    dec: float = 32.0
    expstart: float = 57000.25
    exptime: float = 600.0
    fppos: int = 3
    flashes: tuple[Interval, ...] = ()
    bursts: tuple[Interval, ...] = ()
    bad_times: tuple[Interval, ...] = ()
    dark_rate: float | None = None
    randseed: int = 42
    seed: tuple[int, ...] = (1, 0)
    effects: Effects = field(default_factory=Effects)

    @property
    def fpoffset(self) -> int:
        """Motor steps from the nominal grating position."""
        return self.fppos - 3

    @property
    def expend(self) -> float:
        """End of the exposure, MJD."""
        return self.expstart + self.exptime / SECONDS_PER_DAY

    @property
    def is_wavecal(self) -> bool:
        """Whether it is an exposure of the lamp."""
        return "WAVE" in self.role


@dataclass(frozen=True)
class Observation:
    """An association of science exposures of one target, with what is needed to calibrate wavelengths.

    Attributes
    ----------
    configuration : Configuration
    exptime : float
        Seconds of each science exposure.
    fppos : tuple of int
        FP-POS of each science exposure.
    events : float or None
        Expected events of the source in one exposure, averaged over its segments (FUV; the sum of the stripes in the
        NUV); the flux of the source is scaled to get them. None: the flux is as given.
    tagflash : bool
        Lamp flashes in the science exposures (TIME-TAG with PSA); otherwise wavecals before and after each.
    bursts, bad_times, dark_rate, target, ra, dec, expstart, effects
        As for :class:`PlannedExposure`.
    root : str
        First six characters of all rootnames; the association is ``root + "010"``.
    seed : int
        The same seed gives the same bytes.

    Raises
    ------
    UsageError
        If a value is impossible.
    """

    configuration: Configuration = field(default_factory=Configuration)
    exptime: float = 600.0
    fppos: tuple[int, ...] = (3,)
    events: float | None = 200_000.0
    tagflash: bool = True
    bursts: tuple[Interval, ...] = ()
    bad_times: tuple[Interval, ...] = ()
    dark_rate: float | None = None
    target: str = "SIMULATED-STAR"
    ra: float = 150.0
    dec: float = 32.0
    expstart: float = 57000.25
    root: str = "lrec01"
    seed: int = 1
    effects: Effects = field(default_factory=Effects)

    def __post_init__(self) -> None:
        for name in ("exptime", "events", "dark_rate"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < 1e10:
                raise UsageError(f"{name} = {value:g}: expected a number from 0 to 1e10.")
        if self.exptime < 1.0:
            raise UsageError(f"exptime = {self.exptime:g}: expected at least one second.")
        if not self.fppos or any(n not in (1, 2, 3, 4) for n in self.fppos):
            raise UsageError(f"fppos = {self.fppos}: expected one or more of 1, 2, 3, 4.")
        if len(self.root) != 6 or not self.root.isalnum():
            raise UsageError(f"root = {self.root!r}: expected six letters and digits.")

    @property
    def association(self) -> str:
        """Rootname of the association."""
        return f"{self.root}010"

    @property
    def has_flashes(self) -> bool:
        """Whether the lamp flashes during science exposures."""
        c = self.configuration
        return self.tagflash and c.obsmode == "TIME-TAG" and c.aperture == "PSA"

    def exposures(self) -> list[PlannedExposure]:
        """The exposures in order of time: science, with a wavecal before and after each without flashes."""
        planned: list[PlannedExposure] = []
        time = self.expstart
        wavecals = not self.has_flashes and not self.configuration.is_imaging
        for k, fppos in enumerate(self.fppos):
            if wavecals:
                planned.append(self._exposure(len(planned), time, fppos, wavecal=True))
                time = planned[-1].expend + _OVERHEAD
            planned.append(self._exposure(len(planned), time, fppos))
            time = planned[-1].expend + _OVERHEAD
            if wavecals and k == len(self.fppos) - 1:
                planned.append(self._exposure(len(planned), time, fppos, wavecal=True))
        return planned

    def _exposure(self, number: int, time: float, fppos: int, wavecal: bool = False) -> PlannedExposure:
        return PlannedExposure(
            root=f"{self.root}{_DIGITS[number // 36]}{_DIGITS[number % 36]}q",
            role="EXP-AWAVE" if wavecal else "EXP-FP",
            configuration=replace(self.configuration, obsmode="TIME-TAG", aperture="PSA")
            if wavecal
            else self.configuration,
            association=self.association,
            target="WAVE" if wavecal else self.target,
            ra=self.ra,
            dec=self.dec,
            expstart=time,
            exptime=_WAVECAL_TIME if wavecal else self.exptime,
            fppos=fppos,
            flashes=_flashes(self.exptime) if self.has_flashes and not wavecal else (),
            bursts=() if wavecal else self.bursts,
            bad_times=() if wavecal else self.bad_times,
            dark_rate=self.dark_rate,
            randseed=self.seed + number,
            seed=(self.seed, number),
            effects=self.effects,
        )


_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
_OVERHEAD = 120.0 / SECONDS_PER_DAY
_WAVECAL_TIME = 90.0
_FLASH, _FLASH_INTERVAL = 12.0, 600.0


def _flashes(exptime: float) -> tuple[Interval, ...]:
    """A flash at the start, one each ten minutes, and one near the end of exposures of five minutes or more."""
    starts = [4.0]
    while starts[-1] + _FLASH_INTERVAL + 2.0 * _FLASH < exptime:
        starts.append(starts[-1] + _FLASH_INTERVAL)
    if exptime >= 300.0 and exptime - starts[-1] > 10.0 * _FLASH:
        starts.append(exptime - 2.0 * _FLASH)
    length = min(_FLASH, max(exptime - starts[0], 1.0) / 2.0)
    return tuple((start, start + length) for start in starts)
