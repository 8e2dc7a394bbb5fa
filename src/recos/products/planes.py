"""Files of image extensions that are in memory: SCI, ERR and DQ of one or several image sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.data import instrument
from recos.data.headers import copy_header
from recos.io.fitsfile import Extension, FitsFile
from recos.products.archive_keywords import header_value
from recos.products.headers import image_structure

_BITPIX = {"f4": -32, "f8": -64, "i2": 16}
#: What describes how pixels are stored, besides what a header of the structure says.
_STORAGE = ("EXTVER", "BSCALE", "BZERO", "BLANK")


class Plane(NamedTuple):
    """One image extension.

    Attributes
    ----------
    name : str
        EXTNAME: SCI, ERR or DQ.
    version : int
        EXTVER.
    header : astropy.io.fits.Header
        Its keywords; those of the structure are replaced.
    data : ndarray of float32, float64 or int16, or None
        The pixels; None makes an extension without data.
    """

    name: str
    version: int
    header: fits.Header
    data: np.ndarray | None


def start_planes(
    path: Path, primary: fits.Header, planes: Sequence[Plane], overwrite: bool = False
) -> FitsFile:
    """Write image extensions into a new file, which is to be finished.

    Parameters
    ----------
    path, primary, overwrite
        See :class:`recos.io.fitsfile.FitsFile`.
    planes : sequence of Plane

    Raises
    ------
    OutputError, OutputExistsError
    """
    file = FitsFile(path, primary, [_extension(plane) for plane in planes], overwrite=overwrite)
    try:
        for number, plane in enumerate(planes, 1):
            if plane.data is not None and plane.data.any():
                file.write(number, 0, plane.data.astype(plane.data.dtype.newbyteorder(">")))
    except BaseException:
        file.discard()
        raise
    return file


def write_together(files: Iterable[tuple[Path, fits.Header, Sequence[Plane]]], overwrite: bool) -> list[Path]:
    """Write several files of image extensions; none appears before the data of all are written.

    Parameters
    ----------
    files : iterable of (Path, astropy.io.fits.Header, sequence of Plane)
        Name, primary header and extensions of each.
    overwrite : bool

    Returns
    -------
    list of Path
        Their names.

    Raises
    ------
    OutputError, OutputExistsError
    """
    started: list[FitsFile] = []
    try:
        for path, primary, planes in files:
            started.append(start_planes(path, primary, planes, overwrite))
        for file in started:
            file.finish()
    except BaseException:
        for file in started:
            file.discard()
        raise
    return [file.path for file in started]


def _extension(plane: Plane) -> Extension:
    keywords = copy_header(plane.header)
    for keyword in _STORAGE:
        keywords.remove(keyword, ignore_missing=True)
    if plane.data is None:
        return Extension(image_structure(plane.name, 16, (), plane.version), keywords, 0)
    bitpix = _BITPIX[plane.data.dtype.newbyteorder("=").str[1:]]
    structure = image_structure(plane.name, bitpix, plane.data.shape, plane.version)
    return Extension(structure, keywords, plane.data.nbytes)


def write_statistics(
    sci: fits.Header, err: fits.Header, science: np.ndarray, error: np.ndarray | None, quality: np.ndarray
) -> None:
    """Write NGOODPIX, GOODMEAN and GOODMAX of a whole image. Specification 1, section 19.

    Good pixels have none of the bits SDQFLAGS of the SCI header. Mean and maximum are those of the rates times
    EXPTIME of the SCI header, in the precision of the pixels; 0 without good pixels.

    Parameters
    ----------
    sci, err : astropy.io.fits.Header
        Headers of the extensions; changed in place.
    science : ndarray of float32 or float64, shape (ny, nx)
        Count/s.
    error : ndarray or None
        Of the same shape; None leaves the ERR header as it is.
    quality : ndarray of int16
        Of the same shape.
    """
    bits = int(sci.get("SDQFLAGS", instrument.DEFAULT_STATISTICS_SDQFLAGS))
    good = (quality.astype(np.int32) & bits) == 0
    exptime = float(sci.get("EXPTIME", 0.0))
    n = int(np.count_nonzero(good))
    for header, image in ((sci, science), (err, error)):
        if image is None:
            continue
        values = image[good]
        header["NGOODPIX"] = n
        header["GOODMEAN"] = header_value(exptime * (values.sum() / n)) if n else 0.0
        header["GOODMAX"] = header_value(exptime * values.max()) if n else 0.0
