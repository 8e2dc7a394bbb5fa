"""Reading raw and corrtag files: headers alone, or a whole exposure. Specification 1, sections 3 and 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.corrections import corrections_in_force, parse_corrections
from recos.data.accum import check_image, events_header, image_data, image_events, raw_flags, whole_exposure
from recos.data.events import COLUMNS, EventList
from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.headers import copy_header
from recos.data.instrument import LONGEST_EXPOSURE
from recos.data.mode import Mode, exposure_time, mode_from_headers, require_keywords
from recos.data.overrides import Override, apply_overrides
from recos.data.switches import read_switches, reset_switches
from recos.errors import InputError
from recos.io.fits import check_cards, open_fits
from recos.io.numbers import check_numbers


def _events_hdu(hdus: fits.HDUList) -> Any:
    for hdu in hdus[1:]:
        if hdu.name.upper() == "EVENTS":
            return hdu
    return None


def table_rows(hdu: Any, path: Path, columns: Sequence[str]) -> np.ndarray:
    """The rows of a table as a plain structured array, in FITS byte order.

    Raises
    ------
    InputError
        If it lacks one of the columns (upper case), if they hold no numbers, or if rows are missing.
    """
    if not hasattr(hdu, "columns"):
        raise InputError(f"{path}: the extension {hdu.name} is no table. Retrieve the file again.")
    names = {n.upper() for n in hdu.columns.names}
    missing = [c for c in columns if c not in names]
    if missing:
        raise InputError(
            f"{path}: the {hdu.name} table has no column {', '.join(missing)}; "
            f"it has {', '.join(hdu.columns.names)}. The file is no raw or corrtag event list of COS."
        )
    data = hdu.data
    if data is None:
        return np.zeros(0, dtype=[(c, "f4") for c in columns])
    rows = np.asarray(data)
    expected = hdu.header["NAXIS2"]
    if len(rows) != expected:
        raise InputError(
            f"{path}: {hdu.name} has {len(rows)} rows instead of {expected}; the file is truncated."
        )
    for name in columns:
        kind = rows.dtype[name]
        if kind.shape or kind.kind not in "iuf":
            raise InputError(
                f"{path}: the column {name} of {hdu.name} has the format {hdu.columns[name].format}; expected one "
                "number per row. Retrieve the file again."
            )
    return rows


def read_gti(hdus: fits.HDUList, path: Path) -> tuple[GTI, list[tuple[fits.Header, np.ndarray]]]:
    """Good time intervals of the GTI extension with the largest EXTVER, and all GTI extensions.

    Raises
    ------
    InputError
        If they are no times within an exposure.
    """
    tables = [h for h in hdus[1:] if h.name.upper() == "GTI"]
    best, intervals = 0, GTI()
    for hdu in tables:
        version = hdu.header.get("EXTVER", 1)
        if version > best:
            best = version
            rows = table_rows(hdu, path, ["START", "STOP"])
            intervals = GTI.of((float(r["START"]), float(r["STOP"])) for r in rows)
    for interval in intervals:
        if not all(abs(time) < LONGEST_EXPOSURE for time in interval):
            raise InputError(
                f"{path}: START = {interval[0]:g} s, STOP = {interval[1]:g} s in the GTI table; expected seconds "
                "since EXPSTART. Retrieve the file again."
            )
    return intervals, [(copy_header(h.header), np.array(h.data)) for h in tables]


@dataclass(slots=True)
class ExposureHeaders:
    """What is known of a raw or corrtag file before its events are read; see :class:`Exposure`."""

    path: Path
    primary: fits.Header
    header: fits.Header
    mode: Mode
    switches: dict[str, str]
    is_corrtag: bool
    columns: tuple[str, ...]
    """Columns of the EVENTS table, upper case; empty for images."""
    n_events: int
    """Rows of the EVENTS table; 1 for an image that has data."""

    def performs(self, switch: str, *values: str) -> bool:
        """Whether a switch has one of the given values (default PERFORM)."""
        return self.switches.get(switch, "N/A") in (values or ("PERFORM",))


def read_headers(path: str | Path, overrides: Sequence[Override] = ()) -> ExposureHeaders:
    """Read and check the headers of one raw or corrtag file.

    Parameters
    ----------
    path : str or Path
        ``…_rawtag_a.fits``, ``…_rawtag.fits``, ``…_corrtag….fits``, ``…_rawaccum….fits``; environment variables
        and ``~`` are not expanded.
    overrides : sequence of Override, optional
        Values that stand for those of the file.

    Raises
    ------
    InputError
        If the file is unreadable, or its keywords are incomplete or contradict each other.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        return _headers(hdus, path, overrides)


