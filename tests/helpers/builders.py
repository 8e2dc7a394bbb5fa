"""Small exposures, raw files and reference files for tests, made with the forward model of `recos.simulate`.

``make_exposure`` gives an exposure in memory, ``make_rawtag`` a raw file, ``make_references`` reference files
of every kind that the FUV switches name, ``make_refs`` a :class:`recos.References` of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.data.events import EventList
from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.mode import exposure_time, mode_from_headers
from recos.data.reference_kinds import KINDS
from recos.data.switches import read_switches, reset_switches
from recos.references import ReferenceCache, References
from small_cos import SEGMENTS, Model, Setup, write_raw, write_references
from small_cos import references as simulated
from small_cos.exposure import SWITCHES, RawEvents
from small_cos.headers import association_hdus, events_header, gti_hdu, primary_header, support_hdus
from small_cos.model import CENWAVE, COLUMNS, OPT_ELEM, ROWS

#: The exposure of tests: no flashes, so that the steps before WAVECORR need no lamp.
SETUP = Setup(flashes=())
LARGE_KINDS = ("PROFTAB", "PHAFILE")
"""Reference files of 10 MB; made only when asked for."""


# --------------------------------------------------------------------------------------------- exposures


def make_events(
    n: int, segment: str = "FUVA", seed: int = 0, exptime: float = 600.0, stims: int = 0
) -> RawEvents:
    """`n` events at random in the active area, and `stims` pulses at either stim, in order of time."""
    rng = np.random.default_rng([seed, ord(segment[-1])])
    s = SEGMENTS[segment]
    rawx = rng.integers(s.left, s.right + 1, n)
    rawy = rng.integers(s.low, s.high + 1, n)
    pha = rng.integers(0, 32, n)
    for x, y in s.stims if stims else ():
        rawx = np.append(rawx, np.rint(rng.normal(x, 1.0, stims)))
        rawy = np.append(rawy, np.rint(rng.normal(y, 1.0, stims)))
        pha = np.append(pha, np.full(stims, 20))
    time = np.sort(rng.uniform(0.0, exptime, len(rawx)))
    order = rng.permutation(len(rawx))
    return RawEvents(
        time.astype(np.float32),
        rawx[order].astype(np.int16),
        rawy[order].astype(np.int16),
        pha[order].astype(np.uint8),
    )


def _headers(
    setup: Setup,
    segment: str,
    n: int,
    names: Mapping[str, str] | None,
    switches: Mapping[str, str] | None,
    keywords: Mapping[str, object],
) -> tuple[fits.Header, fits.Header]:
    """Headers with `keywords` put where they belong: primary if they are there, else EVENTS; None deletes."""
    primary = primary_header(setup, segment, names, SWITCHES if switches is None else switches)
    header = events_header(setup, segment, n)
    for name, value in keywords.items():
        target = primary if name.upper() in primary else header
        if value is None:
            target.remove(name.upper(), ignore_missing=True)
        else:
            target[name.upper()] = value
    return primary, header


def make_exposure(
    n: int = 1000,
    segment: str = "FUVA",
    seed: int = 0,
    *,
    events: RawEvents | None = None,
    setup: Setup = SETUP,
    names: Mapping[str, str] | None = None,
    switches: Mapping[str, str] | None = None,
    gti: Iterable[tuple[float, float]] | None = None,
    stims: int = 0,
    columns: Mapping[str, object] | None = None,
    **header: object,
) -> Exposure:
    """An exposure in memory, as :func:`recos.read` would give it.

    Parameters
    ----------
    n, segment, seed, stims
        Events at random (:func:`make_events`), unless `events` gives them.
    setup : Setup
        Times, pointing, flashes.
    names : mapping
        Names of reference files by keyword, as :func:`make_references` returns them.
    switches : mapping
        Switches that are not PERFORM; by default those of the forward model.
    gti : sequence of (float, float)
        Good time intervals; the whole exposure by default.
    columns : mapping of str to array
        Values of event columns (``xcorr``, ``epsilon``, …), converted to their dtype.
    **header
        Keywords of the primary or EVENTS header, any case; None removes one.
    """
    raw = events if events is not None else make_events(n, segment, seed, setup.exptime, stims)
    primary, head = _headers(setup, segment, len(raw), names, switches, header)
    path = Path(f"{setup.root}_rawtag_{segment[-1].lower()}.fits")
    mode = mode_from_headers(primary, head, path)
    event_list = EventList.from_raw(raw.time, raw.rawx, raw.rawy, raw.pha)
    for name, values in (columns or {}).items():
        old = getattr(event_list, name)
        old[:] = np.asarray(values).astype(old.dtype)
    intervals = [(float(a), float(b)) for a, b in (gti if gti is not None else [(0.0, setup.exptime)])]
    table = gti_hdu(setup, tuple(intervals))
    exptime = exposure_time(mode, head)
    span = float(raw.time[-1]) - float(raw.time[0]) if len(raw) else 0.0
    level = head.get("HVLEVEL" + segment[-1])
    return Exposure(
        path=path,
        primary=primary,
        header=head,
        mode=mode,
        switches=reset_switches(read_switches(primary), primary, head, mode, path),
        events=event_list,
        raw_gti=GTI.of(intervals),
        gti_hdus=[(table.header, np.array(table.data))],
        exptime=exptime,
        elapsed=span if span > 0.0 else exptime,
        hvlevel=None if level is None else int(level),
    )


def make_rawtag(
    path: str | Path,
    n: int = 1000,
    segment: str | None = None,
    seed: int = 0,
    *,
    events: RawEvents | None = None,
    setup: Setup | None = None,
    names: Mapping[str, str] | None = None,
    switches: Mapping[str, str] | None = None,
    gti: Iterable[tuple[float, float]] | None = None,
    stims: int = 0,
    **header: object,
) -> Path:
    """A small rawtag file with complete headers; parameters as for :func:`make_exposure`.

    The segment is taken from the name (``…_b.fits``), the rootname too, unless given.
    """
    path = Path(path)
    segment = segment or ("FUVB" if path.name.endswith("_b.fits") else "FUVA")
    setup = setup or replace(SETUP, root=path.name.split("_raw")[0])
    raw = events if events is not None else make_events(n, segment, seed, setup.exptime, stims)
    primary, head = _headers(setup, segment, len(raw), names, switches, header)
    return write_raw(path, primary, head, raw, gti_hdu(setup, tuple(gti) if gti is not None else None))


def make_association(
    directory: str | Path, roots: Iterable[str] = ("lrec01d1q",), setup: Setup = SETUP
) -> Path:
    """An association of exposures with their support files, but without raw files."""
    directory = Path(directory)
    roots = tuple(roots)
    for root in roots:
        support_hdus(replace(setup, root=root)).writeto(directory / f"{root}_spt.fits", overwrite=True)
    path = directory / f"{setup.association}_asn.fits"
    association_hdus(setup, roots).writeto(path)
    return path


# ---------------------------------------------------------------------------------------- reference files


def make_refs(names: Mapping[str, str], cache: ReferenceCache | None = None) -> References:
    """References of the files in `names`; all other kinds are N/A."""
    return References({k: names.get(k, "N/A") for k in KINDS}, cache)


def make_references(
    directory: str | Path,
    model: Model | None = None,
    *,
    prefix: str | None = None,
    large: bool = False,
) -> dict[str, str]:
    """Small reference files of every kind, for G130M/1291 and both segments.

    Parameters
    ----------
    directory : str or Path
        Where.
    prefix : str, optional
        ``lref$`` to name the files as headers do; by default the names are absolute.
    large : bool
        Also the files of :data:`LARGE_KINDS`.

    Returns
    -------
    dict of str to str
        Name by keyword, for `names` of the other builders.
    """
    directory = Path(directory)
    prefix = f"{directory.resolve()}/" if prefix is None else prefix
    model = model or Model()
    names = write_references(directory, model, prefix)
    for keyword, make in _EXTRA.items():
        if keyword in LARGE_KINDS and not large:
            continue
        name = f"sim_{keyword.lower()}.fits"
        make(model).writeto(directory / name, overwrite=True)
        names[keyword] = prefix + name
    return names


_BOTH = [(s, "PSA") for s in SEGMENTS]
_TWO = list(SEGMENTS)
TWOZONE_HEIGHT = 31
"""Rows of the extraction region of TWOZXTAB."""
PROFILE_ROWS = 111


def _badttab(_: Model) -> fits.HDUList:
    day = 1.0 / 86400.0
    start = SETUP.expstart + np.array([100.0, 250.0, 9000.0]) * day
    columns = [
        ("SEGMENT", "4A", ["FUVA", "ANY", "FUVB"]),
        ("START", "1D", start),
        ("STOP", "1D", start + 12.0 * day),
    ]
    return fits.HDUList([simulated.primary("BADTTAB"), simulated.table(columns, "BADTTAB")])


def _brsttab(_: Model) -> fits.HDUList:
    values = {
        "MEDIAN_N": 15.0, "DELTA_T": 1.0, "DELTA_T_HIGH": 0.25, "MEDIAN_DT": 20.0, "BURST_MIN": 6.0,
        "STDREJ": 3.0, "SOURCE_FRAC": 0.1, "HIGH_RATE": 2000.0,
    }  # fmt: skip
    columns = [("SEGMENT", "4A", _TWO), ("MAX_ITER", "1I", [8, 8])]
    columns += [(name, "1D", [value] * 2) for name, value in values.items()]
    return fits.HDUList([simulated.primary("BRSTTAB"), simulated.table(columns, "BRSTTAB")])


def _dgeofile(_: Model) -> fits.HDUList:
    y, x = np.mgrid[0:ROWS:8, 0:COLUMNS:16].astype(np.float64)
    arrays = {(s, 1): 0.4 * np.sin(x / 800.0) for s in SEGMENTS}
    arrays |= {(s, 2): 0.3 * np.cos(y / 90.0) for s in SEGMENTS}
    return simulated.images("DGEOFILE", arrays, ORIGIN_X=0, ORIGIN_Y=0, XBIN=16, YBIN=8)


def trace(segment: str) -> np.ndarray:
    """Trace of the spectrum in TRACETAB, pixels, without the -999 at the left edge of the file."""
    return 2.5 * np.sin(np.arange(COLUMNS) / 2100.0 + (0.0 if segment == "FUVA" else 1.0))


def _tracetab(_: Model) -> fits.HDUList:
    values = np.array([trace(s) for s in SEGMENTS])
    values[:, :300] = -999.0
    columns = [*simulated.mode_columns(_BOTH), ("TRACE", f"{COLUMNS}D", values, "pixel")]
    return fits.HDUList([simulated.primary("TRACETAB", LIFE_ADJ=1), simulated.table(columns, "TRACETAB")])


def _twozxtab(_: Model) -> fits.HDUList:
    middle = [profile_center(s) for s in SEGMENTS]
    columns = [
        *simulated.mode_columns(_BOTH),
        ("B_SPEC", "1D", middle),
        ("HEIGHT", "1J", [TWOZONE_HEIGHT] * 2),
        ("B_BKG1", "1D", [m - 38.0 for m in middle]),
        ("B_BKG2", "1D", [m + 36.0 for m in middle]),
        ("BHEIGHT", "1J", [15] * 2),
        ("BWIDTH", "1J", [100] * 2),
        ("LOWER_OUTER", "1D", [0.005] * 2),
        ("LOWER_INNER", "1D", [0.1] * 2),
        ("UPPER_INNER", "1D", [0.9] * 2),
        ("UPPER_OUTER", "1D", [0.995] * 2),
        ("YERRMAX", "1D", [1.0] * 2),
    ]
    return fits.HDUList([simulated.primary("TWOZXTAB", LIFE_ADJ=1), simulated.table(columns, "TWOZXTAB")])


def profile_center(segment: str) -> float:
    """Row of the middle of the spectrum in TWOZXTAB and PROFTAB."""
    s = SEGMENTS[segment]
    return float(round(s.y_psa + s.slope * COLUMNS / 2))


def _proftab(model: Model) -> fits.HDUList:
    rows = np.arange(PROFILE_ROWS, dtype=np.float64)[:, np.newaxis]
    width = model.profile_width * (1.0 + 0.2 * np.sin(np.arange(COLUMNS) / 3000.0))
    profile = np.exp(-0.5 * ((rows - PROFILE_ROWS // 2) / width) ** 2) / width
    center = [profile_center(s) for s in SEGMENTS]
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=np.asarray(v)) for name, form, v in simulated.mode_columns(_BOTH)]
        + [
            fits.Column("ROW_0", "1J", array=[int(c) - PROFILE_ROWS // 2 for c in center]),
            fits.Column("CENTER", "1D", array=center),
            fits.Column(
                "PROFILE",
                f"{PROFILE_ROWS * COLUMNS}E",
                dim=f"({COLUMNS},{PROFILE_ROWS})",
                array=np.broadcast_to(profile, (2, PROFILE_ROWS, COLUMNS)).astype(np.float32),
            ),
        ],
        name="PROFTAB",
    )
    return fits.HDUList([simulated.primary("PROFTAB", LIFE_ADJ=1), hdu])


def _region_columns(regions: Sequence[tuple[int, ...]]) -> list[tuple]:
    return [(name, "1J", [r[k] for r in regions]) for k, name in enumerate(("LX", "LY", "DX", "DY", "DQ"))]


def _gsagtab(_: Model) -> fits.HDUList:
    """Voltages 163 and 167 of FUVA, 169 and 175 of FUVB; one region after the exposure."""
    hdus: list = [simulated.primary("GSAGTAB")]
    for segment, levels in (("FUVA", (163, 167)), ("FUVB", (169, 175))):
        row = int(profile_center(segment))
        for i, level in enumerate(levels):
            regions = [
                (3000 + 100 * i, row - 4, 50, 7, 8192),
                (7000, row, 31, 5 + i, 8192),
                (9000, row, 400, 20, 8192),
            ]
            dates = [55000.0, SETUP.expstart - 10.0, SETUP.expstart + 400.0]
            columns = [("DATE", "1D", dates), *_region_columns(regions)]
            hdus.append(
                simulated.table(columns, "GSAGTAB", SEGMENT=segment, **{"HVLEVEL" + segment[-1]: level})
            )
    return fits.HDUList(hdus)


def _spottab(_: Model) -> fits.HDUList:
    row = {s: int(profile_center(s)) for s in SEGMENTS}
    segments = ["FUVA", "FUVA", "FUVB"]
    start = [SETUP.expstart - 1.0, SETUP.expstart + 50.0, SETUP.expstart - 1.0]
    regions = [
        (5000, row["FUVA"] - 3, 20, 6, 2),
        (5500, row["FUVA"], 20, 6, 2),
        (4000, row["FUVB"], 25, 9, 2),
    ]
    columns = [
        ("SEGMENT", "4A", segments),
        ("START", "1D", start),
        ("STOP", "1D", [s + 2.0 for s in start]),
        *_region_columns(regions),
    ]
    return fits.HDUList(
        [simulated.primary("SPOTTAB", PHAMIN=2, PHAMAX=23), simulated.table(columns, "SPOTTAB")]
    )


def _hvtab(_: Model) -> fits.HDUList:
    hdus: list = [simulated.primary("HVTAB")]
    for segment, levels in (("FUVA", [169, 163, 167]), ("FUVB", [167, 163, 169])):
        dates = [54900.0, 56000.0, SETUP.expstart - 5.0]
        table = simulated.table([("DATE", "1D", dates), ("HVLEVEL" + segment[-1], "1I", levels)], segment)
        table.header["EXTVER"] = 1
        hdus.append(table)
    return fits.HDUList(hdus)


def _hvdstab(_: Model) -> fits.HDUList:
    columns = [
        ("SEGMENT", "4A", _TWO),
        ("OPT_ELEM", "5A", [OPT_ELEM] * 2),
        ("CENWAVE", "1J", [CENWAVE] * 2),
        ("SLOPE", "1D", [0.004, -0.003]),
        ("INTERCEPT", "1D", [1.0, 1.0]),
        ("ZEROPOINT", "1D", [163.0, 167.0]),
    ]
    return fits.HDUList([simulated.primary("HVDSTAB"), simulated.table(columns, "HVDSTAB")])


def _phafile(_: Model) -> fits.HDUList:
    """Limits for the columns below 2048 only; positions outside an image are not checked."""
    hdus: list = [simulated.primary("PHAFILE")]
    for segment in SEGMENTS:
        for version, level in ((1, 3), (2, 25)):
            hdus.append(fits.ImageHDU(np.full((ROWS, 2048), level, np.int16), name=segment, ver=version))
    return fits.HDUList(hdus)


_EXTRA = {
    "BADTTAB": _badttab,
    "BRSTTAB": _brsttab,
    "DGEOFILE": _dgeofile,
    "TRACETAB": _tracetab,
    "TWOZXTAB": _twozxtab,
    "PROFTAB": _proftab,
    "GSAGTAB": _gsagtab,
    "SPOTTAB": _spottab,
    "HVTAB": _hvtab,
    "HVDSTAB": _hvdstab,
    "PHAFILE": _phafile,
}


def make_table_file(
    directory: str | Path, keyword: str, columns: list[tuple], extension: str = "", **keywords: object
) -> dict[str, str]:
    """A reference table with columns (name, format, values); its name by keyword, for :func:`make_refs`."""
    path = Path(directory) / f"own_{keyword.lower()}.fits"
    hdus = [simulated.primary(keyword), simulated.table(columns, extension or keyword, **keywords)]
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return {keyword: str(path)}
