"""The figure of a calibrated simulation: it is drawn, from the right numbers, without pyplot."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.errors import InputError, UsageError
from recos.figures import recovery as figure
from recos.simulate.airglow import AIRGLOW
from small_cos import Setup, compare_spectrum, make_dataset

pytestmark = pytest.mark.xdist_group("figure")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figure")
    made = make_dataset(folder, n_source=40_000, seed=4, setup=Setup(exptime=100.0, flashes=((4.0, 12.0),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        recos.run(made.raw[0], outdir=folder / "new")
    root = folder / "new" / made.setups[0].root
    return SimpleNamespace(
        dataset=made,
        x1d=root.with_name(f"{root.name}_x1d.fits"),
        corrtags=[root.with_name(f"{root.name}_corrtag_{letter}.fits") for letter in "ab"],
        lampflash=root.with_name(f"{root.name}_lampflash.fits"),
    )


def rows_of(x1d, truth):
    with fits.open(x1d) as hdus:
        return figure._rows(hdus, truth)


def test_figure_is_drawn(calibrated, tmp_path):
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    c = calibrated
    path = figure.plot_recovery(tmp_path / "a.png", c.x1d, c.corrtags, c.lampflash, c.dataset.true_flux)
    image = imread(path)
    assert image.shape == (1200, 1440, 4)
    assert len(np.unique(image.reshape(-1, 4), axis=0)) > 100
    # without flashes, with the truth as arrays
    w = np.linspace(1100.0, 1450.0, 4000)
    figure.plot_recovery(
        tmp_path / "b.pdf", c.x1d, c.corrtags[1:], None, (w, np.ones_like(w)), title="B", airglow=False
    )
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")


def test_residuals_are_those_of_the_comparison(calibrated):
    c = calibrated
    rows = rows_of(c.x1d, c.dataset.true_flux)
    for row, expected in zip(rows, compare_spectrum(c.dataset, c.x1d), strict=True):
        assert row.name == expected.segment
        assert np.sqrt(np.mean(row.residuals.pull**2)) == pytest.approx(expected.pull, rel=0.1)
        ratio = row.spectrum.flux.mean() / row.spectrum.truth.mean()
        assert ratio == pytest.approx(expected.ratio, abs=3.0 * expected.ratio_error)


def test_truth_may_be_arrays(calibrated):
    c = calibrated
    w = np.arange(1100.0, 1450.0, 0.002)
    as_arrays = rows_of(c.x1d, (w, c.dataset.true_flux("FUVA", w)))[0]
    as_function = rows_of(c.x1d, c.dataset.true_flux)[0]
    np.testing.assert_allclose(as_arrays.spectrum.truth, as_function.spectrum.truth, rtol=1e-3)


def test_extraction_region(calibrated, tmp_path):
    def zero(name, w):
        return np.zeros_like(w)

    data = fits.getdata(calibrated.x1d)
    boxes = rows_of(calibrated.x1d, zero)
    changed = shutil.copy(calibrated.x1d, tmp_path / "x1d.fits")
    fits.setval(changed, "XTRCTALG", value="TWOZONE")
    zones = rows_of(changed, zero)
    for one, box, zone in zip(data, boxes, zones, strict=True):
        lower, upper = (one[f"Y_{n}_OUTER"][box.columns] for n in ("LOWER", "UPPER"))
        np.testing.assert_array_equal(zone.lower, lower - 0.5)
        np.testing.assert_array_equal(zone.upper, upper + 0.5)
        assert np.abs(box.lower - zone.lower).max() <= 1.0
        assert np.abs(box.upper - zone.upper).max() <= 1.0


def test_airglow_ranges_are_joined_and_seen(calibrated):
    ranges = figure._airglow_ranges(rows_of(calibrated.x1d, calibrated.dataset.true_flux))
    assert all(stop < start for (_, stop), (start, _) in itertools.pairwise(ranges))
    for line in AIRGLOW:
        seen = any(start < line.wavelength < stop for start, stop in ranges)
        assert seen == (1134.0 < line.wavelength < 1264.0 or 1292.0 < line.wavelength < 1400.0), line
    assert figure._inside(np.array([1200.0, 1250.0]), ranges).tolist() == [True, False]


def test_spectrum_without_flux(calibrated, tmp_path):
    pytest.importorskip("matplotlib")
    c = calibrated
    changed = shutil.copy(c.x1d, tmp_path / "x1d.fits")
    with fits.open(changed, "update") as hdus:
        hdus[1].data["FLUX"][:] = 0.0
    with pytest.raises(InputError, match=r"x1d.fits: no good data with a flux"):
        figure.plot_recovery(tmp_path / "a.png", changed, c.corrtags, None, c.dataset.true_flux)


def test_matplotlib_is_optional(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UsageError, match=r"needs matplotlib. Install it \(pip install 'recos\[plot\]'\)"):
        figure.plot_recovery(tmp_path / "a.png", "x1d", ["corrtag"], None, (np.zeros(2), np.zeros(2)))


def test_no_window_and_no_pyplot():
    pytest.importorskip("matplotlib")
    code = "import sys, recos.figures.style as f; f.empty_figure(1.0, 1.0); print('matplotlib.pyplot' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
