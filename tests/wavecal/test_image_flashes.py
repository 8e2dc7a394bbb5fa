from __future__ import annotations

import numpy as np
import pytest

from helpers import nuv_builders
from recos.data.context import Context
from recos.errors import InputError
from recos.wavecal.image_flashes import calibrate_image_by_flashes


def flashed(dx, dy, seed=0):
    """A star all the time, and the lamp in two flashes, displaced by dx and dy (one value for each)."""
    rng = np.random.default_rng(seed)
    time, x, y = [rng.uniform(0, 100, 3000)], [rng.normal(500, 3, 3000)], [rng.normal(300, 3, 3000)]
    for begin, sx, sy in zip((10.0, 60.0), dx, dy, strict=True):
        time.append(rng.uniform(begin, begin + 10.0, 6000))
        x.append(rng.normal(600.0 + sx, 3.0, 6000))
        y.append(rng.normal(606.0 + sy, 3.0, 6000))
    order = np.argsort(np.concatenate(time))
    columns = (
        np.concatenate(c)[order] for c in (time, np.rint(np.concatenate(x)), np.rint(np.concatenate(y)))
    )
    t = next(columns)
    lamp = {
        "LMP_ON1": 10.0,
        "LMPOFF1": 20.0,
        "LMPDUR1": 10.0,
        "LMP_ON2": 60.0,
        "LMPOFF2": 70.0,
        "LMPDUR2": 10.0,
    }
    pixels = [np.concatenate(c)[order] for c in (x, y)]
    return nuv_builders.make_exposure(*np.rint(pixels), t, imaging=True, tagflash="AUTO", NUMFLASH=2, **lamp)


def test_positions_follow_the_lamp():
    exposure = flashed((3.0, 5.0), (-2.0, -2.0))
    assert calibrate_image_by_flashes(exposure, None, Context()) == "COMPLETE"
    table = exposure.flashes
    assert table.column("SHIFT_DISP") == pytest.approx([3.0, 5.0], abs=0.1)
    assert table.column("SHIFT_XDISP") == pytest.approx([-2.0, -2.0], abs=0.1)
    assert table.column("SEGMENT").tolist() == ["N/A", "N/A"]
    events = exposure.events
    last = events.time > 75.0
    assert (events.xdopp - events.xfull)[last] == pytest.approx(5.0, abs=0.1)
    assert (events.ycorr - events.yfull)[last] == pytest.approx(-2.0, abs=0.1)
    assert exposure.header["SHIFT2A"] == pytest.approx(-2.0, abs=0.1)
    assert (exposure.header["CHI_SQ_A"], exposure.header["NDF_A"]) == (0.0, 1)
    assert exposure.primary["LAMPUSED"] == "PT1"


def test_without_a_flash():
    exposure = nuv_builders.make_exposure(
        [500] * 50, [300] * 50, imaging=True, tagflash="AUTO", NUMFLASH=1, LMP_ON1=10.0, LMPOFF1=20.0
    )
    assert calibrate_image_by_flashes(exposure, None, Context()) == "SKIPPED"
    assert len(exposure.flashes.rows) == 0
    np.testing.assert_array_equal(exposure.events.xfull, exposure.events.xcorr)


def test_without_commanded_times():
    exposure = flashed((0.0, 0.0), (0.0, 0.0))
    del exposure.header["LMP_ON2"]
    with pytest.raises(InputError, match="LMP_ON2"):
        calibrate_image_by_flashes(exposure, None, Context())
