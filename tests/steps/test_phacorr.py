from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from recos.errors import InputError, MissingRowError, ReferenceFileError
from recos.steps._phacorr import phacorr
from small_cos import references as simulated

module = import_module("recos.steps._phacorr")


def phatab(directory, reference_files, rows, with_grating=True):
    columns = [("SEGMENT", "4A", [r[0] for r in rows])]
    if with_grating:
        columns.append(("OPT_ELEM", "5A", [r[1] for r in rows]))
    columns += [("LLT", "1I", [r[2] for r in rows]), ("ULT", "1I", [r[3] for r in rows])]
    own = builders.make_table_file(directory, "PHATAB", columns)
    return builders.make_refs({**reference_files, **own, "PHAFILE": "N/A"})


@pytest.mark.parametrize("with_grating", [True, False])
def test_limits_are_good(tmp_path, reference_files, with_grating):
    rows = [("FUVA", "G160M", 0, 31), ("FUVA", "G130M", 4, 20)][0 if with_grating else 1 :]
    exposure = builders.make_exposure(2000, stims=20, columns={"dq": np.full(2040, 8)})
    exposure.events.pha[~np.isin(np.arange(2040), np.arange(1000))] = 2
    phacorr(exposure, phatab(tmp_path, reference_files, rows, with_grating))
    pha = exposure.events.pha
    rejected = exposure.active & ((pha < 4) | (pha > 20))
    np.testing.assert_array_equal(exposure.events.dq, np.where(rejected, 512 + 8, 8))
    header = exposure.header
    assert header["NPHA_A"] == np.count_nonzero(rejected)
    assert (header["PHALOWRA"], header["PHAUPPRA"]) == (4, 20)
    assert exposure.primary["PHACORR"] == "COMPLETE"
    assert np.count_nonzero(~exposure.active) == 40


def test_events_flagged_before_are_counted(tmp_path, reference_files):
    exposure = builders.make_exposure(10, columns={"dq": [512] * 3 + [0] * 7, "pha": [10] * 10})
    phacorr(exposure, phatab(tmp_path, reference_files, [("FUVA", "ANY", -1, 300)]))
    assert exposure.header["NPHA_A"] == 3


def test_no_row(tmp_path, reference_files):
    with pytest.raises(MissingRowError, match="OPT_ELEM = G130M"):
        phacorr(builders.make_exposure(5), phatab(tmp_path, reference_files, [("FUVA", "G160M", 2, 23)]))


def phafile(directory, low, high):
    hdus = [simulated.primary("PHAFILE")]
    hdus += [fits.ImageHDU(np.asarray(a, np.int16), name="FUVA", ver=v) for v, a in ((1, low), (2, high))]
    fits.HDUList(hdus).writeto(directory / "phf.fits", overwrite=True)
    return builders.make_refs({"PHAFILE": str(directory / "phf.fits")})


def test_image_limits_are_counted_but_not_flagged(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 50)
    rng = np.random.default_rng(2)
    low, high = rng.integers(0, 16, (40, 60)), rng.integers(12, 32, (40, 60))
    x = rng.uniform(-3, 63, 500).astype("f4")
    y = rng.uniform(-3, 43, 500).astype("f4")
    x[0], y[0] = -0.5, 39.499
    exposure = builders.make_exposure(500, columns={"xcorr": x, "ycorr": y})
    phacorr(exposure, phafile(tmp_path, low, high))
    expected = 0
    for xk, yk, pha in zip(x.astype(float), y.astype(float), exposure.events.pha.astype(int), strict=True):
        i, j = int(np.floor(xk + 0.5)), int(np.floor(yk + 0.5))
        if 0 <= i < 60 and 0 <= j < 40:
            expected += int(pha < low[j, i]) + int(pha > high[j, i])
    header = exposure.header
    assert header["NPHA_A"] == expected
    assert (header["PHALOWRA"], header["PHAUPPRA"]) == (-999, -999)
    assert not exposure.events.dq.any()


def test_images_of_different_shape(tmp_path):
    with pytest.raises(ReferenceFileError, match="shape"):
        phacorr(builders.make_exposure(5), phafile(tmp_path, np.zeros((4, 4)), np.zeros((4, 5))))


# ------------------------------------------------------------------------------------------ images


def histogram_refs(directory):
    columns = [("SEGMENT", "4A", ["FUVA"]), ("LLT", "1I", [4]), ("ULT", "1I", [20])]
    columns += [("MIN_PEAK", "1E", [0.5]), ("MAX_PEAK", "1E", [1.5])]
    return builders.make_refs(builders.make_table_file(directory, "PHATAB", columns))


@pytest.mark.parametrize(
    ("peak", "width", "text"),
    [
        (48, 6, ""),
        (14, 2, "Peak of the pulse-height distribution is too low"),
        (100, 6, "Peak of the pulse-height distribution is too high"),
        (20, 60, "Mean of the pulse-height distribution is too high"),
    ],
)
def test_histogram_of_an_image(tmp_path, caplog, peak, width, text):
    exposure = builders.make_exposure(10, obsmode="ACCUM")
    caplog.clear()
    bins = np.arange(128)
    exposure.pulse_heights = np.where(bins >= peak, 1000 * np.exp(-(bins - peak) / width), 0.0) + (
        1000 * np.exp(-((bins - peak) ** 2) / (2.0 * min(width, 6) ** 2))
    )
    phacorr(exposure, histogram_refs(tmp_path))
    assert text in caplog.text
    assert bool(caplog.text) == bool(text)
    assert not exposure.events.dq.any()
    assert (exposure.header["PHALOWRA"], exposure.header["PHAUPPRA"]) == (4, 20)


def test_empty_or_missing_histogram(tmp_path, caplog):
    exposure = builders.make_exposure(10, obsmode="ACCUM")
    exposure.pulse_heights = np.zeros(128)
    phacorr(exposure, histogram_refs(tmp_path))
    assert "empty" in caplog.text
    exposure.pulse_heights = None
    with pytest.raises(InputError, match="pha"):
        phacorr(exposure, histogram_refs(tmp_path))
