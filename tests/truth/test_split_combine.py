"""An exposure cut into slices and combined again is the whole."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers.folder import write_table
from small_cos import Setup, make_dataset


def test_split_and_combine_give_the_whole(tmp_path, monkeypatch):
    setup = Setup(exptime=400.0, flashes=((4.0, 12.0), (380.0, 12.0)))
    dataset = make_dataset(tmp_path, n_source=150_000, seed=9, setup=setup)
    monkeypatch.setenv("lref", f"{dataset.references}/")
    new, parts = tmp_path / "new", tmp_path / "parts"
    recos.run(dataset.raw[0], outdir=new)
    parts.mkdir()
    root = dataset.setups[0].root
    recos.split([new / f"{root}_corrtag_{letter}.fits" for letter in "ab"], parts / "part", increment=130.0)
    names = sorted(path.name for path in parts.glob("*_corrtag_a.fits"))
    assert len(names) == 4
    rows = [(name, "EXP-FP", True) for name in names]
    write_table(parts / "whole_asn.fits", [*rows, ("LREC01010", "PROD-FP", False)])
    recos.run(parts / "whole_asn.fits", outdir=tmp_path / "combined")
    (path,) = (tmp_path / "combined").glob("*_x1dsum.fits")
    whole, combined = fits.getdata(new / f"{root}_x1d.fits"), fits.getdata(path)
    np.testing.assert_array_equal(combined["SEGMENT"], whole["SEGMENT"])
    np.testing.assert_allclose(combined["EXPTIME"], whole["EXPTIME"], rtol=1e-6)
    for one, sum_ in zip(whole, combined, strict=True):
        good = (one["DQ_WGT"] > 0) & (sum_["DQ_WGT"] > 0)
        assert good.sum() > 12_000
        # the combined spectrum has equal steps of wavelength, so pixels are not the same
        assert sum_["GCOUNTS"][good].sum() == pytest.approx(one["GCOUNTS"][good].sum(), rel=1e-3)
        edges = np.linspace(one["WAVELENGTH"][1500], one["WAVELENGTH"][14500], 20)
        for name in ("NET", "FLUX"):
            means = [
                np.histogram(row["WAVELENGTH"][good], edges, weights=row[name][good])[0]
                / np.histogram(row["WAVELENGTH"][good], edges)[0]
                for row in (one, sum_)
            ]
            np.testing.assert_allclose(means[1], means[0], rtol=0.01)
            assert means[1].mean() == pytest.approx(means[0].mean(), rel=1e-3)
