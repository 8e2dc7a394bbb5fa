from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.steps._shift_range import ShiftRange
from recos.steps.out_of_bounds import flag_outside_detector

OFF = {"TEMPCORR": "OMIT", "GEOCORR": "OMIT"}
SUBARRAY = {"nsubarry": 1, "corner0x": 100, "corner0y": 300, "size0x": 16000, "size0y": 400}
STIM = {"corner1x": 0, "corner1y": 0, "size1x": 500, "size1y": 60}


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def flagged(exposure, refs, shifts=None, doppler=(0.0, 0.0)):
    image = np.zeros((1024, 16384), np.int16)
    flag_outside_detector(exposure, refs, image, shifts or ShiftRange(), doppler)
    assert set(np.unique(image)) <= {0, 128}
    return image == 0


def box(y0, y1, x0, x1):
    inside = np.zeros((1024, 16384), bool)
    inside[max(y0, 0) : y1, max(x0, 0) : x1] = True
    return inside


def test_full_detector_is_inside(refs):
    assert flagged(builders.make_exposure(2, switches=OFF), refs).all()


def test_displacement_takes_away_the_edge(refs):
    shifts = ShiftRange(*np.float32([2.6, 5.4, -1.6, 0.7]))
    inside = flagged(builders.make_exposure(2, switches=OFF), refs, shifts, (-0.8, 1.0))
    # shifts 1.8 to 6.4 and -1.6 to 0.7; the box begins at -2 and +2 and is smaller by 5 and 2
    np.testing.assert_array_equal(inside, box(2, 1024 - 2 + 2, -2, 16384 - 5 - 2))


def test_subarray_of_science_and_stim(refs):
    exposure = builders.make_exposure(2, switches=OFF, **SUBARRAY, **STIM)
    inside = flagged(exposure, refs)
    np.testing.assert_array_equal(inside, box(300, 700, 100, 16100) | box(0, 60, 0, 500))


def test_only_the_last_science_subarray_counts(refs, caplog):
    second = {"corner1x": 0, "corner1y": 500, "size1x": 500, "size1y": 60}
    inside = flagged(builders.make_exposure(2, switches=OFF, **SUBARRAY, **second), refs)
    np.testing.assert_array_equal(inside, box(500, 560, 0, 500))
    assert "More than one subarray" in caplog.text


def test_no_science_subarray(refs, caplog):
    stim = {k.replace("1", "0"): v for k, v in STIM.items()}
    exposure = builders.make_exposure(2, switches={"TEMPCORR": "OMIT", "GEOCORR": "PERFORM"}, **stim)
    np.testing.assert_array_equal(flagged(exposure, refs), box(0, 60, 0, 500))
    assert "No subarray" in caplog.text


def test_thermal_correction_stretches_the_box(refs):
    stims = {"stima_lx": 390.0, "stima_ly": 40.0, "stima_rx": 15990.0, "stima_ry": 980.0}
    stims |= {"stima0lx": 380.0, "stima0ly": 40.0, "stima0rx": 16000.0, "stima0ry": 980.0}
    exposure = builders.make_exposure(2, switches={"GEOCORR": "OMIT"}, **SUBARRAY, **stims)
    slope = 15620.0 / 15600.0
    zero = 380.0 - 390.0 * slope
    x0, x1 = int(zero + slope * 100), int(zero + slope * 16099 + 1)
    np.testing.assert_array_equal(flagged(exposure, refs), box(300, 700, x0, x1))


@pytest.mark.parametrize("dgeo", ["PERFORM", "OMIT"])
def test_geometric_correction_bends_the_edges(refs, dgeo):
    switches = {"TEMPCORR": "OMIT", "GEOCORR": "PERFORM", "IGEOCORR": "PERFORM", "DGEOCORR": dgeo}
    exposure = builders.make_exposure(2, switches=switches, **SUBARRAY)
    inside = flagged(exposure, refs)
    plain = box(300, 700, 100, 16100)
    assert 0 < np.count_nonzero(inside != plain) < 0.06 * plain.sum()
    # an event at the edge of the subarray lies inside after the same corrections
    from recos.steps._dgeocorr import dgeocorr
    from recos.steps._geocorr import geocorr

    n = 500
    rng = np.random.default_rng(1)
    x, y = rng.uniform(110, 16080, n), rng.uniform(303, 696, n)
    events = builders.make_exposure(n, switches=switches, columns={"xcorr": x, "ycorr": y})
    geocorr(events, refs)
    if dgeo == "PERFORM":
        dgeocorr(events, refs)
    i, j = (np.rint(v).astype(int) for v in (events.events.xcorr, events.events.ycorr))
    assert inside[j, i].all()
