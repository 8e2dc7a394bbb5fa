from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from recos.data.exposure import ShiftHistory
from recos.io.fitsfile import header_bytes, table_structure
from recos.steps._initial_positions import initial_positions
from recos.steps._timeline import COLUMNS, timeline
from recos.steps.region_rates import airglow_rate, dark_rate
from small_cos.headers import support_hdus


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def exposure_with(n=3000, **options):
    exposure = builders.make_exposure(n, **options)
    initial_positions(exposure, None)
    exposure.spt_header = support_hdus(builders.SETUP)[0].header
    return exposure


def test_one_row_per_second(refs):
    exposure = exposure_with()
    timeline(exposure, refs)
    table = exposure.timeline
    first, last = (float(exposure.events.time[k]) for k in (0, -1))
    assert len(table) == round(last - first) + 1
    assert [c.name for c in table.columns] == [c.name for c in COLUMNS]
    assert all(c.array.dtype == np.float32 for c in table.columns)
    assert (np.abs(table["LATITUDE"]) < 28.6).all()
    assert ((table["LONGITUDE"] >= 0.0) & (table["LONGITUDE"] <= 360.0)).all()
    np.testing.assert_allclose(np.diff(table["TIME"]), 1.0, atol=1e-4)
    assert (np.abs(table["RADIAL_VEL"]) < 7.7).all()
    # both angles are from the zenith; the horizon lies about 22 degrees below that of the ground
    dip = table["SUN_ALT"] + table["SUN_ZD"] - 90.0
    np.testing.assert_allclose(dip, 22.8, atol=1.0)


def test_shift_of_the_wavecal(refs):
    exposure = exposure_with()
    grid = np.arange(5, dtype=np.float32)
    exposure.shift_history = ShiftHistory(grid, grid * 2)
    timeline(exposure, refs)
    np.testing.assert_array_equal(exposure.timeline["SHIFT1"], grid * 2)


def test_without_support_file_or_events(refs, caplog):
    exposure = exposure_with(0)
    exposure.spt_header = None
    timeline(exposure, refs)
    assert len(exposure.timeline) == 1
    assert not any(c.array.any() for c in exposure.timeline.columns)
    assert "spt file not found" in caplog.text


def test_dark_exposure_has_no_target(refs):
    exposure = exposure_with(exptype="DARK")
    timeline(exposure, refs)
    for name in ("TARGET_ALT", "RADIAL_VEL", "DARKRATE"):
        assert not exposure.timeline[name].any()
    assert exposure.timeline["SUN_ALT"].all()


def test_axes_of_columns_become_attributes(refs):
    exposure = exposure_with(tctyp2="WAVE", tcrpx3=512.0, tc2_2=0.1)
    timeline(exposure, refs)
    table = exposure.timeline
    header = fits.Header.fromstring(header_bytes(table.header, table_structure(table)).decode())
    assert header["TCTYP2"] == "WAVE"
    names = list(header)
    assert names.index("TDISP2") + 1 == names.index("TCTYP2")
    assert names.count("TCTYP2") == names.count("EXTNAME") == 1
    assert names.index("EXTNAME") + 1 == names.index("EXTVER")
    assert "TC2_2" in header


def test_rates_count_the_events_of_each_second(refs):
    exposure = exposure_with(40000)
    grid = np.arange(600, dtype=np.float32) + exposure.events.time[0]
    rate = airglow_rate(exposure, refs, "OI_1304", 0.0, grid)
    assert rate.sum() > 50
    e = exposure.events
    row = refs.xtractab.row(**exposure.mode.row_filter())
    relation = refs.dispersion(exposure.mode.fpoffset, **exposure.mode.row_filter())
    x0, x1 = relation.pixel(1302.2), relation.pixel(1306.0)
    y = row["B_SPEC"] + row["SLOPE"] * (x0 + x1) / 2
    box = (e.xfull >= x0 - 92) & (e.xfull <= x1 + 92) & (np.abs(e.yfull - y) <= 30)
    expected = [np.count_nonzero(box & (e.time >= t) & (e.time < t + np.float32(1.0))) for t in grid[:-2]]
    np.testing.assert_array_equal(rate[:-2], expected)
    # off the detector
    assert not airglow_rate(exposure, refs, "LY_ALPHA", 0.0, grid).any()


def test_dark_rate_per_pixel(refs):
    exposure = exposure_with(40000)
    grid = np.arange(600, dtype=np.float32) + exposure.events.time[0]
    density = 40000 / 600.0 / ((15250 - 1060 + 1) * (734 - 296 + 1))
    area = (15250 - 1060 + 1) / 16384
    assert dark_rate(exposure, refs, 0.0, grid).mean() == pytest.approx(density * area, rel=0.08)


def test_short_exposure_has_one_rate(refs):
    exposure = exposure_with(500)
    exposure.events.time[:] = 300.0
    rate = dark_rate(exposure, refs, 0.0, np.zeros(1, np.float32))
    assert rate.shape == (1,)
    assert rate[0] > 0.0


def test_unknown_mode_has_no_regions(refs, caplog):
    exposure = exposure_with(50, cenwave=1309)
    assert not dark_rate(exposure, refs, 0.0, np.zeros(3, np.float32)).any()
    assert not airglow_rate(exposure, refs, "OI_1304", 0.0, np.zeros(3, np.float32)).any()
    assert "No matching row" in caplog.text


def test_timeline_of_a_corrtag_is_updated_or_kept(refs, caplog):
    exposure = exposure_with()
    timeline(exposure, refs)
    new = exposure.timeline["LATITUDE"].copy()
    for n in (len(new), 7):
        rows = np.zeros(n, dtype=[(c.name, ">f4") for c in COLUMNS])
        exposure.timeline_input = (fits.Header([("ORIGIN", "old")]), rows)
        timeline(exposure, refs)
        assert exposure.timeline.header["ORIGIN"] == "old"
        assert len(exposure.timeline) == n
        assert exposure.timeline["LATITUDE"].any() == (n == len(new))
    assert "will not be updated" in caplog.text
