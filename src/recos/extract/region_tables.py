"""Extraction tables with the cells that a user wants to be different: in memory, for the steps of one exposure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from astropy.io import fits

from recos.data.exposure import Exposure
from recos.data.mode import Mode
from recos.data.overrides import note_of
from recos.errors import InputError
from recos.options.regions import Choice, Tailoring, cells_of
from recos.references import References
from recos.references.tables import Row


class ChangedRow(NamedTuple):
    """A row of an extraction table and what becomes of it."""

    segment: str
    keyword: str
    choice: Choice
    row: Row
    cells: dict[str, Any]


def changed_rows(
    refs: References, tailoring: Tailoring, mode: Mode, primary: fits.Header
) -> Iterator[ChangedRow]:
    """The rows that the spectra of an exposure are extracted with, and what a user changes in them.

    Parameters
    ----------
    refs : References
    tailoring : Tailoring
    mode : Mode
    primary : astropy.io.fits.Header
        Tells what was done, or is to be done.

    Raises
    ------
    InputError
        If a choice does not apply to the extraction algorithm of the exposure.
    UsageError
        If the zones would not be within each other.
    """
    keyword = "TWOZXTAB" if mode.xtrctalg == "TWOZONE" else "XTRACTAB"
    table = refs.table(keyword)
    for segment in mode.spectra:
        choice = tailoring.of(segment)
        if choice == Choice():
            continue
        check_algorithm(choice, mode, primary, segment)
        for index in table.indices(**mode.row_filter(segment=segment)):
            row = Row(table, int(index))
            yield ChangedRow(segment, keyword, choice, row, cells_of(choice, row, aligns(primary)))


def aligns(primary: fits.Header) -> bool:
    """Whether ALGNCORR will shift the spectrum, so that an offset is its (SP_SET), and not of the table."""
    return bool(primary.get("ALGNCORR") == "PERFORM" and primary["DETECTOR"] == "FUV")


def check_algorithm(choice: Choice, mode: Mode, primary: fits.Header, name: str) -> None:
    """Check that a choice applies to the extraction algorithm.

    Parameters
    ----------
    choice : Choice
    mode : Mode
    primary : astropy.io.fits.Header
        Tells whether ALGNCORR was done, or is to be done.
    name : str
        Of the exposure, for messages.

    Raises
    ------
    InputError
    """
    what = f"{name}: XTRCTALG = {mode.xtrctalg}"
    if mode.xtrctalg != "TWOZONE":
        if choice.enclosed_energy or choice.inner:
            raise InputError(
                f"{what}: BOXCAR knows no enclosed energy; enclosed_energy and inner are of TWOZONE. Give height, or "
                "set XTRCTALG to TWOZONE."
            )
        return
    if (choice.center is not None or choice.offset is not None) and not aligns(primary):
        raise InputError(
            f"{what}: ALGNCORR = {primary.get('ALGNCORR')}; center and offset tell ALGNCORR where the spectrum is, "
            "and it will not be done. Start from the raw file, with ALGNCORR = PERFORM."
        )


def check_location(choice: Choice, mode: Mode, corrections: frozenset[str], name: str) -> None:
    """Check that a chosen location applies to the extraction algorithm.

    Parameters
    ----------
    choice : Choice
    mode : Mode
    corrections : frozenset of str
        Named corrections that are switched on.
    name : str
        Of the exposure, for messages.

    Raises
    ------
    InputError
    """
    if choice.location is None or mode.xtrctalg != "TWOZONE" or "twozone-location" in corrections:
        return
    raise InputError(
        f"{name}: XTRCTALG = TWOZONE: TWOZONE extracts at the centroid that ALGNCORR measures; location does not "
        "apply. Switch the correction twozone-location on, give offset (SP_SET_A, SP_SET_B) to move the centroid, or "
        "set XTRCTALG to BOXCAR."
    )


def tailor_references(
    refs: References, tailoring: Tailoring, mode: Mode, primary: fits.Header
) -> tuple[References, list[str]]:
    """Reference files whose extraction table has what a user wants.

    Parameters
    ----------
    refs, tailoring, mode, primary
        See :func:`changed_rows`.

    Returns
    -------
    (References, list of str)
        Reference files that share memory with those given, which stay as they are; what is different, for HISTORY.
    """
    cells: dict[str, dict[int, dict[str, Any]]] = {}
    notes: list[str] = []
    for change in changed_rows(refs, tailoring, mode, primary):
        cells.setdefault(change.keyword, {})[change.row.index] = change.cells
        for column, value in change.cells.items():
            notes.append(
                f"recos: {column} of {change.segment} = {value} ({change.row[column]} in {change.keyword})"
            )
        if change.choice.location is not None:
            notes.append(f"recos: location of {change.segment} = {change.choice.location}")
    return refs.with_cells(cells), list(dict.fromkeys(notes))


def tailor_exposure(exposure: Exposure, refs: References, tailoring: Tailoring) -> References:
    """Have an exposure extracted as a user wants it; its headers tell.

    Parameters
    ----------
    exposure : Exposure
        Changed in place: HISTORY, SP_SET of its segment.
    refs : References
    tailoring : Tailoring

    Returns
    -------
    tailored : References
        To be used for the exposure.

    Raises
    ------
    InputError, UsageError
        If a choice does not apply, see :func:`changed_rows`.
    """
    mode = exposure.mode
    if mode.is_wavecal or not mode.is_spectroscopic:
        return refs
    for segment in mode.spectra:
        check_location(tailoring.of(segment), mode, exposure.corrections, str(exposure.path))
    tailored, notes = tailor_references(refs, tailoring, mode, exposure.primary)
    if aligns(exposure.primary):
        notes += _set_offsets(exposure, tailoring)
    for note in notes:
        exposure.primary.add_history(note)
    return tailored


def _set_offsets(exposure: Exposure, tailoring: Tailoring) -> list[str]:
    """Write the offsets that ALGNCORR is to use, those of both segments as the archive does; what is different."""
    notes = []
    for letter in "AB":
        keyword, offset = f"SP_SET_{letter}", tailoring.of(f"FUV{letter}").offset
        if offset is not None:
            notes.append(note_of(keyword, str(offset), exposure.header.get(keyword), exposure.path))
            exposure.header[keyword] = float(offset)
    return notes
