"""Light curves of corrtag files of the reference implementation add up to its x1d."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.mark.parametrize(
    ("name", "exposures"),
    [("g130m_twozone", 1), ("nuv/g225m_tag", None), ("nuv/g230l_tag", None), ("nuv/g230l_nowave", None)],
)
def test_sums_are_those_of_the_x1d(name, exposures, oracle_data, reference_products, monkeypatch):
    data = oracle_data(name, seed=1, events=50_000, exposures=exposures)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    folder = reference_products(data)
    x1d = sorted(folder.glob("*_x1d.fits*"))[0]
    root = x1d.name.split("_")[0]
    curve = recos.light_curve(sorted(folder.glob(f"{root}_corrtag*.fits*")), 10.0, airglow=True)
    counts = net = flux = width = 0.0
    for row in fits.getdata(x1d):
        good = row["DQ_WGT"] > 0.0
        step = np.abs(np.gradient(row["WAVELENGTH"]))[good]
        counts += np.rint(row["GCOUNTS"][good].astype(float)).sum()
        net += row["NET"][good].sum(dtype=float)
        flux += (row["FLUX"][good].astype(float) * step).sum()
        width += step.sum()
    time = curve["EXPTIME"].data
    assert curve["COUNTS"].sum() == counts
    assert np.nansum(curve["NET"].data * time) / time.sum() == pytest.approx(net, rel=1e-6)
    assert np.nansum(curve["FLUX"].data * time) / time.sum() == pytest.approx(flux / width, rel=1e-6)


def test_events_of_small_bursts_are_outside_the_good_time(
    oracle_data, reference_products, monkeypatch, caplog
):
    data = oracle_data("g160m_boxcar", seed=1, events=50_000)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    files = sorted(reference_products(data).glob("lsynb0b1q_corrtag_?.fits*"))
    curve = recos.light_curve(files, 1.0, airglow=True)
    assert "outside the good time intervals" in caplog.text
    inside = curve["EXPTIME"] > 0.9
    assert np.isfinite(curve["NET"][inside]).all()
    # without the events of the burst, which have no share in the exposure time, the source is constant
    pulls = (curve["NET"] - np.median(curve["NET"][inside])) / curve["NET_ERROR_UPPER"]
    assert np.abs(pulls[inside]).max() < 6.0
