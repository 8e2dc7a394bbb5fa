from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.errors import MissingRowError, ReferenceFileError
from recos.steps._initial_positions import initial_positions
from recos.steps._trcecorr import read_trace, trcecorr
from recos.steps.science_events import science_events


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def exposure_with(**header):
    exposure = builders.make_exposure(1000, stims=3, **header)
    initial_positions(exposure, None)
    return exposure


def test_science_events_avoid_the_lamp(refs):
    exposure = exposure_with()
    chosen = science_events(exposure, refs)
    row = refs.xtractab.row(**exposure.mode.row_filter("WCA"))
    e = exposure.events
    lamp = np.abs(e.yfull - row["B_SPEC"] - row["SLOPE"] * e.xfull) < row["HEIGHT"] / 2
    np.testing.assert_array_equal(chosen, exposure.active & ~lamp)
    exposure.events.yfull += 500.0
    assert science_events(exposure, refs) is chosen


def test_trace_is_subtracted(refs):
    exposure = exposure_with(life_adj=1)
    before = exposure.events.yfull.astype(np.float64)
    trcecorr(exposure, refs)
    e = exposure.events
    trace = builders.trace("FUVA")
    trace[:300] = 0.0
    expected = before - np.where(exposure.science_events, trace[e.xcorr.astype(int)], 0.0)
    np.testing.assert_array_equal(e.yfull, expected.astype(np.float32))
    np.testing.assert_array_equal(exposure.trace, trace)
    assert exposure.primary["TRCECORR"] == "COMPLETE"


def test_wrong_lifetime_position(refs):
    with pytest.raises(ReferenceFileError, match="LIFE_ADJ = 1, but the data have LIFE_ADJ = 3"):
        trcecorr(exposure_with(life_adj=3), refs)


def test_unknown_mode(refs):
    with pytest.raises(MissingRowError):
        read_trace(exposure_with(aperture="BOA"), refs)
