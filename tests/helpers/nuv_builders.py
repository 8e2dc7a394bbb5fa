"""Small NUV exposures in memory, and XTRACTAB rows of three stripes, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from helpers import builders
from recos import References
from recos.data.events import EventList
from recos.data.exposure import Exposure
from recos.data.gti import GTI
from recos.data.mode import exposure_time, mode_from_headers
from recos.data.switches import read_switches, reset_switches

#: Rows of the stripes at the left edge of the detector, and their slope.
SKY = {"NUVA": 180.0, "NUVB": 280.0, "NUVC": 420.0}
LAMP = {"NUVA": 550.0, "NUVB": 650.0, "NUVC": 790.0}
SLOPE = 0.01
ROOT = "lnuv01aaq"


def headers(
    imaging: bool = False, accum: bool = False, **keywords: object
) -> tuple[fits.Header, fits.Header]:
    """Primary and extension header; keywords that are no primary ones go to the extension."""
    primary = fits.PrimaryHDU().header
    primary.extend(
        [
            ("DETECTOR", "NUV"), ("SEGMENT", "N/A"), ("OBSTYPE", "IMAGING" if imaging else "SPECTROSCOPIC"),
            ("OBSMODE", "ACCUM" if accum else "TIME-TAG"), ("EXPTYPE", "EXTERNAL/SCI"),
            ("OPT_ELEM", "MIRRORA" if imaging else "G185M"), ("CENWAVE", 0 if imaging else 1850),
            ("FPOFFSET", 0), ("FPPOS", 3), ("APERTURE", "PSA"), ("LIFE_ADJ", 1), ("TARGNAME", "STAR"),
            ("COSCOORD", "USER"), ("TAGFLASH", "NONE"), ("RA_TARG", 10.0), ("DEC_TARG", 20.0),
            ("LAMPUSED", "NONE"), ("LAMPPLAN", "PT1"), ("WAVECALS", ""), ("STATFLAG", False),
            ("FLATCORR", "PERFORM"), ("DEADCORR", "PERFORM"), ("DQICORR", "PERFORM"), ("DOPPCORR", "PERFORM"),
            ("WAVECORR", "PERFORM"), ("PHOTCORR", "PERFORM"), ("BADTCORR", "PERFORM"), ("X1DCORR", "OMIT"),
        ]
    )  # fmt: skip
    header = fits.Header(
        [
            ("EXPSTART", 55000.0), ("EXPEND", 55000.0 + 100.0 / 86400.0), ("EXPTIME", 100.0),
            ("DISPAXIS", 0 if imaging else 1), ("SDQFLAGS", 184), ("DOPPONT", True), ("DOPMAGT", 3.2),
            ("DOPZEROT", 54999.99), ("ORBTPERT", 5700.0), ("NUMFLASH", 0), ("NSUBARRY", 0),
        ]
    )  # fmt: skip
    for name, value in keywords.items():
        (primary if name.upper() in primary else header)[name.upper()] = value
    return primary, header


def make_raw_image(directory: Path, image: np.ndarray | None, **keywords: object) -> Path:
    """A rawaccum file; keywords as for :func:`headers`."""
    primary, header = headers(accum=True, **keywords)  # type: ignore[arg-type]
    sci = fits.ImageHDU(image, name="SCI")
    sci.header.update(header)
    hdus = [fits.PrimaryHDU(header=primary), sci, fits.ImageHDU(name="ERR"), fits.ImageHDU(name="DQ")]
    path = directory / f"{ROOT}_rawaccum.fits"
    fits.HDUList(hdus).writeto(path)
    return path


def make_exposure(
    x: object,
    y: object,
    time: object = None,
    *,
    imaging: bool = False,
    accum: bool = False,
    **keywords: object,
) -> Exposure:
    """An NUV exposure of 100 s with events at these pixels.

    Parameters
    ----------
    x, y : array_like of int
    time : array_like of float, optional
        Seconds; evenly spread by default, 50 s for ACCUM.
    imaging, accum : bool
    **keywords
        Of the headers.
    """
    primary, header = headers(imaging, accum, **keywords)
    path = Path("lnuv01aaq_rawaccum.fits" if accum else "lnuv01aaq_rawtag.fits")
    mode = mode_from_headers(primary, header, path)
    n = len(np.atleast_1d(x))
    if time is None:
        time = np.full(n, 50.0) if accum else np.linspace(0.0, 100.0, n)
    events = EventList.from_raw(np.asarray(time), np.asarray(x), np.asarray(y))
    for copy, source in (("xdopp", "xcorr"), ("xfull", "xcorr"), ("yfull", "ycorr")):
        getattr(events, copy)[:] = getattr(events, source)
    exposure = Exposure(
        path=path,
        primary=primary,
        header=header,
        mode=mode,
        switches=reset_switches(read_switches(primary), primary, header, mode, path),
        events=events,
        raw_gti=GTI.of([(0.0, 100.0)]),
        gti_hdus=[],
        exptime=exposure_time(mode, header),
        elapsed=100.0,
    )
    exposure.active = np.ones(n, bool)
    return exposure


def make_refs(directory: Path, names: Mapping[str, str] | None = None) -> References:
    """XTRACTAB of the stripes, and whatever `names` adds."""
    rows = [(s, a, y) for a, places in (("PSA", SKY), ("BOA", SKY), ("WCA", LAMP)) for s, y in places.items()]
    n = len(rows)
    columns = [
        ("SEGMENT", "4A", [r[0] for r in rows]), ("OPT_ELEM", "5A", ["G185M"] * n),
        ("CENWAVE", "1J", [1850] * n), ("APERTURE", "3A", [r[1] for r in rows]),
        ("B_SPEC", "1D", [r[2] for r in rows]), ("SLOPE", "1D", [SLOPE] * n), ("HEIGHT", "1J", [31] * n),
        ("B_BKG1", "1D", [r[2] - 45.0 for r in rows]), ("B_BKG2", "1D", [r[2] + 45.0 for r in rows]),
        ("BHEIGHT", "1J", [21] * n), ("BWIDTH", "1J", [100] * n),
    ]  # fmt: skip
    return builders.make_refs({**builders.make_table_file(directory, "XTRACTAB", columns), **(names or {})})
