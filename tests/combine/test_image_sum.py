from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from recos.combine.image_sum import sum_images, write_image_sum
from recos.errors import InputError, OutputExistsError

SHAPE = (5, 7)


def flt(path: Path, science=1.0, error=0.5, quality=0, shape=SHAPE, statflag=False, **keywords) -> Path:
    """Write an flt file; an image of None makes an extension without data; a keyword of None is left out."""
    hdus = [fits.PrimaryHDU()]
    hdus[0].header["FILENAME"] = path.name
    hdus[0].header["ROOTNAME"] = path.name.split("_")[0]
    hdus[0].header["STATFLAG"] = statflag
    for name, values, dtype in (("SCI", science, "f4"), ("ERR", error, "f4"), ("DQ", quality, "i2")):
        data = None if values is None else np.broadcast_to(np.asarray(values, dtype), shape).copy()
        hdus.append(fits.ImageHDU(data, name=name))
        hdus[-1].header["EXTVER"] = 1
        hdus[-1].header["EXPNAME"] = path.name.split("_")[0]
    header = {
        "EXPTIME": 10.0, "EXPSTART": 50000.0, "EXPEND": 50001.0, "EXPSTRTJ": 0.0, "EXPENDJ": 0.0, "PLANTIME": 12.0,
        "GLOBRATE": 3.0, "ASN_MTYP": "EXP-FP", "SDQFLAGS": 8,
    }  # fmt: skip
    for key, value in (header | {k.upper(): v for k, v in keywords.items()}).items():
        if value is not None:
            hdus[1].header[key] = value
    fits.HDUList(hdus).writeto(path)
    return path


def test_average_is_weighted_with_exposure_times(tmp_path):
    rng = np.random.default_rng(1)
    s, e = rng.random((3, *SHAPE), np.float32), rng.random((3, *SHAPE), np.float32)
    times = [10.0, 30.0, 2.5]
    paths = [flt(tmp_path / f"a{k}_flt.fits", s[k], e[k], 1 << k, exptime=times[k]) for k in range(3)]
    image = sum_images(paths)
    t = np.array(times)[:, None, None]
    np.testing.assert_allclose(image.science, (s * t).sum(0) / t.sum(), rtol=1e-6)
    np.testing.assert_allclose(image.error, np.sqrt(((e * t) ** 2).sum(0)) / t.sum(), rtol=1e-6)
    assert image.science.dtype == image.error.dtype == np.float32
    assert (image.quality == 7).all()
    assert image.quality.dtype == np.int16


def test_poisson_errors_of_equal_exposures_shrink_with_the_root_of_their_number(tmp_path):
    paths = [flt(tmp_path / f"a{k}_flt.fits", 4.0, 2.0) for k in range(4)]
    image = sum_images(paths)
    assert (image.science == 4.0).all()
    assert (image.error == 1.0).all()


def test_keywords(tmp_path):
    first = flt(tmp_path / "one_flt.fits", exptime=10.0, expstart=50000.5, expend=50001.0, globrate=2.0)
    second = flt(
        tmp_path / "two_flt.fits", exptime=30.0, expstart=50000.0, expend=50000.4, globrate=4.0, plantime=None
    )
    image = sum_images([first, second])
    wanted = {
        "EXPTIME": 40.0, "EXPSTART": 50000.0, "EXPEND": 50001.0, "EXPSTRTJ": 2450000.5, "EXPENDJ": 2450001.5,
        "PLANTIME": 42.0, "GLOBRATE": 3.5, "EXPNAME": "one",
    }  # fmt: skip
    assert {k: image.sci[k] for k in wanted} == wanted
    assert image.primary["ROOTNAME"] == "one"


def test_images_without_data_do_not_count(tmp_path):
    empty = flt(
        tmp_path / "one_flt.fits",
        None,
        None,
        None,
        exptime=100.0,
        expstart=49999.0,
        globrate=0.0,
        plantime=5.0,
    )
    full = flt(tmp_path / "two_flt.fits", 3.0, 0.25, 4, exptime=10.0)
    image = sum_images([empty, full])
    assert (image.science == 3.0).all()
    assert (image.error == 0.25).all()
    assert (image.quality == 4).all()
    wanted = {"EXPTIME": 10.0, "GLOBRATE": 3.0, "EXPSTART": 49999.0, "PLANTIME": 17.0, "EXPNAME": "two"}
    assert {k: image.sci[k] for k in wanted} == wanted
    assert (image.primary["ROOTNAME"], image.err["EXPNAME"], image.dq["EXPNAME"]) == ("one", "two", "two")


def test_nothing_but_empty_images(tmp_path, caplog):
    paths = [flt(tmp_path / f"a{k}_flt.fits", None, None, None, statflag=True) for k in range(2)]
    target = tmp_path / "x010_fltsum.fits"
    write_image_sum(paths, target)
    assert "None of the images holds data" in caplog.text
    with fits.open(target) as hdus:
        assert [hdu.data for hdu in hdus] == [None] * 4
        assert hdus[1].header["EXPTIME"] == 0.0


