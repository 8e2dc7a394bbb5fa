"""Exposure: one segment of one exposure in memory, and how it is read.

An exposure is made of the primary and the EVENTS header, the events, the good time intervals, the mode (what the
headers say, parsed once) and, as steps run, their results. Steps read and change it; they touch no file.
Specification 1, sections 5 and 6.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

from recos import instrument
from recos.errors import InputError
from recos.events import COLUMNS, EventList
from recos.messages import switch_line, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

#: Switches of the primary header, in the order of the header.
SWITCHES = (
    "FLATCORR", "DEADCORR", "DQICORR", "STATFLAG", "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "RANDCORR",
    "XWLKCORR", "YWLKCORR", "PHACORR", "TRCECORR", "ALGNCORR", "BADTCORR", "DOPPCORR", "HELCORR", "X1DCORR",
    "BACKCORR", "WAVECORR", "FLUXCORR", "BRSTCORR", "TDSCORR", "HVDSCORR", "PHOTCORR",
)  # fmt: skip

SCIENCE_EXPTYPES = ("EXTERNAL/SCI", "EXTERNAL/CAL", "DARK", "FLAT")


@dataclass(frozen=True, slots=True)
class Mode:
    """What the headers say about the configuration; missing keywords have the defaults of the reference."""

    detector: str
    segment: str
    obstype: str
    obsmode: str
    exptype: str
    kind: str
    """WAVECAL, SCIENCE, CALIBRATION, ACQ_IMAGE, TARGET_ACQ, ENGINEERING or UNKNOWN."""
    opt_elem: str
    cenwave: int
    fpoffset: int
    fppos: int
    aperture: str
    life_adj: int
    aperypos: float | None
    targname: str
    xtrctalg: str
    tagflash: str
    """AUTO, UNIFORMLY SPACED or NONE (also when the header counts no flash)."""
    expstart: float
    expend: float
    ra_targ: float
    dec_targ: float
    sdqflags: int

    @property
    def is_fuv(self) -> bool:
        """FUV rather than NUV."""
        return self.detector == "FUV"

    @property
    def is_wavecal(self) -> bool:
        """The exposure itself is a wavelength calibration."""
        return self.kind == "WAVECAL"

    @property
    def is_spectroscopic(self) -> bool:
        """OBSTYPE is SPECTROSCOPIC."""
        return self.obstype == "SPECTROSCOPIC"

    @property
    def has_flashes(self) -> bool:
        """Lamp flashes were taken during the exposure (TAGFLASH)."""
        return self.tagflash != "NONE"

    @property
    def letter(self) -> str:
        """A or B: the segment in names of keywords."""
        return self.segment[-1]

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of the counts and flt images."""
        if self.is_fuv:
            return instrument.FUV_SHAPE
        return instrument.NUV_SPECTRUM_SHAPE if self.is_spectroscopic else instrument.NUV_SHAPE

    @property
    def x_offset(self) -> int:
        """Image column of detector column 0."""
        return 0 if self.is_fuv or not self.is_spectroscopic else instrument.NUV_X_OFFSET

    @property
    def plate_offset(self) -> float:
        """Cross-dispersion offset of the aperture plate, pixels; not zero only for LIFE_ADJ = -1."""
        return instrument.aperture_plate_offset(self.life_adj, self.aperypos, self.aperture, self.opt_elem)

    @property
    def mid_time(self) -> float:
        """Middle of the exposure, MJD."""
        return (self.expstart + self.expend) / 2.0

    def row_filter(self, aperture: str | None = None) -> dict[str, Any]:
        """Criteria that select the row of an extraction or dispersion table."""
        return {
            "segment": self.segment,
            "opt_elem": self.opt_elem,
            "cenwave": self.cenwave,
            "aperture": self.aperture if aperture is None else aperture,
        }


