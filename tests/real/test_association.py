"""Real archive data: the association ldfd01010 (FUV, G140L/1105, segment A, four FP-POS).

Three comparisons: with the reference implementation on the same files; with those parts of the archive's
products that do not depend on the reference files that are stand-ins; with the rest within the limits that
the stand-ins allow (``real/standin/README.md`` of the shared folder).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import parity as harness

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.xdist_group("real")]

ROOTS = ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq")
STIM_KEYWORDS = [f"STIMA{kind}{place}" for kind in "_0S" for place in ("LX", "LY", "RX", "RY")]


@pytest.fixture(scope="module")
def products(standin_data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "new"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{standin_data / 'ref'}/")
        recos.run(standin_data / "raw" / "ldfd01010_asn.fits", outdir=folder)
    return folder


@pytest.fixture(scope="module")
def archive(standin_data) -> Path:
    return standin_data / "archive"


@pytest.fixture(params=ROOTS)
def root(request) -> str:
    return request.param


def _headers(folder: Path, name: str) -> tuple[fits.Header, fits.Header]:
    with fits.open(folder / name) as hdus:
        return hdus[0].header.copy(), hdus[1].header.copy()


def _table(folder: Path, name: str) -> np.ndarray:
    with fits.open(folder / name) as hdus:
        return np.array(hdus[1].data)


def test_products_equal_the_reference(standin_data, products, reference_products):
    harness.assert_equal(reference_products(standin_data), products)


# ------------------------------------------------------------------- what does not depend on the stand-ins


def test_event_counts_times_and_stims_are_those_of_the_archive(archive, products, root):
    old_primary, old = _headers(archive, f"{root}_x1d.fits")
    primary, new = _headers(products, f"{root}_x1d.fits")
    assert primary["RANDSEED"] == old_primary["RANDSEED"]
    for keyword in ("NEVENTS", "NEVENTSA", "NUMFLASH"):
        assert new[keyword] == old[keyword], keyword
    for keyword in ("EXPTIME", "EXPTIMEA", "DEADRT_A", "V_HELIO", "EXPSTART", "EXPEND"):
        assert new[keyword] == pytest.approx(old[keyword], rel=1e-6), keyword
    assert new["LIVETM_A"] == pytest.approx(old["LIVETM_A"], abs=1e-6)
    assert new["DEADMT_A"] == old["DEADMT_A"]
    for keyword in STIM_KEYWORDS:
        assert new[keyword] == pytest.approx(old[keyword], abs=1.1e-3), keyword


def test_flash_times_are_those_of_the_archive(archive, products, root):
    old, new = (_table(folder, f"{root}_lampflash.fits") for folder in (archive, products))
    assert len(new) == len(old)
    for column in ("TIME", "EXPTIME", "LAMP_ON", "LAMP_OFF"):
        np.testing.assert_allclose(new[column], old[column], atol=1e-3, err_msg=column)
    _, old_header = _headers(archive, f"{root}_lampflash.fits")
    _, header = _headers(products, f"{root}_lampflash.fits")
    for i in range(1, header["NUMFLASH"] + 1):
        for keyword in (f"LMP_ON{i}", f"LMPOFF{i}", f"LMPDUR{i}", f"LMPMED{i}"):
            assert header[keyword] == pytest.approx(old_header[keyword], abs=1e-3), keyword


def test_random_numbers_are_those_of_the_archive(archive, standin_data, monkeypatch, root):
    """RANDCORR alone, from the seed that the archive's run drew: position before any other correction."""
    monkeypatch.setenv("lref", f"{standin_data / 'ref'}/")
    exposure = recos.read(standin_data / "raw" / f"{root}_rawtag_a.fits")
    refs = recos.References.for_exposure(exposure)
    recos.calibrate(exposure, refs, stop_after="randcorr")
    seed = fits.getval(archive / f"{root}_x1d.fits", "RANDSEED")
    assert exposure.primary["RANDSEED"] == seed
    n, random = len(exposure.events), np.random.RandomState(seed)
    events = exposure.events
    for raw, corrected in ((events.rawx, events.xcorr), (events.rawy, events.ycorr)):
        expected = (raw.astype(np.float32) - random.uniform(-0.5, 0.5, n)).astype(np.float32)
        inside = corrected != raw.astype(np.float32)
        assert inside.sum() > 0.9 * n
        np.testing.assert_array_equal(corrected[inside], expected[inside])


