from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.references.regions import NO_EXTENSION, Regions, gsag_extension, paint_regions, regions_for


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def test_three_tables_in_order(refs):
    exposure = builders.make_exposure(5)
    regions = regions_for(exposure, refs, [(0.0, 600.0)])
    # BPIXTAB, the two rows of GSAGTAB that are old enough, the spot during the exposure
    np.testing.assert_array_equal(regions.dq, [8, 16, 32, 8192, 8192, 2])
    assert regions.dq.dtype == np.int16
    first = [int(v[0]) for v in (regions.lx, regions.ux, regions.ly, regions.uy)]
    assert first == [4100, 4159, 300, 329]
    assert regions.gsag_extension == 2
    assert regions.widen == 0.25


@pytest.mark.parametrize(
    ("gti", "spots"), [([], 0), ([(0.0, 5.0), (10.0, 40.0), (45.0, 90.0)], 1), ([(0.0, 90.0)], 2)]
)
def test_spots_of_the_first_interval_with_any(tmp_path, reference_files, gti, spots):
    start = builders.SETUP.expstart + np.array([30.0, 60.0, 30.0]) / 86400.0
    columns = [("SEGMENT", "4A", ["FUVA", "FUVA", "FUVB"]), ("START", "1D", start), ("STOP", "1D", start)]
    columns += [(name, "1J", [5, 5, 5]) for name in ("LX", "LY", "DX", "DY")]
    own = builders.make_table_file(tmp_path, "SPOTTAB", [*columns, ("DQ", "1J", [2, 2, 2])])
    regions = regions_for(builders.make_exposure(5), builders.make_refs({**reference_files, **own}), gti)
    assert np.count_nonzero(regions.dq == 2) == spots


@pytest.mark.parametrize(
    ("level", "extension"), [(163, 1), (167, 2), (165, 2), (160, 1), (168, -1), (None, -1)]
)
def test_gain_sag_table_of_the_voltage_or_the_next_higher(refs, level, extension, caplog):
    exposure = builders.make_exposure(5)
    exposure.hvlevel = level
    caplog.clear()
    assert gsag_extension(exposure, refs) == extension
    assert bool(caplog.records) == (level not in (163, 167))
    assert NO_EXTENSION == -1


def test_without_a_row_of_bpixtab_there_are_no_regions(tmp_path, reference_files):
    columns = [("SEGMENT", "4A", ["FUVB"]), *[(n, "1I", [1]) for n in ("LX", "LY", "DX", "DY", "DQ")]]
    own = builders.make_table_file(tmp_path, "BPIXTAB", columns)
    regions = regions_for(builders.make_exposure(5), builders.make_refs({**reference_files, **own}))
    assert len(regions) == 0
    assert regions.gsag_extension is None


def test_integer_type_and_margin_of_the_table(tmp_path, reference_files):
    values = (("LX", 3), ("LY", 4), ("DX", 2), ("DY", 1), ("DQ", 8))
    columns = [("SEGMENT", "4A", ["FUVA"]), *[(n, "1I", [v]) for n, v in values]]
    own = builders.make_table_file(tmp_path, "BPIXTAB", columns, WIDEN=0.75)
    regions = regions_for(builders.make_exposure(5), builders.make_refs(own))
    assert regions.lx.dtype == np.int16
    assert regions.widen == 0.75
    image = np.zeros((8, 8), np.int16)
    paint_regions(image, regions)
    expected = np.zeros((8, 8), np.int16)
    expected[3:6, 2:6] = 8
    np.testing.assert_array_equal(image, expected)


def test_painting_widens_by_the_range_of_shifts():
    one = np.array([10])
    regions = Regions(one, one, one, one, np.array([4], np.int16))
    image = np.zeros((20, 30), np.int16)
    paint_regions(image, regions, (-3.0, 2.0), (1.0, 2.0), rows=(9, 20), x_offset=5)
    expected = np.zeros((20, 30), np.int16)
    expected[9:10, 13:19] = 4
    np.testing.assert_array_equal(image, expected)
