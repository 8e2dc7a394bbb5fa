from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.steps._badtcorr import badtcorr

DAY = 86400.0


def badttab(directory, rows):
    start = builders.SETUP.expstart + np.array([r[1] for r in rows]) / DAY
    stop = builders.SETUP.expstart + np.array([r[2] for r in rows]) / DAY
    columns = [("SEGMENT", "4A", [r[0] for r in rows]), ("START", "1D", start), ("STOP", "1D", stop)]
    return builders.make_refs(builders.make_table_file(directory, "BADTTAB", columns))


def test_flags_and_intervals_of_the_segment(tmp_path):
    rows = [("FUVA", 100.0, 110.0), ("FUVB", 200.0, 210.0), ("ANY", 300.0, 320.0), ("FUVA", -500.0, -400.0)]
    exposure = builders.make_exposure(3000, columns={"dq": np.full(3000, 4)})
    badtcorr(exposure, badttab(tmp_path, rows))
    time = exposure.events.time
    bad = ((time >= 100) & (time <= 110)) | ((time >= 300) & (time <= 320))
    np.testing.assert_array_equal(exposure.events.dq, np.where(bad, 2048 + 4, 4))
    expected = np.array([(100.0, 110.0), (300.0, 320.0), (-500.0, -400.0)])
    np.testing.assert_allclose(exposure.bad_times.limits, expected, atol=1e-5)
    assert exposure.primary["BADTCORR"] == "COMPLETE"


@pytest.mark.parametrize("side", [0, 1])
def test_limits_are_included_exactly(tmp_path, side):
    """An event at the limit is bad, and one half a float32 step outside is not."""
    refs = badttab(tmp_path, [("FUVA", 100.0, 110.0)])
    row = refs.badttab.rows(segment="FUVA")[0]
    limit = (row["STOP" if side else "START"] - builders.SETUP.expstart) * DAY
    near = np.float32(limit)
    times = np.sort(np.array([0.0, np.nextafter(near, -np.inf), near, np.nextafter(near, np.inf)], "f4"))
    exposure = builders.make_exposure(4, columns={"time": times})
    badtcorr(exposure, refs)
    wide = times.astype(np.float64)
    expected = (wide >= exposure.bad_times.intervals[0][0]) & (wide <= exposure.bad_times.intervals[0][1])
    np.testing.assert_array_equal(exposure.events.dq != 0, expected)


def test_no_rows(tmp_path):
    exposure = builders.make_exposure(10)
    badtcorr(exposure, badttab(tmp_path, [("FUVB", 0.0, 100.0)]))
    assert len(exposure.bad_times) == 0
    assert not exposure.events.dq.any()
