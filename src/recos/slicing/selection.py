"""Selection: what a user asks for, and which slices of an exposure that makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.errors import InputError, UsageError
from recos.slicing.expression import Expression
from recos.slicing.slices import (
    TimeSlice,
    slices_from_condition,
    slices_from_gti,
    slices_from_increment,
    slices_from_phase,
    slices_from_times,
)

DAY, NIGHT = "SUN_ALT > 0", "SUN_ALT <= 0"
"""Orbital day: the Sun is above the horizon of the Earth, seen from HST; SUN_ALT counts from that horizon."""
PHASE_BINS = 10
_ORBIT_COLUMNS = ("LONGITUDE", "LATITUDE", "SUN_ALT", "SUN_ZD")
"""Columns of TIMELINE that stay 0 when there was no support file; none is 0 throughout otherwise."""


@dataclass(frozen=True)
class ExposureTimes:
    """What of an exposure decides about its slices.

    Attributes
    ----------
    name : str
        Name of the file, for messages.
    expstart : float
        Start of the exposure, MJD; the zero of all other times.
    first, last : float
        Times of the first and of the last event, seconds.
    gti : GTI
        Good time intervals, seconds; empty if there are none.
    timeline : mapping of str to ndarray, shape (n,)
        Columns of TIMELINE by name, upper case; empty if there is none.
    """

    name: str
    expstart: float
    first: float
    last: float
    gti: GTI = field(default_factory=GTI)
    timeline: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, exposure: Exposure) -> ExposureTimes:
        """The times of an exposure in memory, raw or after any of its steps.

        Raises
        ------
        InputError
            If it has no events.
        """
        time = exposure.events.time
        if not len(time):
            raise InputError(f"{exposure.path}: no events, so that there is nothing to split.")
        columns: dict[str, np.ndarray] = {}
        if exposure.timeline is not None:
            columns = {column.name.upper(): column.array for column in exposure.timeline.columns}
        elif exposure.timeline_input is not None:
            rows = exposure.timeline_input[1]
            columns = {name.upper(): rows[name] for name in rows.dtype.names or ()}
        return cls(
            name=str(exposure.path),
            expstart=exposure.mode.expstart,
            first=float(time[0]),
            last=float(time[-1]),
            gti=exposure.latest_gti,
            timeline={name: np.array(values, np.float64) for name, values in columns.items()},
        )

    @property
    def begin(self) -> float:
        """Start of the first good time interval, or the first event if that is earlier."""
        return min([self.first, *(start for start, _ in self.gti)])

    @property
    def finish(self) -> float:
        """End of the last good time interval, or the last event if that is later."""
        return max([self.last, *(stop for _, stop in self.gti)])


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a user wants to have as slices.

    Exactly one of `times`, `increment`, `gti`, `where`, `day`, `night` and `period` must be given.

    Attributes
    ----------
    times : str or sequence, optional
        A list of times, or pairs; see :func:`recos.slicing.slices.slices_from_times`.
    increment : float, optional
        Length of equal slices, seconds.
    start, end : float, optional
        Where equal slices begin (default 0) and end (default: the last event), seconds.
    gti : bool
        One slice for each good time interval.
    where : str, optional
        A condition on columns of TIMELINE (:class:`recos.slicing.expression.Expression`): one slice, the seconds
        in which it holds.
    day, night : bool
        Short for the conditions ``SUN_ALT > 0`` and ``SUN_ALT <= 0``.
    period : float, optional
        One slice for each bin of phase of this period, seconds.
    epoch : float, optional
        MJD of phase 0; by default EXPSTART.
    phase_bins : int, optional
        Number of bins, by default 10.

    Raises
    ------
    UsageError
        If not exactly one selection is given, an option belongs to another selection, or the condition is
        malformed.
    """

    times: str | Sequence[object] | None = None
    increment: float | None = None
    start: float | None = None
    end: float | None = None
    gti: bool = False
    where: str | None = None
    day: bool = False
    night: bool = False
    period: float | None = None
    epoch: float | None = None
    phase_bins: int | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Selection:
        """A selection of arguments by name, of which some may be unknown.

        Raises
        ------
        UsageError
        """
        known = [f.name for f in fields(cls)]
        unknown = [name for name in arguments if name not in known]
        if unknown:
            raise UsageError(f"{', '.join(unknown)}: unknown in a selection; expected {', '.join(known)}.")
        return cls(**arguments)

    @classmethod
    def parse(cls, text: str) -> Selection:
        """A selection in words, separated by semicolons.

        Raises
        ------
        UsageError
            If a word is unknown or a value is no number.

        Examples
        --------
        >>> Selection.parse("increment=200; start=50").increment
        200.0
        >>> Selection.parse("where=SUN_ALT < 0").where
        'SUN_ALT < 0'
        """
        arguments: dict[str, Any] = {}
        for word in text.split(";"):
            name, equals, value = (part.strip() for part in word.partition("="))
            name = name.lower().replace("-", "_")
            arguments[name] = _value(name, value) if equals else True
        return cls.of(arguments)

    def __post_init__(self) -> None:
        self._kind  # noqa: B018  # raises if there is not exactly one
        for owner, names in {"increment": ("start", "end"), "period": ("epoch", "phase_bins")}.items():
            stray = [name for name in names if getattr(self, name) is not None]
            if stray and self._kind != owner:
                raise UsageError(
                    f"{' and '.join(stray)}: options of {owner}, but the selection is {self._kind}. Leave them out."
                )
        if self._condition is not None:
            Expression(self._condition)

    @property
    def _kind(self) -> str:
        kinds = ("times", "increment", "gti", "where", "day", "night", "period")
        given = [
            name for name in kinds if getattr(self, name) is not None and getattr(self, name) is not False
        ]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise UsageError(f"Selections given: {found}. Give exactly one of {', '.join(kinds)}.")
        return given[0]

    @property
    def _condition(self) -> str | None:
        return DAY if self.day else NIGHT if self.night else self.where

    def fits(self, exposure: ExposureTimes, columns: Sequence[str]) -> bool:
        """Whether an exposure that is not calibrated yet can have slices, as far as its length tells.

        Parameters
        ----------
        exposure : ExposureTimes
            With limits from its header, and without good time intervals.
        columns : sequence of str
            What its TIMELINE will have.

        Raises
        ------
        UsageError
            If a value is impossible for this exposure, or a condition names no column.
        """
        if self._condition is not None:
            Expression(self._condition).check_names(columns, "TIMELINE")
        if self._kind not in ("times", "increment", "period"):
            return True
        return any(piece.start <= exposure.last and piece.stop >= 0.0 for piece in self.slices(exposure))

    def slices(self, exposure: ExposureTimes) -> list[TimeSlice]:
        """The slices that the selection makes of an exposure, in their order.

        Raises
        ------
        UsageError
            If a value is impossible for this exposure.
        InputError
            If the exposure has no good time intervals, or no TIMELINE, that the selection needs.
        """
        makers: dict[str, Callable[[ExposureTimes], list[TimeSlice]]] = {
            "times": self._by_times,
            "increment": self._by_increment,
            "gti": _by_gti,
            "period": self._by_phase,
        }
        return makers.get(self._kind, self._by_condition)(exposure)

    def _by_times(self, exposure: ExposureTimes) -> list[TimeSlice]:
        assert self.times is not None
        return slices_from_times(self.times, exposure.first, exposure.last)

    def _by_increment(self, exposure: ExposureTimes) -> list[TimeSlice]:
        assert self.increment is not None
        return slices_from_increment(self.increment, self.start, self.end, exposure.first, exposure.last)

    def _by_phase(self, exposure: ExposureTimes) -> list[TimeSlice]:
        assert self.period is not None
        if self.epoch is not None and exposure.expstart <= 0.0:
            raise InputError(
                f"{exposure.name}: no EXPSTART, so that phases cannot count from an epoch (MJD)."
            )
        bins = PHASE_BINS if self.phase_bins is None else self.phase_bins
        return slices_from_phase(
            self.period, self.epoch, bins, exposure.expstart, exposure.begin, exposure.finish
        )

    def _by_condition(self, exposure: ExposureTimes) -> list[TimeSlice]:
        condition = Expression(self._condition or "")
        columns = exposure.timeline
        if not columns or not len(columns["TIME"]):
            raise InputError(
                f"{exposure.name}: no TIMELINE table, or one without rows. Conditions need it; calibrate the raw "
                "file again to get one."
            )
        condition.check_names(list(columns), f"TIMELINE of {exposure.name}")
        for name in condition.names:
            if name in _ORBIT_COLUMNS and not np.any(columns[name]):
                raise InputError(
                    f"{exposure.name}: {name} in TIMELINE is 0 throughout, because the support file (_spt.fits) "
                    "was missing when the file was made. Calibrate the raw file again, with that file beside it."
                )
        label = " ".join(condition.text.split())
        if self._kind in ("day", "night"):
            label = f"orbital {self._kind}: {label}"
        holds = condition.evaluate(columns)
        found = slices_from_condition(holds, columns["TIME"], exposure.begin, exposure.finish, label)
        if not found:
            ranges = ", ".join(
                f"{n} is {np.min(columns[n]):g} to {np.max(columns[n]):g}" for n in condition.names
            )
            raise InputError(
                f"{exposure.name}: {condition.text!r} holds at no time of the exposure; {ranges}."
            )
        return found


def _value(name: str, text: str) -> Any:
    """A value of a selection in words."""
    if name in ("times", "where"):
        return text
    try:
        return int(text) if name == "phase_bins" else float(text)
    except ValueError:
        raise UsageError(
            f"{name} = {text!r}: expected a {'whole ' * (name == 'phase_bins')}number."
        ) from None


def _by_gti(exposure: ExposureTimes) -> list[TimeSlice]:
    found = slices_from_gti(exposure.gti)
    if not found:
        raise InputError(f"{exposure.name}: no good time interval (GTI table). Select by times instead.")
    return found
