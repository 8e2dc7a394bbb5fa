from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from recos.errors import OutputExistsError, UsageError
from recos.options.csum import CsumOptions
from recos.products.csum import CsumImage, _runs, acquisition_csum, start_csum


def image(shape=(4, 64, 128), n=3000, weight=1.0):
    rng = np.random.default_rng(2)
    planes = shape[0] if len(shape) == 3 else 1
    return CsumImage(
        fits.Header([("DETECTOR", "FUV")]),
        fits.Header([("EXPTIME", 5.0), ("TTYPE1", "TIME"), ("TFIELDS", 1)]),
        shape,
        rng.integers(0, shape[-1] * shape[-2], n).astype(np.int32),
        np.sort(rng.integers(0, planes, n)).astype(np.uint8),
        np.full(n, weight, np.float32),
    )


def truth(made):
    total = np.zeros(made.shape).reshape(-1, made.shape[-1] * made.shape[-2])
    np.add.at(total, (made.plane, made.pixel), made.weight)
    return total.reshape(made.shape)


@pytest.mark.parametrize("algorithm", ["GZIP", "RICE", "HCOMPRESS"])
@pytest.mark.parametrize("shape", [(4, 64, 128), (64, 128), (5, 4, 4)])
def test_compression_comes_back(tmp_path, algorithm, shape):
    made, path = image(shape), tmp_path / "x_csum_a.fits"
    start_csum(path, made, CsumOptions(compression=(algorithm, -0.01))).commit()
    with fits.open(path) as hdus:
        assert isinstance(hdus[1], fits.CompImageHDU)
        assert (hdus[1].name, hdus[1].compression_type) == ("SCI", f"{algorithm}_1")
        np.testing.assert_allclose(hdus[1].data, truth(made), atol=0.011)
        assert hdus[1].header["COUNTS"] == 3000.0
        assert hdus[1].header["EXPTIME"] == 5.0
        assert "TTYPE1" not in hdus[1].header or hdus[1].header["TTYPE1"] != "TIME"
        assert hdus[0].header["FILENAME"] == path.name
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_compressed_is_smaller(tmp_path):
    made = image((4, 256, 1024), 200)
    sizes = []
    for name, compression in (("plain", None), ("small", ("GZIP", -0.01))):
        path = tmp_path / f"{name}_csum.fits"
        start_csum(path, made, CsumOptions(compression=compression)).commit()
        sizes.append(path.stat().st_size)
    assert sizes[1] < sizes[0] / 5


def test_nothing_appears_before_it_is_finished(tmp_path):
    for compression in (None, ("RICE", -0.01)):
        file = start_csum(tmp_path / "x_csum.fits", image(), CsumOptions(compression=compression))
        assert not (tmp_path / "x_csum.fits").exists()
        file.discard()
        assert not list(tmp_path.iterdir())


def test_existing_file(tmp_path):
    (tmp_path / "x_csum.fits").write_text("mine")
    with pytest.raises(OutputExistsError):
        start_csum(tmp_path / "x_csum.fits", image(), CsumOptions())
    assert (tmp_path / "x_csum.fits").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("gzip,-0.01", ("GZIP", -0.01)), ("Rice, 4", ("RICE", 4.0)), ("hcompress", ("HCOMPRESS", -0.01))],
)
def test_compression_is_parsed(text, parsed):
    assert CsumOptions.parse_compression(text) == parsed


@pytest.mark.parametrize("text", ["", "zip,1", "gzip,x", "rice,nan", "plio,1"])
def test_bad_compression(text):
    with pytest.raises(UsageError, match="gzip, rice or hcompress"):
        CsumOptions.parse_compression(text)


@pytest.mark.parametrize("bins", [{"binx": 0}, {"biny": -3}, {"binx": 2.0}, {"biny": 2000}])
def test_bad_bins(bins):
    with pytest.raises(UsageError, match="from 1 to 1024"):
        CsumOptions(**bins)


def test_hcompress_needs_four_pixels():
    with pytest.raises(UsageError, match="at least 4"):
        CsumOptions(binx=512, compression=("HCOMPRESS", -0.01))
    CsumOptions(binx=512, compression=("RICE", -0.01))


def test_acquisition():
    counts = np.random.default_rng(3).poisson(0.1, (1024, 1024)).astype(np.float32)
    headers = [
        fits.Header([("EXPSTART", 1.0), ("EXPEND", 2.0), ("EXPTIME", 10.0), ("RAWTIME", 11.0)]),
        fits.Header([("EXPSTART", 3.0), ("EXPEND", 4.0), ("EXPTIME", 20.0)]),
    ]
    primary, header, binned = acquisition_csum(fits.Header(), headers, counts, CsumOptions(binx=4, biny=2))
    assert (header["EXPSTART"], header["EXPEND"], header["EXPTIME"], header["RAWTIME"]) == (
        1.0,
        4.0,
        30.0,
        31.0,
    )
    assert (header["COUNTS"], header["NUVBINX"], header["NUVBINY"]) == (counts.sum(dtype=float), 4, 2)
    assert binned.shape == (512, 256)
    assert binned[3, 5] == counts[6:8, 20:24].sum()
    assert primary["COORDFRM"] == "corrected"
    with pytest.raises(UsageError, match="must divide"):
        acquisition_csum(fits.Header(), headers, counts, CsumOptions(binx=3))


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [
        ([], []),
        ([0], [(0, 1)]),
        ([9, 0, 1, 1, 4], [(0, 2), (4, 5), (9, 10)]),
        (range(10), [(0, 4), (4, 8), (8, 10)]),
    ],
)
def test_runs_of_pieces(numbers, runs):
    assert list(_runs(np.array(numbers, np.int32), 10, 4)) == runs


@pytest.mark.parametrize("shape", [(3, 6, 2048), (40, 1024), (32, 7, 100), (5, 33)])
def test_sparse_images_are_complete(tmp_path, shape):
    rng = np.random.default_rng(4)
    n, pixels = 300, int(np.prod(shape[-2:]))
    pixel = np.concatenate([rng.integers(0, pixels, n - 2), [0, pixels - 1]]).astype(np.int32)
    plane = np.sort(rng.integers(0, shape[0] if len(shape) == 3 else 1, n)).astype(np.uint8)
    weight = rng.uniform(0.5, 1.5, n).astype(np.float32)
    made = image()
    primary = fits.PrimaryHDU().header
    primary["DETECTOR"] = "FUV"
    sparse = CsumImage(primary, made.header, shape, pixel, plane, weight)
    file = start_csum(tmp_path / "x_csum.fits", sparse, CsumOptions())
    file.settle()
    file.commit()
    expected = np.zeros((shape[0] if len(shape) == 3 else 1, pixels), np.float32)
    np.add.at(expected, (plane, pixel), weight)
    with fits.open(tmp_path / "x_csum.fits") as hdus:
        np.testing.assert_array_equal(hdus["SCI"].data, expected.reshape(shape))
        assert hdus["SCI"].header["COUNTS"] == pytest.approx(weight.sum(dtype=np.float64), rel=1e-6)
