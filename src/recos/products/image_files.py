"""The counts and flt files of one segment, written side by side in one pass over the image.

Rates and errors exist only as the bytes of a block of rows; what stays in memory are counts and weights.
Specification 3, section 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.data.images import Images
from recos.io.fitsfile import Extension, FitsFile
from recos.kernels.poisson import upper_error_table
from recos.kernels.rates import rate_bytes
from recos.products.headers import image_structure

_ROWS = 32
_BITPIX = (-32, -32, 16)
_NAMES = ("SCI", "ERR", "DQ")
_SCI, _ERR, _DQ = 1, 2, 3


@dataclass(slots=True)
class ImageFile:
    """Name and headers of one image product.

    Attributes
    ----------
    path : Path
    primary, sci, err, dq : astropy.io.fits.Header
        Without the cards of the structure.
    """

    path: Path
    primary: fits.Header
    sci: fits.Header
    err: fits.Header
    dq: fits.Header


def start_images(
    counts: ImageFile | None,
    flt: ImageFile | None,
    images: Images | None,
    room: int = 0,
    overwrite: bool = False,
) -> list[FitsFile]:
    """Write the data of the image products of one segment into new files, which are to be finished.

    Parameters
    ----------
    counts, flt : ImageFile or None
        Names and headers; the headers may still change. None: not wanted.
    images : Images or None
        The binned events; None (no events at all) makes extensions without data.
    room, overwrite
        See :class:`recos.io.fitsfile.FitsFile`.

    Raises
    ------
    OutputError, OutputExistsError
    """
    shape = () if images is None else images.counts.shape
    files: dict[int, FitsFile] = {}
    try:
        for position, product in enumerate((counts, flt)):
            if product is not None:
                files[position] = FitsFile(
                    product.path, product.primary, _extensions(product, shape), room, overwrite
                )
        if images is not None and files:
            _write_data(files, images)
    except BaseException:
        for file in files.values():
            file.discard()
        raise
    return list(files.values())


def _extensions(product: ImageFile, shape: tuple[int, ...]) -> list[Extension]:
    extensions = []
    for name, bitpix, header in zip(_NAMES, _BITPIX, (product.sci, product.err, product.dq), strict=True):
        size = int(np.prod(shape)) * abs(bitpix) // 8 if shape else 0
        extensions.append(Extension(image_structure(name, bitpix, shape), header, size))
    return extensions


def _write_data(files: dict[int, FitsFile], images: Images) -> None:
    """Write counts (0) and flt (1), those that there are."""
    ny, nx = images.counts.shape
    table = upper_error_table(int(images.counts.max(initial=0.0)))
    out = np.zeros((4, _ROWS * nx), np.uint32)
    for first in range(0, ny, _ROWS):
        rows = slice(first, min(first + _ROWS, ny))
        block = out[:, : (rows.stop - first) * nx]
        if images.exptime > 0.0:
            counts, effective = images.counts[rows].reshape(-1), images.effective[rows].reshape(-1)
            filled = rate_bytes(counts, effective, table, images.exptime, block)
            for i, file in files.items():
                if filled:
                    file.write(_SCI, 4 * first * nx, block[2 * i])
                file.write(_ERR, 4 * first * nx, block[2 * i + 1])
        quality = images.dq[rows]
        if quality.any():
            quality = quality.astype(">i2")
            for file in files.values():
                file.write(_DQ, 2 * first * nx, quality)
