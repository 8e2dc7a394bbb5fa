"""Reference files of the forward model: its functions as tables and images in the layout of COS files.

Column names and keywords as the sections of the steps have them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.data.reference_kinds import KINDS
from small_cos import model as instrument
from small_cos.model import CENWAVE, COLUMNS, FP_PIXEL_SHIFT, GEO_BIN, OPT_ELEM, ROWS, SEGMENTS, Model

FLAT_HALF_HEIGHT = 16
"""The flat field covers this many rows on either side of the spectrum, to keep the file small."""
PSA_HEIGHT, WCA_HEIGHT = 35, 31
BACKGROUND_OFFSETS = (-60.0, 52.0)
BACKGROUND_HEIGHT = 25
APERTURES = ("PSA", "BOA", "WCA")

_SUFFIX = {
    "FLATFILE": "flat", "DEADTAB": "dead", "BPIXTAB": "bpix", "BRFTAB": "brf", "GEOFILE": "geo",
    "XWLKFILE": "xwalk", "YWLKFILE": "ywalk", "PHATAB": "pha", "XTRACTAB": "1dx", "LAMPTAB": "lamp",
    "DISPTAB": "disp", "FLUXTAB": "phot", "WCPTAB": "wcp", "TDSTAB": "tds", "SPWCSTAB": "spwcs",
}  # fmt: skip


def primary(keyword: str, **keywords: object) -> fits.PrimaryHDU:
    """Primary HDU of a reference file of the kind that `keyword` names."""
    kind = KINDS[keyword]
    hdu = fits.PrimaryHDU()
    hdu.header.update(
        {
            "FILETYPE": kind.filetype,
            "TELESCOP": "HST",
            "INSTRUME": "COS",
            "DETECTOR": "FUV",
            "VCALCOS": kind.minimum_version,
            "PEDIGREE": "MODEL",
            "USEAFTER": "May 11 2009 00:00:00",
            "DESCRIP": "Simulated by recos; not for the calibration of real data",
            "COSCOORD": "USER",
            **keywords,
        }
    )
    return hdu


def table(columns: Sequence[tuple], name: str = "", **keywords: object) -> fits.BinTableHDU:
    """A table of columns (name, format, values) or (name, format, values, unit)."""
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(c[0], c[1], unit=c[3] if len(c) > 3 else None, array=np.asarray(c[2])) for c in columns],
        name=name or None,
    )
    hdu.header.update(keywords)
    return hdu


def mode_columns(rows: Sequence[tuple[str, str]]) -> list[tuple]:
    """The columns that select a mode, for rows of (segment, aperture)."""
    n = len(rows)
    return [
        ("SEGMENT", "4A", [s for s, _ in rows]),
        ("OPT_ELEM", "5A", [OPT_ELEM] * n),
        ("CENWAVE", "1J", [CENWAVE] * n),
        ("APERTURE", "3A", [a for _, a in rows]),
    ]


def images(keyword: str, arrays: dict[tuple[str, int], np.ndarray], **keywords: object) -> fits.HDUList:
    """A file of float32 images by (segment, EXTVER)."""
    hdus: list = [primary(keyword)]
    for (segment, version), array in arrays.items():
        hdu = fits.ImageHDU(np.asarray(array, np.float32), name=segment, ver=version)
        hdu.header.update({"SEGMENT": segment, **keywords})
        hdus.append(hdu)
    return fits.HDUList(hdus)


_ALL = [(s, a) for s in SEGMENTS for a in APERTURES]
_SCIENCE = [(s, a) for s in SEGMENTS for a in ("PSA", "BOA")]


def _flatfile(model: Model) -> fits.HDUList:
    hdus: list = [primary("FLATFILE", PHARANGE=_pha_range())]
    for name, layout in SEGMENTS.items():
        origin_x = layout.left - 20
        origin_y = round(layout.y_psa + layout.slope * COLUMNS / 2) - FLAT_HALF_HEIGHT
        x = np.arange(origin_x, layout.right + 20)[np.newaxis]
        y = np.arange(origin_y, origin_y + 2 * FLAT_HALF_HEIGHT + 1)[:, np.newaxis]
        hdu = fits.ImageHDU(model.flat(x, y).astype(np.float32), name=name, ver=1)
        hdu.header.update({"SEGMENT": name, "ORIGIN_X": origin_x, "ORIGIN_Y": origin_y, "SNR_FF": 30.0})
        hdus.append(hdu)
    return fits.HDUList(hdus)


def in_flat(segment: str, y: np.ndarray) -> np.ndarray:
    """Which rows the flat field covers; elsewhere its value is 1."""
    layout = SEGMENTS[segment]
    middle = round(layout.y_psa + layout.slope * COLUMNS / 2)
    return np.abs(y - middle) <= FLAT_HALF_HEIGHT


def _pha_range() -> str:
    return "{:02d}_{:02d}".format(*instrument.PULSE_HEIGHT_LIMITS)


def _deadtab(model: Model) -> fits.HDUList:
    rates = np.concatenate([np.arange(0.0, 2000.0, 100.0), np.arange(2000.0, 32001.0, 2000.0)])
    n = len(rates)
    columns = [
        ("SEGMENT", "4A", ["FUVA"] * n + ["FUVB"] * n),
        ("OBS_RATE", "1D", np.tile(rates, 2), "count /s"),
        ("LIVETIME", "1D", np.tile(model.livetime(rates), 2)),
    ]
    return fits.HDUList([primary("DEADTAB"), table(columns, "DEADTAB", TIMESTEP=10.0)])


def _bpixtab(_: Model) -> fits.HDUList:
    regions = [
        ("FUVA", 4100, 300, 60, 30, 8), ("FUVA", 8200, 470, 12, 40, 16), ("FUVA", 12000, 600, 40, 20, 32),
        ("FUVB", 2100, 400, 60, 30, 8), ("FUVB", 6400, 530, 12, 40, 16), ("FUVB", 9900, 700, 40, 20, 1024),
    ]  # fmt: skip
    names = ("LX", "LY", "DX", "DY", "DQ")
    columns: list[tuple] = [("SEGMENT", "4A", [r[0] for r in regions])]
    columns += [(name, "1J", [r[k + 1] for r in regions]) for k, name in enumerate(names)]
    return fits.HDUList([primary("BPIXTAB", PHARANGE=_pha_range()), table(columns, "BPIXTAB")])


def _brftab(_: Model) -> fits.HDUList:
    s = list(SEGMENTS.values())
    columns: list[tuple] = [("SEGMENT", "4A", [x.name for x in s])]
    for i in (0, 1):
        columns.append((f"SX{i + 1}", "1D", [x.stims[i][0] for x in s]))
        columns.append((f"SY{i + 1}", "1D", [x.stims[i][1] for x in s]))
    columns += [("XWIDTH", "1I", [90, 90]), ("YWIDTH", "1I", [30, 30])]
    for name in ("LEFT", "RIGHT", "LOW", "HIGH"):
        columns.append((f"A_{name}", "1J", [getattr(x, name.lower()) for x in s]))
    return fits.HDUList([primary("BRFTAB"), table(columns, "BRFTAB", TIMESTEP=60.0)])


def _geofile(model: Model) -> fits.HDUList:
    xbin, ybin = GEO_BIN
    y, x = np.mgrid[0 : ROWS + ybin : ybin, 0 : COLUMNS + xbin : xbin]
    dx, dy = model.distortion(x.astype(np.float64), y.astype(np.float64))
    arrays = {(s, v): (dx, dy)[v - 1] for s in SEGMENTS for v in (1, 2)}
    return images("GEOFILE", arrays, ORIGIN_X=0, ORIGIN_Y=0, XBIN=xbin, YBIN=ybin)


def _walk_file(keyword: str, width: int, axis: int) -> Callable[[Model], fits.HDUList]:
    def make(model: Model) -> fits.HDUList:
        shift = model.walk(np.arange(32.0))[axis]
        return images(keyword, {(s, 1): np.repeat(shift[:, np.newaxis], width, axis=1) for s in SEGMENTS})

    return make


def _phatab(_: Model) -> fits.HDUList:
    low, high = instrument.PULSE_HEIGHT_LIMITS
    columns = [
        ("SEGMENT", "4A", list(SEGMENTS)),
        ("OPT_ELEM", "5A", [OPT_ELEM] * 2),
        ("LLT", "1I", [low] * 2),
        ("ULT", "1I", [high] * 2),
        ("MIN_PEAK", "1D", [0.6] * 2),
        ("MAX_PEAK", "1D", [1.6] * 2),
    ]
    return fits.HDUList([primary("PHATAB"), table(columns, "PHATAB")])


def _xtractab(_: Model) -> fits.HDUList:
    row = [SEGMENTS[s].y_wca if a == "WCA" else SEGMENTS[s].y_psa for s, a in _ALL]
    n = len(_ALL)
    columns = [
        *mode_columns(_ALL),
        ("B_SPEC", "1D", row),
        ("SLOPE", "1D", [SEGMENTS[s].slope for s, _ in _ALL]),
        ("HEIGHT", "1J", [WCA_HEIGHT if a == "WCA" else PSA_HEIGHT for _, a in _ALL]),
        ("B_BKG1", "1D", [SEGMENTS[s].y_psa + BACKGROUND_OFFSETS[0] for s, _ in _ALL]),
        ("B_BKG2", "1D", [SEGMENTS[s].y_psa + BACKGROUND_OFFSETS[1] for s, _ in _ALL]),
        ("BHEIGHT", "1J", [BACKGROUND_HEIGHT] * n),
        ("BWIDTH", "1J", [100] * n),
    ]
    return fits.HDUList([primary("XTRACTAB"), table(columns, "XTRACTAB")])


def _lamptab(model: Model) -> fits.HDUList:
    rows = [(s, f) for s in SEGMENTS for f in FP_PIXEL_SHIFT]
    columns = [
        ("SEGMENT", "4A", [s for s, _ in rows]),
        ("OPT_ELEM", "5A", [OPT_ELEM] * len(rows)),
        ("CENWAVE", "1J", [CENWAVE] * len(rows)),
        ("FPOFFSET", "1J", [f for _, f in rows]),
        ("FP_PIXEL_SHIFT", "1D", [FP_PIXEL_SHIFT[f] for _, f in rows], "pixel"),
        ("INTENSITY", f"{COLUMNS}E", np.array([model.lamp(s, f) for s, f in rows], np.float32), "count"),
    ]
    return fits.HDUList([primary("LAMPTAB"), table(columns, "LAMPTAB")])


def _disptab(model: Model) -> fits.HDUList:
    coefficients = np.zeros((len(_ALL), 4))
    for i, (segment, aperture) in enumerate(_ALL):
        c = model.dispersion(segment, aperture).coefficients
        coefficients[i, : len(c)] = c
    columns = [
        *mode_columns(_ALL),
        ("NELEM", "1J", [3] * len(_ALL)),
        ("COEFF", "4D", coefficients),
        ("D_TV03", "1E", [0.0] * len(_ALL)),
        ("D", "1E", [0.0] * len(_ALL)),
    ]
    return fits.HDUList([primary("DISPTAB"), table(columns, "DISPTAB")])


def _fluxtab(model: Model) -> fits.HDUList:
    n = 600
    grid = np.array([_wavelength_grid(model, s, n) for s, _ in _SCIENCE])
    response = np.array([model.sensitivity(s, grid[i]) for i, (s, _) in enumerate(_SCIENCE)])
    columns = [
        *mode_columns(_SCIENCE),
        ("WAVELENGTH", f"{n}D", grid, "angstrom"),
        ("SENSITIVITY", f"{n}E", response.astype(np.float32)),
    ]
    return fits.HDUList([primary("FLUXTAB", PHARANGE=_pha_range()), table(columns, "FLUXTAB")])


def _wavelength_grid(model: Model, segment: str, n: int) -> np.ndarray:
    ends = model.dispersion(segment).wavelength(np.array([0.0, COLUMNS - 1.0]))
    return np.linspace(ends[0] - 5.0, ends[1] + 5.0, n)


def _wcptab(_: Model) -> fits.HDUList:
    columns = [
        ("OPT_ELEM", "8A", [OPT_ELEM]),
        ("XC_RANGE", "1J", [60], "pixel"),
        ("RESWIDTH", "1D", [6.0]),
        ("MAX_TIME_DIFF", "1D", [0.1], "d"),
        ("STEPSIZE", "1J", [252], "pixel"),
        ("XD_RANGE", "1J", [30], "pixel"),
        ("BOX", "1J", [7], "pixel"),
        ("SEARCH_OFFSET", "1J", [0], "pixel"),
        ("N_SIGMA", "1D", [15.0]),
    ]
    return fits.HDUList([primary("WCPTAB"), table(columns, "WCPTAB")])


def _tdstab(model: Model) -> fits.HDUList:
    n_rows, n_wavelengths, n_times = len(_SCIENCE), 3, 2
    grid = np.array([_wavelength_grid(model, s, n_wavelengths) for s, _ in _SCIENCE])
    shape = (n_rows, n_times, n_wavelengths)
    dim = f"({n_wavelengths},{n_times})"
    slope = np.full(shape, model.tds_slope)
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=np.asarray(values)) for name, form, values in mode_columns(_SCIENCE)]
        + [
            fits.Column("NWL", "1J", array=[n_wavelengths] * n_rows),
            fits.Column("NT", "1J", array=[n_times] * n_rows),
            fits.Column("WAVELENGTH", f"{n_wavelengths}D", unit="angstrom", array=grid),
            fits.Column("TIME", f"{n_times}D", unit="MJD", array=[[model.tds_time, 62000.0]] * n_rows),
            fits.Column("SLOPE", f"{n_times * n_wavelengths}D", dim=dim, array=slope),
            fits.Column("INTERCEPT", f"{n_times * n_wavelengths}D", dim=dim, array=np.ones(shape)),
        ],
        name="TDSTAB",
    )
    hdu.header["REF_TIME"] = model.tds_time
    return fits.HDUList([primary("TDSTAB", PHARANGE=_pha_range()), hdu])


def _spwcstab(model: Model) -> fits.HDUList:
    middle = COLUMNS / 2
    n = len(_SCIENCE)
    relations = [model.dispersion(s) for s, _ in _SCIENCE]
    values = [
        ("CRPIX1", [middle + 1.0] * n),
        ("CRVAL1", [float(r.wavelength(middle)) for r in relations]),
        ("CDELT1", [float(r.dispersion(middle)) for r in relations]),
        ("CDELT2", [6.2e-6] * n),
        ("CDELT3", [2.5e-5] * n),
        ("G", [3.8e6] * n),
        ("ALPHA", [20.1] * n),
        ("THETA", [0.0] * n),
        ("SPECRES", [16000.0] * n),
    ]
    columns = [*mode_columns(_SCIENCE), ("CTYPE1", "8A", ["WAVE"] * n), ("SPORDER", "1J", [1] * n)]
    columns += [(name, "1D", value) for name, value in values]
    return fits.HDUList([primary("SPWCSTAB"), table(columns, "SPWCSTAB")])


_MAKERS: dict[str, Callable[[Model], fits.HDUList]] = {
    "FLATFILE": _flatfile,
    "DEADTAB": _deadtab,
    "BPIXTAB": _bpixtab,
    "BRFTAB": _brftab,
    "GEOFILE": _geofile,
    "XWLKFILE": _walk_file("XWLKFILE", 16, 0),
    "YWLKFILE": _walk_file("YWLKFILE", ROWS, 1),
    "PHATAB": _phatab,
    "XTRACTAB": _xtractab,
    "LAMPTAB": _lamptab,
    "DISPTAB": _disptab,
    "FLUXTAB": _fluxtab,
    "WCPTAB": _wcptab,
    "TDSTAB": _tdstab,
    "SPWCSTAB": _spwcstab,
}


def write_references(
    directory: str | Path, model: Model | None = None, prefix: str = "lref$"
) -> dict[str, str]:
    """Write the reference files that a BOXCAR exposure of the model needs; about 8 MB.

    Parameters
    ----------
    directory : str or Path
        Where; made if necessary. Existing files are replaced.
    model : Model, optional
        The instrument.
    prefix : str
        What the names in headers begin with; ``lref$`` stands for the environment variable lref.

    Returns
    -------
    dict of str to str
        Keyword to the name for the header.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    names = {}
    for keyword, make in _MAKERS.items():
        name = f"sim_{_SUFFIX[keyword]}.fits"
        make(model or Model()).writeto(directory / name, overwrite=True)
        names[keyword] = prefix + name
    return names
