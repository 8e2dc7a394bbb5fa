from __future__ import annotations

import logging

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from helpers import extraction_data as tests_data
from recos.errors import InputError, ReferenceFileError
from recos.extract.profile import box_rows, check_limits, find_zones
from recos.extract.twozone import extract_twozone, sum_zones
from recos.extract.zone_background import ZoneBackground

ROW_0 = 30
HEADER = fits.Header({"SP_LOC_A": 80.4, "SP_ERR_A": 0.02, "SP_OFF_A": 1.1})


def profile_row(n=100):
    y = np.arange(n)[:, np.newaxis] + ROW_0
    profile = np.exp(-0.5 * ((y - 80.4) / (3.0 + np.arange(tests_data.COLUMNS) / 200.0)) ** 2)
    profile[:, :12] = profile[:, -9:] = 0.0
    return {"PROFILE": profile.astype(np.float32), "ROW_0": np.int32(ROW_0)}


def plain_zones(profile, limits):
    """Row limits and enclosed energy column by column, straight from the specification."""
    nz, n = profile.shape
    indices, energy = np.zeros((4, n), int), np.zeros(n)
    for i in range(n):
        total = profile[:, i].sum(dtype=float)
        cum = np.cumsum((profile[:, i] / (total or 1.0)).astype(np.float32), dtype=float)
        if cum[-1] <= 0:
            continue
        values = []
        for k, p in enumerate(limits):
            if k < 2:
                below = [j for j in range(nz) if cum[j] < p]
                index = 0 if p == 0 or not below else below[-1]
                values.append(0.0 if p == 0 else cum[index])
            else:
                above = [j for j in range(nz) if cum[j] > p]
                index = nz - 1 if p == 1 or not above else above[0]
                values.append(1.0 if p == 1 else cum[index])
            indices[k, i] = index
        energy[i] = values[3] - values[0]
    good = np.flatnonzero(indices[3])
    indices[:, : good[0]] = indices[:, good[0] : good[0] + 1]
    indices[:, good[-1] + 1 :] = indices[:, good[-1] : good[-1] + 1]
    return indices, energy


@pytest.mark.parametrize(
    "limits", [(0.005, 0.1, 0.9, 0.995), (0.0, 0.0, 1.0, 1.0), (0.0, 0.3, 0.6, 1.0), (0.1, 0.1, 0.9, 0.9)]
)
def test_zones(limits):
    profile = profile_row()["PROFILE"][30:71]
    profile[:, 100] = 0.0
    profile[:, 101] *= -1.0
    zones = find_zones(profile, limits, 60)
    indices, energy = plain_zones(profile, limits)
    for name, index in zip(
        ("lower_outer", "lower_inner", "upper_inner", "upper_outer"), indices, strict=True
    ):
        np.testing.assert_array_equal(getattr(zones, name), index + 60.0, err_msg=name)
    np.testing.assert_allclose(zones.enclosed_energy, energy, rtol=1e-12)


@given(
    lower=st.lists(st.floats(0, 0.5), min_size=2, max_size=2).map(sorted),
    upper=st.lists(st.floats(0.5, 1), min_size=2, max_size=2).map(sorted),
    seed=st.integers(0, 1000),
)
def test_zones_are_nested_and_energy_is_a_fraction(lower, upper, seed):
    profile = np.random.default_rng(seed).random((15, 20)).astype(np.float32)
    zones = find_zones(profile, (*lower, *upper), 0)
    assert (zones.lower_outer <= zones.lower_inner).all()
    assert (zones.upper_inner <= zones.upper_outer).all()
    assert (zones.enclosed_energy <= 1.0 + 1e-6).all()


def test_limit_that_is_never_exceeded_takes_the_last_row():
    profile = np.full((3, 1), 1.0 / 3.0, np.float32)
    total = np.cumsum(profile / profile.sum(axis=0, dtype=np.float64), axis=0)[-1, 0]
    zones = find_zones(profile, (0.0, 0.0, 0.5, np.nextafter(1.0, 0.0)), 0)
    assert total <= 1.0
    assert zones.upper_outer[0] == 2.0


def test_profile_without_light():
    with pytest.raises(ReferenceFileError, match="no light"):
        find_zones(np.zeros((5, 4), np.float32), (0.0, 0.1, 0.9, 1.0), 0)


def test_limits_must_rise():
    with pytest.raises(ReferenceFileError, match=r"LOWER_INNER = 0\.95"):
        check_limits(tests_data.ZONES | {"LOWER_INNER": 0.95})
    with pytest.raises(ReferenceFileError, match=r"UPPER_OUTER = 1\.1"):
        check_limits(tests_data.ZONES | {"UPPER_OUTER": 1.1})


