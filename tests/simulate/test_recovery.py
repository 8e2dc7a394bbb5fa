"""Recovery finds the flux ratio, offset and stretch that a spectrum was given, with errors that are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from helpers.simulated import line_source
from recos.errors import InputError
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import Dataset
from recos.simulate.plan import Effects, Observation
from recos.simulate.recovery import recover, true_flux

EXPTIME = 500.0
SENSITIVITY = 1e15
BACKGROUND = 0.01


def _dataset(**changes):
    observation = Observation(Configuration("G130M", 1291), **changes)
    return Dataset(
        observation, line_source(1e-15), Path(), Path(), Path(), tuple(observation.exposures()), {}
    )


def _write(path, dataset, ratio=1.0, offset=0.0, stretch=0.0, seed=1, good=slice(1100, 15200), **columns):
    """An x1d file of segment A with Poisson noise."""
    pixel = np.arange(16384.0)
    relation = dataset.detector.dispersion("FUVA")
    moved = relation.wavelength(pixel - offset - stretch * (pixel / 16383.0 - 0.5))
    rng = np.random.default_rng(seed)
    expected = ratio * true_flux(dataset, "FUVA", moved) * SENSITIVITY * EXPTIME
    net = (rng.poisson(expected + BACKGROUND * EXPTIME) / EXPTIME) - BACKGROUND
    weight = np.zeros(16384)
    weight[good] = 1.0
    row = {
        "WAVELENGTH": relation.wavelength(pixel), "FLUX": net / SENSITIVITY, "NET": net,
        "BACKGROUND": np.full(16384, BACKGROUND), "DQ_WGT": weight, "VARIANCE_FLAT": 0.0 * net,
        "VARIANCE_COUNTS": (net + BACKGROUND) * EXPTIME, "VARIANCE_BKG": 0.0 * net,
    } | columns  # fmt: skip
    table = [fits.Column("SEGMENT", "4A", array=["FUVA"]), fits.Column("EXPTIME", "1D", array=[EXPTIME])]
    table += [fits.Column(name, "16384D", array=[values]) for name, values in row.items()]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(table)]).writeto(path, overwrite=True)
    return path


@pytest.mark.parametrize(
    ("ratio", "offset", "stretch"), [(1.0, 0.0, 0.0), (1.05, 0.4, -1.5), (0.9, -6.3, 0.0), (1.0, 2.5, 1.0)]
)
def test_what_was_put_in_is_found(tmp_path, ratio, offset, stretch):
    dataset = _dataset()
    path = _write(tmp_path / "x1d.fits", dataset, ratio, offset, stretch)
    (found,) = recover(dataset, path)
    assert found.spectrum == "FUVA"
    assert found.counts > 3e6
    assert found.ratio == pytest.approx(ratio, abs=4.0 * found.ratio_error)
    assert found.offset == pytest.approx(offset, abs=4.0 * found.offset_error + 0.01)
    assert found.stretch == pytest.approx(stretch, abs=4.0 * found.stretch_error + 0.02)
    assert found.ratio_error < 0.002
    assert found.offset_error < 0.05


def test_pulls_are_normal_and_show_wrong_errors(tmp_path):
    dataset = _dataset()
    path = _write(tmp_path / "x1d.fits", dataset)
    (found,) = recover(dataset, path)
    for pulls in (found.bins, found.pixels):
        assert pulls.number > 900
        assert pulls.mean == pytest.approx(0.0, abs=0.1)
        assert pulls.std == pytest.approx(1.0, abs=0.06)
    variance = fits.getdata(path)["VARIANCE_COUNTS"][0] * 4.0
    _write(path, dataset, VARIANCE_COUNTS=variance)
    assert recover(dataset, path)[0].bins.std == pytest.approx(0.5, abs=0.05)
    assert "flux ratio" in str(found)


def test_airglow_and_bad_pixels_are_left_out(tmp_path):
    dataset = _dataset()
    path = _write(tmp_path / "x1d.fits", dataset)
    with fits.open(path) as hdus:
        row = {n: np.array(hdus[1].data[n][0]) for n in ("WAVELENGTH", "NET", "FLUX", "DQ_WGT")}
    airglow = np.abs(row["WAVELENGTH"] - 1304.9) < 0.4
    bad = slice(7000, 7050)
    for column, value in (("NET", 50.0), ("FLUX", 50.0 / SENSITIVITY)):
        row[column][airglow] = value
        row[column][bad] = value
    row["DQ_WGT"][bad] = 0.0
    _write(path, dataset, **row)
    (found,) = recover(dataset, path)
    assert found.ratio == pytest.approx(1.0, abs=4.0 * found.ratio_error)
    without = _dataset(effects=Effects().without("airglow"))
    assert recover(without, path)[0].ratio > 1.05


def test_featureless_spectrum_has_no_offset_but_a_ratio(tmp_path):
    dataset = _dataset()
    flat = Dataset(dataset.observation, line_source(1e-15, lines=0), *(Path(),) * 3, dataset.exposures, {})
    (found,) = recover(flat, _write(tmp_path / "x1d.fits", flat, ratio=0.97))
    assert found.ratio == pytest.approx(0.97, abs=4.0 * found.ratio_error)
    assert np.isnan([found.offset, found.offset_error, found.stretch]).all()


def test_pixels_that_were_seen_more_often_tell_no_offset(tmp_path):
    dataset = _dataset()
    path = _write(tmp_path / "x1d.fits", dataset)
    (whole,) = recover(dataset, path)
    weight = np.where(np.arange(16384) % 100 < 50, 2.0, 4.0)
    variance = fits.getdata(path)["VARIANCE_COUNTS"][0]
    _write(path, dataset, DQ_WGT=weight, VARIANCE_COUNTS=variance * weight / 4.0)
    (found,) = recover(dataset, path)
    assert found.offset_error > 0.9 * whole.offset_error


def test_spectrum_without_flux_is_refused(tmp_path):
    dataset = _dataset()
    path = _write(tmp_path / "x1d.fits", dataset, FLUX=np.zeros(16384))
    with pytest.raises(InputError, match="FLUXCORR"):
        recover(dataset, path)


def test_blur_conserves_flux():
    dataset = _dataset()
    wavelength = dataset.detector.dispersion("FUVA").wavelength(np.arange(16384.0))
    sharp, blurred = dataset.source.flux(wavelength), true_flux(dataset, "FUVA", wavelength)
    assert blurred.sum() == pytest.approx(sharp.sum(), rel=1e-3)
    assert np.abs(np.diff(blurred)).max() < np.abs(np.diff(sharp)).max()