@dataclass(slots=True)
class ShiftHistory:
    """Displacement in the dispersion direction against time, for the TIMELINE table.

    Attributes
    ----------
    time : ndarray of float32, with lamp flashes of float64, shape (n,)
        Seconds since EXPSTART, one per second.
    shift1 : ndarray of float32 or None
        Pixels; None when no wavelength calibration was applied.
    """

    time: np.ndarray
    shift1: np.ndarray | None = None


@dataclass
class Exposure:
    """One segment of one exposure, and everything that steps made of it.

    Attributes
    ----------
    path : Path
        The raw (or corrtag) file.
    primary, header : astropy.io.fits.Header
        Working copies of the primary and the EVENTS header; steps write their keywords here. The EVENTS header
        becomes that of the corrtag table and, with the words for images, of the counts and flt images.
    mode : Mode
        Configuration.
    switches : dict
        Values of the calibration switches when the exposure was read (after :func:`recos.association` reset
        those that do not apply). Steps never change them; what was done is in `primary` and `completed`.
    events : EventList
    raw_gti : list of (float, float)
        Good time intervals of the input file, seconds since EXPSTART.
    exptime : float
        Exposure time in seconds; from the header, later the sum of the good time intervals.
    elapsed : float
        Time from the first to the last event (TIME-TAG with events), else the exposure time of the header.
    """

    path: Path
    primary: fits.Header
    header: fits.Header
    mode: Mode
    switches: dict[str, str]
    events: EventList
    raw_gti: list[tuple[float, float]]
    gti_hdus: list[tuple[fits.Header, np.ndarray]]
    exptime: float
    elapsed: float
    is_corrtag: bool = False
    timeline_input: tuple[fits.Header, np.ndarray] | None = None

    # what the shell provides for the steps
    spt_header: fits.Header | None = None
    wavecals: list[Any] = field(default_factory=list)
    user_shifts: Any = None
    find_target: tuple[bool, float | None] | None = None
    """Extract where the target is found, unless the error of its position (pixels) exceeds the cutoff."""
    partner_flashes: Any = None
    """Lamp flashes of segment A, for a segment B in which the lamp shows no lines."""

    # results of steps
    hvlevel: int | None = None
    v_helio: float = 0.0
    active: np.ndarray | None = None
    """Events inside the active area, bool, shape (n,)."""
    stims: Any = None
    bad_times: list[tuple[float, float]] = field(default_factory=list)
    bursts: list[tuple[float, float]] = field(default_factory=list)
    gti: list[tuple[float, float]] = field(default_factory=list)
    gti_changed: bool = False
    shift_history: ShiftHistory | None = None
    shift_range: Any = None
    """Extreme wavecal shifts, for the widening of data-quality regions."""
    trace: np.ndarray | None = None
    flashes: Any = None
    images: Any = None
    dq_image: np.ndarray | None = None
    quality: Any = None
    """What ALGNCORR and DQICORR share while they make the data-quality image."""
    science_events: np.ndarray | None = None
    """Active events outside the lamp spectrum, which TRCECORR and ALGNCORR move, bool, shape (n,)."""
    statistics: dict[str, Any] = field(default_factory=dict)
    """Statistics of the counts and of the flt image, by STATFLAG."""
    timeline: Any = None
    spectrum: Any = None
    log_text: dict[str, list[str]] = field(default_factory=dict)
    """Lines for the stim, live-time and burst files."""
    verbose_logs: bool = False
    completed: list[str] = field(default_factory=list)
    """Names of the steps that were run, in order."""

    def __len__(self) -> int:
        return len(self.events)

    @property
    def root(self) -> str:
        """Rootname of the file: names the exposure in shift files and products."""
        return rootname(self.path)

    def performs(self, switch: str, *values: str) -> bool:
        """Whether a switch had one of the given values (default PERFORM) when the exposure was read."""
        return self.switches.get(switch, "N/A") in (values or ("PERFORM",))

    def announce(self, switch: str, note: str = "") -> None:
        """Log the value of a switch, as the trailer file shows it."""
        logger.info("%s%s", switch_line(switch, self.switches.get(switch, "N/A")), note)

    def mark(self, switch: str, value: str = "COMPLETE") -> None:
        """Record in the primary header what became of a step."""
        if switch in self.primary:
            self.primary[switch] = value

    def key(self, root: str, letter: str | None = None) -> str:
        """Segment-specific keyword: `root` and the letter of the segment (FUV)."""
        return root + (letter or self.mode.letter) if self.mode.is_fuv else root


