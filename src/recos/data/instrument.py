"""Detectors, apertures, gratings and data-quality bits of COS: the constants, once.

Sources: COS Data Handbook sections 1.2 and 2.7; specification chapters 1 (section 6.5), 3 (section 4.1)
and 4 (section 1.1).
"""

from __future__ import annotations

from enum import IntFlag

SPEED_OF_LIGHT = 299792.458
"""km/s"""
SECONDS_PER_DAY = 86400.0
#: No exposure lasts that long, s; larger times come from damaged files.
LONGEST_EXPOSURE = 1e6

FUV_SHAPE = (1024, 16384)
"""Rows and columns of an FUV segment."""
NUV_SHAPE = (1024, 1024)
"""Rows and columns of the NUV MAMA."""
NUV_SPECTRUM_SHAPE = (1024, 1274)
"""NUV spectral images are wider than the detector, so that shifted spectra stay inside."""
NUV_X_OFFSET = 100
"""Column of an NUV spectral image that holds detector column 0."""

SEGMENTS = ("FUVA", "FUVB")
STRIPES = ("NUVA", "NUVB", "NUVC")
APERTURES = ("PSA", "WCA", "BOA", "FCA")
FUV_GRATINGS = ("G130M", "G160M", "G140L")
NUV_GRATINGS = ("G185M", "G225M", "G285M", "G230L")
MIRRORS = ("MIRRORA", "MIRRORB")


class DQ(IntFlag):
    """Data-quality bits (COS Data Handbook, Table 2.19)."""

    REED_SOLOMON = 1
    HOT_SPOT = 2
    GRID_SHADOW = 4
    POORLY_CALIBRATED = 8
    VERY_LOW_RESPONSE = 16
    BACKGROUND_FEATURE = 32
    BURST = 64
    OUT_OF_BOUNDS = 128
    FILL = 256
    PULSE_HEIGHT = 512
    LOW_RESPONSE = 1024
    BAD_TIME = 2048
    LOW_PULSE_HEIGHT_FEATURE = 4096
    GAIN_SAG_HOLE = 8192


EVENT_REJECTION = int(DQ.BURST | DQ.PULSE_HEIGHT | DQ.BAD_TIME)
"""Events with one of these bits enter no image and no spectrum."""

DEFAULT_SDQFLAGS = 184
"""Serious bits for extraction when the header has no SDQFLAGS."""
DEFAULT_STATISTICS_SDQFLAGS = 3832
"""Serious bits for image statistics when the header has no SDQFLAGS."""

_APERTURE_HOME = {"PSA": 126.0, "WCA": 126.0, "BOA": -153.0, "FCA": -153.0}
_ARCSEC_PER_STEP = -0.0476
_PIXELS_PER_ARCSEC = {
    "G130M": 11.9,
    "G160M": 11.9,
    "G140L": 11.9,
    "G185M": 41.85,
    "G225M": 41.89,
    "G285M": 41.80,
    "G230L": 42.27,
    "MIRRORA": 42.5,
    "MIRRORB": 42.5,
}


def aperture_plate_offset(life_adj: int, aperypos: float | None, aperture: str, opt_elem: str) -> float:
    """Cross-dispersion offset of the aperture plate from its home position, in pixels.

    Not zero only for data taken at no lifetime position (LIFE_ADJ = -1). Specification 1, section 6.5.

    Parameters
    ----------
    life_adj : int
        Keyword LIFE_ADJ; a missing one counts as -1.
    aperypos : float or None
        Keyword APERYPOS, motor steps.
    aperture, opt_elem : str
        Aperture and grating or mirror.
    """
    scale = _PIXELS_PER_ARCSEC.get(opt_elem)
    if life_adj != -1 or aperypos is None or scale is None:
        return 0.0
    home = _APERTURE_HOME.get(aperture, _APERTURE_HOME["PSA"])
    return (aperypos - home) * _ARCSEC_PER_STEP * scale


def segment_letter(segment: str) -> str:
    """Last letter of a segment or stripe: A, B or C."""
    return segment[-1]
