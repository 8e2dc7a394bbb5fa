"""Keywords of many files at once: show them, and change those that steer the calibration.

COS Data Handbook, section 3.6.1, "Edit the Calibration Header Keywords", with :func:`astropy.io.fits.setval`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recos.data.mode import require_keywords
from recos.errors import InputError, OutputError, UsageError, near
from recos.io.cards import HeaderCards, check_writable, header_cards, write_headers
from recos.io.fits import open_fits
from recos.io.fitsfile import is_structural
from recos.io.paths import matching_files
from recos.options.keywords import KEYWORDS, Keyword, Value, known_keyword, parse_like, parse_text

if TYPE_CHECKING:
    from astropy.io import fits
    from astropy.table import Table

Files = str | Path | Iterable[str | Path]

_COLUMNS = ("FILE", "EXTENSION", "KEYWORD", "OLD", "NEW")
_NO_VALUES = ("COMMENT", "HISTORY", "CONTINUE", "HIERARCH", "END")
_LONGEST_NAME = 8


@dataclass
class _Plan:
    """What is to be changed in one file."""

    path: Path
    headers: list[HeaderCards]
    changes: list[tuple[str, int, str, Any, Value]]


def set_keywords(
    files: Files, values: Mapping[str, Any], dry_run: bool = False, force: bool = False
) -> Table:
    """Give keywords of raw or corrtag files other values.

    All files are checked before the first is changed. A keyword is changed where it stands, in the primary header
    or that of the first extension; one that a file lacks is added. Type and comment of the card are kept.

    Parameters
    ----------
    files : str, Path or iterable of them
        Names and patterns.
    values : mapping
        Keyword, any case, to value, such as ``{"FLATCORR": "OMIT", "FLATFILE": "lref$my_flat.fits"}``.
    dry_run : bool
        Change nothing.
    force : bool
        Also other keywords than those of the calibration, and other values than they may have; also in other files.

    Returns
    -------
    astropy.table.Table
        One row per change: FILE, EXTENSION (0 or 1), KEYWORD, OLD (None if it was missing), NEW. Keywords that have
        the value already are not among them.

    Raises
    ------
    UsageError
        If a keyword is none of the calibration, or a value is impossible.
    InputError
        If a file is no raw or corrtag file, or damaged.
    OutputError
        If a file cannot be written. Each file is then as it was or completely changed.

    Examples
    --------
    >>> import recos
    >>> recos.headers.set_keywords("*rawtag*.fits", {"BRSTCORR": "OMIT"}, dry_run=True)    # doctest: +SKIP
    """
    wanted = {str(key).strip().upper(): _text(value) for key, value in values.items()}
    if len(wanted) < len(values):
        raise UsageError(f"A keyword is given twice: {', '.join(values)}. Give it once.")
    for keyword, text in wanted.items():
        _check(keyword, text, force)
    plans = [_plan(path, wanted, force) for path in _paths(files)]
    for plan in plans:
        check_writable(plan.path, plan.headers)
    if not dry_run:
        _write([plan for plan in plans if plan.changes])
    return _table(_COLUMNS, [row for plan in plans for row in plan.changes])


def read_keywords(files: Files, keywords: Iterable[str] | None = None) -> Table:
    """Keywords of files, from the primary header or that of the first extension.

    Parameters
    ----------
    files : str, Path or iterable of them
        Names and patterns.
    keywords : iterable of str, optional
        Any keywords, any case; by default those of the calibration that at least one of the files has.

    Returns
    -------
    astropy.table.Table
        One row per file: FILE and a column per keyword; None where a file lacks it.

    Raises
    ------
    InputError
        If a file is unreadable, or no file has one of the keywords.
    """
    found = [(path, _merged(path)) for path in _paths(files)]
    present = dict.fromkeys(key for _, header in found for key in header)
    if keywords is None:
        wanted = [key for key in KEYWORDS if key in present]
    else:
        wanted = list(dict.fromkeys(key.strip().upper() for key in keywords))
        missing = [key for key in wanted if key not in present]
        if missing:
            raise InputError(
                f"No file has the keyword {missing[0]} in its primary header or first extension."
                f"{near(missing[0], present)}"
            )
    rows = [(str(path), *(header.get(key) for key in wanted)) for path, header in found]
    return _table(("FILE", *wanted), rows)


def _paths(files: Files) -> list[Path]:
    return matching_files([files] if isinstance(files, str | Path) else files)


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    from astropy.table import Table

    kinds = [{"FILE": str, "EXTENSION": int, "KEYWORD": str}.get(name, object) for name in names]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return Table([list(c) for c in columns], names=names, dtype=kinds)


def _merged(path: Path) -> dict[str, Any]:
    with open_fits(path) as hdus:
        first, second = _first_headers(hdus, path)
        return {key: second[key] for key in second if key} | {key: first[key] for key in first if key}


def _first_headers(hdus: fits.HDUList, path: Path) -> tuple[fits.Header, fits.Header]:
    """The headers of a file in which keywords stand; the second is empty if there is no extension."""
    from astropy.io import fits

    headers = [hdu.header for hdu in hdus[:2]]
    return headers[0], headers[1] if len(headers) > 1 else fits.Header()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return str(value).strip()


def _check(keyword: str, text: str, force: bool) -> None:
    """Check what can be checked before files are opened."""
    if not force:
        known_keyword(keyword).parse(keyword, text)
    elif is_structural(keyword) or keyword in _NO_VALUES:
        raise UsageError(f"{keyword} describes the structure of a file and cannot be set.")
    elif (
        not keyword or len(keyword) > _LONGEST_NAME or not keyword.replace("-", "").replace("_", "").isalnum()
    ):
        raise UsageError(f"{keyword!r}: expected a keyword of up to {_LONGEST_NAME} letters and digits.")
    else:
        parse_text(keyword, text)


def _plan(path: Path, wanted: Mapping[str, str], force: bool) -> _Plan:
    with open_fits(path) as hdus:
        headers = _first_headers(hdus, path)
        if not force:
            require_keywords(headers[0], path)
        plan = _Plan(path, header_cards(hdus, path), [])
        for name, text in wanted.items():
            known = KEYWORDS.get(name, Keyword(name, 0, "", parse_text))
            number = next((i for i in (known.extension, 1 - known.extension) if name in headers[i]), None)
            old = None if number is None else headers[number][name]
            number = known.extension if number is None else number
            if number >= len(plan.headers):
                raise InputError(f"{path}: no extension, in whose header {name} is to be set.")
            new = _value(old, known, text, force)
            if old != new:
                plan.headers[number].set(name, new, known.comment)
                plan.changes.append((str(path), number, name, old, new))
        return plan


def _value(old: Any, known: Keyword, text: str, force: bool) -> Value:
    try:
        if not force or known.name in KEYWORDS:
            return known.parse(known.name, text)
    except UsageError:
        if not force:
            raise
    return parse_like(old, known.name, text)


def _write(plans: list[_Plan]) -> None:
    for done, plan in enumerate(plans):
        try:
            write_headers(plan.path, plan.headers)
        except OutputError as error:
            raise OutputError(
                f"{error} {done} of {len(plans)} files have been changed; the same command may be given again."
            ) from None