def step(switch: str, of_spectrum: bool = False) -> Callable:
    """Make a calibration step of a function ``f(exposure, refs)``.

    The function computes and returns None, or the value that its switch is to have instead of COMPLETE. The
    step records that value in the primary header and its name in ``exposure.completed``.

    Parameters
    ----------
    switch : str
        The calibration switch.
    of_spectrum : bool
        The value is recorded in the header of ``exposure.spectrum`` only: events and images keep PERFORM.
    """

    def decorate(function: Callable) -> Callable:
        from functools import wraps

        @wraps(function)
        def run(exposure: Exposure, refs: Any) -> None:
            outcome = function(exposure, refs) or "COMPLETE"
            if of_spectrum:
                exposure.spectrum.mark(switch, outcome)
            else:
                exposure.mark(switch, outcome)
            exposure.completed.append(function.__name__)

        run.switch = switch  # type: ignore[attr-defined]  # read by the recipe table
        return run

    return decorate


# ---------------------------------------------------------------------------------------------- reading


def rootname(path: str | Path) -> str:
    """Rootname of a raw or corrtag file name: ``x_rawtag_a.fits`` gives ``x``. Specification 1, section 3.1."""
    name = Path(path).name
    for mark in ("_raw", "_corr"):
        if mark in name:
            return name[: name.rindex(mark)]
    return name.removesuffix(".fits")


def open_fits(path: str | Path) -> fits.HDUList:
    """Open a FITS file for reading, memory-mapped.

    Raises
    ------
    InputError
        If the file does not exist, cannot be read, or is no FITS file.
    """
    try:
        return fits.open(path, memmap=True, mode="readonly")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file.") from None
    except PermissionError:
        raise InputError(f"{path}: no permission to read the file.") from None
    except OSError as error:
        raise InputError(f"{path}: not a readable FITS file ({error}). Retrieve it again.") from None


def _events_hdu(hdus: fits.HDUList) -> Any:
    for hdu in hdus[1:]:
        if hdu.name.upper() == "EVENTS":
            return hdu
    return None


def _table_data(hdu: Any, path: Path, columns: Sequence[str]) -> np.ndarray:
    """The rows of a table as a plain structured array, after checking that it is complete."""
    names = {n.upper() for n in hdu.columns.names}
    missing = [c for c in columns if c not in names]
    if missing:
        raise InputError(
            f"{path}: the {hdu.name} table has no column {', '.join(missing)}; "
            f"it has {', '.join(hdu.columns.names)}. The file is no raw or corrtag event list of COS."
        )
    try:
        data = hdu.data
        rows = np.asarray(data) if data is not None else np.zeros(0)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: the {hdu.name} table is shorter than its header says ({error}). "
            "The file is truncated; retrieve it again."
        ) from None
    if data is None:
        return np.zeros(0, dtype=[(c, "f4") for c in columns])
    expected = hdu.header["NAXIS2"]
    if len(rows) != expected:
        raise InputError(f"{path}: {hdu.name} has {len(rows)} rows instead of {expected}; the file is truncated.")
    return rows