# ------------------------------------------------------------------------ within the limits of the stand-ins


def test_shifts_and_centroids_are_near_the_archive(archive, products, root):
    _, old = _headers(archive, f"{root}_x1d.fits")
    _, new = _headers(products, f"{root}_x1d.fits")
    for keyword, limit in (("SHIFT1A", 0.1), ("SHIFT2A", 0.05), ("SP_LOC_A", 0.06), ("SP_OFF_A", 0.1)):
        assert new[keyword] == pytest.approx(old[keyword], abs=limit), keyword
    for keyword in ("SP_NOM_A", "SP_HGT_A", "B_BKG1_A", "B_BKG2_A"):
        assert new[keyword] == pytest.approx(old[keyword]), keyword
    for keyword, limit in (("NBADEVTA", 60), ("NPHA_A", 30), ("NOUT_A", 40)):
        assert abs(new[keyword] - old[keyword]) <= limit, keyword
    assert new["GLOBRT_A"] == pytest.approx(old["GLOBRT_A"], rel=1e-4)
    old_flashes, flashes = (_table(folder, f"{root}_lampflash.fits") for folder in (archive, products))
    np.testing.assert_allclose(flashes["SHIFT_DISP"], old_flashes["SHIFT_DISP"], atol=0.2)
    np.testing.assert_allclose(flashes["SHIFT_XDISP"], old_flashes["SHIFT_XDISP"], atol=0.1)


def test_spectra_are_near_the_archive(archive, products, root):
    old, new = (_table(folder, f"{root}_x1d.fits") for folder in (archive, products))
    np.testing.assert_allclose(new["WAVELENGTH"], old["WAVELENGTH"], atol=1e-4)
    for column in ("Y_LOWER_OUTER", "Y_LOWER_INNER", "Y_UPPER_INNER", "Y_UPPER_OUTER"):
        np.testing.assert_array_equal(new[column], old[column], err_msg=column)
    assert new["GCOUNTS"].sum() == pytest.approx(old["GCOUNTS"].sum(), rel=1e-3)
    assert new["NET"].sum() == pytest.approx(old["NET"].sum(), rel=1e-3)
    assert np.mean(new["DQ_WGT"] == old["DQ_WGT"]) > 0.997
    good = slice(2500, 14000)
    with np.errstate(invalid="ignore"):  # error 0 where the archive has no data
        pulls = (new["FLUX"] - old["FLUX"])[0, good] / old["ERROR"][0, good]
    assert np.sqrt(np.nanmean(pulls**2)) < 0.5
    wavelength = new["WAVELENGTH"][0]
    for low, high in ((1225, 1295), (1315, 1500), (1500, 1700), (1700, 1900)):
        inside = (wavelength > low) & (wavelength < high)
        assert new["FLUX"][0, inside].sum() == pytest.approx(old["FLUX"][0, inside].sum(), rel=0.004)


@pytest.mark.parametrize("suffix", ["x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4"])
def test_sums_are_near_the_archive(archive, products, suffix):
    name = f"ldfd01010_{suffix}.fits"
    old, new = _table(archive, name), _table(products, name)
    assert new["FLUX"].shape == old["FLUX"].shape
    np.testing.assert_allclose(new["WAVELENGTH"], old["WAVELENGTH"], atol=1e-4)
    good = slice(2500, 14000)
    with np.errstate(invalid="ignore"):  # error 0 where the archive has no data
        pulls = (new["FLUX"] - old["FLUX"])[0, good] / old["ERROR"][0, good]
    assert np.sqrt(np.nanmean(pulls**2)) < 0.55


def test_the_trailer_tells_what_the_log_of_the_archive_tells(shared, products, root):
    """Row limits of Lyman alpha and of the background, and the seed, from the archive's pipeline log."""
    log = (shared / "real" / "ldfd01010" / "ldfd01010_trl.log.txt").read_text()
    trailer = (products / f"{root}.tra").read_text()
    seeds = re.findall(r"RANDSEED = (\d+)", log)
    found = re.search(r"RANDSEED = (\d+)", trailer)
    assert found is not None
    assert found.group(1) in seeds
