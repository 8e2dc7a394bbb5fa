"""Raw files of an NUV exposure: rawtag (events, good time intervals) or rawaccum (image, errors, flags)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.simulate.nuv import headers
from recos.simulate.nuv.events import RawEvents, accumulate
from recos.simulate.nuv.layout import COLUMNS, ROWS
from recos.simulate.plan import PlannedExposure


def write_raw(planned: PlannedExposure, events: RawEvents, directory: Path, names: Mapping[str, str]) -> Path:
    """Write the raw file of an exposure; an existing one is an error.

    Parameters
    ----------
    planned : PlannedExposure
    events : RawEvents
    directory : Path
        The folder of raw files.
    names : mapping of str to str
        Names of reference files by keyword.
    """
    accum = planned.configuration.obsmode == "ACCUM"
    path = directory / f"{planned.root}_{'rawaccum' if accum else 'rawtag'}.fits"
    primary = headers.primary_header(planned, names)
    primary.insert("FILETYPE", ("FILENAME", path.name, "name of file"))
    extensions = _image_set(planned, events) if accum else [_table(planned, events), _good_times(planned)]
    fits.HDUList([fits.PrimaryHDU(header=primary), *extensions]).writeto(path)
    return path


def _table(planned: PlannedExposure, events: RawEvents) -> fits.BinTableHDU:
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "1E", "seconds", array=events.time),
            fits.Column("RAWX", "1I", "pixels", array=events.rawx),
            fits.Column("RAWY", "1I", "pixels", array=events.rawy),
        ]
    )
    header = headers.extension_header(planned, events, "EVENTS")
    header.extend(headers.coordinates("TIME-TAG"))
    for card in header.cards:
        table.header.append(card, end=True)
    return table


def _good_times(planned: PlannedExposure) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column("START", "1D", "seconds", array=[0.0]),
            fits.Column("STOP", "1D", "seconds", array=[planned.exptime]),
        ],
        name="GTI",
        ver=1,
    )
    hdu.header["ROOTNAME"] = planned.root
    hdu.header["EXPNAME"] = planned.root
    return hdu


def _image_set(planned: PlannedExposure, events: RawEvents) -> list[fits.ImageHDU]:
    """The image, and extensions for errors and flags that say only that all pixels are 0."""
    image = accumulate(planned, events)
    science = fits.ImageHDU(image)
    header = headers.extension_header(planned, events, "SCI")
    header["NEVENTS"] = int(image.sum(dtype=np.int64))
    header["BUNIT"] = "COUNTS"
    header.extend(headers.coordinates("ACCUM"))
    for card in header.cards:
        science.header.append(card, end=True)
    return [science, *(_constant(planned, name) for name in ("ERR", "DQ"))]


def _constant(planned: PlannedExposure, name: str) -> fits.ImageHDU:
    hdu = fits.ImageHDU(name=name, ver=1)
    hdu.header["ROOTNAME"] = planned.root
    hdu.header["EXPNAME"] = planned.root
    hdu.header["NPIX1"], hdu.header["NPIX2"], hdu.header["PIXVALUE"] = COLUMNS, ROWS, 0
    return hdu
