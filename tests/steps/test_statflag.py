from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.images import Images
from recos.kernels.poisson import upper_error_table
from recos.steps._statflag import ImageStatistics, statflag


@pytest.fixture
def exposure():
    rng = np.random.default_rng(8)
    made = builders.make_exposure(5, sdqflags=8 | 128, exptimea=600.0)
    counts = rng.poisson(0.05, (1024, 16384)).astype(np.float32)
    dq = np.where(rng.random((1024, 16384)) < 0.2, 8, 4).astype(np.int16)
    made.images = Images(counts, counts * np.float32(1.25), dq, 600.0)
    return made


def test_good_pixels_of_the_sloped_band(exposure, reference_files):
    refs = builders.make_refs(reference_files)
    statflag(exposure, refs)
    row = refs.xtractab.row(**exposure.mode.row_filter())
    first = np.floor(row["B_SPEC"] - row["HEIGHT"] // 2 + row["SLOPE"] * np.arange(16384) + 0.5).astype(int)
    rows = np.arange(1024)[:, np.newaxis]
    good = (rows >= first) & (rows < first + row["HEIGHT"]) & (exposure.images.dq == 4)
    counts = exposure.images.counts[good]
    error = upper_error_table(int(counts.max()))[counts.astype(int)]
    found = exposure.statistics["counts"]
    assert found.n == len(counts)
    assert found.mean == pytest.approx(counts.mean(dtype=float), rel=1e-6)
    assert found.maximum == pytest.approx(counts.max(), rel=1e-6)
    assert found.err_mean == pytest.approx(error.mean(dtype=float), rel=1e-6)
    weighted = exposure.statistics["flt"]
    assert weighted.mean == pytest.approx(1.25 * counts.mean(dtype=float), rel=1e-6)
    ratio = np.where(counts > 0, 1.25, 1.0)
    assert weighted.err_mean == pytest.approx((error * ratio).mean(dtype=float), rel=1e-6)
    assert weighted.err_maximum == pytest.approx((error * ratio).max(), rel=1e-6)


def test_whole_image_without_dispersion_axis(exposure, reference_files):
    exposure.header["DISPAXIS"] = 0
    statflag(exposure, builders.make_refs(reference_files))
    assert exposure.statistics["counts"].n == np.count_nonzero(exposure.images.dq == 4)


def test_nothing_good_or_unknown_mode(exposure, reference_files):
    refs = builders.make_refs(reference_files)
    exposure.images.dq[:] = 128
    statflag(exposure, refs)
    assert exposure.statistics["flt"] == ImageStatistics(0, 0.0, 0.0, 0.0, 0.0)
    unknown = builders.make_exposure(5, cenwave=1309)
    unknown.images = exposure.images
    statflag(unknown, refs)
    assert unknown.statistics["counts"].n == 0


def test_band_beyond_the_image_is_cut_off(exposure, tmp_path, reference_files):
    columns = [("SEGMENT", "4A", ["FUVA"]), ("OPT_ELEM", "5A", ["G130M"]), ("CENWAVE", "1J", [1291])]
    columns += [("APERTURE", "3A", ["PSA"]), ("B_SPEC", "1D", [2.0]), ("HEIGHT", "1I", [11])]
    for slope, rows in ((0.0, 8), (-1e-4, 7)):
        own = builders.make_table_file(tmp_path, "XTRACTAB", [*columns, ("SLOPE", "1D", [slope])])
        exposure.images.dq[:] = 0
        statflag(exposure, builders.make_refs({**reference_files, **own}))
        assert exposure.statistics["counts"].n <= 8 * 16384
        assert exposure.statistics["counts"].n >= rows * 16384 - 16384