def read_gti(hdus: fits.HDUList) -> tuple[list[tuple[float, float]], list[tuple[fits.Header, np.ndarray]]]:
    """Good time intervals of the GTI extension with the largest EXTVER, and all GTI extensions."""
    tables = [h for h in hdus[1:] if h.name.upper() == "GTI"]
    best, intervals = 0, []
    for hdu in tables:
        version = hdu.header.get("EXTVER", 1)
        if version > best:
            best = version
            rows = hdu.data if hdu.data is not None else []
            intervals = [(float(r["START"]), float(r["STOP"])) for r in rows]
    return intervals, [(h.header.copy(), np.array(h.data)) for h in tables]


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


def read_headers(path: str | Path) -> ExposureHeaders:
    """Read and check the headers of one raw or corrtag file.

    Parameters
    ----------
    path : str or Path
        ``…_rawtag_a.fits``, ``…_rawtag.fits``, ``…_corrtag….fits``, ``…_rawaccum….fits``; environment variables
        and ``~`` are not expanded.

    Raises
    ------
    InputError
        If the file is unreadable, or its keywords are incomplete or contradict each other.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        return _headers(hdus, path)


def _check_complete(hdus: fits.HDUList, path: Path) -> None:
    """Compare the length of the file, and the number of extensions, with what the headers promise."""
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


def _headers(hdus: fits.HDUList, path: Path) -> ExposureHeaders:
    primary = hdus[0].header.copy()
    require_keywords(primary, path)
    _check_complete(hdus, path)
    hdu = _events_hdu(hdus)
    if hdu is None and len(hdus) < 2:
        raise InputError(f"{path}: the file has no extension; it is truncated or no raw file of COS.")
    header = (hdus[1] if hdu is None else hdu).header.copy()
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
        n_events=0 if hdu is None else int(header["NAXIS2"]),
    )


def read(path: str | Path, headers: ExposureHeaders | None = None) -> Exposure:
    """Read one raw or corrtag event file.

    Parameters
    ----------
    path : str or Path
        As for :func:`read_headers`.
    headers : ExposureHeaders, optional
        What :func:`read_headers` found; the headers are then not parsed, and warned about, a second time.

    Returns
    -------
    Exposure
        With the switches reset that do not apply to the mode (specification 1, section 7).

    Raises
    ------
    InputError
        If the file is unreadable or incomplete, its keywords contradict each other, or it holds no event list.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        found = _headers(hdus, path) if headers is None else headers
        if not found.columns:
            raise InputError(
                f"{path}: no EVENTS extension (OBSMODE = {found.mode.obsmode}). "
                "recos calibrates TIME-TAG event lists; ACCUM images are not supported yet."
            )
        events = _read_events(_events_hdu(hdus), found)
        raw_gti, gti_hdus = read_gti(hdus)
        timeline_input = None
        if "TIMELINE" in hdus:
            timeline_input = (hdus["TIMELINE"].header.copy(), np.array(hdus["TIMELINE"].data))
    exptime = elapsed = exposure_time(found.mode, found.header)
    if len(events) and float(events.time[-1]) > float(events.time[0]):
        elapsed = float(events.time[-1]) - float(events.time[0])
    return Exposure(
        path=path,
        primary=found.primary.copy(),
        header=found.header.copy(),
        mode=found.mode,
        switches=dict(found.switches),
        events=events,
        raw_gti=raw_gti,
        gti_hdus=gti_hdus,
        exptime=exptime,
        elapsed=elapsed,
        is_corrtag=found.is_corrtag,
        timeline_input=timeline_input,
        hvlevel=_hvlevel(found.header, found.mode),
    )


def _read_events(hdu: Any, found: ExposureHeaders) -> EventList:
    wanted = [c.name for c in COLUMNS] if found.is_corrtag else ["TIME", "RAWX", "RAWY"]
    if not found.is_corrtag and found.mode.is_fuv:
        wanted.append("PHA")
    rows = _table_data(hdu, found.path, wanted)
    if found.is_corrtag and len(rows):
        return EventList.from_columns(rows)
    pha = rows["PHA"] if "PHA" in wanted else None
    return EventList.from_raw(rows["TIME"], rows["RAWX"], rows["RAWY"], pha)


