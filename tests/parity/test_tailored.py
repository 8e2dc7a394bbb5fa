"""Overrides and other extraction regions: equal to what the reference makes of edited raw files and tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers import parity as harness
from helpers import support
from recos.reference_tools.region_files import tailor_file

pytestmark = [pytest.mark.shared, pytest.mark.slow]

#: Name of the case: data set, keyword of the table, overrides, extension keywords that stand for an offset, regions.
CASES = {
    "narrow": (
        "g130m_twozone",
        "TWOZXTAB",
        {"RANDSEED": 5, "SP_SET_A": 1.5, "SP_SET_B": -0.75},
        {"height": 25, "enclosed_energy": (0.1, 0.9), "inner": (0.2, 0.8), "background_height": 13},
    ),
    "box": (
        "g130m_twozone",
        "TWOZXTAB",
        {"FLATCORR": "OMIT"},
        {"enclosed_energy": (0, 1), "inner": (0, 1)},
    ),
    "boxcar": (
        "g160m_boxcar",
        "XTRACTAB",
        {"BRSTCORR": "OMIT", "STATFLAG": "OMIT"},
        {"height": (25, 31), "offset": (1, -2), "background_height": 15},
    ),
    "nuv": (
        "nuv/g185m_tag",
        "XTRACTAB",
        {"BACKCORR": "PERFORM"},
        {"height": 21, "center": (None, None, None), "background_height": (None, 9, None)},
    ),
}


def edited_by_hand(data: Path, case: str) -> Path:
    """A data set with edited raw files and a new extraction table, as the data handbook tells users to make it."""
    _, keyword, overrides, regions = CASES[case]

    def make(folder: Path) -> None:
        shutil.copytree(data / "raw", folder / "raw")
        (folder / "ref").mkdir()
        for path in (data / "ref").iterdir():
            (folder / "ref" / path.name).symlink_to(path.resolve())
        for path in (folder / "raw").glob("*_rawtag*.fits"):
            with fits.open(path, mode="update") as hdus:
                table = data / "ref" / hdus[0].header[keyword].removeprefix("lref$")
                hdus[0].header[keyword] = "lref$tailored.fits"
                for name, value in overrides.items():
                    extension = name.startswith("SP_SET")
                    hdus[extension].header[name] = value != "OMIT" if name == "STATFLAG" else value
        tailor_file(table, folder / "ref" / "tailored.fits", recos.Tailoring(**regions), aperture="PSA")
        manifest = data / "manifest.json"
        if manifest.exists():
            shutil.copy(manifest, folder)

    return support.cached(data.parent / f"{data.name}-tailored-{case}", make)


@pytest.mark.parametrize("case", CASES)
def test_as_edited_by_hand(case, oracle_data, reference_products, tmp_path, monkeypatch):
    name, keyword, overrides, regions = CASES[case]
    data = oracle_data(name, seed=1, events=50_000, exposures=1 if "twozone" in name else None)
    expected = reference_products(edited_by_hand(data, case))
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    for path in harness.inputs(data):
        recos.run(path, outdir=tmp_path / "new", overrides=overrides, tailor=regions)
    harness.assert_equal(expected, tmp_path / "new", (keyword, "HISTORY"))
    shutil.rmtree(tmp_path / "new")
