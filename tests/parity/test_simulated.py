"""The reference implementation calibrates simulated observations without error, and gives the same products."""

from __future__ import annotations

import shutil

import harness
import pytest

import recos
import support
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import simulate
from recos.simulate.plan import Observation
from recos.simulate.sources import Source

pytestmark = [pytest.mark.shared, pytest.mark.slow]

CASES = {
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


@pytest.fixture(params=CASES)
def dataset(request, shared, tmp_path, simulation_cache):
    """A simulated data set; its products are large and go with it."""
    yield simulate(
        CASES[request.param], tmp_path / "sets" / "one", Source.builtin("b-star"), simulation_cache
    )
    shutil.rmtree(tmp_path)


def test_products_equal_the_reference(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("lref", dataset.lref)
    recos.run(dataset.association, outdir=tmp_path / "new")
    reference = support.reference_products(tmp_path / "sets" / "one")
    harness.assert_equal(reference, tmp_path / "new")
