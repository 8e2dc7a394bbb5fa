"""Raw ACQ/IMAGE files and their reference files, small in everything but the size of the images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from recos.association.model import ProductNames
from recos.io.read import read_headers
from recos.options.run import Options
from recos.pipeline.acq_image import calibrate_acq_image
from recos.references import References

SHAPE = (1024, 1024)
PRIMARY = {
    "DETECTOR": "NUV", "OBSMODE": "ACCUM", "OBSTYPE": "IMAGING", "EXPTYPE": "ACQ/IMAGE", "SEGMENT": "N/A",
    "OPT_ELEM": "MIRRORA", "APERTURE": "PSA", "COSCOORD": "USER", "LIFE_ADJ": 1, "SUBARRAY": False,
    "CAL_VER": "", "DQICORR": "PERFORM", "DEADCORR": "PERFORM", "FLATCORR": "PERFORM", "PHOTCORR": "PERFORM",
    "TDSCORR": "PERFORM", "STATFLAG": True, "BPIXTAB": "N/A", "DEADTAB": "N/A", "FLATFILE": "N/A",
}  # fmt: skip
SCI = {
    "EXPTIME": 20.0, "EXPSTART": 55456.5, "EXPEND": 55456.6, "SDQFLAGS": 184, "MEVENTS": 50.0, "DISPAXIS": 1,
    "BUNIT": "COUNTS",
}  # fmt: skip
LIVETIME = 0.8
ROOT = "ltst01aaq"


def spots(*pixels: tuple[int, int, int]) -> np.ndarray:
    """An image of counts that is dark but for some pixels (row, column, counts)."""
    image = np.zeros(SHAPE, np.int16)
    for y, x, n in pixels:
        image[y, x] = n
    return image


IMAGES = (spots((10, 20, 900), (500, 600, 100)), spots((10, 20, 400)))


@dataclass
class Target:
    """A raw ACQ/IMAGE file with its reference files; :meth:`run` calibrates it."""

    folder: Path

    @property
    def raw(self) -> Path:
        return self.folder / f"{ROOT}_rawacq.fits"

    def write(self, images=IMAGES, quality=None, primary=None, sci=None, second=None) -> None:
        """Write the raw file; `sci` holds keywords of all images, `second` those of the second one."""
        hdus = fits.HDUList([fits.PrimaryHDU()])
        hdus[0].header.update(PRIMARY | self.references() | (primary or {}))
        hdus[0].header["NEXTEND"] = 3 * len(images)
        for k, image in enumerate(images):
            dq = quality if quality is not None and k == 0 else None
            for name, data in (("SCI", image), ("ERR", None), ("DQ", dq)):
                hdus.append(fits.ImageHDU(data, name=name))
                hdus[-1].header["EXTVER"] = k + 1
            hdus[3 * k + 1].header.update(SCI | (sci or {}) | ((second or {}) if k else {}))
            hdus[3 * k + 2].header.update({"NPIX1": 1024, "NPIX2": 1024, "PIXVALUE": 0, "DISPAXIS": 1})
            hdus[3 * k + 3].header["PIXVALUE"] = 4 if k else 0
        hdus.writeto(self.raw, overwrite=True)

    def references(self) -> dict[str, str]:
        return {key: str(self.folder / f"{key.lower()}.fits") for key in ("BPIXTAB", "DEADTAB", "FLATFILE")}

    def write_references(self) -> None:
        names = self.references()
        flat = np.full((1000, 900), 2.0, np.float32)
        flat[0, 0] = 0.0
        self.write_flat(flat, 10, 4)
        regions = {"LX": 600, "LY": 500, "DX": 1, "DY": 2, "DQ": 8}
        columns = [fits.Column("SEGMENT", "4A", array=["N/A"])]
        columns += [fits.Column(k, "J", array=[v]) for k, v in regions.items()]
        _write(fits.BinTableHDU.from_columns(columns), names["BPIXTAB"])
        columns = [
            fits.Column("SEGMENT", "4A", array=["N/A"] * 2),
            fits.Column("OBS_RATE", "D", array=[0.0, 100.0]),
            fits.Column("LIVETIME", "D", array=[1.0, 2 * LIVETIME - 1.0]),  # LIVETIME at 50 counts per second
        ]
        _write(fits.BinTableHDU.from_columns(columns), names["DEADTAB"])

    def write_flat(self, flat: np.ndarray, x: int, y: int) -> None:
        hdu = fits.ImageHDU(flat, name="SCI")
        hdu.header["ORIGIN_X"], hdu.header["ORIGIN_Y"] = x, y
        _write(hdu, self.references()["FLATFILE"])

    def run(self, **options: Any) -> tuple[fits.HDUList, fits.HDUList]:
        """Calibrate; the counts and the flt file, in memory."""
        headers = read_headers(self.raw)
        names = ProductNames.of(headers, self.folder)
        refs = References.from_header(headers.primary)
        paths = calibrate_acq_image(headers, names, refs, Options(**options))
        assert paths == [names.counts, names.flt]
        return _in_memory(names.counts), _in_memory(names.flt)

    def refuses(self, error: type[Exception], match: str) -> None:
        """The calibration fails before anything is written."""
        before = sorted(self.folder.iterdir())
        with pytest.raises(error, match=match):
            self.run()
        assert sorted(self.folder.iterdir()) == before


def _in_memory(path: Path) -> fits.HDUList:
    with fits.open(path, memmap=False) as hdus:
        return fits.HDUList([hdu.copy() for hdu in hdus])


def _write(hdu: Any, name: str) -> None:
    """A reference file of the version that is expected."""
    primary = fits.PrimaryHDU()
    primary.header["VCALCOS"] = "2.0"
    fits.HDUList([primary, hdu]).writeto(name, overwrite=True)
