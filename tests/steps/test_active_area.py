from __future__ import annotations

import numpy as np

from helpers import builders
from recos.steps._active_area import active_area, active_events
from recos.steps._count_rate import count_rate
from recos.steps._initial_positions import initial_positions


def test_limits_belong_to_the_area(reference_files):
    refs = builders.make_refs(reference_files)
    low, high, left, right = refs.active_area("FUVA")
    x = [left, left, right, right, left - 0.01, right + 0.01, left, left]
    y = [low, high, low, high, low, low, low - 0.01, high + 0.01]
    exposure = builders.make_exposure(8, columns={"xcorr": x, "ycorr": y})
    active_area(exposure, refs)
    assert exposure.active.tolist() == [True] * 4 + [False] * 4


def test_mask_is_kept_until_it_is_made_again(reference_files):
    refs = builders.make_refs(reference_files)
    exposure = builders.make_exposure(20, stims=5)
    mask = active_events(exposure, refs)
    assert np.count_nonzero(mask) == 20
    exposure.events.xcorr[:] = 0.0
    assert active_events(exposure, refs) is mask
    active_area(exposure, refs)
    assert not exposure.active.any()


def test_count_rate_is_of_the_active_area(reference_files):
    exposure = builders.make_exposure(1000, stims=50)
    exposure.elapsed = 300.7
    count_rate(exposure, builders.make_refs(reference_files))
    assert exposure.header["GLOBRT_A"] == round(1000 / 300.7, 4)


def test_count_rate_without_elapsed_time_is_zero(reference_files):
    exposure = builders.make_exposure(1)
    exposure.elapsed = 0.0
    count_rate(exposure, builders.make_refs(reference_files))
    assert exposure.header["GLOBRT_A"] == 0.0


def test_initial_positions():
    exposure = builders.make_exposure(10)
    events = exposure.events
    events.xcorr += np.float32(0.25)
    initial_positions(exposure, builders.make_refs({}))
    np.testing.assert_array_equal(events.xdopp, events.xcorr)
    np.testing.assert_array_equal(events.xfull, events.xcorr)
    np.testing.assert_array_equal(events.yfull, events.ycorr)
    assert not np.shares_memory(events.xdopp, events.xcorr)


def test_initial_positions_of_corrtag_input_are_kept():
    exposure = builders.make_exposure(10, columns={"xfull": np.arange(10)})
    exposure.is_corrtag = True
    initial_positions(exposure, builders.make_refs({}))
    assert exposure.events.xfull.tolist() == list(range(10))
