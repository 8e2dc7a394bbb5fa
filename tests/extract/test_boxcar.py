from __future__ import annotations

import numpy as np
import pytest

from helpers import extraction_data as tests_data
from recos.errors import ReferenceFileError
from recos.extract.boxcar import extract_boxcar
from recos.extract.boxes import smooth
from recos.kernels.poisson import poisson_errors


def plain(data, centre, height, background_shift=0.0):
    """The extraction column by column, straight from the specification."""
    row, t, n = data.row, data.exptime, data.shape[1]
    flt, counts, dq = data.effective(slice(None)), data.counts(slice(None)), data.images.dq
    out = {k: np.zeros(n) for k in ("GROSS", "NET", "BACKGROUND", "DQ", "DQ_WGT", "eps")}
    heights = row["B_HGT1"], row["B_HGT2"]
    norm = height / sum(heights)
    sky, measured = np.zeros(n), np.zeros(n, bool)

    def rows(middle, h, i):
        first = int(np.floor(middle - h // 2 + row["SLOPE"] * i + 0.5))
        return slice(first, first + h)

    for i in range(n):
        box = rows(centre, height, i)
        effective, gross = flt[box, i].sum(dtype=float), counts[box, i].sum(dtype=float)
        out["GROSS"][i] = gross
        out["eps"][i] = 1.0 if effective == 0 else effective / (gross if gross > 0 else 1.0)
        out["DQ"][i] = np.bitwise_or.reduce(dq[box, i])
        out["DQ_WGT"][i] = not np.any(dq[box, i] & data.sdqflags)
        boxes = [
            rows(row[k] + background_shift, h, i) for k, h in zip(("B_BKG1", "B_BKG2"), heights, strict=True)
        ]
        pixels = np.concatenate([counts[b, i] for b in boxes])
        good = np.concatenate([dq[b, i] for b in boxes]) & data.sdqflags == 0
        measured[i] = good.any()
        sky[i] = pixels.sum(dtype=float) * norm
        if good.any():
            sky[i] = pixels[good].sum(dtype=float) * sum(heights) / good.sum() * norm
    first, last = np.flatnonzero(measured)[[0, -1]]
    sky[first : last + 1] = smooth(sky[first : last + 1], int(row["BWIDTH"]))
    out["BACKGROUND"] = sky
    out["NET"] = out["eps"] * (out["GROSS"] - sky)
    out["VARIANCE_FLAT"] = (out["NET"] * t / (height * data.flat_snr)) ** 2
    out["VARIANCE_COUNTS"] = out["eps"] ** 2 * out["GROSS"] * t
    out["VARIANCE_BKG"] = out["eps"] ** 2 * sky * t * norm / row["BWIDTH"]
    return out


def test_against_plain_loops():
    data = tests_data.extraction_input(tests_data.BOX)
    columns = extract_boxcar(data).columns
    expected = plain(data, 78.0, 21)
    for name in expected.keys() - {"eps"}:
        np.testing.assert_allclose(columns[name], expected[name], rtol=1e-12, atol=1e-14, err_msg=name)
    np.testing.assert_array_equal(columns["DQ_OUTER"], columns["DQ"])
    np.testing.assert_array_equal(columns["GCOUNTS"], columns["GROSS"] * 800.0)
    np.testing.assert_array_equal(columns["BACKGROUND_PER_PIXEL"], columns["BACKGROUND"] / 21)
    total = columns["VARIANCE_FLAT"] + columns["VARIANCE_COUNTS"] + columns["VARIANCE_BKG"]
    lower, upper = poisson_errors(total)
    np.testing.assert_array_equal(columns["ERROR"], upper / np.float32(800.0))
    np.testing.assert_array_equal(columns["ERROR_LOWER"], lower / np.float32(800.0))
    np.testing.assert_array_equal(columns["Y_LOWER_OUTER"], np.floor(68.5 + 0.01 * np.arange(400)))
    np.testing.assert_array_equal(columns["Y_UPPER_INNER"], columns["Y_LOWER_OUTER"] + 20)


def test_columns_without_data_keep_the_background_unsmoothed():
    columns = extract_boxcar(tests_data.extraction_input(tests_data.BOX)).columns
    assert not columns["BACKGROUND"][:20].any()
    assert columns["BACKGROUND"][20:-15].all()
    assert not columns["DQ_WGT"][:20].any()


def test_keywords():
    data = tests_data.extraction_input(tests_data.BOX)
    keywords = extract_boxcar(data).keywords
    assert keywords["SP_LOC"] == keywords["SP_NOM"] == 78.0 + 0.01 * 200
    assert keywords["SP_OFF"] == pytest.approx(0.0, abs=0.2)
    assert 0.0 < keywords["SP_ERR"] < 100.0
    assert keywords["SP_SLP"] == 0.01
    assert (keywords["SP_HGT"], keywords["B_HGT1"], keywords["B_HGT2"]) == (21, 15, 12)
    assert (keywords["B_BKG1"], keywords["B_BKG2"]) == (35.0 + 81.92, 115.0 + 81.92)


def test_wavecal_follows_shift2():
    data = tests_data.extraction_input(tests_data.BOX, is_wavecal=True, shift2=2.0)
    result = extract_boxcar(data)
    expected = plain(data, 80.0, 21, background_shift=2.0)
    np.testing.assert_allclose(result.columns["NET"], expected["NET"], rtol=1e-12, atol=1e-14)
    assert result.keywords["SP_ERR"] == 999.0
    assert result.keywords["SP_OFF"] == -999.0
    assert result.keywords["B_BKG1"] == 37.0 + 81.92


def test_found_target():
    row = tests_data.BOX | {"SLOPE": 0.0, "B_SPEC": 70.0}
    nominal = extract_boxcar(tests_data.extraction_input(row)).keywords
    assert nominal["SP_LOC"] == 70.0
    assert nominal["SP_OFF"] == pytest.approx(10.0, abs=0.2)
    found = extract_boxcar(tests_data.extraction_input(row, find_target=(True, None))).keywords
    assert found["SP_LOC"] == pytest.approx(80.0, abs=0.2)
    assert found["SP_NOM"] == 70.0
    for cutoff, location in ((nominal["SP_ERR"] / 2, 70.0), (nominal["SP_ERR"] * 2, found["SP_LOC"])):
        keywords = extract_boxcar(tests_data.extraction_input(row, find_target=(True, cutoff))).keywords
        assert keywords["SP_LOC"] == location


def test_location_of_the_user():
    row = tests_data.BOX | {"HEIGHT": 11}
    data = tests_data.extraction_input(row, location=84.0, find_target=(True, None))
    result = extract_boxcar(data)
    expected = plain(data, 82.0, 11)
    np.testing.assert_allclose(result.columns["NET"], expected["NET"], rtol=1e-12, atol=1e-14)
    assert (result.keywords["SP_LOC"], result.keywords["SP_HGT"]) == (84.0, 11)


def test_without_background():
    columns = extract_boxcar(tests_data.extraction_input(tests_data.BOX, subtract_background=False)).columns
    assert not columns["BACKGROUND"].any()
    assert not columns["VARIANCE_BKG"].any()


def test_without_exposure_time():
    data = tests_data.extraction_input(tests_data.BOX, exptime=0.0)
    columns = extract_boxcar(data).columns
    for name in ("GROSS", "NET", "ERROR", "ERROR_LOWER", "VARIANCE_COUNTS"):
        assert not np.any(columns[name]), name


def test_all_bad():
    data = tests_data.extraction_input(tests_data.BOX)
    data.images.dq[:] = 128
    columns = extract_boxcar(data).columns
    assert not columns["DQ_WGT"].any()
    assert columns["GROSS"].any()
    assert np.isfinite(columns["NET"]).all()


@pytest.mark.parametrize(("name", "value"), [("B_SPEC", 5.0), ("B_BKG1", 3.0), ("B_BKG2", 155.0)])
def test_box_outside_the_image(name, value):
    with pytest.raises(ReferenceFileError, match="outside the image"):
        extract_boxcar(tests_data.extraction_input(tests_data.BOX | {name: value}))


def test_search_band_may_leave_the_image():
    row = tests_data.BOX | {"B_SPEC": 20.0, "B_BKG1": 20.0}
    assert extract_boxcar(tests_data.extraction_input(row)).keywords["SP_LOC"] == 22.0