def _hvlevel(header: fits.Header, mode: Mode) -> int | None:
    value = header.get(f"HVLEVEL{mode.letter}" if mode.is_fuv else "HVLEVEL")
    return None if value is None else int(value)


def exposure_time(mode: Mode, header: fits.Header) -> float:
    """Exposure time of the header, seconds: EXPTIMEA or EXPTIMEB (FUV) before EXPTIME."""
    if mode.is_fuv:
        return float(header.get(f"EXPTIME{mode.letter}", header.get("EXPTIME", 0.0)))
    return float(header.get("EXPTIME", 0.0))


def require_keywords(primary: fits.Header, path: str | Path) -> None:
    """Check the three keywords without which a file cannot be classified.

    Raises
    ------
    InputError
        If DETECTOR, OBSMODE or EXPTYPE is missing, or one of the first two has an impossible value.
    """
    for key, allowed in (("DETECTOR", ("FUV", "NUV")), ("OBSMODE", ("TIME-TAG", "ACCUM")), ("EXPTYPE", None)):
        if key not in primary:
            raise InputError(f"{path}: the primary header has no keyword {key}; this is no raw file of COS.")
        if allowed and primary[key] not in allowed:
            raise InputError(
                f"{path}: {key} = {primary[key]!r} in the primary header; expected {' or '.join(allowed)}."
            )


def mode_from_headers(primary: fits.Header, header: fits.Header, path: str | Path) -> Mode:
    """Parse the configuration of an exposure out of its headers. Specification 1, sections 5.2, 5.3 and 6.

    Raises
    ------
    InputError
        If the keywords describe no exposure that COS can take.
    """
    aperypos = primary.get("APERYPOS")
    mode = Mode(
        detector=str(primary.get("DETECTOR", "N/A")),
        segment=str(primary.get("SEGMENT", "N/A")),
        obstype=str(primary.get("OBSTYPE", "N/A")),
        obsmode=str(primary.get("OBSMODE", "N/A")),
        exptype=str(primary.get("EXPTYPE", "N/A")),
        kind="UNKNOWN",
        opt_elem=str(primary.get("OPT_ELEM", "N/A")),
        cenwave=int(primary.get("CENWAVE", 0)),
        fpoffset=int(primary.get("FPOFFSET", 0)),
        fppos=int(primary.get("FPPOS", 1)),
        aperture="N/A",
        life_adj=int(primary.get("LIFE_ADJ", -1)),
        aperypos=float(aperypos) if isinstance(aperypos, int | float) else None,
        targname=str(primary.get("TARGNAME", "N/A")),
        xtrctalg=str(primary.get("XTRCTALG", "BOXCAR")),
        tagflash=_tagflash(primary, header),
        expstart=float(header.get("EXPSTART", -1.0)),
        expend=float(header.get("EXPEND", -1.0)),
        ra_targ=float(primary.get("RA_TARG", -999.0)),
        dec_targ=float(primary.get("DEC_TARG", -999.0)),
        sdqflags=int(header.get("SDQFLAGS", instrument.DEFAULT_SDQFLAGS)),
    )
    mode = replace(mode, aperture=_aperture(primary, mode))
    if mode.plate_offset != 0.0:
        logger.warning("Info:  aperture plate is offset by %.2f pixels", mode.plate_offset)
    mode = _check_mode(mode, primary, header, path)
    return classify(mode, path)


def _tagflash(primary: fits.Header, header: fits.Header) -> str:
    value = str(primary.get("TAGFLASH", "NONE"))
    if value not in ("AUTO", "UNIFORMLY SPACED") or int(header.get("NUMFLASH", 0)) < 1:
        return "NONE"
    return value


