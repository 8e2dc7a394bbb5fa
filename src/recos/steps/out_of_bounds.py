"""Pixels that no event can reach, because the detector or a subarray ends. Specification 3, section 11.7."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import DQ
from recos.kernels.dq import flag_out_of_bounds
from recos.messages import get_logger, warn
from recos.references import References
from recos.steps._shift_range import ShiftRange
from recos.steps.distortion import subtract_maps

logger = get_logger(__name__)

Box = tuple[float, float, float, float]
"""x0, x1, y0, y1; half-open, raw detector pixels."""
_SUBARRAYS = {"FUVA": range(4), "FUVB": range(4, 8)}
_NO_EDGE = np.zeros(0, np.float32)


def flag_outside_detector(
    exposure: Exposure, refs: References, image: np.ndarray, shifts: ShiftRange, doppler: tuple[float, float]
) -> None:
    """Set bit 128 in an FUV image where neither the science subarray nor those of the stims lie, in place.

    Parameters
    ----------
    image : ndarray of int16, shape (1024, 16384)
    shifts : ShiftRange
        Displacements removed from the events.
    doppler : (float, float)
        Least and largest Doppler shift, pixels.
    """
    dx = round(shifts.shift1_min + doppler[0])
    dy = round(shifts.shift2_min)
    x_width = round(shifts.shift1_max - shifts.shift1_min + doppler[1] - doppler[0])
    y_width = round(shifts.shift2_max - shifts.shift2_min)
    boxes = _thermally_corrected(exposure, _subarrays(exposure, image.shape, x_width, y_width))
    low, high, _, _ = refs.active_area(exposure.mode.segment)
    stims = [box for box in boxes if box[3] < low or box[2] > high]
    science = [box for box in boxes if not (box[3] < low or box[2] > high)]
    if not science:
        warn(logger, "No subarray lies in the active area; everything but the stims counts as out of bounds")
    if len(science) > 1 and "out-of-bounds" not in exposure.corrections:
        # QUIRK (specification 3, section 11.7): only the last of several subarrays counts
        science = science[-1:]
        warn(logger, "More than one subarray in the active area; only the last one counts as inside")
    frames = []
    if exposure.performs("GEOCORR", "PERFORM", "COMPLETE"):
        frames = [_frame(_distorted_edges(exposure, refs, box), image.shape, dx, dy) for box in science]
    else:
        stims += science
    inside = _pixel_boxes(stims, image.shape, dx, dy)
    if len(frames) < 2:
        flag_out_of_bounds(image, inside, *(frames[0] if frames else (_NO_EDGE,) * 4))
        return
    outside = np.full_like(image, DQ.OUT_OF_BOUNDS)
    for frame in frames:
        of_one = np.zeros_like(image)
        flag_out_of_bounds(of_one, inside, *frame)
        outside &= of_one
    image |= outside


def _subarrays(exposure: Exposure, shape: tuple[int, int], x_width: int, y_width: int) -> list[Box]:
    """Subarrays of the segment, less the range of displacements; the full detector if there are none."""
    ny, nx = shape
    boxes: list[Box] = []
    for i in _SUBARRAYS[exposure.mode.segment]:
        x0, y0, width, height = (
            int(exposure.header.get(f"{root}{i}{axis}", 0)) for root in ("CORNER", "SIZE") for axis in "XY"
        )
        if width > 0 and height > 0 and (height, width) != (ny, nx):
            boxes.append((x0, x0 + width - x_width, y0, y0 + height - y_width))
    return boxes or [(0, nx - x_width, 0, ny - y_width)]


def _thermally_corrected(exposure: Exposure, boxes: list[Box]) -> list[Box]:
    """Boxes moved as TEMPCORR moves events, by the average positions of the stims."""
    if not exposure.performs("TEMPCORR", "PERFORM", "COMPLETE"):
        return boxes
    header, stim = exposure.header, "STIM" + exposure.mode.letter
    corners = ("LX", "LY", "RX", "RY")
    expected = [float(header.get(f"{stim}0{corner}", -1.0)) for corner in corners]
    measured = [float(header.get(f"{stim}_{corner}", -1.0)) for corner in corners]
    measured = [e if m < 0.0 else m for m, e in zip(measured, expected, strict=True)]
    if min(measured) < 0.0:
        return boxes
    x_slope = (expected[2] - expected[0]) / (measured[2] - measured[0])
    y_slope = (expected[3] - expected[1]) / (measured[3] - measured[1])
    x_zero, y_zero = expected[0] - measured[0] * x_slope, expected[1] - measured[1] * y_slope
    return [
        (
            x_zero + x_slope * x0,
            x_zero + x_slope * (x1 - 1) + 1,
            y_zero + y_slope * y0,
            y_zero + y_slope * (y1 - 1) + 1,
        )
        for x0, x1, y0, y1 in boxes
    ]


def _pixel_boxes(boxes: list[Box], shape: tuple[int, int], dx: int, dy: int) -> np.ndarray:
    """Rows and columns of boxes inside an image, shape (n, 4): y0, y1, x0, x1."""
    ny, nx = shape
    limits = [
        (max(y0 - dy, 0), max(min(y1 - dy, ny), 0), max(x0 - dx, 0), max(min(x1 - dx, nx), 0))
        for x0, x1, y0, y1 in boxes
    ]
    return np.array(limits, dtype=np.float64).reshape(-1, 4).astype(np.int64)


def _distorted_edges(exposure: Exposure, refs: References, box: Box) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lower, upper, left and right edge of a box after GEOCORR and DGEOCORR, as (x, y), float32."""
    x0, x1, y0, y1 = box
    along_x, along_y = np.arange(x0, x1), np.arange(y0, y1)
    edges = [
        np.broadcast_arrays(x, y)
        for x, y in ((along_x, y0), (along_x, y1 - 1), (x0, along_y), (x1 - 1, along_y))
    ]
    x, y = (np.concatenate([edge[i] for edge in edges]).astype(np.float32) for i in (0, 1))
    keywords = ["GEOFILE"]
    if exposure.performs("DGEOCORR", "PERFORM", "COMPLETE"):
        keywords.append("DGEOFILE")
    # QUIRK (specification 3, section 11.7): COMPLETE counts as not interpolated
    values = ("PERFORM", "COMPLETE") if "corrtag-flags" in exposure.corrections else ("PERFORM",)
    interpolate = exposure.performs("IGEOCORR", *values)
    for keyword in keywords:
        subtract_maps(x, y, refs, keyword, exposure.mode.segment, interpolate)
    ends = np.cumsum([len(edge[0]) for edge in edges])[:-1]
    return list(zip(np.split(x, ends), np.split(y, ends), strict=True))


def _frame(
    edges: list[tuple[np.ndarray, np.ndarray]], shape: tuple[int, int], dx: int, dy: int
) -> tuple[np.ndarray, ...]:
    """Lower and upper edge at each image column, left and right edge at each row, moved; float32."""
    ny, nx = shape
    (x_low, y_low), (x_high, y_high), (x_left, y_left), (x_right, y_right) = edges
    columns, rows = np.arange(nx, dtype=np.float64), np.arange(ny, dtype=np.float64)
    bottom = np.interp(columns, x_low, y_low).astype(np.float32) - np.float32(dy)
    top = np.interp(columns, x_high, y_high).astype(np.float32) - np.float32(dy)
    left = np.interp(rows, y_left, x_left).astype(np.float32) - np.float32(dx)
    right = np.interp(rows, y_right, x_right).astype(np.float32) - np.float32(dx)
    zero = np.float32(0.0)
    return (
        np.maximum(bottom, zero),
        np.minimum(top, np.float32(ny - 1)),
        np.maximum(left, zero),
        np.minimum(right, np.float32(nx - 1)),
    )
