"""The orbit of HST, from the elements in the support file. Specification 3, section 13.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import InputError

_EPOCH = 46066.0
"""MJD from which EPCHTIME counts."""
_TWO_PI = 2.0 * np.pi
KEYWORDS = (
    "ARGPERIG", "CIRVELOC", "COSINCLI", "ECBDX3", "ECCENTRY", "ECCENTX2", "ECBDX4D3", "EPCHTIME", "ESQDX5D2",
    "FDMEANAN", "MEANANOM", "RASCASCN", "RCARGPER", "RCASCNRV", "SDMEANAN", "SEMILREC", "SINEINCL",
)  # fmt: skip


def hst_orbit(elements: Mapping[str, Any], mjd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Geocentric position and velocity of HST.

    Parameters
    ----------
    elements : mapping
        Primary header of the support file (spt).
    mjd : ndarray of float64, shape (n,)
        Modified Julian Date.

    Returns
    -------
    position, velocity : ndarray of float64, shape (3, n)
        km, km/s; equatorial.

    Raises
    ------
    InputError
        If the header lacks an element of the orbit.
    """
    missing = [key for key in KEYWORDS if key not in elements]
    if missing:
        raise InputError(
            f"The support file (spt) has no keyword {', '.join(missing)}, which describe the orbit of HST. "
            "Retrieve it again, or move it away to do without the orbit."
        )
    k = {key: float(elements[key]) for key in KEYWORDS}
    t = (mjd - _EPOCH) * SECONDS_PER_DAY - k["EPCHTIME"]
    M = k["MEANANOM"] + _TWO_PI * (k["FDMEANAN"] * t + 0.5 * k["SDMEANAN"] * t * t)
    sin_M, cos_M = np.sin(M), np.cos(M)
    anomaly = M + sin_M * (
        k["ECCENTX2"] + k["ECBDX3"] * cos_M**2 - k["ECBDX4D3"] * sin_M**2 + k["ESQDX5D2"] * cos_M
    )
    radius = k["SEMILREC"] / (1.0 + k["ECCENTRY"] * np.cos(anomaly))
    node = _TWO_PI * (k["RASCASCN"] + k["RCASCNRV"] * t)
    argument = _TWO_PI * (k["ARGPERIG"] + k["RCARGPER"] * t) + anomaly
    sin_n, cos_n, sin_f, cos_f = np.sin(node), np.cos(node), np.sin(argument), np.cos(argument)
    ci, si = k["COSINCLI"], k["SINEINCL"]
    x = radius * (cos_n * cos_f - ci * sin_n * sin_f)
    y = radius * (sin_n * cos_f + ci * cos_n * sin_f)
    z = radius * si * sin_f
    outward = k["CIRVELOC"] * k["ECCENTRY"] * np.sin(anomaly) / radius
    along = k["CIRVELOC"] * (1.0 + k["ECCENTRY"] * np.cos(anomaly)) + _TWO_PI * k["RCARGPER"] * radius
    node_rate = _TWO_PI * k["RCASCNRV"]
    vx = outward * x - along * (cos_n * sin_f + ci * sin_n * cos_f) - node_rate * y
    vy = outward * y - along * (sin_n * sin_f - ci * cos_n * cos_f) + node_rate * x
    vz = outward * z + along * si * cos_f
    return np.stack([x, y, z]) / 1000.0, np.stack([vx, vy, vz]) / 1000.0