def _aperture(primary: fits.Header, mode: Mode) -> str:
    """APERTURE after the repairs of specification 1, section 6.3."""
    aperture = str(primary.get("APERTURE", "N/A"))
    if len(aperture) > 3 and aperture[3] == "-":
        warn(logger, f"APERTURE changed from {aperture} to {aperture[:3]}")
        return aperture[:3]
    if aperture != "RelMvReq":
        return aperture
    proposed = str(primary.get("PROPAPER", ""))
    if proposed in instrument.APERTURES:
        warn(logger, f"APERTURE changed from {aperture} to {proposed} (copied from PROPAPER)")
        return proposed
    guess = "PSA"
    if str(primary.get("SHUTTER", "")).lower() == "closed":
        guess = {"P": "WCA", "D": "FCA"}.get(str(primary.get("LAMPUSED", " "))[:1], "PSA")
    elif mode.aperypos is not None and mode.life_adj in (1, 2):
        low = {1: -163.0, 2: -227.0}[mode.life_adj]
        guess = "BOA" if low < mode.aperypos < low + 20.0 else "PSA"
    warn(logger, f"APERTURE was {aperture}; taken to be {guess} from SHUTTER, LAMPUSED and APERYPOS")
    return guess


def _check_mode(mode: Mode, primary: fits.Header, header: fits.Header, path: str | Path) -> Mode:
    coscoord = primary.get("COSCOORD", "DETECTOR")
    if coscoord != "USER":
        raise InputError(
            f"{path}: COSCOORD = {coscoord!r}; only data in user coordinates (COSCOORD = 'USER') can be "
            "calibrated. Retrieve the file from the archive again."
        )
    if mode.is_fuv and mode.segment not in instrument.SEGMENTS:
        raise InputError(f"{path}: SEGMENT = {mode.segment!r}; an FUV file must say FUVA or FUVB.")
    exptime = exposure_time(mode, header)
    if exptime < 0.0:
        raise InputError(f"{path}: EXPTIME = {exptime:g} s; an exposure time cannot be negative.")
    if (mode.expend - mode.expstart) * instrument.SECONDS_PER_DAY + 0.5 < exptime:
        warn(logger, "(EXPEND - EXPSTART) is less than EXPTIME", f"for {path}")
    if mode.obstype == "ACQUISITION":
        warn(logger, "OBSTYPE = ACQUISITION is taken as IMAGING", f"for {path}")
        mode = replace(mode, obstype="IMAGING")
    if mode.obstype not in ("IMAGING", "SPECTROSCOPIC"):
        raise InputError(f"{path}: OBSTYPE = {mode.obstype!r}; expected IMAGING or SPECTROSCOPIC.")
    if mode.is_spectroscopic and mode.opt_elem.startswith(("MIRROR", "TA1")):
        raise InputError(f"{path}: OBSTYPE = SPECTROSCOPIC, but OPT_ELEM = {mode.opt_elem} is no grating.")
    dispaxis = int(header.get("DISPAXIS", 0))
    if not mode.is_spectroscopic and dispaxis != 0:
        warn(logger, f"DISPAXIS = {dispaxis} for imaging data; taken as 0", f"for {path}")
    return mode


