"""What GEOCORR and DGEOCORR share: subtract the maps of a file. Specification 2, section 13."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from recos.data.exposure import Exposure
from recos.data.mode import Mode
from recos.errors import ReferenceFileError
from recos.kernels.geometry import file_pixels, subtract_interpolated, subtract_nearest
from recos.references import References
from recos.references.need import Need
from recos.steps.positions import check_positions


def subtract_distortion(exposure: Exposure, refs: References, keyword: str) -> None:
    """Subtract the distortion maps of GEOFILE or DGEOFILE from XCORR and YCORR of all events.

    IGEOCORR = PERFORM interpolates between the pixels of the maps, and becomes COMPLETE; otherwise the
    nearest pixel counts. Events outside the maps stay where they are.

    Raises
    ------
    ReferenceFileError
        If the two maps do not fit together, their scale keywords make no sense, or values are no numbers.
    """
    refs.announce(keyword)
    exposure.announce("IGEOCORR")
    interpolate = exposure.performs("IGEOCORR")
    x, y = exposure.events.xcorr, exposure.events.ycorr
    subtract_maps(x, y, refs, keyword, exposure.mode.segment, interpolate)
    check_positions(refs, keyword, x, y)
    if interpolate:
        exposure.mark("IGEOCORR")


def subtract_maps(
    x: np.ndarray, y: np.ndarray, refs: References, keyword: str, segment: str, interpolate: bool
) -> None:
    """Subtract the two maps of a file from positions, in place, float32.

    Raises
    ------
    ReferenceFileError
        If the two maps do not fit together or their scale keywords make no sense.
    """
    (x_map, x_header), (y_map, y_header) = (refs.image(keyword, (segment, version)) for version in (1, 2))
    name = f"{refs.path(keyword)} ({keyword})"
    origin, bins = _scale(x_header, name)
    if _scale(y_header, name) != (origin, bins):
        raise ReferenceFileError(
            f"{name}: ORIGIN_X, ORIGIN_Y, XBIN or YBIN of the maps of x and y differ; use another {keyword}."
        )
    if x_map is None or y_map is None or x_map.shape != y_map.shape or min(x_map.shape) < 2:
        shapes = " and ".join("none" if m is None else str(m.shape) for m in (x_map, y_map))
        raise ReferenceFileError(
            f"{name}: the maps of x and y have the shapes {shapes}; expected two equal ones, at least 2 x 2."
        )
    subtract = subtract_interpolated if interpolate else subtract_nearest
    subtract(
        x, y, file_pixels(x_map), file_pixels(y_map), np.array(origin, np.float32), np.array(bins, np.float32)
    )


def _scale(header: fits.Header, name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Origin and pixel size (x, y) of a map in detector pixels."""
    values = []
    for key, default in (("ORIGIN_X", 0), ("ORIGIN_Y", 0), ("XBIN", 1), ("YBIN", 1)):
        value = header.get(key, default)
        if not isinstance(value, int) or (key.endswith("BIN") and value < 1):
            raise ReferenceFileError(f"{name}: {key} = {value!r}; expected a whole number of pixels.")
        values.append(value)
    return (values[0], values[1]), (values[2], values[3])


def distortion_need(switch: str, keyword: str, mode: Mode) -> Need:
    """The two maps of a segment."""
    return Need(keyword, switch, extensions=((mode.segment, 1), (mode.segment, 2)))
