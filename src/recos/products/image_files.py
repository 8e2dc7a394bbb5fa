"""The counts and flt files of one segment, written side by side in one pass over the image.

Rates and errors exist only as the bytes of a block of rows; what stays in memory are counts and weights.
Specification 3, section 12.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.images import Images
from recos.kernels.poisson import upper_error_table
from recos.kernels.rates import rate_bytes
from recos.products.fitsfile import AtomicFile, header_bytes, offsets, primary_header
from recos.products.headers import image_structure

_ROWS = 32
_BITPIX = (-32, -32, 16)
_NAMES = ("SCI", "ERR", "DQ")


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


def write_images(counts: ImageFile, flt: ImageFile, images: Images | None, overwrite: bool = False) -> None:
    """Write both image products of one segment.

    Parameters
    ----------
    counts, flt : ImageFile
        Names and headers.
    images : Images or None
        The binned events; None (no events at all) makes extensions without data.
    overwrite : bool

    Raises
    ------
    OutputError, OutputExistsError
    """
    shape = () if images is None else images.counts.shape
    layouts = [_layout(product, shape) for product in (counts, flt)]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(AtomicFile(p.path, overwrite)) for p in (counts, flt)]
        for file, (heads, starts, size) in zip(files, layouts, strict=True):
            file.resize(size)
            for head, start in zip(heads, starts, strict=True):
                file.write(start - len(head), head)
        if images is not None:
            _write_data(files, [starts[1:] for _, starts, _ in layouts], images)


def _layout(product: ImageFile, shape: tuple[int, ...]) -> tuple[list[bytes], list[int], int]:
    parts = [(header_bytes(primary_header(product.primary, product.path, 3)), 0)]
    for name, bitpix, header in zip(_NAMES, _BITPIX, (product.sci, product.err, product.dq), strict=True):
        size = int(np.prod(shape)) * abs(bitpix) // 8 if shape else 0
        parts.append((header_bytes(image_structure(name, bitpix, shape), header), size))
    starts, size = offsets(parts)
    return [head for head, _ in parts], starts, size


def _write_data(files: list[AtomicFile], starts: list[list[int]], images: Images) -> None:
    ny, nx = images.counts.shape
    table = upper_error_table(int(images.counts.max(initial=0.0)))
    out = np.zeros((4, _ROWS * nx), np.uint32)
    for first in range(0, ny, _ROWS):
        rows = slice(first, min(first + _ROWS, ny))
        n = (rows.stop - first) * nx
        block = out[:, :n]
        if images.exptime > 0.0:
            filled = rate_bytes(
                images.counts[rows].reshape(-1),
                images.effective[rows].reshape(-1),
                table,
                images.exptime,
                block,
            )
            for i, (file, start) in enumerate(zip(files, starts, strict=True)):
                if filled:
                    file.write(start[0] + 4 * first * nx, block[2 * i])
                file.write(start[1] + 4 * first * nx, block[2 * i + 1])
        quality = images.dq[rows]
        if quality.any():
            quality = quality.astype(">i2")
            for file, start in zip(files, starts, strict=True):
                file.write(start[2] + 2 * first * nx, quality)
