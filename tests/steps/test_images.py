from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.steps._images import images
from recos.steps._initial_positions import initial_positions


@pytest.fixture
def exposure():
    dq = np.resize([0, 8, 64, 512, 2048], 2000)
    made = builders.make_exposure(2000, columns={"dq": dq, "epsilon": np.linspace(0.8, 1.2, 2000)})
    initial_positions(made, None)
    return made


def test_good_events_are_binned(exposure):
    exposure.dq_image = np.full((1024, 16384), 4, np.int16)
    images(exposure, None)
    e = exposure.events
    good = (e.dq & 2624) == 0
    expected = np.zeros((1024, 16384), np.float32)
    np.add.at(expected, (e.ycorr[good].astype(int), e.xcorr[good].astype(int)), e.epsilon[good])
    np.testing.assert_array_equal(exposure.images.effective, expected)
    assert exposure.images.counts.sum() == good.sum() == 800
    assert exposure.images.dq is exposure.dq_image
    assert exposure.images.exptime == exposure.exptime


def test_without_quality_and_time(exposure, caplog):
    exposure.exptime = 0.0
    images(exposure, None)
    assert not exposure.images.dq.any()
    assert not exposure.images.counts_rate().any()
    assert "dummy" in caplog.text
