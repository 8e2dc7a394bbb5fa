"""``recos run --slices`` equals the reference's `splittag`, followed by the reference's calibration of its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers import parity as harness
from helpers import support

pytestmark = [pytest.mark.shared, pytest.mark.slow]

#: Number of slices, and what --all-configurations adds. With -999 in TRACETAB the reference fails (TWOZONE).
SLICES = {"g160m_boxcar": 2, "nuv/g225m_tag": 3, "nuv/g185m_tag": 3}
MORE_SLICES = {"g140l_1105": 2}
_SPLIT = "import sys, calcos.splittag as s; s.splittag(sys.argv[1], 'part', increment=float(sys.argv[2]))"
#: Of the file, or of the coordinates of events, which calibrating a corrtag file again leaves in the x1d.
_WCS = ["TCTY", "TCRP", "TCRV", "TCDE", "TCUN", "TPC", "TPV"]
_OF_CORRTAG = ("FILENAME", *(f"SCI,1:{name}{column}" for name in _WCS for column in (7, 8)))


def split_by_reference(data: Path, corrtags: list[Path], increment: float) -> Path:
    """A data set of the slices of corrtag files."""

    def make(folder: Path) -> None:
        (folder / "raw").mkdir()
        (folder / "ref").symlink_to(data / "ref")
        python = support.reference_command().with_name("python")
        for corrtag in corrtags:
            shutil.copy(corrtag, folder / "raw")
            support.run(["env", "-C", folder / "raw", python, "-c", _SPLIT, corrtag.name, increment])
            (folder / "raw" / corrtag.name).unlink()

    return support.cached(data.parent / f"{data.name}-slices", make)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = SLICES | (MORE_SLICES if metafunc.config.getoption("--all-configurations") else {})
    metafunc.parametrize(("name", "n"), chosen.items(), ids=list(chosen))


def test_slices_equal_the_reference(name, n, oracle_data, reference_products, tmp_path, monkeypatch):
    data = oracle_data(name, seed=1, events=50_000)
    products = reference_products(data)
    science = [p for p in products.glob("*_corrtag*.fits") if "WAVE" not in fits.getval(p, "EXPTYPE")]
    root = min(science).name.split("_")[0]
    corrtags = sorted(products.glob(f"{root}_corrtag*.fits"))
    increment = round(float(fits.getdata(corrtags[0], 1)["TIME"][-1]) / n + 1.0, 1)
    slices = split_by_reference(data, corrtags, increment)
    inputs = [
        p.name for p in sorted((slices / "raw").glob("*_corrtag*.fits")) if not p.name.endswith("_b.fits")
    ]
    assert len(inputs) == n
    spectra = reference_products(slices, inputs=" ".join(inputs))

    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    raw = min((data / "raw").glob(f"{root}_rawtag*.fits"))
    result = recos.run(raw, outdir=tmp_path / "new", slices={"increment": increment})
    assert len(result.slices) == n
    for folder, pattern in (("expected", "part"), ("found", root)):
        (tmp_path / folder).mkdir()
        for number in range(1, n + 1):
            source = spectra if folder == "expected" else tmp_path / "new"
            target = tmp_path / folder / f"{number}_x1d.fits"
            target.symlink_to(source / f"{pattern}_{number}_x1d.fits")
    harness.assert_equal(tmp_path / "expected", tmp_path / "found", _OF_CORRTAG)
    shutil.rmtree(tmp_path / "new")
