"""Files beside the raw files: support (spt) files with the orbit, the association table, good time intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

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
    names = [e.root.upper() for e in exposures] + [observation.association.upper()]
    types = [e.role for e in exposures] + ["PROD-FP"]
    members = table(
        [
            ("MEMNAME", "14A", names),
            ("MEMTYPE", "14A", types),
            ("MEMPRSNT", "L", [True] * len(exposures) + [False]),
        ],
        "ASN",
    )
    path = directory / f"{observation.association}_asn.fits"
    primary = fits.PrimaryHDU()
    primary.header.update(
        {
            "FILENAME": path.name,
            "FILETYPE": "ASN_TABLE",
            "TELESCOP": "HST",
            "INSTRUME": "COS",
            "ROOTNAME": observation.association,
            "DETECTOR": observation.configuration.detector,
            "ASN_ID": observation.association.upper(),
            "ASN_TAB": path.name,
            "ASN_PROD": False,
        }
    )
    fits.HDUList([primary, members]).writeto(path)
    return path


def good_times(planned: PlannedExposure) -> fits.BinTableHDU:
    """The GTI extension of a raw file: the whole exposure."""
    return table(
        [("START", "1D", [0.0], "s"), ("STOP", "1D", [planned.exptime], "s")],
        "GTI",
        ROOTNAME=planned.root,
        EXPNAME=planned.root,
    )
