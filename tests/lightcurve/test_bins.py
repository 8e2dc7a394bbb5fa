"""Time bins: good time adds up, events at the limits belong to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.data.gti import GTI
from recos.errors import UsageError
from recos.lightcurve.bins import TimeBins


def test_edges_are_multiples_of_the_step():
    np.testing.assert_array_equal(TimeBins.covering(GTI.of([(3.0, 10.0)]), 4.0).edges, [0.0, 4.0, 8.0, 12.0])
    np.testing.assert_array_equal(TimeBins.covering(GTI.of([(0.0, 8.0)]), 4.0).edges, [0.0, 4.0, 8.0])
    np.testing.assert_array_equal(TimeBins.covering(GTI.of([(-1.0, 3.0)]), 4.0).edges, [-4.0, 0.0, 4.0])
    assert len(TimeBins.covering(GTI.of([(0.0, 1.0)]), 50.0)) == 1


@given(
    limits=st.lists(st.floats(0.0, 1000.0), min_size=2, max_size=12, unique=True).map(sorted),
    step=st.floats(0.1, 300.0),
)
def test_good_time_adds_up(limits, step):
    gti = GTI.of((a, b) for a, b in zip(limits[::2], limits[1::2], strict=False) if b - a > 0.01)
    if len(gti):
        good = TimeBins.covering(gti, step).good_time(gti)
        assert good.sum() == pytest.approx(gti.total, abs=1e-6 * (len(good) + 1))
        assert (good >= 0.0).all()
        assert (good <= step + 1e-9).all()


def test_bins_of_events():
    gti = GTI.of([(0.0, 4.0), (10.0, 16.0)])
    bins = TimeBins.covering(gti, 2.0)
    time = np.array([0.0, 1.99, 2.0, 4.0, 4.01, 9.99, 10.0, 15.5, 16.0, 16.01], np.float32)
    # 4 and 16 are the ends of good intervals; the bins that begin there have no good time
    np.testing.assert_array_equal(bins.index(time, gti), [0, 0, 1, 1, -1, -1, 5, 7, 7, -1])
    assert (bins.good_time(gti)[[2, 3, 4]] == 0.0).all()


@given(st.lists(st.integers(0, 31_000), min_size=1, max_size=50), st.sampled_from([0.1, 0.7, 32.0, 1e4]))
def test_events_at_good_times_fall_in_bins_with_good_time(ticks, step):
    time = np.sort(np.array(ticks) * 0.032).astype(np.float32)
    # limits as products have them: float64, from times in float32 or not
    gti = GTI.of([(0.0, 300.0), (float(np.float32(303.008)), 801.024), (899.99999979, 992.0)])
    bins = TimeBins.covering(gti, step)
    index = bins.index(time, gti)
    good = bins.good_time(gti)
    assert (good[index[index >= 0]] > 0.0).all()
    outside = ((time > 300.0) & (time < 303.0)) | ((time > 801.1) & (time < 899.9))
    np.testing.assert_array_equal(index < 0, outside)


def test_too_many_bins():
    with pytest.raises(UsageError, match="longer step"):
        TimeBins.covering(GTI.of([(0.0, 1000.0)]), 1e-6)
