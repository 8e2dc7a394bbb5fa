from __future__ import annotations

import numpy as np
import pytest

from helpers.acq_builders import LIVETIME, ROOT, SHAPE, Target, spots
from recos._version import CAL_VER
from recos.errors import OutputExistsError
from recos.io.read import read_headers
from recos.pipeline.acq_image import calibrate_images, read_acq_image
from recos.references import References


@pytest.fixture
def target(tmp_path):
    made = Target(tmp_path)
    made.write_references()
    made.write()
    return made


# ---------------------------------------------------------------------------------------------- pixels


def test_rates_and_errors(target):
    counts, flt = target.run()
    for hdus, factor in ((counts, 1.0), (flt, 1.0 / (LIVETIME * 2.0))):
        assert hdus["SCI", 1].data[10, 20] == pytest.approx(factor * 900 / 20, rel=1e-14)
        assert hdus["ERR", 1].data[10, 20] == pytest.approx(factor * 30 / 20, rel=1e-14)
        assert hdus["SCI", 1].data[0, 0] == hdus["ERR", 1].data[0, 0] == 0.0
        assert [hdus[k].data.dtype.str for k in range(1, 7)] == [">f8", ">f8", ">i2"] * 2
    assert flt["SCI", 2].data[10, 20] == pytest.approx(
        400 / 20 / 0.92 / 2.0, rel=1e-14
    )  # 20 counts per second


def test_flat_field_where_it_is_not_positive_and_beyond_its_border(target):
    target.write(
        (spots((4, 10, 50), (4, 11, 50), (0, 0, 50), (1023, 1023, 50)),), primary={"DEADCORR": "OMIT"}
    )
    _, flt = target.run()
    assert [flt[1].data[p] * 20 for p in ((4, 10), (4, 11), (0, 0), (1023, 1023))] == [50, 25, 50, 50]


def test_quality_keeps_bits_of_the_raw_image_but_those_of_subarrays_and_bursts(target):
    quality = np.zeros(SHAPE, np.int16)
    quality[0, :4] = (1, 128, 64, 0x4000 | 256)
    quality[500, 600] = 2
    target.write(quality=quality)
    for hdus in target.run():
        first, second = hdus["DQ", 1].data, hdus["DQ", 2].data
        assert first[0, :4].tolist() == [1, 0, 0, 256]
        assert (first[500, 600], first[501, 600], first[502, 600]) == (2 | 8, 8, 0)
        assert (second[0, 0], second[500, 600]) == (4, 4 | 8)


def test_unsigned_counts_above_the_range_of_signed_ones(target):
    image = np.zeros(SHAPE, np.uint16)
    image[3, 5] = 60000
    target.write((image,), primary={"DEADCORR": "OMIT", "FLATCORR": "OMIT"})
    counts, flt = target.run()
    assert counts[1].data[3, 5] == flt[1].data[3, 5] == 3000.0
    assert not {"BZERO", "BSCALE"} & set(counts[1].header)


def test_negative_pixels_have_no_error(target):
    target.write((spots((3, 5, -4), (3, 6, 400)),), primary={"DEADCORR": "OMIT", "FLATCORR": "OMIT"})
    counts, _ = target.run()
    assert counts["SCI"].data[3, 5] == -0.2
    assert counts["ERR"].data[3, 5] == 0.0


def test_without_steps_flt_is_counts(target):
    target.write(primary=dict.fromkeys(("DQICORR", "DEADCORR", "FLATCORR", "PHOTCORR"), "OMIT"))
    counts, flt = target.run()
    for k in range(1, 7):
        np.testing.assert_allclose(counts[k].data, flt[k].data, rtol=1e-14)
    assert "PHOTFLAM" not in counts[1].header
    assert flt[0].header["DEADCORR"] == "OMIT"


def test_sum_of_live_images_is_not_flat_fielded(target):
    headers = read_headers(target.raw)
    acq = calibrate_images(read_acq_image(headers), References.from_header(headers.primary))
    total = acq.live_sum()
    assert total.dtype == np.float32
    assert total[10, 20] == pytest.approx(900 / LIVETIME + 400 / 0.92, rel=1e-6)


# -------------------------------------------------------------------------------------------- keywords


def test_keywords_of_dead_time_and_rate(target):
    for hdus in target.run():
        first, second = hdus["SCI", 1].header, hdus["SCI", 2].header
        assert (first["GLOBRATE"], second["GLOBRATE"]) == (50.0, 20.0)
        assert (first["DEADRT"], first["DEADMT"], second["DEADRT"]) == (50.0, "DATA", 20.0)
        assert first["LIVETM"] == pytest.approx(LIVETIME)
        assert second["LIVETM"] == pytest.approx(0.92)


