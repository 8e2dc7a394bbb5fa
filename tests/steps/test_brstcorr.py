from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import builders
from recos.steps._brstcorr import Regions, bin_limits, brstcorr, burst_regions, running_median
from small_cos.exposure import RawEvents


def pointer_bins(time, length, number):
    """The literal algorithm: one pointer that runs through the events."""
    time, n, k = time.astype(np.float64), len(time), 0
    limits = []
    for i in range(number):
        begin = time[0] + i * length
        if k >= n:
            limits.append((n, n))
            continue
        while time[k] < begin:
            k += 1
        start = k
        if time[k] > begin + length:
            limits.append((start, k))
            continue
        while k < n and time[k] < begin + length:
            k += 1
        stop = n if k == n else k - (time[k] >= begin + 2 * length and k > start)
        limits.append((start, stop))
    return limits


@given(
    st.lists(st.floats(0.0, 20.0, width=32), min_size=2, max_size=60).map(sorted),
    st.sampled_from([0.25, 0.7, 1.0, 3.0]),
)
def test_bins_are_those_of_a_pointer(times, length):
    time = np.array(times, np.float32)
    number = int(np.ceil((float(time[-1]) - float(time[0])) / length))
    start, stop = bin_limits(time, length, number)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == pointer_bins(time, length, number)


def test_last_event_before_an_empty_bin_is_lost():
    time = np.array([0.0, 0.1, 0.2, 3.5, 3.6, 4.2], np.float32)
    start, stop = bin_limits(time, 1.0, 5)
    assert list(zip(start, stop, strict=True)) == [(0, 2), (3, 3), (3, 3), (3, 5), (5, 6)]


