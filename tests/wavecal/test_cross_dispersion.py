import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.builders import make_exposure, make_refs
from helpers.lamp_builders import lamp_events
from recos.wavecal import cross_dispersion
from recos.wavecal.cross_dispersion import LampEvents, box, find_spectrum
from recos.wavecal.lamp import SearchParameters, search_parameters
from small_cos import SEGMENTS


def events(segment, n, shift2, background=300, seed=0, dq=0):
    rng = np.random.default_rng(seed)
    s = SEGMENTS[segment]
    x, y = lamp_events(rng, segment, n, 2.0, shift2)
    x = np.append(x, rng.uniform(s.left, s.right, background)).astype(np.float32)
    y = np.append(y, rng.uniform(s.low, s.high, background)).astype(np.float32)
    return LampEvents(x, y, np.full(len(x), dq, np.int16), np.ones(len(x), np.float32))


def search(names, lamp_light, segment="FUVA", **header):
    exposure, refs = make_exposure(10, segment, names=names, **header), make_refs(names)
    return find_spectrum(lamp_light, refs, exposure.mode, search_parameters(refs, "G130M", 0))


@pytest.mark.parametrize("segment", ["FUVA", "FUVB"])
@pytest.mark.parametrize("shift2", [-12.3, 0.0, 1.4, 20.6])
def test_the_displacement_is_found(reference_files, segment, shift2):
    found = search(reference_files, events(segment, 3000, shift2), segment)
    assert found.shifts == {segment: found.applied}
    assert found.applied == pytest.approx(shift2, abs=0.6)
    assert found.locations[segment] == pytest.approx(SEGMENTS[segment].y_wca + shift2, abs=0.6)
    assert found.lamp_on


def test_background_alone_is_no_spectrum(reference_files):
    found = search(reference_files, events("FUVA", 0, 0.0, background=3000))
    assert found.shifts["FUVA"] is None
    assert found.applied == 0.0
    assert not found.lamp_on


def test_flagged_events_do_not_count(reference_files):
    for flag in (4, 8192):
        found = search(reference_files, events("FUVA", 3000, 0.0, dq=flag), sdqflags=8346)
        assert found.shifts["FUVA"] is None
        assert found.lamp_on == (flag == 4)  # 4 is no serious flag


def test_no_events(reference_files):
    found = search(reference_files, events("FUVA", 0, 0.0, background=0))
    assert found == ({"FUVA": None}, {"FUVA": 0.0}, 0.0, False)


def test_a_range_beyond_the_detector(caplog):
    profile = np.zeros(1024, np.float32)
    profile[8:11] = 40.0
    shift, _ = cross_dispersion._peak(profile, 15.0, SearchParameters(40, 0.0, 15.0, 30, 7, 0.1))
    assert shift == pytest.approx(-6.0, abs=0.5)
    assert "XD_RANGE in WCPTAB is too large" in caplog.text


@pytest.mark.parametrize("width", [1, 4, 7])
def test_boxcar_against_loops(width):
    profile = np.random.default_rng(1).poisson(3.0, 50).astype(np.float32)
    smooth = cross_dispersion._boxcar(profile, width)
    for i in range(50):
        window = [profile[min(max(k, 0), 49)] for k in range(i - (width - 1) // 2, i + width // 2 + 1)]
        assert smooth[i] == np.float32(sum(map(float, window)) / width)


@given(st.integers(0, 1000), st.integers(1, 12), st.floats(-0.01, 0.01))
def test_box_against_loops(seed, height, slope):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-2, 40, 60).astype(np.float32), rng.uniform(0, 30, 60).astype(np.float32)
    index, column, row = box(x, y, slope, 15.2, height, 38, 0)
    expected = []
    for k in range(60):
        i = int(np.floor(float(x[k]) + 0.5))
        j = int(np.floor(float(y[k]) - (15.2 - height // 2 + slope * float(x[k])) + 0.5))
        if 0 <= i < 38 and 0 <= j < height:
            expected.append((k, i, j))
    assert list(zip(index.tolist(), column.tolist(), row.tolist(), strict=True)) == expected
