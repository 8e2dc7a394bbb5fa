"""The reference implementation calibrates simulated observations without error, and gives the same products.

CI runs one observation of each mode; ``--all-configurations`` adds other gratings, lifetime positions, apertures and
wavecals.
"""

from __future__ import annotations

import shutil

import pytest

import recos
from helpers import parity as harness
from helpers import support
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import simulate
from recos.simulate.plan import Observation
from recos.simulate.sources import Source

pytestmark = [pytest.mark.shared, pytest.mark.slow]

QUICK = {
    "TWOZONE": Observation(Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"), fppos=(2,)),
    "BOXCAR": Observation(
        Configuration("G160M", 1577, 1), fppos=(1,), bursts=((100.0, 110.0),), bad_times=((300.0, 330.0),)
    ),
    "ACCUM": Observation(Configuration("G130M", 1327, 1, obsmode="ACCUM"), exptime=300.0),
    "NUV": Observation(Configuration("G185M", 1850), fppos=(3, 4), bad_times=((200.0, 230.0),)),
    "NUV ACCUM": Observation(Configuration("G230L", 3000, obsmode="ACCUM"), fppos=(2, 3)),
    "NUV BOA": Observation(Configuration("G285M", 2676, aperture="BOA")),
    "NUV image": Observation(Configuration("MIRRORA", 0), fppos=(3, 3)),
    "NUV ACCUM image": Observation(Configuration("MIRRORB", 0, obsmode="ACCUM")),
}
COMPLETE = QUICK | {
    "wavecals": Observation(Configuration("G160M", 1611, 2), fppos=(3, 4), tagflash=False),
    "BOA": Observation(Configuration("G130M", 1309, 1, aperture="BOA")),
    "LP3": Observation(Configuration("G130M", 1222, 3, xtrctalg="TWOZONE"), fppos=(4,)),
    "LP5": Observation(Configuration("G130M", 1318, 5, xtrctalg="TWOZONE"), fppos=(2,)),
    "LP6": Observation(Configuration("G160M", 1533, 6, xtrctalg="TWOZONE"), fppos=(1,)),
    "one segment": Observation(Configuration("G130M", 1055, 2, segments=("FUVA",))),
    "G140L": Observation(Configuration("G140L", 1280, 4, xtrctalg="TWOZONE"), fppos=(2,)),
    "G140L without FUVB": Observation(Configuration("G140L", 800, 3), fppos=(3,)),
    "G140L ACCUM": Observation(Configuration("G140L", 1105, 1, obsmode="ACCUM")),
    "NUV wavecals": Observation(Configuration("G225M", 2250), fppos=(1, 2), tagflash=False),
    "NUV image MIRRORB": Observation(Configuration("MIRRORB", 0)),
    "NUV ACCUM image MIRRORA": Observation(Configuration("MIRRORA", 0, obsmode="ACCUM")),
}

#: Deviations of rare cases that a data set shows.
RARE = {"G140L": ("LMP*", "NUMFLASH")}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = COMPLETE if metafunc.config.getoption("--all-configurations") else QUICK
    metafunc.parametrize(("name", "observation"), chosen.items(), ids=list(chosen))


@pytest.fixture
def dataset(observation, shared, tmp_path, simulation_cache):
    """A simulated data set; its products are large and go with it."""
    yield simulate(observation, tmp_path / "sets" / "one", Source.builtin("b-star"), simulation_cache)
    shutil.rmtree(tmp_path)


def test_products_equal_the_reference(name, dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("lref", dataset.lref)
    recos.run(dataset.association, outdir=tmp_path / "new")
    reference = support.reference_products(tmp_path / "sets" / "one")
    harness.assert_equal(reference, tmp_path / "new", RARE.get(name, ()))
