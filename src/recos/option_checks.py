"""Checks of options that not every exposure can follow: another extraction box, time slices.

Everything here runs before anything is written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from recos.box_choice import BoxChoice
from recos.checks import NEVER_CALIBRATED, refuse_existing
from recos.errors import InputError
from recos.instrument import SECONDS_PER_DAY
from recos.reading import ExposureHeaders
from recos.slicing.selection import ExposureTimes, Selection

if TYPE_CHECKING:
    from recos.association import Association


def check_box(association: Association, box: BoxChoice | None, find_target: bool) -> None:
    """Check that the user's choice of the extraction box can be heeded.

    Raises
    ------
    InputError
        If an exposure is extracted by TWOZONE, which puts no box anywhere.
    UsageError
        If there are more values than spectra.
    """
    for headers, _ in association:
        if box is not None:
            box.check_number(headers.mode.is_fuv)
        if (box is not None or find_target) and headers.mode.xtrctalg == "TWOZONE":
            raise InputError(
                f"{headers.path}: XTRCTALG = TWOZONE extracts at the centroid that ALGNCORR measures, the rows that "
                "TWOZXTAB and PROFTAB say; location, height and find do not apply. Set XTRCTALG = BOXCAR in "
                "the primary header, or give SP_SET_A or SP_SET_B to move the centroid."
            )


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
    from recos.steps.timeline import COLUMNS  # late: it loads compiled steps

    return selection.fits(times, [column.name for column in COLUMNS])


def _numbered_spectra(outdir: Path, root: str) -> list[Path]:
    pattern = re.compile(rf"{re.escape(root)}_\d+_x1d\.fits")
    return [path for path in sorted(outdir.glob(f"{root}_*_x1d.fits")) if pattern.fullmatch(path.name)]
