"""Checks of options that not every exposure can follow: overrides, a search for the spectrum, time slices.

Everything here runs before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recos.association.checks import NEVER_CALIBRATED
from recos.corrections import CORRECTIONS, corrections_in_force
from recos.data.instrument import SECONDS_PER_DAY
from recos.data.overrides import Override
from recos.data.reference_kinds import KINDS
from recos.data.switches import reset_switches
from recos.errors import InputError
from recos.io.read import ExposureHeaders
from recos.messages import Transcript, get_logger, messages_to, warn
from recos.pipeline.needs import needs_of
from recos.pipeline.outputs import refuse_existing
from recos.references import References
from recos.slicing.selection import ExposureTimes, Selection

if TYPE_CHECKING:
    from recos.association.model import Association

logger = get_logger(__name__)


def check_search(association: Association, corrections: frozenset[str]) -> None:
    """Check that the spectrum can be searched for.

    Parameters
    ----------
    association : Association
    corrections : frozenset of str
        Those that the user switched on.

    Raises
    ------
    InputError
        If an exposure is extracted by TWOZONE, which extracts at the centroid without the correction
        twozone-location.
    """
    if "twozone-location" in corrections:
        return
    for headers, _ in association:
        if headers.mode.xtrctalg == "TWOZONE":
            raise InputError(
                f"{headers.path}: XTRCTALG = TWOZONE extracts at the centroid that ALGNCORR measures; find does not "
                "apply. Switch the correction twozone-location on, set XTRCTALG = BOXCAR, or give SP_SET_A or "
                "SP_SET_B to move the centroid."
            )


def check_corrections(association: Association, requested: frozenset[str], mixed: bool) -> None:
    """Check that the exposures that are combined are made with the same corrections; warn of those without effect.

    Parameters
    ----------
    association : Association
    requested : frozenset of str
        Corrections that the user switched on.
    mixed : bool
        They may differ.

    Raises
    ------
    InputError
        If a correction acts on only some of the exposures that it concerns.
    """
    files = [headers for headers, _ in association]
    in_force = [corrections_in_force(requested, h.mode, h.primary, h.is_corrtag) for h in files]
    for name in sorted(requested.difference(*in_force)):
        if CORRECTIONS[name].stage == "events" and any(h.is_corrtag for h in files):
            warn(logger, f"The correction {name} changes events, which takes a raw file; it is left out.")
        else:
            warn(logger, f"The correction {name} has no effect on data of this mode.")
    if not mixed:
        check_same_corrections([h for h in files if h.mode.kind == "SCIENCE"], requested)


def check_same_corrections(files: Sequence[ExposureHeaders], requested: frozenset[str]) -> None:
    """Check that files are made with the same corrections, as far as these concern them.

    Parameters
    ----------
    files : sequence of ExposureHeaders
    requested : frozenset of str
        Corrections that the user switched on.

    Raises
    ------
    InputError
        If a correction acts on only some of them.
    """
    in_force = [corrections_in_force(requested, h.mode, h.primary, h.is_corrtag) for h in files]
    for name in sorted(frozenset().union(*in_force)):
        with_it = [h.path.name for h, names in zip(files, in_force, strict=True) if name in names]
        without = [
            h.path.name
            for h, names in zip(files, in_force, strict=True)
            if name not in names and CORRECTIONS[name].concerns(h.mode)
        ]
        if without:
            raise InputError(
                f"{', '.join(without)}: made without the correction {name}, with which {', '.join(with_it)} was "
                "made. Calibrate all from raw files with the same corrections, or combine them all the same with "
                "`mix_corrections=True`."
            )


def warn_of_unused(
    files: Sequence[ExposureHeaders], overrides: Sequence[Override], only_csum: bool = False
) -> None:
    """Warn of overridden keywords that the calibration of no exposure looks at.

    Parameters
    ----------
    files : sequence of ExposureHeaders
        With the overrides.
    overrides : sequence of Override
    only_csum : bool
        Nothing but the csum image is made.
    """
    for override in overrides:
        if not override.from_preset and not any(_uses(h, override, only_csum) for h in files):
            warn(
                logger,
                f"{override.keyword} = {override.shown} has no effect:",
                f"no exposure of {files[0].path.parent} that is calibrated uses {override.keyword}.",
            )


def _uses(headers: ExposureHeaders, override: Override, only_csum: bool) -> bool:
    keyword, mode, switches = override.keyword, headers.mode, headers.switches
    if not override.concerns(headers.primary):
        return False
    if keyword in switches:  # of one that is omitted, only the mode knows whether it would be used
        asked = switches | {keyword: "PERFORM"}
        with messages_to(Transcript()):
            kept = reset_switches(asked, headers.primary, headers.header, mode, headers.path)
        return kept[keyword] == "PERFORM"
    if keyword in KINDS:
        if override.value == "N/A":
            return True
        refs = References.from_header(headers.primary)
        return any(need.keyword == keyword for need in needs_of(headers, refs, only_csum))
    if keyword.startswith("SP_SET_") and mode.letter != keyword[-1]:
        return False
    needed = {"RANDSEED": "RANDCORR", "SP_SET_A": "ALGNCORR", "SP_SET_B": "ALGNCORR"}.get(keyword)
    return mode.is_spectroscopic if needed is None else switches[needed] == "PERFORM"


def check_slices(association: Association, selection: Selection, outdir: Path, overwrite: bool) -> None:
    """Check that exposures can be cut into time slices, and that no spectra of slices exist already.

    Raises
    ------
    InputError
        If an exposure is no TIME-TAG spectrum, or all slices are outside of all exposures.
    UsageError
        If a selection is impossible, or names a column that TIMELINE does not have.
    OutputExistsError
    """
    lengths: list[str] = []
    existing: list[Path] = []
    any_fits = False
    for headers, names in association:
        if headers.mode.kind not in NEVER_CALIBRATED and not headers.mode.is_wavecal:
            times = _header_times(headers)
            any_fits |= _can_have_slices(selection, times)
            lengths.append(f"{times.name} has {times.last:.1f} s")
            existing += _numbered_spectra(outdir, names.root)
    if not any_fits:
        raise InputError(
            f"All time slices are outside of the exposures: {', '.join(lengths) or 'no science exposure'}. Select "
            "other times."
        )
    refuse_existing(list(dict.fromkeys(existing)), overwrite)


def _header_times(headers: ExposureHeaders) -> ExposureTimes:
    mode, switch = headers.mode, headers.switches["X1DCORR"]
    if mode.obsmode != "TIME-TAG" or not mode.is_spectroscopic or switch != "PERFORM":
        raise InputError(
            f"{headers.path}: OBSMODE = {mode.obsmode}, OBSTYPE = {mode.obstype}, X1DCORR = {switch}; spectra of "
            "time slices need TIME-TAG, SPECTROSCOPIC and PERFORM."
        )
    return ExposureTimes(
        str(headers.path), mode.expstart, 0.0, (mode.expend - mode.expstart) * SECONDS_PER_DAY
    )


def _can_have_slices(selection: Selection, times: ExposureTimes) -> bool:
    from recos.steps._timeline import COLUMNS  # late: it loads compiled steps

    return selection.fits(times, [column.name for column in COLUMNS])


def _numbered_spectra(outdir: Path, root: str) -> list[Path]:
    pattern = re.compile(rf"{re.escape(root)}_\d+_x1d\.fits")
    return [path for path in sorted(outdir.glob(f"{root}_*_x1d.fits")) if pattern.fullmatch(path.name)]
