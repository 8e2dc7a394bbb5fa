"""Reference files of the NUV channel: the model as tables and images in the layout of COS files.

Column names and keywords as the sections of the steps have them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.data.instrument import MIRRORS, SECONDS_PER_DAY, STRIPES
from recos.simulate.configurations import Configuration
from recos.simulate.nuv import detector, lamp, layout
from recos.simulate.nuv.layout import COLUMNS, GRATINGS, MIDDLE
from recos.simulate.nuv.mechanism import FPOFFSETS, STEP, fp_shift
from recos.simulate.reference_files import primary, table, write_once
from recos.steps._photcorr import photometry

_HEIGHT = {"PSA": 51, "BOA": 61, "WCA": 41}
"""Rows of the extraction box."""
_BACKGROUND = {"NUVA": (-50.0, 50.0), "NUVB": (-50.0, 69.0), "NUVC": (-70.0, 62.0)}
"""Rows from a spectrum to its two background boxes, which lie between the stripes."""
_BACKGROUND_HEIGHT, _BACKGROUND_WIDTH = 19, 100
_SNR_FLAT = 100.0
_TEMPLATE_TIME = 30.0
"""Seconds of lamp light in the template spectra."""
_SENSITIVITY_POINTS = 700
_REACH = 260
"""Columns beyond the detector that tables of wavelengths cover."""
_NO_TIME = 54000.0
"""MJD, before COS was in orbit."""
_SHOT = ("PSA", "BOA")
_Row = tuple[str, str]
"""Stripe and aperture."""
_Makers = dict[str, tuple[str, Callable[[Configuration], fits.HDUList]]]
"""Keyword to suffix of the file name and what makes the file."""


def _mode_columns(c: Configuration, rows: Sequence[_Row]) -> list[tuple]:
    n = len(rows)
    return [
        ("SEGMENT", "4A", [stripe for stripe, _ in rows]),
        ("OPT_ELEM", "5A", [c.opt_elem] * n),
        ("CENWAVE", "1J", [c.cenwave] * n),
        ("APERTURE", "3A", [aperture for _, aperture in rows]),
    ]


def _rows(apertures: Sequence[str]) -> list[_Row]:
    return [(stripe, aperture) for stripe in STRIPES for aperture in apertures]


def _file(keyword: str, *hdus: fits.BinTableHDU | fits.ImageHDU, **keywords: object) -> fits.HDUList:
    return fits.HDUList([primary(keyword, "NUV", **keywords), *hdus])


def _flatfile(_: Configuration) -> fits.HDUList:
    hdu = fits.ImageHDU(np.array(detector.flat()), name="SCI", ver=1)
    hdu.header.update({"ORIGIN_X": 0, "ORIGIN_Y": 0, "SNR_FF": _SNR_FLAT})
    return _file("FLATFILE", hdu)


def _deadtab(_: Configuration) -> fits.HDUList:
    rates = np.concatenate([np.arange(0.0, 20_000.0, 500.0), np.arange(20_000.0, 300_001.0, 10_000.0)])
    columns = [
        ("SEGMENT", "4A", ["ANY"] * len(rates)),
        ("OBS_RATE", "1D", rates, "count /s"),
        ("LIVETIME", "1D", detector.livetime(rates)),
    ]
    return _file("DEADTAB", table(columns, "DEADTAB", TIMESTEP=1.0))


def _bpixtab(_: Configuration) -> fits.HDUList:
    regions = detector.regions()
    columns: list[tuple] = [("SEGMENT", "4A", ["ANY"] * len(regions))]
    columns += [
        (name, "1J", [box[k] for box, _ in regions]) for k, name in enumerate(("LX", "LY", "DX", "DY"))
    ]
    columns.append(("DQ", "1J", [flag for _, flag in regions]))
    return _file("BPIXTAB", table(columns, "BPIXTAB", WIDEN=0.25))


def _badttab(_: Configuration) -> fits.HDUList:
    """A bad time before COS was in orbit; those of an observation are in a table of their own."""
    columns = [
        ("SEGMENT", "4A", ["ANY"]),
        ("START", "1D", [_NO_TIME], "MJD"),
        ("STOP", "1D", [_NO_TIME + 60.0 / SECONDS_PER_DAY], "MJD"),
    ]
    return _file("BADTTAB", table(columns, "BADTTAB"))


def _imphttab(c: Configuration) -> fits.HDUList:
    modes = [(mirror, aperture) for mirror in MIRRORS for aperture in _SHOT]
    known = [photometry(*mode) for mode in modes]
    hdus = []
    for version, keyword in enumerate(("PHOTFLAM", "PHOTPLAM", "PHOTBW"), start=1):
        columns = [
            ("OBSMODE", "40A", [f"cos,nuv,{mirror},{aperture}".lower() for mirror, aperture in modes]),
            ("DATACOL", "12A", [keyword] * len(modes)),
            (keyword, "1D", [values[keyword] for values in known]),
            ("PEDIGREE", "30A", ["MODEL"] * len(modes)),
            ("DESCRIP", "60A", ["Simulated by recos"] * len(modes)),
        ]
        hdus.append(table(columns, keyword, version))
    return _file("IMPHTTAB", *hdus, PHOTZPT=-21.1)


def _xtractab(c: Configuration) -> fits.HDUList:
    rows = _rows(("PSA", "BOA", "WCA"))
    places = [layout.spectrum_row(c.opt_elem, stripe, aperture) for stripe, aperture in rows]
    columns = [
        *_mode_columns(c, rows),
        ("B_SPEC", "1D", [row for row, _ in places], "pixel"),
        ("SLOPE", "1D", [slope for _, slope in places]),
        ("HEIGHT", "1J", [_HEIGHT[aperture] for _, aperture in rows], "pixel"),
        *(
            (
                f"B_BKG{k + 1}",
                "1D",
                [y + _BACKGROUND[s][k] for (s, _), (y, _) in zip(rows, places, strict=True)],
            )
            for k in (0, 1)
        ),
        ("BHEIGHT", "1J", [_BACKGROUND_HEIGHT] * len(rows), "pixel"),
        ("BWIDTH", "1J", [_BACKGROUND_WIDTH] * len(rows), "pixel"),
    ]
    return _file("XTRACTAB", table(columns, "XTRACTAB"))


def _lamptab(c: Configuration) -> fits.HDUList:
    rows = [(stripe, fpoffset) for stripe in STRIPES for fpoffset in FPOFFSETS]
    spectra = np.array([lamp.template(c, stripe, fpoffset) for stripe, fpoffset in rows]) * _TEMPLATE_TIME
    columns = [
        ("SEGMENT", "4A", [stripe for stripe, _ in rows]),
        ("OPT_ELEM", "5A", [c.opt_elem] * len(rows)),
        ("CENWAVE", "1J", [c.cenwave] * len(rows)),
        ("FPOFFSET", "1J", [fpoffset for _, fpoffset in rows]),
        ("FP_PIXEL_SHIFT", "1D", [fp_shift(c.opt_elem, *row) for row in rows], "pixel"),
        ("INTENSITY", f"{COLUMNS}E", spectra.astype(np.float32), "count"),
    ]
    return _file("LAMPTAB", table(columns, "LAMPTAB"))


def _disptab(c: Configuration) -> fits.HDUList:
    rows = _rows(("PSA", "BOA", "WCA"))
    relations = [layout.dispersion(c.opt_elem, c.cenwave, *row) for row in rows]
    coefficients = np.zeros((len(rows), 4))
    for values, relation in zip(coefficients, relations, strict=True):
        values[: len(relation.coefficients)] = relation.coefficients
    columns = [
        *_mode_columns(c, rows),
        ("NELEM", "1J", [len(relation.coefficients) for relation in relations]),
        ("COEFF", "4D", coefficients),
        ("D_TV03", "1E", [0.0] * len(rows)),
        ("D", "1E", [0.0] * len(rows)),
    ]
    return _file("DISPTAB", table(columns, "DISPTAB"))


def _wavelengths(c: Configuration, row: _Row, points: int) -> np.ndarray:
    ends = layout.dispersion(c.opt_elem, c.cenwave, *row).wavelength(np.array([-_REACH, COLUMNS + _REACH]))
    return np.linspace(ends[0], ends[1], points)


def _fluxtab(c: Configuration) -> fits.HDUList:
    rows = _rows(_SHOT)
    n = _SENSITIVITY_POINTS
    grid = np.array([_wavelengths(c, row, n) for row in rows])
    response = [layout.sensitivity(c, s, grid[i], aperture) for i, (s, aperture) in enumerate(rows)]
    columns = [
        *_mode_columns(c, rows),
        ("WAVELENGTH", f"{n}D", grid, "angstrom"),
        ("SENSITIVITY", f"{n}E", np.array(response, np.float32)),
    ]
    return _file("FLUXTAB", table(columns, "FLUXTAB"))


def _tdstab(c: Configuration) -> fits.HDUList:
    """Changes at two rates, continuous; a third interval, like the second, ends long after the mission."""
    rows = _rows(_SHOT)
    times = [layout.AGEING_START, layout.AGEING_BREAK, 65000.0]
    early, late = GRATINGS[c.opt_elem].ageing
    at_break = 1.0 + (early - late) * (layout.AGEING_BREAK - layout.AGEING_START) / 36525.0
    points = 3
    shape = (len(rows), len(times), points)
    slope = np.broadcast_to(np.array([early, late, late])[:, np.newaxis], shape)
    intercept = np.broadcast_to(np.array([1.0, at_break, at_break])[:, np.newaxis], shape)
    columns = [
        *_mode_columns(c, rows),
        ("NWL", "1J", [points] * len(rows)),
        ("NT", "1J", [len(times)] * len(rows)),
        ("WAVELENGTH", f"{points}D", np.array([_wavelengths(c, row, points) for row in rows]), "angstrom"),
        ("TIME", f"{len(times)}D", np.array([times] * len(rows)), "MJD"),
        ("SLOPE", f"{points * len(times)}D", slope),
        ("INTERCEPT", f"{points * len(times)}D", intercept),
    ]
    return _file("TDSTAB", table(columns, "TDSTAB", REF_TIME=layout.AGEING_START))


def _wcptab(_: Configuration) -> fits.HDUList:
    n = len(GRATINGS)
    columns = [
        ("OPT_ELEM", "8A", list(GRATINGS)),
        ("XC_RANGE", "1J", [80] * n, "pixel"),
        ("RESWIDTH", "1D", [3.0] * n),
        ("MAX_TIME_DIFF", "1D", [0.067] * n, "d"),
        ("STEPSIZE", "1J", [round(STEP)] * n, "pixel"),
        ("XD_RANGE", "1J", [40] * n, "pixel"),
        ("BOX", "1J", [13] * n, "pixel"),
        ("SEARCH_OFFSET", "1J", [0] * n, "pixel"),
        ("N_SIGMA", "1D", [15.0] * n),
    ]
    return _file("WCPTAB", table(columns, "WCPTAB"))


def _spwcstab(c: Configuration) -> fits.HDUList:
    rows = _rows(_SHOT)
    relations = [layout.dispersion(c.opt_elem, c.cenwave, *row) for row in rows]
    per_pixel = [float(relation.dispersion(MIDDLE)) for relation in relations]
    middle = [float(relation.wavelength(MIDDLE)) for relation in relations]
    spread = [2.355 * layout.LINE_SPREAD[aperture] for _, aperture in rows]
    n = len(rows)
    columns = [
        *_mode_columns(c, rows),
        ("CTYPE1", "8A", ["WAVE"] * n),
        ("CRPIX1", "1D", [MIDDLE + 1.0] * n, "pixel"),
        ("CRVAL1", "1D", middle, "angstrom"),
        ("CDELT1", "1D", per_pixel, "angstrom"),
        ("CDELT2", "1D", [6.55e-6] * n, "deg"),
        ("CDELT3", "1D", [6.62e-6] * n, "deg"),
        ("G", "1D", [4.8e6] * n),
        ("SPORDER", "1J", [layout.order(c.opt_elem, stripe) for stripe, _ in rows]),
        ("ALPHA", "1D", [27.0] * n),
        ("THETA", "1D", [0.0] * n),
        ("SPECRES", "1D", [w / (d * s) for w, d, s in zip(middle, per_pixel, spread, strict=True)]),
    ]
    return _file("SPWCSTAB", table(columns, "SPWCSTAB"))


_OF_DETECTOR: _Makers = {
    "FLATFILE": ("flat", _flatfile),
    "DEADTAB": ("dead", _deadtab),
    "BPIXTAB": ("bpix", _bpixtab),
    "BADTTAB": ("badt", _badttab),
}
_OF_MIRRORS: _Makers = {"IMPHTTAB": ("imp", _imphttab)}
_OF_GRATINGS: _Makers = {"WCPTAB": ("wcp", _wcptab)}
_OF_MODE: _Makers = {
    "XTRACTAB": ("1dx", _xtractab),
    "LAMPTAB": ("lamp", _lamptab),
    "DISPTAB": ("disp", _disptab),
    "FLUXTAB": ("phot", _fluxtab),
    "TDSTAB": ("tds", _tdstab),
    "SPWCSTAB": ("spwcs", _spwcstab),
}


def write_references(c: Configuration, directory: Path) -> dict[str, str]:
    """Write the reference files of a configuration; those that exist are left alone.

    Parameters
    ----------
    c : Configuration
    directory : Path
        Made if necessary.

    Returns
    -------
    dict of str to str
        Keyword to the name for headers, such as ``lref$nuv_flat.fits``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    mode = f"nuv_{c.opt_elem.lower()}_{c.cenwave}"
    wanted = {k: (f"nuv_{suffix}.fits", make) for k, (suffix, make) in _OF_DETECTOR.items()}
    for keyword, (suffix, make) in (_OF_MIRRORS if c.is_imaging else _OF_GRATINGS).items():
        wanted[keyword] = (f"nuv_{suffix}.fits", make)
    if not c.is_imaging:
        wanted |= {k: (f"{mode}_{suffix}.fits", make) for k, (suffix, make) in _OF_MODE.items()}
    for name, make in wanted.values():
        write_once(directory / name, partial(make, c))
    return {keyword: "lref$" + name for keyword, (name, _) in wanted.items()}
