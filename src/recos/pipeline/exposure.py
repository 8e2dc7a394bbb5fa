"""Running the recipe of one segment of one exposure, whole or in part."""

from __future__ import annotations

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.errors import RecosError, UsageError
from recos.messages import get_logger
from recos.pipeline.recipes import recipe_for
from recos.references import References
from recos.steps.step import Step

logger = get_logger(__name__)


def calibrate(
    exposure: Exposure,
    refs: References,
    start_at: str | None = None,
    stop_after: str | None = None,
    context: Context | None = None,
) -> Exposure:
    """Run the steps of an exposure that its switches ask for.

    Parameters
    ----------
    exposure : Exposure
        Changed in place.
    refs : References
        Its reference files.
    start_at, stop_after : str, optional
        Names of the first and the last step to run, in lower case (``"doppcorr"``); by default all. A step that
        occurs twice (``active_area``) is meant at its first occurrence as a start, its last one as an end.
    context : Context, optional
        Wavecals, shifts and options of a run; by default none.

    Returns
    -------
    Exposure
        The same object.

    Raises
    ------
    UsageError
        If the recipe has no step of that name.
    RecosError
        If a step cannot be done.
    """
    context = context or Context()
    for step in _select(recipe_for(exposure.mode), start_at, stop_after):
        if len(exposure.events) or step.without_events:
            _run(step, exposure, refs, context)
    return exposure


def _select(recipe: tuple[Step, ...], start_at: str | None, stop_after: str | None) -> tuple[Step, ...]:
    names = [step.name for step in recipe]
    for name in (start_at, stop_after):
        if name is not None and name not in names:
            raise UsageError(f"There is no step {name!r}; the steps are {', '.join(dict.fromkeys(names))}.")
    first = 0 if start_at is None else names.index(start_at)
    last = len(names) if stop_after is None else len(names) - names[::-1].index(stop_after)
    return recipe[first:last]


def _run(step: Step, exposure: Exposure, refs: References, context: Context) -> None:
    if not (step.when(exposure) and step.asked(context)):
        return
    if step.switch is not None:
        exposure.announce(step.switch)
        if not exposure.performs(step.switch, *step.values):
            return
    try:
        step(exposure, refs, context)
    except Exception as error:
        if not isinstance(error, RecosError):
            error.add_note(f"It happened in the step {step.name} of {exposure.path}.")
        raise