@given(st.lists(st.integers(-2, 30), min_size=1, max_size=40), st.integers(0, 6))
def test_running_median_is_that_of_a_loop(values, half):
    counts = np.array(values)
    expected = []
    for i in range(len(counts)):
        window = sorted(c for c in counts[max(0, i - half) : i + half + 1] if c >= 0)
        expected.append(window[(len(window) - 1) // 2] if len(window) > 1 else -20)
    assert running_median(counts, half).tolist() == expected


def test_regions(reference_files):
    refs = builders.make_refs(reference_files)
    exposure = builders.make_exposure(10)
    row = refs.xtractab.row(**exposure.mode.row_filter())
    center, height = round(row["B_SPEC"]), row["HEIGHT"]
    low, high, _, _ = refs.active_area("FUVA")
    source = (center - height // 2, center + height // 2)
    expected = (source, (low, source[0] - height // 4), (source[1] + height // 4, high))
    assert burst_regions(exposure, refs) == expected
    exposure.mode = replace(exposure.mode, tagflash="AUTO")
    lamp = refs.xtractab.row(**exposure.mode.row_filter("WCA"))
    assert burst_regions(exposure, refs).above == (round(lamp["B_SPEC"]) + height * 3 // 4, high)


def test_scale_of_regions():
    assert Regions((10, 19), (0, 4), (25, 39)).scale == 10 / 20


LENGTH = 120


def bursting(bursts, quiet=6, seed=0):
    """One event every 1/quiet s in the background, and more in the seconds of `bursts` {second: counts}."""
    counts = np.full(LENGTH, quiet)
    for second, extra in bursts.items():
        counts[second] = extra
    time = np.concatenate([k + (np.arange(n) + 0.5) / n for k, n in enumerate(counts)])
    time = np.concatenate([[0.0], time, [LENGTH - 0.01]]).astype(np.float32)
    n = len(time)
    raw = RawEvents(time, np.full(n, 8000, "i2"), np.full(n, 350, "i2"), np.full(n, 10, "u1"))
    exposure = builders.make_exposure(events=raw, columns={"yfull": np.full(n, 350.2)})
    exposure.exptime = float(LENGTH)
    return exposure


def test_quiet_exposure(reference_files, caplog):
    exposure = bursting({})
    with caplog.at_level(logging.INFO, "recos"):
        brstcorr(exposure, builders.make_refs(reference_files))
    assert len(exposure.bursts) == 0
    assert not exposure.events.dq.any()
    assert exposure.primary["BRSTCORR"] == "COMPLETE"
    assert "No large burst detected." in caplog.text
    assert "No small burst detected." in caplog.text


def test_large_bursts_are_flagged(reference_files, caplog):
    exposure = bursting({40: 200, 41: 300, 80: 150})
    with caplog.at_level(logging.INFO, "recos"):
        brstcorr(exposure, builders.make_refs(reference_files))
    time = exposure.events.time
    second = np.floor(time)
    np.testing.assert_array_equal(exposure.events.dq, np.where(np.isin(second, (40, 41, 80)), 64, 0))
    assert [(int(a), int(b)) for a, b in exposure.bursts] == [(40, 42), (80, 81)]
    assert all(isinstance(t, np.float32) and t in time for interval in exposure.bursts for t in interval)
    assert "large burst at time 41, counts = 300" in caplog.text
    assert "3 large bursts detected." in caplog.text


def test_small_bursts_are_cut_out_but_not_flagged(reference_files, caplog):
    exposure = bursting({40: 28, 41: 28, 60: 10})
    with caplog.at_level(logging.INFO, "recos"):
        brstcorr(exposure, builders.make_refs(reference_files))
    assert [(int(a), int(b)) for a, b in exposure.bursts] == [(40, 42)]
    assert not exposure.events.dq.any()
    assert "burst at time 40, counts = 28, median = 6, diff = 22, source = " in caplog.text
    assert "No further burst after iteration 2 detected." in caplog.text


def test_burst_at_the_end_lasts_until_the_last_event(reference_files):
    exposure = bursting({LENGTH - 1: 300})
    brstcorr(exposure, builders.make_refs(reference_files))
    assert exposure.bursts.intervals[0][1] == exposure.events.time[-1]


def test_flagged_events_do_not_count(reference_files):
    exposure = bursting({40: 200})
    exposure.events.dq[np.floor(exposure.events.time) == 40] = 2048
    brstcorr(exposure, builders.make_refs(reference_files))
    assert len(exposure.bursts) == 0


def test_source_events_do_not_count_as_background(reference_files):
    exposure = bursting({40: 200})
    refs = builders.make_refs(reference_files)
    exposure.events.yfull[np.floor(exposure.events.time) == 40] = burst_regions(exposure, refs).source[0]
    brstcorr(exposure, refs)
    assert len(exposure.bursts) == 0


def test_high_rate_shortens_the_bins(reference_files, caplog):
    exposure = bursting({}, quiet=30)
    exposure.exptime = 1.0
    with caplog.at_level(logging.INFO, "recos"):
        brstcorr(exposure, builders.make_refs(reference_files))
    assert "time bin set to 0.25 s" in caplog.text
    assert len(exposure.log_text["burst"]) == 4 * LENGTH


def test_log_file_text(reference_files):
    exposure = bursting({40: 200, 80: 28})
    brstcorr(exposure, builders.make_refs(reference_files))
    lines = exposure.log_text["burst"]
    assert lines[39:41] == ["39.500 6 0 0", "40.500 200 1 0"]
    assert lines[80] == "80.500 28 0 1"


def skipped(exposure, refs):
    brstcorr(exposure, refs)
    assert len(exposure.bursts) == 0
    assert exposure.primary["BRSTCORR"] == "SKIPPED"


def test_no_exposure_time(reference_files):
    exposure = bursting({})
    exposure.exptime = 0.0
    skipped(exposure, builders.make_refs(reference_files))


def test_too_few_bins(reference_files, caplog):
    exposure = bursting({})
    exposure.events.time[:] /= 60
    with caplog.at_level(logging.WARNING, "recos"):
        skipped(exposure, builders.make_refs(reference_files))
    assert "so few time bins" in caplog.text


def test_all_events_at_one_time(reference_files):
    exposure = bursting({})
    exposure.events.time[:] = 3.0
    skipped(exposure, builders.make_refs(reference_files))


def test_no_row_of_xtractab(reference_files, caplog):
    exposure = bursting({})
    exposure.mode = replace(exposure.mode, cenwave=1055)
    with caplog.at_level(logging.WARNING, "recos"):
        skipped(exposure, builders.make_refs(reference_files))
    assert "CENWAVE = 1055" in caplog.text


@pytest.mark.parametrize("quiet", [0, 1])
def test_sparse_background(reference_files, quiet):
    """Bins without events, trailing ones too, do no harm; the median is at least one."""
    exposure = bursting({40: 60}, quiet=quiet)
    brstcorr(exposure, builders.make_refs(reference_files))
    assert len(exposure.bursts) == 1
    assert (exposure.events.dq[np.floor(exposure.events.time) == 40][:-1] == 64).all()
