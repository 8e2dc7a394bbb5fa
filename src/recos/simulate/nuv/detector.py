"""The NUV MAMA detector: response of its pixels, its defects, its dark counts, its dead time."""

from __future__ import annotations

from functools import cache

import numpy as np

from recos.data.instrument import DQ, NUV_SHAPE

DARK_RATE = 2.0e-4
"""Count/s/pixel."""
DEAD_TIME = 280e-9
"""Seconds lost per event."""
TIME_STEP = 0.032
"""Resolution of the event times, seconds."""
VIGNETTED = 210
"""Columns at the left that get less light."""
_VIGNETTING = 0.18
_PIXEL_NOISE = 0.03
EDGE = 5
"""Width of the poorly calibrated border, pixels."""

Box = tuple[int, int, int, int]
"""First column and row, width and height."""
DEAD: tuple[Box, ...] = (
    (318, 191, 5, 6), (611, 298, 4, 4), (822, 433, 6, 5), (455, 289, 3, 3), (240, 620, 7, 7), (700, 520, 5, 5),
    (905, 344, 6, 4), (130, 760, 6, 9),
)  # fmt: skip
WEAK: tuple[Box, ...] = (
    (402, 186, 8, 5), (566, 302, 6, 6), (733, 429, 9, 4), (860, 196, 5, 8), (300, 560, 9, 9), (512, 880, 12, 7),
)  # fmt: skip
HOT: tuple[Box, ...] = ((668, 205, 3, 3), (280, 427, 3, 3), (940, 700, 4, 4))
_DEAD_RESPONSE, _WEAK_RESPONSE = 0.03, 0.4
HOT_RATE = 0.02
"""Count/s/pixel that hot spots add to the dark."""


def regions() -> list[tuple[Box, int]]:
    """Regions of the bad pixel table, with their flags."""
    rows, columns = NUV_SHAPE
    borders: tuple[Box, ...] = (
        (0, 0, columns, EDGE),
        (0, rows - EDGE, columns, EDGE),
        (0, 0, EDGE, rows),
        (columns - EDGE, 0, EDGE, rows),
    )
    return [
        *((box, int(DQ.VERY_LOW_RESPONSE)) for box in DEAD),
        *((box, int(DQ.LOW_RESPONSE)) for box in WEAK),
        *((box, int(DQ.BACKGROUND_FEATURE)) for box in HOT),
        *((box, int(DQ.POORLY_CALIBRATED)) for box in borders),
        ((0, 0, VIGNETTED, rows), int(DQ.GRID_SHADOW)),
    ]


@cache
def flat() -> np.ndarray:
    """The flat field as the reference file has it, float32, shape (1024, 1024), read-only.

    Noise of pixels, a smooth pattern, vignetting at the left, spots of low response; not the dead spots.
    """
    rng = np.random.default_rng(2009)
    y, x = np.ogrid[: NUV_SHAPE[0], : NUV_SHAPE[1]]
    noise = np.clip(
        rng.normal(1.0, _PIXEL_NOISE, NUV_SHAPE), 1.0 - 4.0 * _PIXEL_NOISE, 1.0 + 4.0 * _PIXEL_NOISE
    )
    smooth = 1.0 + 0.03 * np.sin(x / 170.0 + 0.4) * np.cos(y / 230.0)
    edge = VIGNETTED + 0.02 * (y - NUV_SHAPE[0] / 2.0)
    shadow = _VIGNETTING * np.clip(1.0 - x / edge, 0.0, 1.0)
    image = (noise * smooth * (1.0 - shadow)).astype(np.float32)
    _multiply(image, WEAK, _WEAK_RESPONSE)
    image.setflags(write=False)
    return image


@cache
def response() -> np.ndarray:
    """Fraction of photons that become events, relative to the mean: the flat field with its dead spots."""
    image = flat().copy()
    _multiply(image, DEAD, _DEAD_RESPONSE)
    image.setflags(write=False)
    return image


def _multiply(image: np.ndarray, boxes: tuple[Box, ...], factor: float) -> None:
    for x, y, width, height in boxes:
        image[y : y + height, x : x + width] *= np.float32(factor)


def livetime(observed_rate: np.ndarray) -> np.ndarray:
    """Fraction of the time in which the detector can record, at an observed count rate (not paralysable)."""
    return 1.0 - DEAD_TIME * observed_rate


def survival(true_rate: np.ndarray) -> np.ndarray:
    """Fraction of events that are recorded, at a rate of events without dead time."""
    return 1.0 / (1.0 + DEAD_TIME * true_rate)
