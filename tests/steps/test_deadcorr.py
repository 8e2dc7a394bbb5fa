from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import builders, nuv_builders
from recos.steps._deadcorr import LivetimeCurve, deadcorr, deadtime_steps

RATES = [2.0, 10.0, 50.0, 400.0]
LIVE = [0.99, 0.95, 0.8, 0.5]


def curve(dtype="f8"):
    return LivetimeCurve(np.array(RATES, dtype), np.array(LIVE, dtype))


def deadtab(directory, form="1D", timestep=10.0):
    columns = [
        ("SEGMENT", "4A", ["FUVA"] * 4),
        ("OBS_RATE", form, RATES),
        ("LIVETIME", form, LIVE),
    ]
    return builders.make_refs(builders.make_table_file(directory, "DEADTAB", columns, TIMESTEP=timestep))


# ------------------------------------------------------------------------------------------ the curve


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(-1.0, 1.0), (0.0, 1.0), (1.9, 1.0), (2.0, 0.99), (6.0, 0.97), (10.0, 0.95), (400.0, 0.5), (1e6, 0.5)],
)
def test_livetime(rate, expected):
    assert curve()(rate) == pytest.approx(expected, rel=1e-14)


def test_livetime_of_one_row():
    one = LivetimeCurve(np.array([10.0]), np.array([0.7]))
    assert one(np.array([-1.0, 0.0, 1.0, 99.0])).tolist() == [1.0, 1.0, 0.7, 0.7]


def test_precision_is_that_of_rate_and_table():
    assert curve("f4")(np.float32(6.0)).dtype == np.float32
    assert curve("f4")(np.float64(6.0)).dtype == np.float64
    assert curve("f8")(np.float64(6.0)).dtype == np.float64


@given(st.floats(0.0, 500.0, width=32))
def test_livetime_is_the_scalar_formula(rate):
    o, live = np.array(RATES), np.array(LIVE)
    if rate <= 0.0 or rate < o[0]:
        expected = 1.0
    elif rate >= o[-1]:
        expected = live[-1]
    else:
        k = next(k for k in range(3) if rate < o[k + 1])
        p = (rate - o[k]) / (o[k + 1] - o[k])
        expected = live[k] * (1 - p) + live[k + 1] * p
    assert curve()(np.array([rate]))[0] == expected


# ------------------------------------------------------------------------------------------ time steps


def test_steps_without_events_are_left_out():
    time = np.array([0.0, 1.0, 2.0, 35.0, 36.0, 47.0], np.float32)
    steps = deadtime_steps(time, 10.0, curve())
    assert [(s.first, s.last, s.begin, s.end) for s in steps] == [
        (0, 3, 0, 10),
        (3, 5, 30, 40),
        (5, 6, 40, 47),
    ]
    assert [s.rate for s in steps] == pytest.approx([0.3, 0.2, 1 / 7])


def test_short_last_step_takes_the_rate_before(caplog):
    time = np.append(np.linspace(0.0, 9.9, 100), [10.0, 13.0]).astype(np.float32)
    with caplog.at_level(logging.DEBUG, "recos"):
        steps = deadtime_steps(time, 10.0, curve())
    assert [s.rate for s in steps] == [10.0, 10.0]
    assert steps[1].livetime == 0.95
    assert "only 3 s" in caplog.text


def test_short_only_step_has_its_own_rate():
    steps = deadtime_steps(np.array([0.0, 0.1, 0.2], np.float32), 10.0, curve())
    assert len(steps) == 1
    assert steps[0].rate == pytest.approx(3 / np.float64(np.float32(0.2)), rel=1e-12)


def test_no_range_gives_no_step():
    assert deadtime_steps(np.array([5.0, 5.0], np.float32), 10.0, curve()) == []


# ------------------------------------------------------------------------------------------ the step


