from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.steps._initial_positions import initial_positions
from recos.steps._shift_range import ShiftRange, shift_range


def shifted(shift1, shift2=0.0, **options):
    exposure = builders.make_exposure(len(np.atleast_1d(shift1)), **options)
    initial_positions(exposure, None)
    exposure.events.xfull -= np.float32(shift1)
    exposure.events.yfull -= np.float32(shift2)
    return exposure


def test_range_of_active_events(reference_files):
    exposure = shifted(np.linspace(-2.0, 3.0, 100), 1.5)
    exposure.events.xcorr[0] = 0.0  # outside the active area
    shift_range(exposure, builders.make_refs(reference_files))
    (found,) = exposure.shift_range
    assert found.shift1_min == pytest.approx(-2.0 + 5.0 / 99.0, abs=2e-3)
    assert found.shift1_max == pytest.approx(3.0, abs=2e-3)
    assert found.shift2_min == pytest.approx(1.5, abs=1e-4)
    assert isinstance(found.shift1_min, np.float32)


@pytest.mark.parametrize(("n_low", "low", "high"), [(30, 40.0, 41.0), (50, 40.0, 41.0), (60, 0.0, 1.0)])
def test_the_larger_part_wins(reference_files, caplog, n_low, low, high):
    shift = np.concatenate([np.linspace(0.0, 1.0, n_low), np.linspace(40.0, 41.0, 100 - n_low)])
    exposure = shifted(shift)
    shift_range(exposure, builders.make_refs(reference_files))
    assert exposure.shift_range[0].shift1_min == pytest.approx(low, abs=2e-3)
    assert exposure.shift_range[0].shift1_max == pytest.approx(high, abs=2e-3)
    assert "> 20.0" in caplog.text


def test_zero_without_wavecorr_or_active_events(reference_files):
    refs = builders.make_refs(reference_files)
    exposure = shifted(np.ones(5), switches={"WAVECORR": "OMIT"})
    shift_range(exposure, refs)
    assert exposure.shift_range == [ShiftRange()]
    exposure = shifted(np.ones(5))
    exposure.events.ycorr[:] = 0.0
    shift_range(exposure, refs)
    assert exposure.shift_range == [ShiftRange()]
