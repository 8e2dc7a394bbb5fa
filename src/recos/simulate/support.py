"""Files beside the raw files: support (spt) files with the orbit, the association table, good time intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from recos.association.table import Row, new_table, with_product, write_rows
from recos.simulate.orbit import support_keywords
from recos.simulate.plan import Observation, PlannedExposure
from recos.simulate.reference_files import table


def write_support(planned: PlannedExposure, directory: Path) -> Path:
    """Write the support file of an exposure: the orbit of HST and what is copied from it."""
    primary = fits.PrimaryHDU()
    path = directory / f"{planned.root}_spt.fits"
    primary.header.update(
        {
            "FILENAME": path.name,
            "FILETYPE": "SPT",
            "TELESCOP": "HST",
            "INSTRUME": "COS",
            "ROOTNAME": planned.root.upper(),
            "OBSET_ID": planned.root[4:6].upper(),
            "OBSERVTN": planned.root[6:9].upper(),
            "ASN_MTYP": planned.role,
            "TARGNAME": planned.target,
            **support_keywords(),
        }
    )
    support = fits.ImageHDU(np.zeros(965, np.int16), name="SUPPORT")
    support.header["ROOTNAME"] = planned.root.upper()
    fits.HDUList([primary, support]).writeto(path)
    return path


def write_association(
    observation: Observation, exposures: Sequence[PlannedExposure], directory: Path
) -> Path:
    """Write the association table of an observation."""
    rows = [Row(exposure.root.upper(), exposure.role, True) for exposure in exposures]
    path = directory / f"{observation.association}_asn.fits"
    hdus = new_table(path, DETECTOR=observation.configuration.detector)
    write_rows(path, hdus, with_product(rows, observation.association))
    return path


def good_times(planned: PlannedExposure) -> fits.BinTableHDU:
    """The GTI extension of a raw file: the whole exposure."""
    return table(
        [("START", "1D", [0.0], "s"), ("STOP", "1D", [planned.exptime], "s")],
        "GTI",
        ROOTNAME=planned.root,
        EXPNAME=planned.root,
    )
