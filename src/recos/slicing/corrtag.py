"""Cutting corrtag files into slices. Specification 1, section 20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.gti import GTI
from recos.data.headers import copy_header, header_text
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import InputError, OutputExistsError, UsageError
from recos.io.fits import check_cards, open_fits
from recos.io.fitsfile import Extension, FitsFile
from recos.io.paths import check_directory, expand, make_directory
from recos.io.read import check_complete, read_gti, table_rows
from recos.messages import get_logger, notice, warn
from recos.slicing.keywords import describe_events, number, record_slice
from recos.slicing.selection import ExposureTimes, Selection
from recos.slicing.slices import TimeSlice, known_good_time

logger = get_logger(__name__)

_CHUNK_ROWS = 1 << 16


@dataclass
class Corrtag:
    """A corrtag file, open for reading; tables are mapped into memory, as they are in the file.

    Attributes
    ----------
    path : Path
    primary, events_header, gti_header, timeline_header : astropy.io.fits.Header
        `gti_header` is that of the GTI table with the largest EXTVER; the last two are None without such tables.
    events, timeline : ndarray
        Rows in FITS byte order.
    time : ndarray of float32, shape (n,)
        Times of the events.
    gti : GTI
    """

    path: Path
    primary: fits.Header
    events_header: fits.Header
    events: np.ndarray
    time: np.ndarray
    gti: GTI
    gti_header: fits.Header | None
    timeline: np.ndarray | None
    timeline_header: fits.Header | None

    @property
    def suffix(self) -> str:
        """What slices have behind their number: the name from ``_corrtag`` on, else from ``.fit`` on.

        Without ``.gz``: slices are not compressed.
        """
        name = self.path.name.removesuffix(".gz")
        for mark in ("_corrtag", ".fit"):
            if mark in name:
                return name[name.index(mark) :]
        return ""

    @property
    def expstart(self) -> float:
        """EXPSTART, MJD; 0 if it is missing."""
        return number(self.events_header, "EXPSTART")

    @property
    def last(self) -> float:
        """Time of the last event, seconds."""
        return float(self.time[-1])

    def times(self) -> ExposureTimes:
        """What of the file decides about slices."""
        columns = {}
        if self.timeline is not None:
            columns = {n.upper(): np.array(self.timeline[n], "f8") for n in self.timeline.dtype.names or ()}
        return ExposureTimes(str(self.path), self.expstart, float(self.time[0]), self.last, self.gti, columns)


@contextmanager
def open_corrtag(path: str | Path) -> Iterator[Corrtag]:
    """Open a corrtag file.

    Raises
    ------
    InputError
        If the file is unreadable, incomplete, no corrtag file, or without events.
    """
    path = expand(path)
    with open_fits(path) as hdus:
        hdu = _events_hdu(hdus, path)
        check_complete(hdus, path)
        rows = table_rows(hdu, path, ["TIME"])
        time = np.array(rows["TIME"], np.float32)
        _check_times(time, path)
        gti, gti_tables = read_gti(hdus, path)
        gti_headers = [header for header, _ in gti_tables]
        table = next((h for h in hdus[1:] if h.name.upper() == "TIMELINE"), None)
        corrtag = Corrtag(
            path=path,
            primary=hdus[0].header,
            events_header=hdu.header,
            events=rows,
            time=time,
            gti=gti,
            gti_header=max(gti_headers, key=lambda h: int(h.get("EXTVER", 1)), default=None),
            timeline=None if table is None else table_rows(table, path, ["TIME"]),
            timeline_header=None if table is None else table.header,
        )
        _verify_cards(corrtag)
        if str(corrtag.primary.get("WAVECORR", "OMIT")).strip().upper() != "COMPLETE":
            warn(logger, f"WAVECORR was not done for {path}")
        yield corrtag


def _events_hdu(hdus: fits.HDUList, path: Path) -> Any:
    hdu = next((h for h in hdus[1:] if h.name.upper() == "EVENTS"), None)
    if hdu is None or "XFULL" not in (name.upper() for name in hdu.columns.names):
        what = "no EVENTS table" if hdu is None else "an EVENTS table without the column XFULL"
        raise InputError(f"{path}: {what}; the file is no corrtag file. Calibrate the raw file first.")
    return hdu


def _check_times(time: np.ndarray, path: Path) -> None:
    if not len(time):
        raise InputError(f"{path}: the file has no events, so that there is nothing to split.")
    if np.any(time[1:] < time[:-1]) or not np.all(np.isfinite(time)):
        raise InputError(f"{path}: the events are not in order of TIME. Calibrate the raw file again.")


def _verify_cards(corrtag: Corrtag) -> None:
    """Check each card once, not again for each slice."""
    for header in (corrtag.primary, corrtag.events_header, corrtag.gti_header, corrtag.timeline_header):
        if header is not None:
            check_cards(header, corrtag.path)


# ------------------------------------------------------------------------------------------------- splitting


def split(
    inputs: str | Path | Sequence[str | Path],
    outroot: str | Path,
    *,
    overwrite: bool = False,
    **selection: Any,
) -> list[Path]:
    """Cut a corrtag file, or those of both segments, into files by time.

    Everything is checked before the first file is written.

    Parameters
    ----------
    inputs : str, Path, or sequence of them
        A corrtag file, or both segments of an exposure: then slices of the same number are of the same times.
        Where good time intervals or the TIMELINE decide, those of the first file do so for both.
    outroot : str or Path
        Beginning of the names: ``outroot_1_corrtag_a.fits``, ``outroot_2_corrtag_a.fits``, … Numbers count the
        slices that have events. Environment variables and ``~`` are expanded; a folder is made if necessary.
    overwrite : bool
        Replace existing files; by default they are an error.
    **selection
        Arguments of :class:`recos.slicing.Selection`: exactly one of `times`, `increment` (with `start`, `end`),
        `gti`, `where`, `day`, `night`, `period` (with `epoch`, `phase_bins`).

    Returns
    -------
    list of Path
        The files, in order of the slices.

    Raises
    ------
    UsageError
        If the selection is impossible, or the inputs are not the segments of one exposure.
    InputError
        If an input is no corrtag file, or no slice has events.
    OutputExistsError, OutputError
    """
    wanted = Selection(**selection)
    names = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    if not names:
        raise UsageError("No file to split was given. Give one corrtag file, or those of both segments.")
    outroot = check_outroot(outroot)
    with ExitStack() as stack:
        files = [stack.enter_context(open_corrtag(name)) for name in names]
        _check_one_exposure(files)
        jobs = _plan(files, wanted.slices(_common_times(files)), outroot)
        _check_outputs(files, [path for *_, path in jobs], overwrite)
        check_directory(outroot.parent)
        make_directory(outroot.parent)
        for corrtag, piece, path in jobs:
            write_slice(corrtag, piece, path, overwrite)
    return [path for *_, path in jobs]


def check_outroot(outroot: str | Path) -> Path:
    """The beginning of the names of slices, expanded.

    Raises
    ------
    UsageError
        If it names a folder only.
    """
    text, path = str(outroot), expand(outroot)
    if not path.name or text.endswith("/"):
        raise UsageError(
            f"outroot = {text!r}: it is the beginning of file names, such as {text or '.'}/part for "
            "part_1_corrtag_a.fits. Give more than a folder.".replace("//", "/")
        )
    return path


def _check_one_exposure(files: Sequence[Corrtag]) -> None:
    first = files[0]
    for other in files[1:]:
        if abs(other.expstart - first.expstart) * SECONDS_PER_DAY > 1e-3:
            raise UsageError(
                f"{first.path} and {other.path} began at different times (EXPSTART = {first.expstart:.8f} and "
                f"{other.expstart:.8f}). Split one exposure at a time."
            )
    suffixes = [file.suffix for file in files]
    for file in files:
        if suffixes.count(file.suffix) > 1:
            raise UsageError(
                f"{file.path}: another input gives files of the same names (…{file.suffix}). Split one exposure "
                "at a time."
            )


def _common_times(files: Sequence[Corrtag]) -> ExposureTimes:
    """The times of the first file; its first and last event stand for those of all."""
    times = files[0].times()
    return ExposureTimes(
        times.name,
        times.expstart,
        min(float(file.time[0]) for file in files),
        max(file.last for file in files),
        times.gti,
        times.timeline,
    )


def _plan(
    files: Sequence[Corrtag], slices: Sequence[TimeSlice], outroot: Path
) -> list[tuple[Corrtag, TimeSlice, Path]]:
    """What is to be written. A slice that has events in none of the files uses up no number."""
    jobs, number = [], 1
    for piece in slices:
        filled = [f for f in files if has_events(f, piece, f"of {f.path}", *filter(None, [piece.label]))]
        jobs += [(file, piece, outroot.with_name(f"{outroot.name}_{number}{file.suffix}")) for file in filled]
        number += bool(filled)
    if not jobs:
        first, last = float(files[0].time[0]), files[0].last
        where = f"are between {first:g} and {last:g} s"
        if first == last:
            where = f"all have the same time, {last:g} s, as those of ACCUM exposures do"
        raise InputError(f"{files[0].path}: no slice has events; they {where}. Select other times.")
    return jobs


def has_events(corrtag: Corrtag, piece: TimeSlice, *more: str) -> bool:
    """Whether a slice has events; if not, a warning says so, with further lines `more`."""
    if np.any(piece.event_rows(corrtag.time)):
        return True
    warn(logger, f"no rows in increment {piece.start:.2f} to {piece.stop:.2f}", *more)
    return False


def _check_outputs(files: Sequence[Corrtag], outputs: Sequence[Path], overwrite: bool) -> None:
    inputs = {file.path.resolve() for file in files}
    for path in outputs:
        if path.resolve() in inputs:
            raise UsageError(
                f"{path}: a slice would replace its own input. Give another beginning of names (`outroot`)."
            )
    existing = [str(path) for path in outputs if path.exists()]
    if existing and not overwrite:
        shown = ", ".join(existing[:3]) + (", …" if len(existing) > 3 else "")
        raise OutputExistsError(
            f"{shown}: {len(existing)} of the {len(outputs)} files to be made exist. Remove them, give another "
            "name, or allow overwriting (`overwrite=True`)."
        )


# --------------------------------------------------------------------------------------------------- writing


def write_slice(corrtag: Corrtag, piece: TimeSlice, path: Path, overwrite: bool = False) -> None:
    """Write one slice of a corrtag file: its events, good time and TIMELINE.

    Parameters
    ----------
    corrtag : Corrtag
    piece : TimeSlice
    path : Path
        File to make.
    overwrite : bool

    Raises
    ------
    OutputExistsError, OutputError
    """
    rows = piece.event_rows(corrtag.time)
    good = known_good_time(piece, corrtag.gti)
    exptime = float(sum(good.durations))
    if exptime == 0.0:
        warn(logger, f"{path.name}: no good time in {piece.start:.2f} to {piece.stop:.2f}; EXPTIME is 0")
    tables = [
        (_events_header(corrtag, piece, int(np.count_nonzero(rows)), exptime), corrtag.events, rows),
        _gti_table(corrtag, good),
    ]
    if corrtag.timeline is not None and corrtag.timeline_header is not None:
        seconds = piece.timeline_rows(np.array(corrtag.timeline["TIME"], np.float32))
        header = _resized(corrtag.timeline_header, int(np.count_nonzero(seconds)))
        tables.append((header, corrtag.timeline, seconds))
    extensions = [
        Extension(header_text(header), fits.Header(), int(header["NAXIS1"]) * int(header["NAXIS2"]))
        for header, *_ in tables
    ]
    with FitsFile(path, _primary_header(corrtag, piece), extensions, overwrite=overwrite) as file:
        for number, (_, table, chosen) in enumerate(tables, 1):
            _write_rows(file, number, table, chosen)
    notice(logger, f"{path} written")


def _write_rows(file: FitsFile, extension: int, table: np.ndarray, chosen: np.ndarray) -> None:
    """Write the chosen rows of a table, some at a time."""
    position = 0
    for start in range(0, len(table), _CHUNK_ROWS):
        part = slice(start, start + _CHUNK_ROWS)
        if chosen[part].any():
            rows = table[part][chosen[part]]
            file.write(extension, position, rows.view(np.uint8))
            position += rows.nbytes


def _resized(header: fits.Header, n: int) -> fits.Header:
    """A copy of the header of a table, for `n` rows; checksums of the input would be wrong."""
    result = copy_header(header)
    for keyword in ("CHECKSUM", "DATASUM"):
        result.remove(keyword, ignore_missing=True)
    if n >= 0:
        result["NAXIS2"] = n
    return result


def _primary_header(corrtag: Corrtag, piece: TimeSlice) -> fits.Header:
    """The primary header, with a record of what was cut; FILENAME and NEXTEND are set when it is written."""
    header = _resized(corrtag.primary, -1)
    record_slice(header, piece, corrtag.path.name)
    return header


def _events_header(corrtag: Corrtag, piece: TimeSlice, n: int, exptime: float) -> fits.Header:
    header = _resized(corrtag.events_header, n)
    segment = str(header.get("SEGMENT", corrtag.primary.get("SEGMENT", "")))
    describe_events(header, piece, segment, n, exptime, corrtag.last)
    return header


def _gti_table(corrtag: Corrtag, good: GTI) -> tuple[fits.Header, np.ndarray, np.ndarray]:
    """Header, rows, and which of them to write: all."""
    rows = np.array(list(good), dtype=[("START", ">f8"), ("STOP", ">f8")])
    new = fits.BinTableHDU.from_columns(
        [fits.Column(n, "1D", unit="s", array=rows[n]) for n in ("START", "STOP")], name="GTI"
    ).header
    old = corrtag.gti_header
    # columns other than START and STOP, or of another type, cannot be cut; the plain table takes their place
    same = old is not None and [old.get(k) for k in _LAYOUT] == [new[k] for k in _LAYOUT]
    header = _resized(old if old is not None and same else new, len(rows))
    if old is not None and not same:
        header["EXTVER"] = old.get("EXTVER", 1)
    return header, rows, np.ones(len(rows), bool)


_LAYOUT = ("TTYPE1", "TFORM1", "TTYPE2", "TFORM2", "TFIELDS")
"""Keywords that tell whether a GTI table is as usual."""
