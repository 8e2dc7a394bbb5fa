"""The figure of two spectra."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import recos
from helpers.spectra import make_spectrum
from recos.errors import OutputExistsError, UsageError
from recos.figures.comparison import _curves, plot_comparison
from recos.io.fitsfile import write_tables

pytest.importorskip("matplotlib")


def write(path, factor=1.0, segments=("FUVA", "FUVB"), n=400, detector="FUV", fluxcorr="COMPLETE"):
    spectrum = make_spectrum(segments, n=n, fluxcorr=fluxcorr, detector=detector)
    spectrum.columns["ERROR"][:] = 0.1 * spectrum["FLUX" if fluxcorr == "COMPLETE" else "NET"].mean()
    for name in ("FLUX", "NET"):
        spectrum.columns[name] *= np.float32(factor)
    write_tables(path, spectrum.primary, [spectrum.table()])
    return path


@pytest.fixture
def folders(tmp_path):
    for name, factor in (("old", 1.0), ("new", 1.02)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "x_x1d.fits", factor)
    return tmp_path / "old", tmp_path / "new"


@pytest.mark.parametrize(("suffix", "begin"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("SVG", b"<?xml")])
def test_figure_is_written(folders, tmp_path, suffix, begin):
    path = tmp_path / f"change.{suffix}"
    assert plot_comparison(recos.compare(*folders), path) == [path]
    assert path.read_bytes().startswith(begin)
    assert len(path.read_bytes()) > 10_000


def test_one_figure_for_each_spectrum(folders, tmp_path):
    for folder in folders:
        write(folder / "p_x1dsum.fits", 1.0, ("NUVA", "NUVB", "NUVC"), 60, "NUV", "OMIT")
    paths = plot_comparison(recos.compare(*folders), tmp_path / "change.png")
    assert paths == [tmp_path / "change_p_x1dsum.png", tmp_path / "change_x_x1d.png"]
    assert all(path.is_file() for path in paths)


def test_curves_are_those_of_the_files(folders):
    (file,) = recos.compare(*folders).files
    curves = {curve.name: curve for curve in _curves(file)}
    assert list(curves) == ["FUVA", "FUVB"]
    flux = next(c for c in file.values if (c.name, c.row) == ("FLUX", "FUVA"))
    assert curves["FUVA"].in_errors() == flux.units
    assert curves["FUVA"].is_flux


def test_without_flux_the_count_rate_is_drawn(tmp_path):
    paths = [write(tmp_path / f"{f}_x1d.fits", f, fluxcorr="OMIT") for f in (1.0, 1.5)]
    (file,) = recos.compare(*paths).files
    assert not any(curve.is_flux for curve in _curves(file))
    assert plot_comparison(recos.compare(*paths), tmp_path / "change.png")


def test_spectra_without_good_pixels_or_counts(tmp_path):
    paths = [write(tmp_path / f"{f}_x1d.fits", f) for f in (0.0, 1.0)]
    assert plot_comparison(recos.compare(paths[0], paths[0]), tmp_path / "zero.png")
    assert plot_comparison(recos.compare(*paths), tmp_path / "one.png")


def test_existing_figures_are_kept(folders, tmp_path):
    path = tmp_path / "change.png"
    path.write_text("keep")
    found = recos.compare(*folders)
    with pytest.raises(OutputExistsError):
        plot_comparison(found, path)
    assert path.read_text() == "keep"
    plot_comparison(found, path, overwrite=True)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_impossible_figures(folders, tmp_path, monkeypatch):
    found = recos.compare(*folders)
    with pytest.raises(UsageError, match=r"\.png, \.pdf, \.svg"):
        plot_comparison(found, tmp_path / "change.jpg")
    lengths = [write(tmp_path / f"{n}_x1d.fits", n=n) for n in (50, 60)]
    with pytest.raises(UsageError, match="of equal length"):
        plot_comparison(recos.compare(*lengths), tmp_path / "change.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UsageError, match="pip install"):
        plot_comparison(found, tmp_path / "change.png")
    assert sorted(p.suffix for p in tmp_path.iterdir() if p.is_file()) == [".fits", ".fits"]
