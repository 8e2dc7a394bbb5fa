"""A step of the calibration: a function, and everything that is to be said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, Protocol

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.mode import Mode
from recos.io.read import ExposureHeaders
from recos.references.collection import References
from recos.references.need import Need

PERFORM = ("PERFORM",)
DONE_AGAIN = ("PERFORM", "COMPLETE")
"""Values of a switch whose step is also done for data that were calibrated before."""


class Settings(Protocol):
    """What decides whether a step runs: an exposure, or its headers before it is read."""

    @property
    def mode(self) -> Mode:
        """Configuration."""

    def performs(self, switch: str, *values: str) -> bool:
        """Whether a switch has one of the given values."""


Function = Callable[..., str | None]
"""``f(exposure, refs)`` or ``f(exposure, refs, context)``."""
Needs = Callable[[ExposureHeaders, References], Iterable[Need]]


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Step:
    """A step of the calibration, called as ``step(exposure, refs)`` or ``step(exposure, refs, context)``.

    Attributes
    ----------
    function : callable
        Computes; it returns None, or the value that the switch is to have instead of COMPLETE.
    switch : str or None
        The calibration switch; None: the step always runs.
    values : tuple of str
        Values of the switch at which it runs.
    when : callable
        Further condition: gets the exposure.
    asked : callable
        Whether the run asks for it: gets the context.
    without_events : bool
        It also runs for an exposure without events.
    of_spectrum : bool
        The value of the switch is recorded in the header of ``exposure.spectrum`` only: events and images keep
        PERFORM.
    marks : bool
        The value of the switch is recorded at all; STATFLAG stays what it was.
    after : tuple of str
        Names of steps that must have run before.
    files : tuple of str
        Keywords of the reference files that it may read.
    needs : callable or None
        Gets headers and references of an exposure; what the step will read from its files if it runs, or None if
        nothing more than that the files are there.
    """

    function: Function
    switch: str | None = None
    values: tuple[str, ...] = PERFORM
    when: Callable[[Any], bool] = _always
    asked: Callable[[Context], bool] = _always
    without_events: bool = False
    of_spectrum: bool = False
    marks: bool = True
    after: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    needs: Needs | None = None
    _takes_context: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_takes_context", len(signature(self.function).parameters) > 2)
        object.__setattr__(self, "__doc__", _with_parameters(self.function.__doc__ or ""))
        object.__setattr__(self, "__name__", self.name)
        object.__setattr__(self, "__module__", self.function.__module__)
        object.__setattr__(self, "__wrapped__", self.function)

    @property
    def name(self) -> str:
        """Name of the step, as in ``calibrate(stop_after=name)``."""
        return self.function.__name__

    def __repr__(self) -> str:
        return f"<step {self.name}>"

    def __call__(self, exposure: Exposure, refs: References, context: Context | None = None) -> None:
        """Run it; record its name in ``exposure.completed`` and the value of its switch in the header."""
        outcome = self.function(exposure, refs, *((context or Context(),) if self._takes_context else ()))
        if self.switch is not None and self.marks:
            marked = exposure.require("spectrum") if self.of_spectrum else exposure
            marked.mark(self.switch, outcome or "COMPLETE")
        exposure.completed.append(self.name)

    def needs_of(self, headers: ExposureHeaders, refs: References) -> Iterable[Need]:
        """What it will read from reference files for an exposure of these headers; nothing if it will not run."""
        if self.switch is not None and not headers.performs(self.switch, *self.values):
            return ()
        if self.needs is not None:
            return self.needs(headers, refs)
        return [Need(keyword, self.switch or self.name) for keyword in self.files]


def step(
    switch: str | None = None,
    *,
    values: tuple[str, ...] = PERFORM,
    when: Callable[[Any], bool] = _always,
    asked: Callable[[Context], bool] = _always,
    without_events: bool = False,
    of_spectrum: bool = False,
    marks: bool = True,
    after: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    needs: Needs | None = None,
) -> Callable[[Function], Step]:
    """Make a step of a function ``f(exposure, refs)`` or ``f(exposure, refs, context)``; see :class:`Step`."""

    def decorate(function: Function) -> Step:
        return Step(
            function, switch, values, when, asked, without_events, of_spectrum, marks, after, files, needs
        )

    return decorate


def nothing(headers: ExposureHeaders, refs: References) -> Iterable[Need]:
    """The needs of a step whose files other steps need, too, or which works without them."""
    return ()


def spectroscopic(settings: Settings) -> bool:
    """Whether it is an exposure of a spectrum."""
    return settings.mode.is_spectroscopic


def imaging(settings: Settings) -> bool:
    """Whether it is an exposure of an image."""
    return not settings.mode.is_spectroscopic


def extracted(settings: Settings) -> bool:
    """Whether there will be a spectrum."""
    return settings.performs("X1DCORR")


def with_flux(settings: Settings) -> bool:
    """Whether there will be a spectrum with fluxes."""
    return settings.performs("FLUXCORR") and settings.performs("X1DCORR")


_PARAMETERS = """\
    Parameters
    ----------
    exposure : Exposure
        Changed in place.
    refs : References
        Its reference files.
    context : Context, optional
        Wavecals, shifts and options of a run; by default none."""


def _with_parameters(text: str) -> str:
    """The docstring of a step with the section that all steps have in common, before that of errors."""
    summary, mark, errors = text.rstrip().partition("\n\n    Raises\n")
    return f"{summary.rstrip()}\n\n{_PARAMETERS}{mark}{errors}\n    "
