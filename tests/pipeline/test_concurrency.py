"""Two associations calibrated at the same time give the same bytes as one after the other."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from small_cos import make_dataset


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """Two simulated associations, with different spectra, whose headers name the same reference files."""
    first = make_dataset(tmp_path_factory.mktemp("one"), n_source=20_000, seed=3)
    second = make_dataset(tmp_path_factory.mktemp("two"), n_source=30_000, seed=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{first.references}/")
        yield first, second


def digests(folder: Path) -> dict[str, str]:
    """Digest of each product; trailers tell the time of day and are left out."""
    found = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.suffix == ".fits"
    }
    for p in folder.glob("*_asn.fits"):  # written by astropy, without date
        found[p.name] = str(fits.getdata(p))
    return found


def test_two_associations_at_once(datasets, tmp_path):
    for i, dataset in enumerate(datasets):
        recos.run(dataset.association, outdir=tmp_path / f"alone{i}", jobs=1)
    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(recos.run, dataset.association, outdir=tmp_path / f"together{i}")
            for i, dataset in enumerate(datasets)
        ]
        for future in futures:
            assert future.result().status == 0
    for i in range(2):
        alone = digests(tmp_path / f"alone{i}")
        assert len(alone) >= 10
        assert digests(tmp_path / f"together{i}") == alone


def test_trailers_do_not_mix(datasets, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(recos.run, dataset.association, outdir=tmp_path / f"out{i}")
            for i, dataset in enumerate(datasets)
        ]
        for future in futures:
            future.result()
    for i in range(2):
        (trailer,) = (tmp_path / f"out{i}").glob("*.tra")
        text = trailer.read_text()
        assert f"out{i}" in text
        assert f"out{1 - i}" not in text
        assert text.count("WAVECORR  PERFORM") == 2
