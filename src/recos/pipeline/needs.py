"""What the calibration of an exposure reads from reference files, as its steps say. Specification 1, section 7.5."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from recos.io.read import ExposureHeaders
from recos.pipeline.recipes import LAST_OF_CSUM, recipe_for
from recos.references.check import check_needs
from recos.references.collection import ReferenceCache, References
from recos.references.need import Need
from recos.steps import deadcorr


def needs_of(headers: ExposureHeaders, refs: References, only_csum: bool = False) -> list[Need]:
    """Everything that the calibration of one exposure will read.

    Parameters
    ----------
    headers : ExposureHeaders
        Switches that do not apply to the mode are reset already.
    refs : References
        Its reference files; only names are looked at.
    only_csum : bool
        Nothing but the csum image is made.
    """
    if headers.mode.kind == "ACQ_IMAGE":
        plain = (("DQICORR", "BPIXTAB"), ("FLATCORR", "FLATFILE"))
        needs = [Need(keyword, switch) for switch, keyword in plain if headers.performs(switch)]
        return [*needs, *deadcorr.needs_of(headers, refs)]
    recipe = recipe_for(headers.mode)
    if only_csum:
        recipe = recipe[: recipe.index(LAST_OF_CSUM)]
    return [need for step in recipe for need in step.needs_of(headers, refs)]


def check_references(
    files: Iterable[ExposureHeaders], cache: ReferenceCache, only_csum: bool = False
) -> None:
    """Check every reference file that the calibration of some exposures will read.

    Parameters
    ----------
    files : iterable of ExposureHeaders
        The exposures that will be calibrated.
    cache : ReferenceCache
        Keeps the files open for the run.
    only_csum : bool
        Nothing but the csum image is made.

    Raises
    ------
    MissingReferenceError, ReferenceFileError, MissingRowError
        As :func:`recos.references.check.check_needs`.
    """
    check_needs(files, cache, partial(needs_of, only_csum=only_csum))
