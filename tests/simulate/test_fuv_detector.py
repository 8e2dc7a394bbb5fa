"""The FUV detector of the simulator: what is inverted comes back; response and pulse heights are as described."""

from __future__ import annotations

import numpy as np
import pytest

from recos.data.instrument import SEGMENTS
from recos.simulate.fuv import detector
from recos.simulate.fuv.detector import LARGEST_RESPONSE, LAYOUT, PULSE_HEIGHT_LIMITS
from recos.simulate.plan import Effects


@pytest.fixture(params=SEGMENTS)
def segment(request):
    return request.param


def _positions(segment, n=2000):
    s, rng = LAYOUT[segment], np.random.default_rng(5)
    return (
        rng.uniform(0.0, 3000.0, n),
        rng.uniform(s.left, s.right, n),
        rng.uniform(s.low, s.high, n),
        rng.integers(0, 32, n),
    )


def test_corrections_lead_from_raw_to_corrected_positions(segment):
    time, x, y, pha = _positions(segment)
    rawx, rawy = detector.to_raw(segment, time, x, y, pha, Effects())
    x0, xslope, y0, yslope = detector.thermal(segment, time)
    u, v = x0 + rawx * xslope, y0 + rawy * yslope
    for correction in (detector.distortion, detector.delta_distortion):
        dx, dy = correction(segment, u, v)
        u, v = u - dx, v - dy
    np.testing.assert_allclose(u - detector.walk_x(pha, u), x, atol=1e-6)
    np.testing.assert_allclose(v - detector.walk_y(pha, v), y, atol=1e-6)


def test_effects_that_are_off_move_nothing(segment):
    time, x, y, pha = _positions(segment)
    same = detector.to_raw(segment, time, x, y, pha, Effects.only())
    np.testing.assert_array_equal(same, (x, y))
    walk = detector.to_raw(segment, time, x, y, pha, Effects.only("walk"))
    # distortion moves by up to 13 pixels, walk by less than one
    assert 0.0 < np.abs(walk[0] - x).max() < 1.0


def test_flat_has_mean_one_and_no_pixel_above_the_largest_response(segment):
    s = LAYOUT[segment]
    column = np.arange(s.left, s.right)[np.newaxis]
    row = np.arange(400, 460)[:, np.newaxis]
    pattern = detector.flat(segment, column, row, wires=False)
    assert pattern.mean() == pytest.approx(1.0, abs=1e-3)
    assert 0.015 < pattern.std() < 0.04
    assert pattern.max() <= LARGEST_RESPONSE
    neighbours = np.corrcoef(pattern[:, 1:].ravel(), pattern[:, :-1].ravel())[0, 1]
    assert neighbours < 0.5
    both = detector.flat(segment, column, row)
    wires = detector.flat(segment, column, row, pattern=False)
    np.testing.assert_allclose(both, pattern * wires)
    assert wires.max() <= 1.0
    for x in detector.wire_columns(segment):
        assert wires[0, x - s.left] == pytest.approx(0.78)


def test_gain_sag_holes_appear_later_at_a_higher_voltage(segment):
    low, high = (detector.sag_holes(segment, level) for level in (163, 178))
    assert len(low) == len(high) >= 200
    assert np.all(np.diff(low["date"]) >= 0)
    assert np.median(high["date"]) > np.median(low["date"])
    early, late = (detector.sag_map(segment, mjd).sum() for mjd in (55400.0, 57000.0))
    assert 0 < early < late


def test_photons_pass_the_pulse_height_limits_unless_the_gain_is_sagged():
    rng = np.random.default_rng(3)
    x = rng.uniform(1000.0, 15000.0, 100_000)
    low, high = PULSE_HEIGHT_LIMITS
    good = detector.photon_pulse_heights(rng, x, np.zeros(len(x), bool))
    assert np.mean((good < low) | (good > high)) < 3e-4
    sagged = detector.photon_pulse_heights(rng, x, np.ones(len(x), bool))
    assert np.mean(sagged < low) > 0.1
    dark = detector.background_pulse_heights(rng, 10_000)
    assert (dark.min(), dark.max()) == (0, 31)


def test_high_voltage_follows_its_history():
    assert detector.high_voltage("FUVA", 50000.0) == 169
    assert detector.high_voltage("FUVA", 57000.0) == 167
    assert detector.high_voltage("FUVB", 60000.0) == 175
