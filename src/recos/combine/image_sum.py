"""The image of an association: the average of the flt images of its exposures. Specification 5, section 5.14."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.combine.headers import mark_as_product
from recos.data.headers import copy_header
from recos.errors import InputError
from recos.io.fits import open_fits
from recos.messages import get_logger, warn
from recos.products.planes import Plane, start_planes, write_statistics

logger = get_logger(__name__)

_NAMES = ("SCI", "ERR", "DQ")
_MJD_ZERO = 2400000.5


@dataclass(slots=True)
class ImageSum:
    """A flt image, or the average of several.

    Attributes
    ----------
    primary, sci, err, dq : astropy.io.fits.Header
    science, error : ndarray of float32, shape (ny, nx), or None
        Count/s; None if there is no data.
    quality : ndarray of int16, shape (ny, nx), or None
    """

    primary: fits.Header
    sci: fits.Header
    err: fits.Header
    dq: fits.Header
    science: np.ndarray | None
    error: np.ndarray | None
    quality: np.ndarray | None

    @property
    def exptime(self) -> float:
        """Exposure time, seconds."""
        return float(self.sci.get("EXPTIME", 0.0))

    def planes(self) -> list[Plane]:
        """The extensions of the file."""
        headers, images = (self.sci, self.err, self.dq), (self.science, self.error, self.quality)
        return [Plane(n, 1, h, i) for n, h, i in zip(_NAMES, headers, images, strict=True)]


def write_image_sum(flt_paths: Sequence[Path], target: Path, overwrite: bool = False) -> None:
    """Write the fltsum file of some flt files; of a single one it is a copy.

    Parameters
    ----------
    flt_paths : sequence of Path
        Written already, in the order of the association.
    target : Path
        ``<product>_fltsum.fits``; a product in its headers, too, if the root of the name ends in ``0``.
    overwrite : bool

    Raises
    ------
    InputError
        If a file cannot be read, or the images cannot be averaged (:func:`sum_images`).
    OutputError, OutputExistsError
    """
    image = sum_images(flt_paths)
    mark_as_product(image.sci, target.name)
    logger.info("Average of %s", ", ".join(map(str, flt_paths)))
    start_planes(target, image.primary, image.planes(), overwrite).finish()
    logger.info("%-10s%s", "Output", target)


def sum_images(flt_paths: Sequence[Path]) -> ImageSum:
    """Average flt images, weighted by their exposure times; one at a time is in memory.

    Parameters
    ----------
    flt_paths : sequence of Path

    Returns
    -------
    ImageSum
        SCI is ``sum(sci * t) / sum(t)``, ERR ``sqrt(sum((err * t)**2)) / sum(t)``, in float32; DQ has the bits of
        all. Images without data do not count. A single image is given back as it is.

    Raises
    ------
    InputError
        If there is no file, one is no flt image, they differ in shape, or their exposure times are not positive.
    """
    if not flt_paths:
        raise InputError("There is no flt image that could be averaged.")
    first = _read(flt_paths[0])
    if len(flt_paths) == 1:
        return first
    total = _Total(first)
    total.add(first, flt_paths[0])
    for path in flt_paths[1:]:
        total.add(_read(path), path)
    return total.average(flt_paths)


def _read(path: Path) -> ImageSum:
    with open_fits(path) as hdus:
        names = [hdu.name for hdu in hdus[1:]]
        if names != list(_NAMES):
            raise InputError(
                f"{path}: the extensions are {', '.join(names) or 'missing'}; those of an flt image are "
                f"{', '.join(_NAMES)}. Calibrate the exposure again."
            )
        arrays = [None if hdu.data is None else _native(hdu.data) for hdu in hdus[1:]]
        headers = [copy_header(hdu.header) for hdu in hdus]
    shapes = {array.shape for array in arrays if array is not None}
    if len(shapes) > 1:
        raise InputError(f"{path}: SCI, ERR and DQ differ in shape: {_listed(shapes)}.")
    return ImageSum(*headers, *arrays)


def _native(data: np.ndarray) -> np.ndarray:
    return np.array(data, dtype=np.int16 if data.dtype.kind in "iu" else np.float32)


def _listed(shapes: set[tuple[int, ...]]) -> str:
    return " and ".join(" x ".join(map(str, shape)) for shape in sorted(shapes))


class _Total:
    """Sums over images; `image` has the headers of the first image that has data in that extension."""

    def __init__(self, first: ImageSum) -> None:
        self.image = ImageSum(first.primary, first.sci, first.err, first.dq, None, None, None)
        self.exptime = 0.0
        self.headers: list[fits.Header] = []
        """SCI headers of all images."""
        self.filled: list[fits.Header] = []
        """Those of images with data."""

    def add(self, new: ImageSum, path: Path) -> None:
        """Add one image."""
        total = self.image
        self._check_shape(new, path)
        self.headers.append(new.sci)
        if new.science is not None:
            self.exptime += new.exptime
            self.filled.append(new.sci)
            if total.science is None:
                total.science, total.sci = np.zeros_like(new.science), new.sci
            total.science += new.science * new.exptime
        if new.error is not None:
            if total.error is None:
                total.error, total.err = np.zeros_like(new.error), new.err
            total.error += (new.error * new.exptime) ** 2
        if new.quality is not None:
            if total.quality is None:
                total.quality, total.dq = np.zeros_like(new.quality), new.dq
            total.quality |= new.quality

    def _check_shape(self, new: ImageSum, path: Path) -> None:
        for old, other in zip(self.image.planes(), new.planes(), strict=True):
            if old.data is not None and other.data is not None and old.data.shape != other.data.shape:
                raise InputError(
                    f"{path}: the image has {_listed({other.data.shape})} pixels, those before it "
                    f"{_listed({old.data.shape})}; images of different shape cannot be averaged."
                )

    def average(self, paths: Sequence[Path]) -> ImageSum:
        """The average of all that was added."""
        image, names = self.image, ", ".join(map(str, paths))
        if image.science is None:
            warn(logger, f"None of the images holds data: {names}")
        elif self.exptime <= 0.0:
            raise InputError(
                f"{names}: the sum of EXPTIME is {self.exptime:g} s; images without exposure time cannot be "
                "averaged. Set MEMPRSNT of these exposures to false."
            )
        else:
            image.science /= self.exptime
        if image.error is not None:
            image.error = np.sqrt(image.error)
            if self.exptime > 0.0:
                image.error /= self.exptime
        image.sci = image.sci.copy()
        self._write_keywords(image.sci, paths)
        if image.primary.get("STATFLAG") is True and image.science is not None and image.quality is not None:
            write_statistics(image.sci, image.err, image.science, image.error, image.quality)
        return image

    def _write_keywords(self, header: fits.Header, paths: Sequence[Path]) -> None:
        """Write times and the mean count rate of all images."""
        start = min(_require(h, "EXPSTART", p) for h, p in zip(self.headers, paths, strict=True))
        end = max(_require(h, "EXPEND", p) for h, p in zip(self.headers, paths, strict=True))
        plantime = sum(h.get("PLANTIME", h.get("EXPTIME", 0.0)) for h in self.headers)
        rates = [
            (h["GLOBRATE"], float(h.get("EXPTIME", 0.0)))
            for h in self.filled
            if h.get("GLOBRATE", -1.0) >= 0.0
        ]
        header["EXPTIME"] = self.exptime
        header["EXPSTART"], header["EXPEND"] = start, end
        header["EXPSTRTJ"], header["EXPENDJ"] = start + _MJD_ZERO, end + _MJD_ZERO
        header["PLANTIME"] = plantime
        weight = sum(t for _, t in rates)
        if weight > 0.0:
            header["GLOBRATE"] = round(sum(rate * t for rate, t in rates) / weight, 4)


def _require(header: fits.Header, keyword: str, path: Path) -> Any:
    if keyword not in header:
        raise InputError(
            f"{path}: the keyword {keyword} is missing, without which images cannot be averaged."
        )
    return header[keyword]
