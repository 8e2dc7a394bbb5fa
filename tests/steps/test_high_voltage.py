from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from recos.errors import ReferenceFileError
from recos.steps._high_voltage import high_voltage
from small_cos import references as simulated


@pytest.fixture
def hvtab(tmp_path):
    def make(dates, levels):
        hdus = [simulated.primary("HVTAB")]
        for segment in ("FUVA", "FUVB"):
            values = np.array(levels) + (segment == "FUVB")
            table = simulated.table(
                [("DATE", "1D", dates), ("HVLEVEL" + segment[-1], "1I", values)], segment, EXTVER=1
            )
            hdus.append(table)
        fits.HDUList(hdus).writeto(tmp_path / "hv.fits", overwrite=True)
        return builders.make_refs({"HVTAB": str(tmp_path / "hv.fits")})

    return make


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([56000.0, 57000.0, 58000.0], 161),  # the latest before
        ([57000.0, 56000.0, 58000.0], 160),  # in any order
        ([57500.0, 57600.0, 57700.0], 160),  # all later: the first row
        ([56000.0, 57100.0, 57100.0], 161),  # the first of equal dates
    ],
)
def test_row_in_force(hvtab, dates, expected):
    exposure = builders.make_exposure(10, segment="FUVB", expstart=57200.0, expend=57200.1)
    high_voltage(exposure, hvtab(dates, [160, 161, 162]))
    assert exposure.header["HVLEVELA"] == expected
    assert exposure.header["HVLEVELB"] == expected + 1
    assert exposure.hvlevel == expected + 1


def test_without_table_the_header_stands():
    exposure = builders.make_exposure(10, hvlevela=178)
    high_voltage(exposure, builders.make_refs({}))
    assert exposure.header["HVLEVELA"] == 178
    assert exposure.hvlevel == 178


def test_empty_table_is_an_error(hvtab):
    with pytest.raises(ReferenceFileError, match="no rows"):
        high_voltage(builders.make_exposure(10), hvtab([], []))
