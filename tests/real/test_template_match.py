"""Shifts of archival lamp flashes: our match of their spectra must give what the archive has."""

import numpy as np
import pytest
from astropy.io import fits

from recos.wavecal.lamp import SearchParameters
from recos.wavecal.template import match_segment

pytestmark = pytest.mark.shared
SEARCH = SearchParameters(269, 0.0, 15.0, 50, 7, 0.067)


@pytest.mark.parametrize(("root", "fpoffset"), [("vnq", -2), ("vpq", -1), ("vrq", 0), ("vtq", 1)])
def test_archived_shifts(shared, root, fpoffset):
    with fits.open(shared / "real/refs/23n1744jl_lamp.fits.gz") as hdus:
        table = hdus[1].data
        mode = (table["SEGMENT"] == "FUVA") & (table["OPT_ELEM"] == "G140L") & (table["CENWAVE"] == 1105)
        row = table[mode & (table["FPOFFSET"] == fpoffset)][0]
        pattern, fp = np.array(row["INTENSITY"], np.float64), float(row["FP_PIXEL_SHIFT"])
    with fits.open(shared / f"real/ldfd01010/ldfd01{root}_lampflash.fits.gz") as hdus:
        flashes = np.array(hdus[1].data)
    assert len(flashes)
    for flash in flashes:
        counts = np.rint(flash["GROSS"].astype(np.float64) * flash["EXPTIME"])
        match = match_segment(counts, pattern, SEARCH, True, fp)
        assert np.float32(match.total) == np.float32(flash["SHIFT_DISP"])
        assert np.float32(match.chi_square) == np.float32(flash["CHI_SQUARE"])
        assert match.ndf == flash["N_DEG_FREEDOM"]
        assert match.found