def test_statistics_count_good_pixels_only(tmp_path):
    science, quality = np.ones(SHAPE), np.zeros(SHAPE, np.int16)
    science[0, 0], quality[0, 0] = 100.0, 8
    science[1, 1], quality[1, 1] = 2.0, 4  # not serious
    paths = [flt(tmp_path / f"a{k}_flt.fits", science, 0.5, quality, statflag=True) for k in range(2)]
    image = sum_images(paths)
    n = science.size - 1
    assert image.sci["NGOODPIX"] == image.err["NGOODPIX"] == n
    assert image.sci["GOODMAX"] == 2.0 * 20.0
    assert image.sci["GOODMEAN"] == pytest.approx(20.0 * (n + 1) / n, rel=1e-6)
    assert image.err["GOODMAX"] == pytest.approx(np.sqrt(2 * 5.0**2), rel=1e-6)


def test_statistics_without_good_pixels_are_zero(tmp_path):
    paths = [flt(tmp_path / f"a{k}_flt.fits", quality=8, statflag=True) for k in range(2)]
    header = sum_images(paths).sci
    assert (header["NGOODPIX"], header["GOODMEAN"], header["GOODMAX"]) == (0, 0.0, 0.0)


def test_written_file(tmp_path):
    paths = [flt(tmp_path / f"a{k}_flt.fits", science=k + 1.0) for k in range(2)]
    target = tmp_path / "x010_fltsum.fits"
    write_image_sum(paths, target)
    with fits.open(target) as hdus:
        hdus.verify("exception")
        assert [(hdu.name, hdu.ver) for hdu in hdus[1:]] == [("SCI", 1), ("ERR", 1), ("DQ", 1)]
        assert (hdus[0].header["FILENAME"], hdus[0].header["NEXTEND"]) == (target.name, 3)
        assert hdus[1].header["ASN_MTYP"] == "PROD-FP"
        assert (hdus[1].data == 1.5).all()
        assert [hdu.data.dtype.str for hdu in hdus[1:]] == [">f4", ">f4", ">i2"]
    with pytest.raises(OutputExistsError):
        write_image_sum(paths, target)
    write_image_sum(paths[:1], target, overwrite=True)
    assert (fits.getdata(target) == 1.0).all()
    assert not list(tmp_path.glob(".*"))


def test_a_single_image_is_copied(tmp_path):
    path = flt(tmp_path / "one_flt.fits", 2.0, 0.5, 4, statflag=True, exptime=0.0)
    target = tmp_path / "x010_fltsum.fits"
    write_image_sum([path], target)
    with fits.open(path) as old, fits.open(target) as new:
        for a, b in zip(old[1:], new[1:], strict=True):
            np.testing.assert_array_equal(a.data, b.data)
        changed = {k for k in old[1].header if old[1].header[k] != new[1].header[k]}
        assert changed == {"ASN_MTYP"}
        assert set(old[1].header) == set(new[1].header)
        assert new[0].header["FILENAME"] == target.name


def test_name_that_is_no_product_keeps_its_member_type(tmp_path):
    paths = [flt(tmp_path / f"a{k}_flt.fits") for k in range(2)]
    target = tmp_path / "mine_fltsum.fits"
    write_image_sum(paths, target)
    assert fits.getheader(target, 1)["ASN_MTYP"] == "EXP-FP"


@settings(max_examples=20, deadline=None)
@given(times=st.lists(st.floats(0.1, 1e4), min_size=2, max_size=5), rate=st.floats(0.0, 1e6))
def test_average_of_equal_images_is_the_image(tmp_path_factory, times, rate):
    folder = tmp_path_factory.mktemp("equal")
    paths = [
        flt(folder / f"a{k}_flt.fits", rate, rate, exptime=t, globrate=rate) for k, t in enumerate(times)
    ]
    image = sum_images(paths)
    np.testing.assert_allclose(image.science, np.float32(rate), rtol=1e-6)
    assert (image.error <= np.float32(rate) * (1 + 1e-6)).all()
    assert image.sci["GLOBRATE"] == pytest.approx(rate, rel=1e-9, abs=1e-4)


# ------------------------------------------------------------------------------------------- bad input


def refused(paths, tmp_path, match):
    """`paths` cannot be averaged, and nothing is written."""
    target = tmp_path / "x010_fltsum.fits"
    with pytest.raises(InputError, match=match) as caught:
        write_image_sum(paths, target)
    assert not target.exists()
    assert not list(tmp_path.glob(".*"))
    return str(caught.value)


def test_no_images(tmp_path):
    refused([], tmp_path, "no flt image")


def test_different_shapes(tmp_path):
    paths = [flt(tmp_path / "one_flt.fits"), flt(tmp_path / "two_flt.fits", shape=(7, 5))]
    assert str(paths[1]) in refused(paths, tmp_path, "7 x 5 pixels, those before it 5 x 7")


def test_no_exposure_time(tmp_path):
    paths = [flt(tmp_path / f"a{k}_flt.fits", exptime=0.0) for k in range(2)]
    refused(paths, tmp_path, "sum of EXPTIME is 0 s")


def test_missing_keyword(tmp_path):
    paths = [flt(tmp_path / "one_flt.fits"), flt(tmp_path / "two_flt.fits", expstart=None)]
    assert str(paths[1]) in refused(paths, tmp_path, "EXPSTART")


def test_missing_file(tmp_path):
    refused([tmp_path / "one_flt.fits"], tmp_path, "no such file")


def test_no_flt_file(tmp_path):
    path = tmp_path / "one_flt.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros(SHAPE), name="SCI")]).writeto(path)
    refused([path], tmp_path, "extensions are SCI")


def test_truncated_file(tmp_path):
    path = flt(tmp_path / "one_flt.fits", shape=(512, 512))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    refused([path], tmp_path, "one_flt")