@pytest.mark.parametrize("form", ["1D", "1E"])
def test_weights_are_divided_once_rounded(tmp_path, form):
    exposure = builders.make_exposure(4000, columns={"epsilon": np.linspace(0.5, 1.5, 4000)})
    epsilon = exposure.events.epsilon.copy()
    refs = deadtab(tmp_path, form)
    deadcorr(exposure, refs)
    time = exposure.events.time.astype(np.float64)
    edges = time[0] + 10.0 * np.arange(61)
    total = 0.0
    table = LivetimeCurve(refs.deadtab.column("OBS_RATE"), refs.deadtab.column("LIVETIME"))
    for t0 in edges[edges < time[-1]]:
        last = t0 + 10.0 >= time[-1]
        part = (time >= np.float32(t0)) & ((time < np.float32(t0 + 10.0)) | last)
        n, length = np.count_nonzero(part), time[-1] - t0 if last else 10.0
        live = table(np.float64(n / length) if last else table.observed.dtype.type(n / length))
        expected = (epsilon[part] / live).astype(np.float32)
        np.testing.assert_array_equal(exposure.events.epsilon[part], expected)
        total += live * np.float64(length)
    header = exposure.header
    assert header["LIVETM_A"] == pytest.approx(total / (time[-1] - time[0]), rel=1e-7)
    assert header["DEADRT_A"] == 4000 / (time[-1] - time[0])
    assert header["DEADMT_A"] == "DATA"
    assert exposure.primary["DEADCORR"] == "COMPLETE"


def disagreeing(subarray, nsubarry, size=(8000, 500)):
    keywords = {"subarray": subarray, "nsubarry": nsubarry, "size0x": size[0], "size0y": size[1]}
    return builders.make_exposure(4000, deventa=300.0, **keywords)


@pytest.mark.parametrize(
    ("exposure", "method"),
    [
        (disagreeing(True, 1), "DEVENT"),
        (disagreeing(True, 0), "DATA"),
        (disagreeing(False, 1), "DATA"),
        (disagreeing(True, 1, (16384, 1024)), "DATA"),
        (disagreeing(True, 1, (1024, 1024)), "DATA"),
    ],
)
def test_event_counter_decides_only_for_subarrays(tmp_path, caplog, exposure, method):
    with caplog.at_level(logging.INFO, "recos"):
        deadcorr(exposure, deadtab(tmp_path))
    assert exposure.header["DEADMT_A"] == method
    assert "livetime estimates differ." in caplog.text
    if method == "DEVENT":
        live = curve()(300.0)
        assert exposure.header["DEADRT_A"] == 300.0
        assert exposure.header["LIVETM_A"] == live
        assert (exposure.events.epsilon == np.float32(1 / live)).all()


def test_log_file_text(tmp_path):
    exposure = builders.make_exposure(600, deventa=1.0)
    deadcorr(exposure, deadtab(tmp_path, timestep=300.0))
    lines = exposure.log_text["live"]
    assert lines[0] == ""
    assert lines[1] == "stim countrate and livetime could not be determined"
    assert lines[4] == "Livetime is based on actual count rate."
    assert lines[5:7] == [f"# {exposure.path}", "# t0 t1 countrate livetime"]
    assert len(lines) == 7 + 2


def test_one_event(tmp_path):
    exposure = builders.make_exposure(1)
    deadcorr(exposure, deadtab(tmp_path))
    assert exposure.events.epsilon[0] == 1.0
    assert (exposure.header["DEADRT_A"], exposure.header["LIVETM_A"]) == (0.0, 1.0)


# ------------------------------------------------------------------------------------------ images


@pytest.mark.parametrize(("subarray", "method", "rate"), [(False, "DATA", 3.0), (True, "MEVENTS", 10.0)])
def test_images_have_one_rate(tmp_path, subarray, method, rate):
    size = {"SIZE0X": 100, "SIZE0Y": 1024}
    exposure = nuv_builders.make_exposure([5] * 300, [5] * 300, accum=True, MEVENTS=10.0, **size)
    exposure.primary["SUBARRAY"] = subarray
    deadcorr(exposure, deadtab(tmp_path))
    np.testing.assert_allclose(exposure.events.epsilon, 1.0 / curve()(rate), rtol=1e-6)
    assert (exposure.header["DEADRT"], exposure.header["DEADMT"]) == (rate, method)


def test_an_image_without_exposure_time(tmp_path):
    exposure = nuv_builders.make_exposure([5], [5], accum=True)
    exposure.elapsed = 0.0
    deadcorr(exposure, deadtab(tmp_path))
    assert exposure.primary["DEADCORR"] == "SKIPPED"
    assert (exposure.events.epsilon == 1.0).all()
    assert exposure.header["DEADMT"] == "SKIPPED"
