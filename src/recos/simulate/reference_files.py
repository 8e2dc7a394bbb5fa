"""Writers of reference files of the simulator: primary headers, tables, images; each file is written once.

Columns and keywords as in specification 1, section 8, and the sections of the steps.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.reference_kinds import KINDS

Column = tuple[Any, ...]
"""Name, format and values of a column of a table, and its unit if it has one."""


def primary(keyword: str, detector: str, **keywords: object) -> fits.PrimaryHDU:
    """Primary HDU of a reference file of the kind that the header keyword `keyword` names."""
    kind = KINDS[keyword]
    hdu = fits.PrimaryHDU()
    hdu.header.update(
        {
            "FILETYPE": kind.filetype,
            "TELESCOP": "HST",
            "INSTRUME": "COS",
            "DETECTOR": detector,
            "VCALCOS": kind.minimum_version,
            "PEDIGREE": "MODEL",
            "USEAFTER": "May 11 2009 00:00:00",
            "DESCRIP": "Simulated by recos; not for the calibration of real data",
            "COSCOORD": "USER",
            **keywords,
        }
    )
    return hdu


def table(columns: Sequence[Column], name: str = "", ver: int = 1, **keywords: object) -> fits.BinTableHDU:
    """A table extension; arrays of two dimensions per row get their TDIM."""
    made = []
    for name_, form, values, *unit in columns:
        array = np.asarray(values)
        dim = f"({array.shape[2]},{array.shape[1]})" if array.ndim == 3 else None
        made.append(fits.Column(name_, form, unit=unit[0] if unit else None, dim=dim, array=array))
    hdu = fits.BinTableHDU.from_columns(made, name=name or None, ver=ver)
    hdu.header.update(keywords)
    return hdu


def image(array: np.ndarray, name: str, ver: int = 1, **keywords: object) -> fits.ImageHDU:
    """A float32 image extension of an FUV segment or of the NUV detector."""
    hdu = fits.ImageHDU(np.asarray(array, np.float32), name=name, ver=ver)
    hdu.header.update({"SEGMENT": name, **keywords})
    return hdu


def write_once(path: Path, make: Callable[[], Sequence]) -> None:
    """Write a file of the HDUs that `make` returns, unless it exists; it appears complete or not at all."""
    if path.exists():
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        fits.HDUList(list(make())).writeto(name, overwrite=True)
        # data sets link to it: what one changes would change in all
        Path(name).chmod(0o444)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
