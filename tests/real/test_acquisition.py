"""Real archive data: the target acquisition image ldfd01vlq (NUV, MIRRORB).

Its reference files are not at hand; those of the oracle's acquisition stand in for them, which concerns the flt file
and the flags, but not the counts.
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import parity as harness
from helpers import support

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ROOT = "ldfd01vlq"


@pytest.fixture
def data(shared, oracle_data, tmp_path_factory) -> Path:
    """Folders ``raw`` and ``ref``, kept in the cache."""
    oracle = oracle_data("nuv/acqimage", seed=1, events=50_000)

    def make(folder: Path) -> None:
        (folder / "raw").mkdir()
        shutil.copytree(oracle / "ref", folder / "ref")
        for kind in ("rawacq", "spt"):
            name = f"{ROOT}_{kind}.fits"
            with gzip.open(shared / "real" / "ldfd01010" / f"{name}.gz") as packed:
                (folder / "raw" / name).write_bytes(packed.read())
        standin = fits.getheader(harness.inputs(oracle)[0])
        with fits.open(folder / "raw" / f"{ROOT}_rawacq.fits", mode="update") as hdus:
            for keyword in ("FLATFILE", "DEADTAB", "BPIXTAB"):
                hdus[0].header[keyword] = standin[keyword]
        (folder / "manifest.json").write_text(f'{{"input": "{ROOT}_rawacq.fits"}}')

    return support.cached(oracle.parent / f"real-{ROOT}", make)


@pytest.fixture
def products(data, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    recos.run(harness.inputs(data)[0], outdir=tmp_path / "new")
    return tmp_path / "new"


def test_products_equal_the_reference(data, products, reference_products):
    harness.assert_equal(reference_products(data), products)


def test_counts_equal_those_of_the_archive(shared, products):
    with (
        gzip.open(shared / "real" / "ldfd01010" / f"{ROOT}_counts.fits.gz") as packed,
        fits.open(packed) as archive,
        fits.open(products / f"{ROOT}_counts.fits") as ours,
    ):
        assert len(archive) == len(ours) == 7
        for version in (1, 2):
            for name in ("SCI", "ERR"):
                np.testing.assert_array_equal(ours[name, version].data, archive[name, version].data)
            for keyword in ("EXPTIME", "GLOBRATE", "NEVENTS", "EXPSTART"):
                assert ours["SCI", version].header[keyword] == archive["SCI", version].header[keyword]
