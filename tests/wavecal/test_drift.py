import numpy as np
import pytest

from helpers.builders import make_exposure, make_refs
from recos.wavecal.drift import Drift, correct_events, record_drift

SHIFT1 = np.array([2.0, 4.0, 3.0])
DRIFT = Drift(np.array([10.0, 30.0, 60.0]), {"FUVA": SHIFT1}, np.array([1.0, 1.0, 1.3]))


@pytest.fixture
def refs(reference_files):
    return make_refs(reference_files)


def exposure(y=500.0):
    time = np.linspace(0.0, 100.0, 401)
    made = make_exposure(401, columns={"time": time, "xdopp": 5000.25 + time, "ycorr": np.full(401, y)})
    made.events.yfull[:] = made.events.ycorr
    return made


def test_linear_before_between_and_constant_after(refs):
    made = exposure()
    dpixel = correct_events(made, refs, DRIFT)["FUVA"]
    t = made.events.time.astype(float)
    expected = np.where(t < 10.0, 2.0 + (t - 10.0) * 0.1, np.interp(t, DRIFT.time, SHIFT1))
    assert made.events.xdopp - made.events.xfull == pytest.approx(expected, abs=1e-3)
    assert made.events.ycorr - made.events.yfull == pytest.approx(
        np.interp(t, DRIFT.time, DRIFT.shift2), abs=1e-4
    )
    rest = made.events.xfull - np.around(made.events.xfull)
    assert dpixel == pytest.approx(rest.mean(dtype=np.float64))


def test_on_the_upper_limit_only_y_is_corrected(refs):
    _, high, *_ = refs.active_area("FUVA")
    made = exposure(y=float(high))
    assert correct_events(made, refs, DRIFT)["FUVA"] == 0.0
    assert np.array_equal(made.events.xfull, made.events.xdopp)
    assert (made.events.yfull < made.events.ycorr).all()


def test_the_average_before_the_first_flash_is_constant():
    expected = (10 * 2.0 + 20 * 3.0 + 30 * 3.5 + 40 * 3.0) / 100.0
    assert DRIFT.average(SHIFT1, 0.0, 100.0) == pytest.approx(expected)


def test_history():
    history = DRIFT.history("FUVA", 0.0, 100.0)
    grid = np.arange(101.0)
    expected = np.where(grid < 10.0, 2.0 + (grid - 10.0) * 0.1, np.interp(grid, DRIFT.time, SHIFT1))
    assert history == pytest.approx(expected, abs=1e-5)
    assert history.dtype == np.float32


def test_one_flash_is_constant(refs):
    drift = Drift(np.array([50.0]), {"FUVA": np.array([7.0])}, np.array([0.5]))
    made = exposure()
    correct_events(made, refs, drift)
    assert made.events.xdopp - made.events.xfull == pytest.approx(7.0, abs=1e-3)
    assert record_drift(made, drift) == ({"FUVA": pytest.approx(7.0)}, pytest.approx(0.5))
    assert np.all(made.shift_history.shift1 == 7.0)


def test_simultaneous_flashes_have_no_slope():
    drift = Drift(np.array([10.0, 10.0]), {"FUVA": np.array([1.0, 2.0])}, np.zeros(2))
    assert drift.slopes(drift.shift1["FUVA"]).tolist() == [0.0, 0.0]


def test_no_exposure_time():
    made = exposure()
    made.exptime = 0.0
    assert record_drift(made, DRIFT) == ({"FUVA": 0.0}, 0.0)
    assert made.shift_history.shift1 is None