@pytest.mark.parametrize("change", [None, "quality", "centre"])
def test_zones_of_another_slice(change, monkeypatch):
    """They are used again, unless what they depend on differs."""
    known, calls = [], []
    monkeypatch.setattr("recos.extract.twozone.find_zones", lambda *a: calls.append(a) or find_zones(*a))
    header = HEADER.copy()
    for number in range(2):
        data = tests_data.extraction_input(tests_data.ZONES, known_zones=known)
        if number and change == "quality":
            data.images.dq[ROW_0 + 60, 100] ^= data.sdqflags
        if number and change == "centre":
            header["SP_LOC_A"] = 82.4
        found = extract_twozone(data, profile_row(), header).columns
    assert len(calls) == (1 if change is None else 2)
    plain = tests_data.extraction_input(tests_data.ZONES)
    plain.images.dq[:] = data.images.dq
    for name, column in extract_twozone(plain, profile_row(), header).columns.items():
        np.testing.assert_array_equal(found[name], column, err_msg=name)


def test_box_rows():
    assert box_rows(50.4, 41, 100) == slice(30, 71)
    assert box_rows(50.4, 40, 100) == slice(30, 71)
    with pytest.raises(ReferenceFileError, match="does not fit"):
        box_rows(15.0, 41, 100)
    with pytest.raises(ReferenceFileError, match="does not fit"):
        box_rows(80.0, 41, 100)


def test_background(caplog):
    boxes = ZoneBackground.from_row(tests_data.ZONES)
    assert boxes.offsets == (-39, 42)
    assert boxes.centres(80.4) == (41, 122)
    image = np.ones((160, 50), np.float32) * np.arange(160, dtype=np.float32)[:, np.newaxis]
    dq = np.zeros((160, 50), np.int16)
    dq[41, 10] = 2
    dq[:, 20] = 2
    sky, n = boxes.measure(image.__getitem__, dq.__getitem__, 160, 80.4, 2)
    assert (n[0], n[10], n[20]) == (26, 25, 0)
    assert sky.dtype == np.float32
    mean = np.full(50, 81.5)
    mean[10], mean[20] = (26 * 81.5 - 41) / 25, 0.0
    np.testing.assert_allclose(sky[15], mean[:30].mean(), rtol=1e-6)

    assert boxes.regions(40.0, 160) == [slice(0, 8), slice(76, 89)]
    assert len(boxes.regions(20.0, 160)) == 1
    assert "Background region 1 is outside data array" in caplog.text
    with pytest.raises(ReferenceFileError, match="Both background regions"):
        boxes.regions(300.0, 160)


def plain_sums(data, zones, sky):
    n = data.shape[1]
    flt, counts, dq = data.effective(slice(None)), data.counts(slice(None)), data.images.dq
    out = {k: np.zeros(n, np.float32) for k in ("NET", "GROSS", "DQ_WGT")}
    out |= {k: np.full(n, 128, np.int16) for k in ("DQ", "DQ_OUTER")}
    out["ROWS"] = np.ones(n, np.float32)
    for i in range(n):
        lo, li, ui, uo = (
            int(a[i]) for a in (zones.lower_outer, zones.lower_inner, zones.upper_inner, zones.upper_outer)
        )
        if uo <= lo:
            continue
        edges = np.concatenate((dq[lo:li, i], dq[ui + 1 : uo + 1, i]))
        inner = np.bitwise_or.reduce(dq[li : ui + 1, i])
        edge = np.bitwise_or.reduce(edges) if len(edges) else 0
        total = np.float32((flt[lo : uo + 1, i] - sky[i]).sum(dtype=float))
        out["NET"][i] = 0.0 if zones.enclosed_energy[i] == 0 else total / zones.enclosed_energy[i]
        out["GROSS"][i] = counts[lo : uo + 1, i].sum(dtype=float)
        out["DQ_WGT"][i] = not (inner & data.sdqflags or edge & data.sdqouter)
        out["DQ"][i], out["DQ_OUTER"][i] = inner | edge & data.sdqouter, inner | edge
        out["ROWS"][i] = uo - lo + 1
    return out


