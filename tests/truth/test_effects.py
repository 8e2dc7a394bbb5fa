"""Each effect is corrected: with it and its correction the spectrum is right, without the correction it is not."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.simulate import Configuration, Effects, Observation, Recovery, Source, recover, simulate

pytestmark = pytest.mark.xdist_group("truth")

BASIC = ("line_spread", "cross_dispersion")


def calibrated(folder, cache, effects, omitted=(), source="b-star", **observation):
    """Recoveries and corrtag events of a G160M exposure that was simulated with some effects."""
    planned = Observation(
        Configuration("G160M", 1577), effects=Effects.only(*BASIC, *effects), seed=31, **observation
    )
    dataset = simulate(planned, folder, Source.builtin(source), cache)
    for raw in dataset.raw.glob("*_rawtag_*"):
        for switch in omitted:
            fits.setval(raw, switch, value="OMIT")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        recos.run(dataset.association, outdir=folder / "new", products="corrtag,x1d")
    root = dataset.exposures[0].root
    found = {r.spectrum: r for r in recover(dataset, folder / "new" / f"{root}_x1d.fits")}
    return found, {s: fits.getdata(folder / "new" / f"{root}_corrtag_{s[-1].lower()}.fits", 1) for s in found}


def is_right(r: Recovery) -> bool:
    """Within errors, and what remains of others (0.1 % in flux, the lamp's 0.1 pixel)."""
    return abs(r.ratio - 1.0) < 3.5 * r.ratio_error + 0.001 and abs(r.offset) < 3.5 * r.offset_error + 0.2


#: Effects, the switches that correct them, what is observed.
CASES = {
    "no effect": ((), (), {}),
    "dead time": (("dead_time",), ("DEADCORR",), {"events": 1e6, "exptime": 60.0}),
    "background": (("dark", "scattered"), ("BACKCORR",), {"events": 1e5, "dark_rate": 2e-5}),
    "heliocentric": (("heliocentric",), ("HELCORR",), {"events": 5e5}),
    "ageing": (("ageing",), ("TDSCORR",), {"events": 3e5}),
}


@pytest.mark.parametrize("case", CASES)
def test_flux_and_wavelengths(tmp_path, simulation_cache, case):
    effects, switches, observation = CASES[case]
    found, _ = calibrated(tmp_path / "with", simulation_cache, effects, **observation)
    assert all(is_right(r) for r in found.values()), found
    if switches:
        left, _ = calibrated(tmp_path / "without", simulation_cache, effects, switches, **observation)
        assert not any(is_right(r) for r in left.values()), left


def test_flat_field(tmp_path, simulation_cache):
    """The shadows of the grid wires and the fixed pattern are seen only without FLATCORR."""
    options = {"events": 3e6, "source": "flat"}
    effects = ("flat", "grid_wires")
    found, _ = calibrated(tmp_path / "with", simulation_cache, effects, **options)
    left, _ = calibrated(tmp_path / "without", simulation_cache, effects, ("FLATCORR",), **options)
    for segment, r in found.items():
        assert abs(r.ratio - 1.0) < 3.5 * r.ratio_error + 0.001, r  # a flat spectrum has no offset
        assert r.bins.std == pytest.approx(1.0, abs=0.05 + 3.0 / (2.0 * r.bins.number) ** 0.5)
        assert left[segment].bins.std > 1.5


def test_orbital_doppler_shift(tmp_path, simulation_cache):
    """Lines are as narrow as the instrument makes them; without DOPPCORR they move during the exposure."""
    options = {"events": 1e6, "exptime": 600.0}
    found, events = calibrated(tmp_path / "with", simulation_cache, ("doppler",), **options)
    left, uncorrected = calibrated(
        tmp_path / "without", simulation_cache, ("doppler",), ("DOPPCORR",), **options
    )
    for segment, r in found.items():
        assert is_right(r), r
        assert r.bins.std == pytest.approx(1.0, abs=0.05 + 3.0 / (2.0 * r.bins.number) ** 0.5)
        assert not is_right(left[segment]), left
        assert np.abs(events[segment]["XDOPP"] - events[segment]["XCORR"]).max() > 1.0
        assert (uncorrected[segment]["XDOPP"] == uncorrected[segment]["XCORR"]).all()


def test_walk(tmp_path, simulation_cache):
    """Rows depend on the pulse height only without YWLKCORR."""
    switches = ("XWLKCORR", "YWLKCORR")
    for omitted in ((), switches):
        found, events = calibrated(
            tmp_path / f"{len(omitted)}", simulation_cache, ("walk",), omitted, events=3e5
        )
        for segment, table in events.items():
            good = (table["DQ"] == 0) & (table["WAVELENGTH"] > 0.0)
            row, column = table["YFULL"][good].astype(float), table["XFULL"][good].astype(float)
            near = np.abs(row - np.median(row)) < 15.0
            row, column, pha = row[near], column[near], table["PHA"][good][near].astype(float)
            distance = row - np.polynomial.Polynomial.fit(column, row, 3)(column)
            slope = np.polyfit(pha, distance, 1)[0]
            assert abs(slope) < 0.01 if not omitted else slope > 0.05, (segment, slope)
        if not omitted:
            assert all(is_right(r) for r in found.values()), found
