"""Raw ACCUM images as events: one per count, at the middle of the exposure. Specification 2, section 21."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.events import EventList
from recos.data.instrument import FUV_SHAPE, NUV_SHAPE, NUV_SPECTRUM_SHAPE
from recos.data.mode import Mode
from recos.errors import InputError

_KEPT_FLAGS = 16383 - 64 - 128
"""Bits of a raw data-quality image that count; bursts and borders are found anew."""
_OF_IMAGES = ("BSCALE", "BZERO", "BUNIT", "DATAMIN", "DATAMAX")
#: World coordinates of image axes 1 and 2, and of table columns 2 and 3.
IMAGE_TO_TABLE = {
    "CTYPE1": "TCTYP2", "CRVAL1": "TCRVL2", "CRPIX1": "TCRPX2", "CDELT1": "TCDLT2", "CUNIT1": "TCUNI2",
    "CD1_1": "TC2_2", "CD1_2": "TC2_3",
    "CTYPE2": "TCTYP3", "CRVAL2": "TCRVL3", "CRPIX2": "TCRPX3", "CDELT2": "TCDLT3", "CUNIT2": "TCUNI3",
    "CD2_1": "TC3_2", "CD2_2": "TC3_3",
}  # fmt: skip


def image_data(hdu: Any, path: Path) -> np.ndarray | None:
    """The data of an image extension, native byte order; None if it has none.

    Raises
    ------
    InputError
        If the file is shorter than the header says.
    """
    if not hdu.header.get("NAXIS") or 0 in hdu.shape:
        return None
    if hdu.header.get("BZERO") or hdu.header.get("BSCALE", 1) != 1:
        # scaled integers, such as unsigned 16-bit numbers, cannot be mapped into memory
        data = fits.getdata(path, (hdu.name, hdu.ver), memmap=False)
    else:
        data = hdu.data
    native: np.ndarray = data.astype(data.dtype.newbyteorder("="), copy=False)
    return native


def shapes(mode: Mode) -> tuple[tuple[int, int], ...]:
    """Rows and columns that a raw image of the mode may have."""
    if mode.is_fuv:
        return (FUV_SHAPE,)
    return (NUV_SHAPE, NUV_SPECTRUM_SHAPE) if mode.is_spectroscopic else (NUV_SHAPE,)


def check_image(
    shape: tuple[int, ...],
    dtype: np.dtype,
    mode: Mode,
    what: str,
    kinds: tuple[str, ...] = ("i2", "u2", "f4"),
) -> None:
    """Check size and type of a raw image.

    Parameters
    ----------
    shape, dtype
        Of the image, as a NumPy array has them.
    mode : Mode
    what : str
        What it is, for messages.
    kinds : tuple of str
        Types that it may have, such as ``i2`` (16-bit integers), or ``i`` (any).

    Raises
    ------
    InputError
    """
    if shape not in shapes(mode):
        expected = " or ".join(" x ".join(map(str, known[::-1])) for known in shapes(mode))
        size = " x ".join(map(str, shape[::-1]))
        raise InputError(
            f"{what}: the image has {size} pixels; expected {expected}. Retrieve the file again."
        )
    if not dtype.newbyteorder("=").str[1:].startswith(kinds):
        raise InputError(
            f"{what}: the image is of type {dtype.name}; raw images of COS have 16-bit integers. "
            "Retrieve the file again."
        )


def image_events(image: np.ndarray, x_offset: int, exptime: float) -> EventList:
    """One event for each count of an image, row by row.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        Counts; fractions are rounded, negative numbers count as 0.
    x_offset : int
        Column of the image that holds detector column 0.
    exptime : float
        Exposure time, seconds; all events get half of it as their time.
    """
    flat = image.reshape(-1)
    pixel = np.flatnonzero(flat)
    counts = np.maximum(np.floor(flat[pixel].astype(np.float64) + 0.5), 0.0).astype(np.int64)
    rows, columns = np.divmod(pixel.astype(np.int32), np.int32(image.shape[1]))
    x, y = (np.repeat(a.astype(np.int16), counts) for a in (columns - x_offset, rows))
    events = EventList.from_raw(np.full(len(x), exptime / 2.0, np.float32), x, y)
    for position, raw in ((events.xdopp, x), (events.xfull, x), (events.yfull, y)):
        position[:] = raw
    return events


def raw_flags(hdu: Any, mode: Mode, path: Path, clear_all: bool = False) -> np.ndarray:
    """The data-quality image of a raw image, at its place among the pixels of the products; int16, a new array.

    Parameters
    ----------
    hdu : astropy.io.fits.ImageHDU or None
        The DQ extension; without data all pixels have the value PIXVALUE.
    mode : Mode
    path : Path
        For messages.
    clear_all : bool
        Clear what DQICORR finds anew in images of any width (correction ``raw-flags``).

    Raises
    ------
    InputError
        If it has another size than the image.
    """
    flags = np.zeros(mode.image_shape, np.int16)
    data = None if hdu is None else image_data(hdu, path)
    if data is None:
        flags += np.int16(0 if hdu is None else hdu.header.get("PIXVALUE", 0))
        return flags
    check_image(data.shape, data.dtype, mode, f"{path}, {hdu.name},{hdu.ver}", ("i", "u"))
    if data.shape == flags.shape:
        return data.astype(np.int16) & np.int16(_KEPT_FLAGS)
    # QUIRK (specification 2, section 21): bits are not cleared where the image is narrower
    kept = data.astype(np.int16) & np.int16(_KEPT_FLAGS) if clear_all else data
    flags[:, mode.x_offset : mode.x_offset + data.shape[1]] = kept
    return flags


def events_header(image: fits.Header) -> fits.Header:
    """The EVENTS header of the events of an image: its header in words for tables."""
    cards = []
    for card in image.cards:
        name = IMAGE_TO_TABLE.get(card.keyword)
        if name is not None:
            cards.append(fits.Card(name, card.value, card.comment))
        elif card.keyword not in _OF_IMAGES:
            cards.append(copy(card))
    header = fits.Header(cards)
    header["EXTNAME"] = "EVENTS"
    return header


def whole_exposure(exptime: float) -> tuple[fits.Header, np.ndarray]:
    """A table of good time intervals with one row, the whole exposure; its header and rows."""
    rows = np.array([(0.0, exptime)], dtype=[("START", "f8"), ("STOP", "f8")])
    return fits.Header([("TUNIT1", "s"), ("TUNIT2", "s")]), rows
