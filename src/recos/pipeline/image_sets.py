"""The image sets of an ACQ/IMAGE exposure, in memory. Specification 2, sections 21 and 22."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.accum import check_image, image_data, raw_flags
from recos.data.headers import copy_header
from recos.data.mode import Mode
from recos.errors import InputError
from recos.io.fits import open_fits
from recos.products.planes import Plane, write_statistics

_NAMES = ("SCI", "ERR", "DQ")


@dataclass(slots=True)
class ImageSet:
    """SCI, ERR and DQ of one of the images of an ACQ/IMAGE exposure: before, or after the slew to the target.

    Attributes
    ----------
    version : int
        EXTVER, 1 or more.
    sci, err, dq : astropy.io.fits.Header
        Headers as in the raw file; steps write their keywords into `sci`.
    counts : ndarray of integers, shape (1024, 1024)
        As in the raw file.
    quality : ndarray of int16, shape (1024, 1024)
        Data-quality bits.
    live : ndarray of float64, shape (1024, 1024)
        Counts, corrected for dead time once DEADCORR is done.
    effective : ndarray of float64, shape (1024, 1024)
        The same divided by the flat field, once FLATCORR is done.
    """

    version: int
    sci: fits.Header
    err: fits.Header
    dq: fits.Header
    counts: np.ndarray
    quality: np.ndarray
    live: np.ndarray = field(init=False)
    effective: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.live = self.effective = self.counts.astype(np.float64)

    @property
    def exptime(self) -> float:
        """Exposure time of this image, seconds."""
        return float(self.sci.get("EXPTIME", 0.0))

    def counts_planes(self, statistics: bool) -> list[Plane]:
        """Extensions of the counts file; `statistics` writes those of good pixels into copies of the headers."""
        return self._planes(*self._counts_rates(), statistics)

    def flt_planes(self, statistics: bool) -> list[Plane]:
        """Extensions of the flt file; see :meth:`counts_planes`."""
        _, error = self._counts_rates()
        if self.exptime <= 0.0:
            return self._planes(error, error, statistics)
        rate = self.effective / self.exptime
        # counts over their error is the square root of the counts: the relative error stays that of the counts
        return self._planes(rate, rate / np.where(error == 0.0, 1.0, error) / self.exptime, statistics)

    def _counts_rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Rate and its error, count/s, float64; zeros without exposure time."""
        if self.exptime <= 0.0:
            nothing = np.zeros(self.counts.shape)
            return nothing, nothing
        counts = self.counts.astype(np.float64)
        # QUIRK (specification 2, section 22): sqrt(N), while all other products have confidence limits of Poisson
        return counts / self.exptime, np.sqrt(np.maximum(counts, 0.0)) / self.exptime

    def _planes(self, science: np.ndarray, error: np.ndarray, statistics: bool) -> list[Plane]:
        headers = [copy_header(header) for header in (self.sci, self.err, self.dq)]
        for header, unit in zip(headers, ("count /s", "count /s", "UNITLESS"), strict=True):
            header["BUNIT"] = unit
        if statistics:
            write_statistics(headers[0], headers[1], science, error, self.quality)
        images = (science, error, self.quality)
        return [Plane(name, self.version, h, i) for name, h, i in zip(_NAMES, headers, images, strict=True)]


def read_image_sets(path: Path, mode: Mode) -> list[ImageSet]:
    """Read all image sets of a raw ACQ/IMAGE file.

    Raises
    ------
    InputError
        If the file is unreadable or incomplete, its extensions are no image sets, or an image has no data, or
        the wrong size or type.
    """
    with open_fits(path) as hdus:
        names = [hdu.name for hdu in hdus[1:]]
        n = len(names) // 3
        if n == 0 or names != list(_NAMES) * n:
            raise InputError(
                f"{path}: the extensions are {', '.join(names) or 'missing'}; an ACQ/IMAGE exposure consists of "
                f"image sets of {', '.join(_NAMES)}. The file is incomplete; retrieve it again."
            )
        return [_image_set(path, mode, k + 1, hdus[3 * k + 1 : 3 * k + 4]) for k in range(n)]


def _image_set(path: Path, mode: Mode, version: int, hdus: Sequence[Any]) -> ImageSet:
    label = f"{path}, SCI,{version}"
    counts = image_data(hdus[0], path)
    if counts is None:
        raise InputError(f"{label}: there is no image; the file is incomplete. Retrieve it again.")
    check_image(counts.shape, counts.dtype, mode, label, ("i", "u"))
    sci, err, dq = (copy_header(hdu.header) for hdu in hdus)
    return ImageSet(version, sci, err, dq, counts, raw_flags(hdus[2], mode, path))
