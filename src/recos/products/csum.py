"""The csum product ("calcos sum"): counts of the detector during one exposure, by which its wear is followed.

FUV TIME-TAG images have one plane for each pulse height: 2 GB without binning, nearly all of it zeros. One plane at
a time is in memory, and pieces of rows without counts are not written. Specification 2, section 20; 1, section 13.7.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.headers import copy_header
from recos.errors import UsageError
from recos.io.fitsfile import AtomicFile, Extension, FitsFile, is_structural
from recos.kernels.events import accumulate
from recos.options.csum import DEFAULT_LEVEL, CsumOptions
from recos.products.headers import image_structure

_ROWS = 16
#: Pixels that are written or left out together: as many as a page of memory, or of the file, holds.
_PIECE = 1024
#: Switches of steps that raw coordinates have not seen.
_NOT_IN_RAW = (
    "BRSTCORR", "BADTCORR", "RANDCORR", "TEMPCORR", "GEOCORR", "IGEOCORR", "PHACORR", "DOPPCORR", "HELCORR",
    "DEADCORR",
)  # fmt: skip


@dataclass(slots=True)
class CsumImage:
    """What the csum file of one exposure shows, as events in pixels of the image.

    Attributes
    ----------
    primary, header : astropy.io.fits.Header
        As they were when the image was made.
    shape : tuple of int
        Planes (FUV TIME-TAG), rows and columns.
    pixel : ndarray of int32, shape (n,)
        Pixel within a plane.
    plane : ndarray of uint8, shape (n,)
        Increasing.
    weight : ndarray of float32, shape (n,)
    """

    primary: fits.Header
    header: fits.Header
    shape: tuple[int, ...]
    pixel: np.ndarray
    plane: np.ndarray
    weight: np.ndarray


def csum_primary(primary: fits.Header, raw: bool, mark: bool) -> fits.Header:
    """Primary header of a csum file.

    Parameters
    ----------
    primary : astropy.io.fits.Header
        Of the exposure; not changed.
    raw : bool
        The image has raw coordinates.
    mark : bool
        Then say OMIT for steps that they have not seen.
    """
    header = copy_header(primary)
    header["FILETYPE"] = "CALCOS SUM FILE"
    header["COORDFRM"] = ("raw" if raw else "corrected", "coordinate frame of the image")
    if raw and mark:
        # QUIRK (specification 2, section 20.4): DEADCORR, too, although the weights contain it
        header.update({switch: "OMIT" for switch in _NOT_IN_RAW if switch in header})
    return header


def csum_header(header: fits.Header, detector: str, options: CsumOptions, counts: float) -> fits.Header:
    """Header of the image: that of the events without what describes the table."""
    result = fits.Header([card for card in header.cards if not is_structural(card.keyword)], copy=True)
    for keyword in ("EXTVER", "NPIX1", "NPIX2", "PIXVALUE", "BSCALE", "BZERO"):
        result.remove(keyword, ignore_missing=True)
    result["COUNTS"] = (counts, "sum of the image")
    result[f"{detector}BINX"] = (options.binx, "binning factor in X")
    result[f"{detector}BINY"] = (options.biny, "binning factor in Y")
    result["BUNIT"] = ("count", "brightness units")
    return result


def start_csum(
    path: Path, image: CsumImage, options: CsumOptions, overwrite: bool = False
) -> FitsFile | AtomicFile:
    """Write a csum file, which is to be finished.

    Raises
    ------
    OutputError, OutputExistsError
    """
    detector = str(image.primary["DETECTOR"])
    header = csum_header(image.header, detector, options, 0.0)
    size = 4 * int(np.prod(image.shape))
    file = FitsFile(
        path,
        image.primary,
        [Extension(image_structure("SCI", -32, image.shape), header, size)],
        overwrite=overwrite,
    )
    try:
        header["COUNTS"] = _write_planes(file, image)
        return file if options.compression is None else _compressed(file, image, header, options, overwrite)
    except BaseException:
        file.discard()
        raise


def _write_planes(file: FitsFile, image: CsumImage) -> float:
    """Write the pieces of all planes that hold counts; the sum of the image."""
    *_, ny, nx = image.shape
    n_planes = image.shape[0] if len(image.shape) == 3 else 1
    limits = np.searchsorted(image.plane, np.arange(n_planes + 1))
    size = _PIECE if nx % _PIECE == 0 else nx
    plane = np.zeros((ny * nx // size, size), np.float32)
    total = 0.0
    for number in range(n_planes):
        part = slice(limits[number], limits[number + 1])
        pixel = image.pixel[part]
        accumulate(plane.reshape(-1), pixel, image.weight[part])
        for first, end in _runs(pixel // size, len(plane), _ROWS * nx // size):
            pieces = plane[first:end]
            total += float(pieces.sum(dtype=np.float64))
            file.write(1, 4 * (ny * nx * number + size * first), pieces.astype(">f4"))
            pieces[:] = 0.0
    return total


def _runs(numbers: np.ndarray, n: int, longest: int) -> Iterator[tuple[int, int]]:
    """First and end of the runs of consecutive numbers, from 0 to n - 1, that occur; none longer than `longest`."""
    occurs = np.zeros(n + 2, np.bool_)
    occurs[numbers + 1] = True
    borders = np.flatnonzero(occurs[1:] != occurs[:-1]).tolist()
    for first, end in zip(borders[::2], borders[1::2], strict=True):
        for begin in range(first, end, longest):
            yield begin, min(begin + longest, end)


def _compressed(
    file: FitsFile, image: CsumImage, header: fits.Header, options: CsumOptions, overwrite: bool
) -> AtomicFile:
    """The same as a compressed image; the uncompressed file goes."""
    algorithm, level = options.compression or ("GZIP", DEFAULT_LEVEL)
    rows = min(_ROWS, image.shape[-2]) if algorithm == "HCOMPRESS" else 1
    tile = (1,) * (len(image.shape) - 2) + (rows, image.shape[-1])
    keywords: dict[str, Any] = {
        "compression_type": f"{algorithm}_1",
        "quantize_level": level,
        "tile_shape": tile,
    }
    hdu = fits.CompImageHDU(file.map(1, ">f4", image.shape), header, name="SCI", **keywords)
    primary = copy_header(image.primary)
    primary["FILENAME"], primary["NEXTEND"] = file.path.name, 1
    target = AtomicFile(file.path, overwrite, mark="compressed")
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(header=primary), hdu]).writeto(buffer, output_verify="silentfix+ignore")
    file.discard()
    target.open()
    try:
        target.write(0, buffer.getvalue())
    except BaseException:
        target.discard()
        raise
    return target


def acquisition_csum(
    primary: fits.Header, headers: list[fits.Header], image: np.ndarray, options: CsumOptions
) -> tuple[fits.Header, fits.Header, np.ndarray]:
    """Headers and image of the csum file of an ACQ/IMAGE exposure.

    Parameters
    ----------
    primary : astropy.io.fits.Header
    headers : list of astropy.io.fits.Header
        SCI headers of the image sets.
    image : ndarray of float32, shape (1024, 1024)
        Sum of the images corrected for dead time.
    options : CsumOptions

    Raises
    ------
    UsageError
        If the size of the bins does not divide that of the detector.
    """
    ny, nx = image.shape
    if nx % options.binx or ny % options.biny:
        raise UsageError(
            f"binx = {options.binx}, biny = {options.biny}: bins of an ACQ/IMAGE exposure must divide {nx} x {ny}."
        )
    header = csum_header(headers[0], "NUV", options, float(image.sum(dtype=np.float64)))
    header["EXPSTART"] = headers[0].get("EXPSTART", -999.0)
    header["EXPEND"] = headers[-1].get("EXPEND", -999.0)
    header["EXPTIME"] = sum(h.get("EXPTIME", 0.0) for h in headers)
    header["RAWTIME"] = sum(h.get("RAWTIME", h.get("EXPTIME", 0.0)) for h in headers)
    binned = image.reshape(ny // options.biny, options.biny, nx // options.binx, options.binx).sum(
        axis=(1, 3)
    )
    return csum_primary(primary, options.raw, False), header, binned.astype(np.float32)
