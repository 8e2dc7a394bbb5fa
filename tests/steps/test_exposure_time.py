from __future__ import annotations

import logging

import numpy as np

from helpers import builders
from recos.data.gti import GTI
from recos.steps._exposure_time import exposure_time, good_time


def exposure_with(**attributes):
    exposure = builders.make_exposure(3000, stims=50, gti=[(0.5, 200.0), (210.0, 590.0)], npha_a=17)
    for name, value in attributes.items():
        setattr(exposure, name, value)
    return exposure


def test_untouched_intervals(reference_files):
    exposure = exposure_with()
    exposure_time(exposure, builders.make_refs(reference_files))
    assert exposure.exptime == 199.5 + 380.0
    assert list(exposure.gti) == [(0.5, 200.0), (210.0, 590.0)]
    assert not exposure.gti_changed
    assert exposure.header["EXPTIME"] == exposure.header["EXPTIMEA"] == 579.5


def test_bursts_count_in_the_second_run_only(reference_files, caplog):
    refs = builders.make_refs(reference_files)
    exposure = exposure_with(
        bad_times=GTI.of([(np.float64(100.0), np.float64(112.0))]),
        bursts=GTI.of([(np.float32(300.25), np.float32(302.5))]),
    )
    exposure_time(exposure, refs)
    assert exposure.exptime == 567.5
    with caplog.at_level(logging.INFO, "recos"):
        good_time(exposure, refs)
    assert exposure.exptime == 565.25
    assert list(exposure.gti) == [(0.5, 100.0), (112.0, 200.0), (210.0, 300.25), (302.5, 590.0)]
    assert exposure.gti_changed
    assert "exposure time in header was 567.500" in caplog.text
    assert "corrected to 565.250" in caplog.text


def test_interval_that_vanishes_is_a_change(reference_files):
    exposure = exposure_with(bad_times=GTI.of([(np.float64(0.0), np.float64(205.0))]))
    good_time(exposure, builders.make_refs(reference_files))
    assert list(exposure.gti) == [(210.0, 590.0)]
    assert exposure.gti_changed
    assert exposure.exptime == 380.0


def test_without_intervals_the_events_give_them(reference_files):
    exposure = exposure_with(raw_gti=GTI())
    exposure_time(exposure, builders.make_refs(reference_files))
    time = exposure.events.time
    assert list(exposure.gti) == [(time[0], time[-1])]
    assert exposure.gti_changed


def test_time_between_bursts_is_a_float32(reference_files):
    a, b, c, d = np.array([10.1, 11.3, 571.7, 573.9], np.float32)
    exposure = exposure_with(bursts=GTI.of([(a, b), (c, d)]), raw_gti=GTI.of([(0.5, 590.25)]))
    good_time(exposure, builders.make_refs(reference_files))
    expected = 0.0
    for length in (float(a) - 0.5, float(c - b), 590.25 - float(d)):
        expected += length
    assert float(c - b) != float(c) - float(b)
    assert exposure.exptime == expected


def test_counters(reference_files):
    bursts = [(np.float32(20.0), np.float32(22.0)), (np.float32(300.25), np.float32(302.5))]
    bad = [(-50.0, 5.0), (100.0, 112.0), (595.0, 900.0), (1000.0, 1001.0)]
    exposure = exposure_with(
        bursts=GTI.of(bursts), bad_times=GTI.of((np.float64(a), np.float64(b)) for a, b in bad)
    )
    good_time(exposure, builders.make_refs(reference_files))
    time = exposure.events.time.astype(float)
    first, last = time[0], time[-1]
    in_burst = sum(np.count_nonzero((time >= a) & (time < b)) for a, b in bursts)
    in_bad = np.count_nonzero((time < 5) | ((time >= 100) & (time < 112)) | (time >= np.float32(595)))
    header = exposure.header
    assert header["TBRST_A"] == 4.25
    assert header["NBRST_A"] == in_burst
    assert header["TBADT_A"] == (5.0 - first) + 12.0 + (last - 595.0)
    assert header["NBADT_A"] == in_bad
    assert header["NOUT_A"] == 100
    assert header["NBADEVTA"] == in_burst + in_bad + 100 + 17


def test_counters_are_zero_without_bad_events(reference_files):
    exposure = builders.make_exposure(100, npha_a=None)
    good_time(exposure, builders.make_refs(reference_files))
    keys = ("TBRST_A", "NBRST_A", "TBADT_A", "NBADT_A", "NOUT_A", "NBADEVTA")
    assert [exposure.header[k] for k in keys] == [0] * 6