def test_subarrays_use_the_event_counter_of_the_first_image(target):
    target.write(primary={"SUBARRAY": True}, sci={"MEVENTS": 75.0}, second={"MEVENTS": 10.0})
    _, flt = target.run()
    for version in (1, 2):
        header = flt["SCI", version].header
        assert (header["DEADRT"], header["DEADMT"]) == (75.0, "MEVENTS")
        assert header["LIVETM"] == pytest.approx(0.7)


def test_count_rate_of_all_images_is_that_in_the_exposure_time_of_the_first(target):
    target.write(second={"EXPTIME": 10.0})
    counts, _ = target.run()
    assert counts["SCI", 2].header["GLOBRATE"] == 400 / 20
    assert counts["SCI", 2].header["DEADRT"] == 400 / 10
    assert counts["SCI", 2].data[10, 20] == 400 / 10


def test_statistics(target):
    counts, _ = target.run()
    sci, err = counts["SCI", 1].header, counts["ERR", 1].header
    n = SHAPE[0] * SHAPE[1] - 2  # the bad pixels of BPIXTAB, among them the one with 100 counts
    assert (sci["NGOODPIX"], err["NGOODPIX"]) == (n, n)
    assert (sci["GOODMAX"], err["GOODMAX"]) == (900.0, 30.0)
    assert sci["GOODMEAN"] == pytest.approx(900 / n)
    assert err["GOODMEAN"] == pytest.approx(30 / n)


def test_no_statistics_without_statflag(target):
    target.write(primary={"STATFLAG": False})
    counts, _ = target.run()
    assert "NGOODPIX" not in counts[1].header
    assert counts[0].header["STATFLAG"] is False


def test_headers_of_the_products(target):
    target.write(primary={"APERTURE": "PSA-X"})
    for hdus, kind in zip(target.run(), ("counts", "flt"), strict=True):
        hdus.verify("exception")
        primary = hdus[0].header
        wanted = {
            "FILENAME": f"{ROOT}_{kind}.fits", "NEXTEND": 6, "CAL_VER": CAL_VER, "TDSCORR": "PERFORM",
            "APERTURE": "PSA-X",
            **dict.fromkeys(("DQICORR", "DEADCORR", "FLATCORR", "PHOTCORR"), "COMPLETE"),
        }  # fmt: skip
        assert {k: primary[k] for k in wanted} == wanted
        assert [(h.name, h.ver) for h in hdus[1:]] == [(n, v) for v in (1, 2) for n in ("SCI", "ERR", "DQ")]
        units = [hdus[k].header["BUNIT"] for k in (1, 2, 3)]
        assert units == ["count /s", "count /s", "UNITLESS"]
        assert hdus[1].header["DISPAXIS"] == 1  # as in the raw file
        assert hdus[1].header["PHOTPLAM"] == hdus[4].header["PHOTPLAM"] == 2319.7


def test_image_without_exposure_time(target, caplog):
    target.write(second={"EXPTIME": 0.0})
    for hdus in target.run():
        assert hdus[1].data.any()
        assert not hdus[4].data.any()
        assert not hdus[5].data.any()
        assert hdus[0].header["DEADCORR"] == "COMPLETE"
        assert (hdus[4].header["DEADMT"], hdus[4].header["LIVETM"]) == ("SKIPPED", 1.0)
    assert "image set 2" in caplog.text


def test_no_exposure_time_at_all(target):
    target.write(sci={"EXPTIME": 0.0})
    counts, _ = target.run()
    assert counts[0].header["DEADCORR"] == "SKIPPED"
    assert counts[1].header["GLOBRATE"] == 0.0


def test_lines_for_the_live_time_file(target, caplog):
    text = target.folder / "live.txt"
    target.write(sci={"MEVENTS": 100.0})
    target.run(livetimefile=text)
    lines = text.read_text().splitlines()
    assert lines[:4] == [
        f"# {target.raw}",
        "actual countrate and livetime:  50, 0.8000",
        "countrate and livetime from MEVENTS:  100, 0.6000",
        "livetime 0.8000 is based on actual count rate.",
    ]
    assert len(lines) == 8
    assert "livetime estimates differ" in caplog.text


def test_files_are_replaced_only_if_allowed(target):
    target.run()
    with pytest.raises(OutputExistsError):
        target.run()
    target.run(overwrite=True)
    assert not list(target.folder.glob(".*"))


def test_nothing_is_left_if_one_of_the_files_exists(target):
    flt = target.folder / f"{ROOT}_flt.fits"
    flt.touch()
    target.refuses(OutputExistsError, "_flt.fits")
