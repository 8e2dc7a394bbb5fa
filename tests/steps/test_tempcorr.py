"""Stims and the thermal correction."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from helpers import builders
from recos.errors import ReferenceFileError
from recos.steps._tempcorr import tempcorr
from recos.steps.stims import find_stims
from small_cos.exposure import RawEvents

REFERENCES = ((380.0, 30.0), (16000.0, 980.0))
LIMITS = {"A_LEFT": 1000, "A_RIGHT": 15000, "A_LOW": 300, "A_HIGH": 700}


def brftab(directory, form="1D", timestep=60.0):
    columns = [("SEGMENT", "4A", ["FUVB", "FUVA"])]
    for i, (x, y) in enumerate(REFERENCES, start=1):
        columns += [(f"SX{i}", form, [0.0, x]), (f"SY{i}", form, [0.0, y])]
    columns += [("XWIDTH", "1I", [95, 95]), ("YWIDTH", "1I", [32, 32])]
    columns += [(name, "1J", [v, v]) for name, v in LIMITS.items()]
    keywords = {} if timestep is None else {"TIMESTEP": timestep}
    return builders.make_refs(builders.make_table_file(directory, "BRFTAB", columns, **keywords))


def with_stims(maps, n_photons=300, n_stims=20, duration=60.0, seed=0):
    """Events of one time step for each (x0, xslope, y0, yslope): corrected = x0 + xslope * raw.

    Coordinates are exact only in the mean: stims scatter symmetrically around their place.
    """
    rng = np.random.default_rng(seed)
    x, y, time = [], [], []
    for k, (x0, xslope, y0, yslope) in enumerate(maps):
        half = rng.integers(1, 4, (2, n_stims // 2))
        for sx, sy in REFERENCES:
            place = (sx - x0) / xslope, (sy - y0) / yslope
            x.append(place[0] + np.concatenate([half[0], -half[0]]))
            y.append(place[1] + np.concatenate([half[1], -half[1]]))
        x.append(rng.uniform(1500, 14000, n_photons))
        y.append(rng.uniform(320, 600, n_photons))
        time.append(np.sort(rng.uniform(duration * k, duration * (k + 1), n_photons + 2 * n_stims)))
        time[-1][0] = duration * k
    n = sum(map(len, time))
    raw = RawEvents(
        np.concatenate(time).astype("f4"), np.zeros(n, "i2"), np.zeros(n, "i2"), np.zeros(n, "u1")
    )
    columns = {"xcorr": np.concatenate(x), "ycorr": np.concatenate(y)}
    return builders.make_exposure(events=raw, columns=columns)


MAPS = [(-3.25, 1.0005, 1.5, 0.999), (2.0, 0.9998, -0.5, 1.001)]


def test_maps_undo_the_distortion(tmp_path):
    exposure = with_stims(MAPS)
    x, y, time = exposure.events.xcorr.copy(), exposure.events.ycorr.copy(), exposure.events.time
    tempcorr(exposure, brftab(tmp_path))
    for k, (x0, xslope, y0, yslope) in enumerate(MAPS):
        part = (time >= 60 * k) & (time < 60 * (k + 1))
        np.testing.assert_allclose(exposure.events.xcorr[part], x0 + xslope * x[part], atol=2e-3)
        np.testing.assert_allclose(exposure.events.ycorr[part], y0 + yslope * y[part], atol=2e-3)
    assert exposure.primary["TEMPCORR"] == "COMPLETE"


def test_keywords(tmp_path):
    exposure = with_stims([(-3.25, 1.0, 1.5, 1.0)] * 2)
    tempcorr(exposure, brftab(tmp_path))
    header = exposure.header
    assert (header["STIMA0LX"], header["STIMA0RY"]) == (380.0, 980.0)
    assert (header["STIMA_LX"], header["STIMA_LY"]) == (383.25, 28.5)
    assert (header["STIMA_RX"], header["STIMA_RY"]) == (16003.25, 978.5)
    assert (header["STIMASLX"], header["STIMASRX"]) == pytest.approx((2.2, 2.2), abs=0.5)


@pytest.mark.parametrize("form", ["1D", "1E"])
def test_positions_are_those_of_sums_over_whole_steps(tmp_path, form):
    """The literal algorithm: masked sums over all events of a step, in the type of the table."""
    exposure = with_stims(MAPS, n_photons=2000, n_stims=400)
    rng = np.random.default_rng(1)
    order = np.concatenate([rng.permutation(2800), 2800 + rng.permutation(2800)])
    exposure.events.xcorr[:] = exposure.events.xcorr[order] + rng.normal(0, 1, 5600).astype("f4")
    exposure.events.ycorr[:] = exposure.events.ycorr[order]
    refs = brftab(tmp_path, form)
    find_stims(exposure, refs)
    x, y = exposure.events.xcorr, exposure.events.ycorr
    sx, sy = (refs.brftab.row(segment="FUVA")[k] for k in ("SX1", "SY1"))
    assert len(exposure.stims.steps) == 2
    for step in exposure.stims.steps:
        xs, ys = x[step.first : step.last], y[step.first : step.last]
        mask = ((abs(xs - sx) <= 95) & (ys >= max(sy - 32, 1)) & (ys <= sy + 32)).astype(np.float32)
        n = np.sum(mask)
        mean = np.sum((xs - sx) * mask) / n + sx
        tolerance = 0.0 if form == "1E" else 1e-12
        assert step.left.counts == n == 400
        assert step.left.position.x == pytest.approx(mean, abs=tolerance)
        assert step.left.spread.x == pytest.approx(np.sum((xs - mean) ** 2 * mask), rel=tolerance)


def test_rates_and_livetime(tmp_path):
    exposure = with_stims(MAPS, n_stims=20)
    exposure.elapsed = 8.0
    exposure.header["STIMRATE"] = 12.0
    find_stims(exposure, brftab(tmp_path))
    assert exposure.stims.count_rate == 40 / 8.0
    assert exposure.stims.livetime == 5.0 / 6.0
    exposure.header["STIMRATE"] = 0.0
    find_stims(exposure, brftab(tmp_path))
    assert exposure.stims.livetime == 1.0


def test_missing_stim_takes_the_last_position(tmp_path, caplog):
    exposure = with_stims(MAPS)
    late = exposure.events.time >= 60.0
    lost = late & (exposure.events.xcorr < 500.0)
    exposure.events.xcorr[lost] = 5000.0
    with caplog.at_level(logging.WARNING, "recos"):
        find_stims(exposure, brftab(tmp_path))
    first, second = exposure.stims.steps
    assert first.left.found
    assert not second.left.found
    assert second.left.position == first.left.position
    assert exposure.stims.averages[0].counts == 20
    assert "(stim1 not found)" in caplog.text
    assert exposure.log_text["stim"][-1].split("  ")[1] == "INDEF INDEF"


def test_without_stims_nothing_changes(tmp_path):
    exposure = with_stims(MAPS)
    exposure.events.ycorr[:] = 500.0
    before = exposure.events.xcorr.copy()
    tempcorr(exposure, brftab(tmp_path))
    np.testing.assert_array_equal(exposure.events.xcorr, before)
    assert exposure.primary["TEMPCORR"] == "SKIPPED"
    assert exposure.header["STIMA_LX"] == -1.0
    assert exposure.header["STIMASRY"] == -1.0
    assert exposure.stims.count_rate is None
    assert exposure.stims.livetime == 1.0


def test_all_events_at_one_time_are_one_step(tmp_path):
    exposure = with_stims(MAPS[:1])
    exposure.events.time[:] = 7.0
    find_stims(exposure, brftab(tmp_path))
    assert [(s.first, s.last) for s in exposure.stims.steps] == [(0, len(exposure.events))]


@pytest.mark.parametrize("timestep", [None, 0.0, -60.0])
def test_impossible_time_step(tmp_path, timestep):
    with pytest.raises(ReferenceFileError, match="TIMESTEP"):
        find_stims(builders.make_exposure(10), brftab(tmp_path, timestep=timestep))


def test_no_row_for_the_segment(tmp_path):
    refs = brftab(tmp_path)
    refs.brftab.column("SEGMENT")[:] = "FUVB"
    with pytest.raises(ReferenceFileError, match="FUVA"):
        find_stims(builders.make_exposure(10), refs)
