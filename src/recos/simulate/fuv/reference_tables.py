"""Reference tables of an FUV configuration: where spectra lie, wavelengths, sensitivity, lamp templates.

Specification 3, sections 7 and 10; 4, section 4; 5, section 5.1.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import COLUMNS
from recos.simulate.fuv.optics import AGEING_TIMES, FP_STEP, Optics
from recos.simulate.fuv.reference_images import PHA_RANGE
from recos.simulate.reference_files import primary, table

BOXCAR_HEIGHT, LAMP_HEIGHT, TWOZONE_HEIGHT = 41, 31, 35
BACKGROUND = {"PSA": (-62.0, 52.0), "BOA": (-62.0, 52.0), "WCA": (-40.0, 36.0)}
"""Rows of the background regions above the spectrum."""
BACKGROUND_HEIGHT = {"PSA": 25, "BOA": 25, "WCA": 15}
PROFILE_ROWS = 151
DIGITISATION = 0.5
"""Blur of positions by digitisation, RANDCORR and binning, standard deviation in pixels: the square root of three
times 1/12."""
_SCIENCE = ("PSA", "BOA")
_ZONES = ("LOWER_OUTER", "LOWER_INNER", "UPPER_INNER", "UPPER_OUTER")
_FPOFFSETS = (-2, -1, 0, 1)


def _modes(optics: Optics, apertures: tuple[str, ...]) -> list[tuple[str, str]]:
    """Segments and apertures of the rows of a table."""
    return [(s, a) for s in optics.configuration.possible_segments for a in apertures]


def _mode_columns(optics: Optics, modes: list[tuple[str, str]]) -> list[tuple]:
    c, n = optics.configuration, len(modes)
    return [
        ("SEGMENT", "4A", [s for s, _ in modes]),
        ("OPT_ELEM", "5A", [c.opt_elem] * n),
        ("CENWAVE", "1J", [c.cenwave] * n, "angstrom"),
        ("APERTURE", "3A", [a for _, a in modes]),
    ]


def _xtractab(optics: Optics) -> list:
    modes = _modes(optics, ("PSA", "BOA", "WCA"))
    row = np.array([optics.middle(s, a) - optics.slope(s) * COLUMNS / 2.0 for s, a in modes])
    background = np.array([BACKGROUND[a] for _, a in modes])
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("SLOPE", "1D", [optics.slope(s) for s, _ in modes]),
        ("B_SPEC", "1D", row, "pixel"),
        ("HEIGHT", "1J", [LAMP_HEIGHT if a == "WCA" else BOXCAR_HEIGHT for _, a in modes], "pixel"),
        ("B_BKG1", "1D", row + background[:, 0], "pixel"),
        ("B_BKG2", "1D", row + background[:, 1], "pixel"),
        ("BHEIGHT", "1J", [BACKGROUND_HEIGHT[a] for _, a in modes], "pixel"),
        ("BWIDTH", "1J", [100] * len(modes), "pixel"),
    ]
    return [primary("XTRACTAB", "FUV"), table(columns, "XTRACTAB")]


def two_zones(optics: Optics, limits: tuple[float, float, float, float] = (0.005, 0.1, 0.9, 0.995)) -> list:
    """TWOZXTAB; `limits` of the zones are fractions of the enclosed energy from below."""
    modes = _modes(optics, _SCIENCE)
    n = len(modes)
    row = np.array([optics.middle(s, a) for s, a in modes])
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("B_SPEC", "1D", row, "pixel"),
        ("HEIGHT", "1J", [TWOZONE_HEIGHT] * n, "pixel"),
        ("B_BKG1", "1D", row + BACKGROUND["PSA"][0], "pixel"),
        ("B_BKG2", "1D", row + BACKGROUND["PSA"][1], "pixel"),
        ("BHEIGHT", "1J", [BACKGROUND_HEIGHT["PSA"]] * n, "pixel"),
        ("BWIDTH", "1J", [100] * n, "pixel"),
        *((name, "1D", [limit] * n) for name, limit in zip(_ZONES, limits, strict=True)),
        ("YERRMAX", "1D", [0.5] * n, "pixel"),
    ]
    life_adj = optics.configuration.life_adj
    return [primary("TWOZXTAB", "FUV", LIFE_ADJ=life_adj), table(columns, "TWOZXTAB")]


def _proftab(optics: Optics) -> list:
    modes = _modes(optics, _SCIENCE)
    x = np.arange(COLUMNS, dtype=np.float64)
    middle = np.array([optics.middle(s, a) for s, a in modes])
    first = np.rint(middle).astype(int) - PROFILE_ROWS // 2
    profiles = np.empty((len(modes), PROFILE_ROWS, COLUMNS), np.float32)
    for k, row in enumerate(first):
        rows = row + np.arange(PROFILE_ROWS)[:, np.newaxis] - middle[k]
        profiles[k] = optics.profile(rows, x, DIGITISATION)
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("ROW_0", "1J", first, "pixel"),
        ("CENTER", "1D", middle, "pixel"),
        ("PROFILE", f"{PROFILE_ROWS * COLUMNS}E", profiles),
    ]
    return [primary("PROFTAB", "FUV", LIFE_ADJ=optics.configuration.life_adj), table(columns, "PROFTAB")]


def _tracetab(optics: Optics) -> list:
    modes = _modes(optics, _SCIENCE)
    x = np.arange(COLUMNS, dtype=np.float64)
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("TRACE", f"{COLUMNS}D", np.array([optics.trace(s, x) for s, _ in modes]), "pixel"),
    ]
    return [primary("TRACETAB", "FUV", LIFE_ADJ=optics.configuration.life_adj), table(columns, "TRACETAB")]


def _lamptab(optics: Optics) -> list:
    c = optics.configuration
    rows = [(s, f) for s in c.possible_segments for f in _FPOFFSETS]
    spectra = np.array([optics.lamp_spectrum(s, f) for s, f in rows])
    columns: list[tuple] = [
        ("SEGMENT", "4A", [s for s, _ in rows]),
        ("OPT_ELEM", "5A", [c.opt_elem] * len(rows)),
        ("CENWAVE", "1J", [c.cenwave] * len(rows), "angstrom"),
        ("FPOFFSET", "1J", [f for _, f in rows]),
        ("FP_PIXEL_SHIFT", "1D", [optics.fp_shift(f) for _, f in rows], "pixel"),
        ("HAS_LINES", "1L", [optics.has_lamp_lines(s) for s, _ in rows]),
        ("INTENSITY", f"{COLUMNS}D", spectra, "count"),
    ]
    return [primary("LAMPTAB", "FUV"), table(columns, "LAMPTAB")]


def _disptab(optics: Optics) -> list:
    modes = _modes(optics, ("PSA", "BOA", "WCA"))
    coefficients = np.zeros((len(modes), 4))
    coefficients[:, :3] = [optics.dispersion(s, a).coefficients for s, a in modes]
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("NELEM", "1J", [3] * len(modes)),
        ("COEFF", "4D", coefficients),
        ("D_TV03", "1E", [0.0] * len(modes), "pixel"),
        ("D", "1E", [0.0] * len(modes), "pixel"),
    ]
    return [primary("DISPTAB", "FUV"), table(columns, "DISPTAB")]


def _fluxtab(optics: Optics) -> list:
    n = 2000
    modes = _modes(optics, _SCIENCE)
    grid = np.array([np.linspace(*optics.wavelength_range(s), n) for s, _ in modes])
    response = np.array([optics.sensitivity(grid[k], a) for k, (_, a) in enumerate(modes)])
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("WAVELENGTH", f"{n}D", grid, "angstrom"),
        ("SENSITIVITY", f"{n}E", response.astype(np.float32)),
    ]
    return [primary("FLUXTAB", "FUV", PHARANGE=PHA_RANGE), table(columns, "FLUXTAB")]


def _wcptab(optics: Optics) -> list:
    grating = optics.configuration.opt_elem
    columns: list[tuple] = [
        ("OPT_ELEM", "8A", [grating]),
        ("XC_RANGE", "1J", [60], "pixel"),
        ("RESWIDTH", "1D", [6.0]),
        ("MAX_TIME_DIFF", "1D", [0.067], "d"),
        ("STEPSIZE", "1J", [round(FP_STEP[grating])], "pixel"),
        ("XD_RANGE", "1J", [30], "pixel"),
        ("BOX", "1J", [7], "pixel"),
        ("SEARCH_OFFSET", "1J", [0], "pixel"),
        ("N_SIGMA", "1D", [15.0]),
    ]
    return [primary("WCPTAB", "FUV"), table(columns, "WCPTAB")]


def _tdstab(optics: Optics) -> list:
    modes = _modes(optics, _SCIENCE)
    wavelength, slope, intercept = (
        np.array(values) for values in zip(*(optics.ageing_nodes(s) for s, _ in modes), strict=True)
    )
    nt, nw = slope.shape[1:]
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("NWL", "1J", [nw] * len(modes)),
        ("NT", "1J", [nt] * len(modes)),
        ("WAVELENGTH", f"{nw}D", wavelength, "angstrom"),
        ("TIME", f"{nt}D", [AGEING_TIMES] * len(modes), "MJD"),
        ("SLOPE", f"{nt * nw}D", slope, "percent / year"),
        ("INTERCEPT", f"{nt * nw}D", intercept),
    ]
    return [primary("TDSTAB", "FUV", PHARANGE=PHA_RANGE), table(columns, "TDSTAB", REF_TIME=AGEING_TIMES[0])]


def _spwcstab(optics: Optics) -> list:
    modes = _modes(optics, _SCIENCE)
    n, middle = len(modes), COLUMNS / 2.0
    relations = [optics.dispersion(s, a) for s, a in modes]
    values = {
        "CRPIX1": [middle + 1.0] * n,
        "CRVAL1": [float(r.wavelength(middle)) for r in relations],
        "CDELT1": [float(r.dispersion(middle)) for r in relations],
        "CDELT2": [6.2e-6] * n, "CDELT3": [2.5e-5] * n, "G": [3.8e6] * n, "ALPHA": [20.1] * n,
        "THETA": [0.0] * n, "SPECRES": [16000.0] * n,
    }  # fmt: skip
    columns: list[tuple] = [
        *_mode_columns(optics, modes),
        ("CTYPE1", "8A", ["WAVE"] * n),
        ("SPORDER", "1J", [1] * n),
    ]
    columns += [(name, "1D", value) for name, value in values.items()]
    return [primary("SPWCSTAB", "FUV"), table(columns, "SPWCSTAB")]


def _hvdstab(optics: Optics) -> list:
    segments = optics.configuration.possible_segments
    intercept, slope, zero = zip(*(detector.HV_SENSITIVITY[s] for s in segments), strict=True)
    columns: list[tuple] = [
        ("SEGMENT", "4A", list(segments)),
        ("OPT_ELEM", "5A", [optics.configuration.opt_elem] * len(segments)),
        ("CENWAVE", "1J", [optics.configuration.cenwave] * len(segments), "angstrom"),
        ("SLOPE", "1D", slope),
        ("INTERCEPT", "1D", intercept),
        ("ZEROPOINT", "1D", zero),
    ]
    return [primary("HVDSTAB", "FUV"), table(columns, "HVDSTAB")]


MAKERS: dict[str, tuple[str, Callable[[Optics], list]]] = {
    "XTRACTAB": ("1dx", _xtractab),
    "TWOZXTAB": ("2zx", two_zones),
    "PROFTAB": ("profile", _proftab),
    "TRACETAB": ("trace", _tracetab),
    "LAMPTAB": ("lamp", _lamptab),
    "DISPTAB": ("disp", _disptab),
    "FLUXTAB": ("phot", _fluxtab),
    "WCPTAB": ("wcp", _wcptab),
    "TDSTAB": ("tds", _tdstab),
    "SPWCSTAB": ("spwcs", _spwcstab),
    "HVDSTAB": ("hvds", _hvdstab),
}
"""Suffix of the name, and what makes the HDUs, by header keyword."""