def check_complete(hdus: fits.HDUList, path: Path) -> None:
    """Compare the length of a file, and the number of extensions, with what its headers promise.

    Raises
    ------
    InputError
        If the file is shorter.
    """
    found, promised = len(hdus) - 1, int(hdus[0].header.get("NEXTEND", 0))
    if found < promised:
        raise InputError(
            f"{path}: the file has {found} extensions, but NEXTEND = {promised}; it is truncated. Retrieve it again."
        )
    if path.suffix == ".fits":
        length = path.stat().st_size
        end = max(hdu.fileinfo()["datLoc"] + hdu.size for hdu in hdus)
        if length < end:
            raise InputError(
                f"{path}: the file has {length} bytes instead of at least {end}; it is truncated. Retrieve it again."
            )


def _headers(hdus: fits.HDUList, path: Path, overrides: Sequence[Override] = ()) -> ExposureHeaders:
    primary = copy_header(hdus[0].header)
    require_keywords(primary, path)
    check_complete(hdus, path)
    hdu = _events_hdu(hdus)
    if hdu is None and len(hdus) < 2:
        raise InputError(f"{path}: the file has no extension; it is truncated or no raw file of COS.")
    header = copy_header((hdus[1] if hdu is None else hdu).header)
    for found in (primary, header):
        check_cards(found, path)
    apply_overrides(overrides, primary, header, path)
    check_numbers(primary, header, path)
    columns = () if hdu is None else tuple(n.upper() for n in hdu.columns.names)
    mode = mode_from_headers(primary, header, path)
    return ExposureHeaders(
        path=path,
        primary=primary,
        header=header,
        mode=mode,
        switches=reset_switches(read_switches(primary), primary, header, mode, path),
        is_corrtag="XFULL" in columns,
        columns=columns,
        n_events=int(header["NAXIS2"] if hdu is not None else header["NAXIS"] > 0),
    )


def read(path: str | Path, headers: ExposureHeaders | None = None, corrections: object = None) -> Exposure:
    """Read one raw or corrtag file; an ACCUM image becomes one event for each count.

    Parameters
    ----------
    path : str or Path
        As for :func:`read_headers`.
    headers : ExposureHeaders, optional
        What :func:`read_headers` found; the headers are then not parsed, and warned about, a second time.
    corrections : str or iterable of str, optional
        Named corrections to be switched on (:mod:`recos.corrections`), ``"all"`` for all of them. Those that a
        corrtag file was made with are on anyway.

    Returns
    -------
    Exposure
        With the switches reset that do not apply to the mode (specification 1, section 7).

    Raises
    ------
    InputError
        If the file is unreadable or incomplete, its keywords contradict each other, or it holds neither events
        nor an image of counts.
    UsageError
        If there is no correction of a name.
    """
    path, requested = Path(path), parse_corrections(corrections)
    with open_fits(path) as hdus:
        found = _headers(hdus, path) if headers is None else headers
        if not found.columns:
            return _read_image(hdus, found, requested)
        events = _read_events(_events_hdu(hdus), found)
        raw_gti, gti_hdus = read_gti(hdus, path)
        timeline_input = None
        if "TIMELINE" in hdus:
            timeline_input = (copy_header(hdus["TIMELINE"].header), np.array(hdus["TIMELINE"].data))
    elapsed = exposure_time(found.mode, found.header)
    if len(events) and float(events.time[-1]) > float(events.time[0]):
        elapsed = float(events.time[-1]) - float(events.time[0])
    exposure = _exposure(found, events, copy_header(found.header), elapsed, requested)
    exposure.raw_gti, exposure.gti_hdus, exposure.timeline_input = raw_gti, gti_hdus, timeline_input
    return exposure


