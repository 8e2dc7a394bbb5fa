"""Reference images of the FUV detector and tables that describe it; they are the same in all modes.

Specification 2, sections 4 to 18, and 3, sections 6, 7 and 11.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from recos.data.instrument import DQ, FUV_SHAPE, SEGMENTS
from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import COLUMNS, LAYOUT, PULSE_HEIGHT_LIMITS, ROWS
from recos.simulate.reference_files import image, primary, table

PHA_RANGE = "{:02d}_{:02d}".format(*PULSE_HEIGHT_LIMITS)
_PULSE_HEIGHTS = np.arange(32)[:, np.newaxis]
_SPOTS_FROM, _SPOTS_TO = 56950.0, 57050.0


def _two_segments(*columns: tuple) -> list[tuple]:
    return [("SEGMENT", "4A", list(SEGMENTS)), *columns]


def flat_field(pattern: bool = True, wires: bool = True) -> list:
    """FLATFILE with the pattern of the pixels, the shadows of the grid wires, or both."""
    hdus: list = [primary("FLATFILE", "FUV", PHARANGE=PHA_RANGE)]
    for segment in SEGMENTS:
        response = np.empty(FUV_SHAPE, np.float32)
        for row in range(0, ROWS, 64):
            rows = np.arange(row, row + 64)[:, np.newaxis]
            columns = np.arange(COLUMNS)[np.newaxis]
            response[row : row + 64] = detector.flat(segment, columns, rows, pattern, wires)
        hdus.append(image(response, segment, ORIGIN_X=0, ORIGIN_Y=0, SNR_FF=30.0))
    return hdus


def _distortion_file(keyword: str, function: Callable) -> list:
    """Both corrections are sums of a function of x and one of y, so outer sums make the images."""
    x, y = np.arange(COLUMNS, dtype=np.float64)[np.newaxis], np.arange(ROWS, dtype=np.float64)[:, np.newaxis]
    keywords = {"ORIGIN_X": 0, "ORIGIN_Y": 0, "XBIN": 1, "YBIN": 1}
    hdus: list = [primary(keyword, "FUV")]
    for segment in SEGMENTS:
        for version, values in enumerate(function(segment, x, y), start=1):
            hdus.append(image(values, segment, version, **keywords))
    return hdus


def _walk_file(keyword: str, function: Callable, length: int) -> list:
    shift = function(_PULSE_HEIGHTS, np.arange(length, dtype=np.float64)[np.newaxis])
    return [primary(keyword, "FUV"), *(image(shift, segment) for segment in SEGMENTS)]


def _deadtab() -> list:
    rates = np.concatenate([np.arange(0.0, 2000.0, 100.0), np.arange(2000.0, 60001.0, 1000.0)])
    columns: list[tuple] = [
        ("SEGMENT", "4A", np.repeat(SEGMENTS, len(rates))),
        ("OBS_RATE", "1D", np.tile(rates, 2), "count /s"),
        ("LIVETIME", "1D", np.tile(detector.livetime(rates), 2)),
    ]
    return [primary("DEADTAB", "FUV"), table(columns, "DEADTAB", TIMESTEP=10.0)]


def _bpixtab() -> list:
    """Edges of the active area, shadows of the grid wires, and small features of the background."""
    regions: list[tuple] = []
    for segment in SEGMENTS:
        s = LAYOUT[segment]
        height, width = s.high - s.low + 1, s.right - s.left + 1
        edge = int(DQ.POORLY_CALIBRATED)
        regions += [
            (segment, s.left, s.low, 40, height, edge),
            (segment, s.right - 39, s.low, 40, height, edge),
        ]
        regions += [(segment, s.left, s.low, width, 4, edge), (segment, s.left, s.high - 3, width, 4, edge)]
        wires = detector.wire_columns(segment)
        regions += [(segment, int(x) - 15, s.low, 31, height, int(DQ.GRID_SHADOW)) for x in wires]
        rng = np.random.default_rng([32, ord(segment[-1])])
        for bit in (DQ.BACKGROUND_FEATURE, DQ.LOW_PULSE_HEIGHT_FEATURE, DQ.LOW_RESPONSE) * 6:
            x, y = int(rng.integers(s.left, s.right - 60)), int(rng.integers(s.low, s.high - 40))
            regions.append((segment, x, y, int(rng.integers(10, 60)), int(rng.integers(8, 40)), int(bit)))
    columns: list[tuple] = [("SEGMENT", "4A", [r[0] for r in regions])]
    columns += [
        (name, "1J", [r[k + 1] for r in regions]) for k, name in enumerate(("LX", "LY", "DX", "DY", "DQ"))
    ]
    return [primary("BPIXTAB", "FUV", PHARANGE=PHA_RANGE), table(columns, "BPIXTAB", WIDEN=0.25)]


def _gsagtab() -> list:
    hdus: list = [primary("GSAGTAB", "FUV")]
    for segment in SEGMENTS:
        for version, level in enumerate(detector.HV_LEVELS, start=1):
            holes = detector.sag_holes(segment, level)
            columns: list[tuple] = [("DATE", "1D", holes["date"], "MJD")]
            columns += [(name, "1J", holes[name.lower()], "pixel") for name in ("LX", "LY", "DX", "DY")]
            columns.append(("DQ", "1J", np.full(len(holes), int(DQ.GAIN_SAG_HOLE))))
            keyword = "HVLEVEL" + segment[-1]
            hdus.append(table(columns, segment, version, SEGMENT=segment, **{keyword: level}))
    return hdus


def _spottab() -> list:
    """Transient hot spots, far from spectra: their events are not simulated."""
    columns = _two_segments(
        ("START", "1D", [_SPOTS_FROM] * 2, "MJD"),
        ("STOP", "1D", [_SPOTS_TO] * 2, "MJD"),
        ("LX", "1J", [7200, 6100]),
        ("LY", "1J", [310, 370]),
        ("DX", "1J", [25, 30]),
        ("DY", "1J", [12, 10]),
        ("DQ", "1J", [int(DQ.HOT_SPOT)] * 2),
        ("COMMENT", "20A", ["simulated"] * 2),
    )
    low, high = PULSE_HEIGHT_LIMITS
    return [primary("SPOTTAB", "FUV", PHAMIN=low, PHAMAX=high), table(columns, "SPOTTAB")]


def _brftab() -> list:
    layouts = [LAYOUT[s] for s in SEGMENTS]
    columns = _two_segments()
    for k in (0, 1):
        columns.append((f"SX{k + 1}", "1D", [s.stims[k][0] for s in layouts]))
        columns.append((f"SY{k + 1}", "1D", [s.stims[k][1] for s in layouts]))
    columns += [("XWIDTH", "1I", [60, 60]), ("YWIDTH", "1I", [30, 30])]
    for name in ("LEFT", "RIGHT", "LOW", "HIGH"):
        columns.append((f"A_{name}", "1J", [getattr(s, name.lower()) for s in layouts]))
    return [primary("BRFTAB", "FUV"), table(columns, "BRFTAB", TIMESTEP=60.0)]


def _phatab() -> list:
    low, high = PULSE_HEIGHT_LIMITS
    columns = _two_segments(
        ("OPT_ELEM", "5A", ["ANY"] * 2),
        ("LLT", "1I", [low] * 2),
        ("ULT", "1I", [high] * 2),
        ("MIN_PEAK", "1D", [0.6] * 2),
        ("MAX_PEAK", "1D", [1.6] * 2),
    )
    return [primary("PHATAB", "FUV"), table(columns, "PHATAB")]


def _hvtab() -> list:
    hdus: list = [primary("HVTAB", "FUV")]
    for segment in SEGMENTS:
        dates, levels = zip(*detector.HV_HISTORY[segment], strict=True)
        columns: list[tuple] = [("DATE", "1D", dates, "MJD"), ("HVLEVEL" + segment[-1], "1I", levels)]
        hdus.append(table(columns, segment))
    return hdus


def _brsttab() -> list:
    values = {
        "MEDIAN_N": 20.0, "DELTA_T": 1.0, "DELTA_T_HIGH": 0.25, "MEDIAN_DT": 60.0, "BURST_MIN": 20.0,
        "STDREJ": 5.0, "SOURCE_FRAC": 1.0, "HIGH_RATE": 20000.0,
    }  # fmt: skip
    columns = _two_segments(("MAX_ITER", "1I", [5, 5]))
    columns += [(name, "1D", [value] * 2) for name, value in values.items()]
    return [primary("BRSTTAB", "FUV"), table(columns, "BRSTTAB")]


def bad_times_table(rows: list[tuple[str, float, float]]) -> list:
    """BADTTAB of rows of (segment, start, stop), MJD."""
    columns: list[tuple] = [
        ("SEGMENT", "4A", [r[0] for r in rows]),
        ("START", "1D", [r[1] for r in rows], "MJD"),
        ("STOP", "1D", [r[2] for r in rows], "MJD"),
    ]
    return [primary("BADTTAB", "FUV"), table(columns, "BADTTAB")]


def _badttab() -> list:
    return bad_times_table([("FUVA", 55123.1, 55123.2), ("FUVB", 55801.4, 55801.5)])


MAKERS: dict[str, tuple[str, Callable[[], list]]] = {
    "FLATFILE": ("flat", flat_field),
    "GEOFILE": ("geo", partial(_distortion_file, "GEOFILE", detector.distortion)),
    "DGEOFILE": ("dgeo", partial(_distortion_file, "DGEOFILE", detector.delta_distortion)),
    "XWLKFILE": ("xwalk", partial(_walk_file, "XWLKFILE", detector.walk_x, COLUMNS)),
    "YWLKFILE": ("ywalk", partial(_walk_file, "YWLKFILE", detector.walk_y, ROWS)),
    "DEADTAB": ("dead", _deadtab),
    "BPIXTAB": ("bpix", _bpixtab),
    "GSAGTAB": ("gsag", _gsagtab),
    "SPOTTAB": ("spot", _spottab),
    "BRFTAB": ("brf", _brftab),
    "PHATAB": ("pha", _phatab),
    "HVTAB": ("hv", _hvtab),
    "BRSTTAB": ("brst", _brsttab),
    "BADTTAB": ("badt", _badttab),
}
"""Suffix of the name, and what makes the HDUs, by header keyword."""