def test_sums():
    data = tests_data.extraction_input(tests_data.ZONES)
    profile = profile_row()["PROFILE"][30:71]
    profile[:, 150] = 0.0
    zones = find_zones(profile, (0.005, 0.1, 0.9, 0.995), 60)
    sky = np.linspace(0.0, 1e-3, tests_data.COLUMNS, dtype=np.float32)
    sums, expected = sum_zones(data, zones, sky), plain_sums(data, zones, sky)
    assert sums.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(sums[name], values, err_msg=name)
        assert sums[name].dtype == values.dtype
    assert (sums["DQ"][150], sums["DQ_WGT"][150], sums["ROWS"][150]) == (128, 0.0, 1.0)


def test_extraction():
    data = tests_data.extraction_input(tests_data.ZONES, sdqouter=16)
    result = extract_twozone(data, profile_row(), HEADER)
    c, k = result.columns, result.keywords
    assert (k["SP_LOC"], k["SP_ERR"], k["SP_OFF"], k["SP_NOM"]) == (80.4, 0.02, 1.1, 79.3)
    assert (k["SP_SLP"], k["SP_HGT"], k["B_BKG1"], k["B_BKG2"]) == (0.0, 40, 41.0, 122.0)
    assert isinstance(k["B_BKG1"], float)
    np.testing.assert_array_equal(c["GCOUNTS"], c["GROSS"] * np.float32(800.0))
    good = slice(40, 180)
    assert c["NET"][good].mean() == pytest.approx(30.1 / 800.0, rel=0.2)
    weight = c["NET"] / np.where(c["GROSS"] > 0, c["GROSS"], 1)
    weight[weight == 0] = 1
    measured = c["VARIANCE_COUNTS"] > 0
    np.testing.assert_allclose(
        c["VARIANCE_COUNTS"][measured], (weight**2 * 800 * c["GROSS"])[measured], rtol=1e-6
    )
    assert c["DQ_WGT"][200] == 0.0


def test_rectangular_box_sums_everything():
    row = tests_data.ZONES | {"LOWER_OUTER": 0.0, "LOWER_INNER": 0.0, "UPPER_INNER": 1.0, "UPPER_OUTER": 1.0}
    data = tests_data.extraction_input(row, subtract_background=False)
    c = extract_twozone(data, profile_row(), HEADER).columns
    inside = slice(12, -9)
    assert (c["ACTUAL_EE"][inside] == 1.0).all()
    assert (c["NUM_EXTRACT_ROWS"] == 41).all()
    np.testing.assert_allclose(
        c["NET"][inside], data.effective(slice(60, 101)).sum(axis=0)[inside], rtol=1e-5
    )
    assert not c["BACKGROUND"].any()
    assert not c["VARIANCE_BKG"].any()


def test_centroid_missing_or_unset(caplog):
    data = tests_data.extraction_input(tests_data.ZONES)
    for name in ("SP_LOC_A", "SP_OFF_A"):
        header = HEADER.copy()
        del header[name]
        with pytest.raises(InputError, match=name):
            extract_twozone(data, profile_row(), header)
    header = fits.Header({"SP_LOC_A": -999.0, "SP_OFF_A": -999.0})
    keywords = extract_twozone(data, profile_row(), header).keywords
    assert (keywords["SP_LOC"], keywords["SP_ERR"]) == (79.3, -999.0)
    assert "CENT_ERR keyword not found" in caplog.text


def test_profile_that_leaves_the_image():
    row = profile_row() | {"ROW_0": np.int32(70)}
    with pytest.raises(ReferenceFileError, match="ROW_0 = 70"):
        extract_twozone(tests_data.extraction_input(tests_data.ZONES), row, HEADER)


def test_profile_of_another_length():
    row = profile_row()
    row["PROFILE"] = row["PROFILE"].reshape(-1)[:-7]
    with pytest.raises(ReferenceFileError, match=r"PROFTAB: PROFILE has \d+ values; expected rows of"):
        extract_twozone(tests_data.extraction_input(tests_data.ZONES), row, HEADER)


def test_options_are_ignored_with_a_warning(caplog):
    plain = extract_twozone(tests_data.extraction_input(tests_data.ZONES), profile_row(), HEADER)
    assert "ignored" not in caplog.text
    with caplog.at_level(logging.WARNING):
        data = tests_data.extraction_input(
            tests_data.ZONES, location=50.0, find_target=(True, None), sdqouter=1024
        )
        given_options = extract_twozone(data, profile_row(), HEADER)
    assert "`find_target`, `location` is ignored" in caplog.text
    assert "SDQOUTER (1024) is not in SDQFLAGS" in caplog.text
    np.testing.assert_array_equal(plain.columns["NET"], given_options.columns["NET"])