def _exposure(
    found: ExposureHeaders,
    events: EventList,
    header: fits.Header,
    elapsed: float,
    requested: frozenset[str],
) -> Exposure:
    return Exposure(
        path=found.path,
        primary=copy_header(found.primary),
        header=header,
        mode=found.mode,
        switches=dict(found.switches),
        events=events,
        raw_gti=GTI(),
        gti_hdus=[],
        exptime=exposure_time(found.mode, found.header),
        elapsed=elapsed,
        is_corrtag=found.is_corrtag,
        hvlevel=_hvlevel(found.header, found.mode),
        corrections=corrections_in_force(requested, found.mode, found.primary, found.is_corrtag),
    )


def _read_image(hdus: fits.HDUList, found: ExposureHeaders, requested: frozenset[str]) -> Exposure:
    """An ACCUM image: its counts as events, and what its ERR and DQ extensions tell."""
    mode, path = found.mode, found.path
    if mode.obsmode != "ACCUM":
        raise InputError(
            f"{path}: no EVENTS extension, although OBSMODE = TIME-TAG. Retrieve the file again."
        )
    image = image_data(hdus[1], path)
    exptime = exposure_time(mode, found.header)
    events = EventList.empty()
    if image is not None:
        check_image(image.shape, image.dtype, mode, str(path))
        events = image_events(image, int(found.header.get("X_OFFSET", 0)), exptime)
    exposure = _exposure(found, events, events_header(found.header), exptime, requested)
    err, quality = (
        next((h for h in hdus[1:] if h.name == name and h.ver == 1), None) for name in ("ERR", "DQ")
    )
    exposure.raw_flags = raw_flags(quality, mode, path, "raw-flags" in exposure.corrections)
    exposure.raw_gti, exposure.gti_hdus = GTI.of([(0.0, exptime)]), [whole_exposure(exptime)]
    if err is not None and quality is not None:
        exposure.raw_headers = (copy_header(err.header), copy_header(quality.header))
    return exposure


def _read_events(hdu: Any, found: ExposureHeaders) -> EventList:
    wanted = [c.name for c in COLUMNS] if found.is_corrtag else ["TIME", "RAWX", "RAWY"]
    if not found.is_corrtag and found.mode.is_fuv:
        wanted.append("PHA")
    rows = table_rows(hdu, found.path, wanted)
    for name in wanted:
        if rows.dtype[name].kind == "f" and not np.isfinite(rows[name]).all():
            raise InputError(f"{found.path}: {name} of some events is not a number. Retrieve the file again.")
    if len(rows) and max(abs(rows["TIME"].min()), abs(rows["TIME"].max())) >= LONGEST_EXPOSURE:
        raise InputError(
            f"{found.path}: TIME reaches from {rows['TIME'].min():g} to {rows['TIME'].max():g}; expected seconds "
            "since EXPSTART. Retrieve the file again."
        )
    if found.is_corrtag and len(rows):
        return EventList.from_columns(rows)
    pha = rows["PHA"] if "PHA" in wanted else None
    return EventList.from_raw(rows["TIME"], rows["RAWX"], rows["RAWY"], pha)


def _hvlevel(header: fits.Header, mode: Mode) -> int | None:
    value = header.get(f"HVLEVEL{mode.letter}" if mode.is_fuv else "HVLEVEL")
    return None if value is None else int(value)


def read_pulse_heights(path: str | Path) -> np.ndarray:
    """The pulse-height histogram of an FUV ACCUM exposure, counts, float64, shape (bins,).

    Raises
    ------
    InputError
        If the file is unreadable or holds no histogram.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        data = image_data(hdus[1], path) if len(hdus) > 1 else None
        if data is None or data.ndim != 1:
            raise InputError(
                f"{path}: no histogram of pulse heights in extension 1. Retrieve the file again."
            )
        return np.array(data, np.float64)
