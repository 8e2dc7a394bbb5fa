"""Corrections of the extraction: the flux that was put in comes out."""

from __future__ import annotations

from copy import copy

import pytest

import recos
from recos.products.fitsfile import write_tables
from recos.simulate import Configuration, Effects, Observation, Source, recover, simulate

pytestmark = pytest.mark.xdist_group("corrections")


@pytest.fixture(scope="module")
def twozone(tmp_path_factory, simulation_cache):
    """A segment of a TWOZONE exposure, calibrated up to its images: its data set, the exposure, the references."""
    observation = Observation(
        Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"),
        effects=Effects.only("line_spread", "cross_dispersion"),
        fppos=(3,),
        events=2e6,
        seed=41,
    )
    dataset = simulate(
        observation, tmp_path_factory.mktemp("twozone"), Source.builtin("flat"), simulation_cache
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        exposure = recos.read(dataset.raw / f"{dataset.exposures[0].root}_rawtag_a.fits")
        refs = recos.References.for_exposure(exposure)
        recos.calibrate(exposure, refs, stop_after="images")
        yield dataset, exposure, refs


def recovered(case, folder, corrections=(), tailor=None):
    """How the spectrum compares with the truth."""
    dataset, exposure, refs = case
    exposure = copy(exposure)
    exposure.corrections = frozenset(corrections)
    spectrum = recos.extract_again(exposure, refs, tailor)
    path = folder / "x1d.fits"
    write_tables(path, spectrum.primary, [spectrum.table()], overwrite=True)
    (found,) = recover(dataset, path)
    return found


def test_enclosed_energy(twozone, tmp_path):
    default, better = (recovered(twozone, tmp_path, names) for names in ((), ("enclosed-energy",)))
    assert default.ratio - 1.0 > 1.5 * default.ratio_error
    assert abs(better.ratio - 1.0) < 1.5 * better.ratio_error


def test_enclosed_energy_of_the_central_part(twozone, tmp_path):
    """Rows at the limits hold more of the light."""
    tailor = {"enclosed_energy": (0.1, 0.9)}
    default, better = (recovered(twozone, tmp_path, names, tailor) for names in ((), ("enclosed-energy",)))
    assert default.ratio - 1.0 > 0.03
    assert abs(better.ratio - 1.0) < 0.005
