"""Wavecals that are of no use: everything but WAVECORR is as the reference has it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers import parity as harness
from helpers import support

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def without_events(path: Path) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1] = fits.BinTableHDU(hdus[1].data[:0], header=hdus[1].header)


def too_late(path: Path) -> None:
    """Of another FPOFFSET, and later than MAX_TIME_DIFF."""
    with fits.open(path, mode="update") as hdus:
        hdus[0].header.update(FPOFFSET=-2, FPPOS=1)
        hdus[1].header["EXPSTART"] += 3.0
        hdus[1].header["EXPEND"] += 3.0


def spoiled(data: Path, spoil: Callable[[Path], None]) -> Path:
    """A data set with all of its wavecals changed."""

    def make(folder: Path) -> None:
        (folder / "ref").symlink_to(data / "ref")
        shutil.copytree(data / "raw", folder / "raw")
        shutil.copy(data / "manifest.json", folder)
        for path in (folder / "raw").glob("*_rawtag.fits"):  # science is ACCUM
            spoil(path)

    return support.cached(data.parent / f"{data.name}-{spoil.__name__}", make)


@pytest.mark.parametrize(
    ("spoil", "lamp", "message"),
    [(without_events, "NONE", "it serves as no wavecal"), (too_late, "P1", "MAX_TIME_DIFF = 0.06 d")],
)
def test_no_wavecal_can_be_used(
    oracle_data, reference_products, tmp_path, monkeypatch, caplog, spoil, lamp, message
):
    data = spoiled(oracle_data("nuv/g285m_accum", seed=1, events=50_000), spoil)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    recos.run(harness.inputs(data)[0], outdir=tmp_path)
    harness.assert_equal(reference_products(data), tmp_path, ("WAVECORR",))
    assert fits.getval(tmp_path / "lsyb10baq_x1d.fits", "WAVECORR") == "SKIPPED"
    assert fits.getval(tmp_path / "lsyb10caq_x1d.fits", "LAMPUSED") == lamp
    assert caplog.text.count(message) == 4
    assert caplog.text.count("No data in") == (4 if spoil is without_events else 0)