def classify(mode: Mode, path: str | Path) -> Mode:
    """Kind of the exposure, and EXPTYPE corrected by the lamp. Specification 1, section 5.3."""
    kinds = dict.fromkeys(SCIENCE_EXPTYPES, "SCIENCE")
    kinds |= {"WAVECAL": "WAVECAL", "ACQ/IMAGE": "ACQ_IMAGE"}
    kinds |= dict.fromkeys(("ACQ/SEARCH", "ACQ/PEAKD", "ACQ/PEAKXD"), "TARGET_ACQ")
    kinds |= dict.fromkeys(("ENG DIAG", "MEMORY DUMP", "PHA"), "ENGINEERING")
    kind, exptype = kinds.get(mode.exptype, "UNKNOWN"), mode.exptype
    if kind in ("ENGINEERING", "UNKNOWN"):
        warn(logger, f"EXPTYPE = '{exptype}' in {path};", "exposures of this type are not calibrated.")
    if mode.has_flashes and exptype != "EXTERNAL/SCI":
        kind = "CALIBRATION"
        if mode.is_spectroscopic and exptype != "EXTERNAL/CAL":
            warn(logger, f"EXPTYPE = {exptype} but TAGFLASH != NONE for {path};", "taken as EXTERNAL/CAL.")
            exptype = "EXTERNAL/CAL"
    elif not mode.is_spectroscopic and exptype == "WAVECAL":
        warn(logger, f"EXPTYPE = WAVECAL but OBSTYPE = IMAGING for {path};", "taken as EXTERNAL/CAL.")
        kind, exptype = "CALIBRATION", "EXTERNAL/CAL"
    if kind == "WAVECAL" and mode.aperture != "WCA":
        warn(logger, f"APERTURE = {mode.aperture} for a wavecal; this could be a serious error")
    return replace(mode, kind=kind, exptype=exptype)


# ---------------------------------------------------------------------------------------------- switches


def read_switches(primary: fits.Header) -> dict[str, str]:
    """Values of the calibration switches, upper case; N/A when missing; STATFLAG as PERFORM or OMIT."""
    values = {key: str(primary.get(key, "N/A")).strip().upper() for key in SWITCHES}
    if "STATFLAG" in primary:
        values["STATFLAG"] = "PERFORM" if primary["STATFLAG"] is True else "OMIT"
    return values


def reset_switches(
    switches: dict[str, str], primary: fits.Header, header: fits.Header, mode: Mode, path: str | Path
) -> dict[str, str]:
    """Switches without those that the mode or a missing reference file rules out. Specification 1, section 7."""
    values = dict(switches)
    for switch, keyword in (
        ("BADTCORR", "BADTTAB"),
        ("XWLKCORR", "XWLKFILE"),
        ("YWLKCORR", "YWLKFILE"),
        ("TDSCORR", "TDSTAB"),
    ):
        if values[switch] == "PERFORM" and str(primary.get(keyword, "N/A")).strip() in ("N/A", ""):
            values[switch] = "SKIPPED"
            warn(logger, f"{switch} will be set to SKIPPED because", f"{keyword} = N/A")
    if mode.is_wavecal:
        values.update(dict.fromkeys(("DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR"), "OMIT"))
    reset: list[str] = []
    if mode.aperture in ("WCA", "FCA"):
        reset.append("PHOTCORR")
    if not mode.is_spectroscopic or mode.kind in ("TARGET_ACQ", "ACQ_IMAGE"):
        reset += ["DOPPCORR", "HELCORR", "BACKCORR", "FLUXCORR", "X1DCORR"]
    else:
        magnitude = "DOPMAGT" if mode.obsmode == "ACCUM" else "DOPPMAGV"
        if float(header.get(magnitude, -1.0)) == 0.0:
            reset.append("DOPPCORR")
        if mode.ra_targ < 0.0:
            reset.append("HELCORR")
        if values["X1DCORR"] != "PERFORM":
            reset += ["BACKCORR", "FLUXCORR", "TDSCORR"]
    if not mode.is_fuv:
        reset += ["TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "RANDCORR", "PHACORR", "XWLKCORR", "YWLKCORR"]
        reset += ["TRCECORR", "ALGNCORR", "BRSTCORR", "HVDSCORR"]
    changed = [s for s in dict.fromkeys(reset) if values[s] == "PERFORM"]
    for switch in changed:
        values[switch] = "OMIT"
    if changed:
        lines = [f"{s} reset to OMIT" for s in changed]
        plural = "es" if len(changed) > 1 else ""
        warn(logger, f"These calibration switch{plural} do not apply to {path}:", *lines, level=logging.INFO)
    return values
