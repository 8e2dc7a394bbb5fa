"""Blue modes, in which segment B has no lamp lines, and segments without events: with every choice of products."""

from __future__ import annotations

import shutil

import pytest
from astropy.io import fits

import recos
from recos.options.products import PRODUCTS
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import simulate
from recos.simulate.plan import Observation
from recos.simulate.sources import Source

pytestmark = pytest.mark.xdist_group("missing_events")

CHOICES = [*(name for name in PRODUCTS if name != "fltsum"), "flt,fltsum", "x1d,x1dsum", "x1d,corrtag", None]
BLUE = {
    "G130M/1055": Configuration("G130M", 1055, 2),
    "G140L/1105": Configuration("G140L", 1105, 3),
}


def _without_events(path):
    """Take all events out of a raw file."""
    with fits.open(path, mode="update") as hdus:
        hdus["EVENTS"].data = hdus["EVENTS"].data[:0]
        hdus["EVENTS"].header["NEVENTS"] = 0


def _make(folder, configuration, empty, cache):
    observation = Observation(configuration, exptime=60.0, events=3_000)
    made = simulate(observation, folder, Source.builtin("b-star"), cache)
    for segment in empty:
        _without_events(next(made.raw.glob(f"*_rawtag_{segment}.fits")))
    return made


CASES = {name: (configuration, "") for name, configuration in BLUE.items()} | {
    "no events in A": (Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"), "a"),
    "no events": (Configuration("G130M", 1055, 2), "ab"),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=list(CASES))
def dataset(request, tmp_path_factory, simulation_cache):
    folder = tmp_path_factory.mktemp("missing_events")
    made = _make(folder / "data", *request.param, simulation_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", made.lref)
        yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def everything(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    recos.run(dataset.association, outdir=folder, jobs=1)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(("products", "jobs"), [*((c, 3) for c in CHOICES), ("x1d", 1), (None, 1)])
def test_products_are_those_of_a_full_run(dataset, everything, tmp_path, products, jobs):
    recos.run(dataset.association, outdir=tmp_path, products=products, jobs=jobs)
    made = sorted(p.name for p in tmp_path.glob("*.fits"))
    if products is None:
        assert made == sorted(p.name for p in everything.glob("*.fits"))
    for name in made:
        difference = fits.FITSDiff(tmp_path / name, everything / name, ignore_keywords=["DATE"])
        assert difference.identical, difference.report()
    shutil.rmtree(tmp_path)
