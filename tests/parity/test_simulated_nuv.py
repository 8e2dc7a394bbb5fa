"""NUV data sets of the simulator: the reference calibrates them, and its products equal those of recos."""

from __future__ import annotations

import harness
import pytest

import recos
import support
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import simulate
from recos.simulate.plan import Observation
from recos.simulate.sources import Source

pytestmark = [pytest.mark.shared, pytest.mark.slow]

OBSERVATIONS = {
    "tagflash": Observation(Configuration("G185M", 1850), fppos=(3, 4), bad_times=((200.0, 230.0),)),
    "accum": Observation(Configuration("G230L", 3000, obsmode="ACCUM"), fppos=(2, 3)),
    "boa": Observation(Configuration("G285M", 2676, aperture="BOA")),
    "image": Observation(Configuration("MIRRORA", 0), fppos=(3, 3)),
    "image_accum": Observation(Configuration("MIRRORB", 0, obsmode="ACCUM")),
}


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_products_equal_the_reference(name, shared, simulation_cache, tmp_path, monkeypatch):
    try:
        command = support.reference_command()
    except support.Unavailable as reason:
        pytest.skip(str(reason))
    made = simulate(OBSERVATIONS[name], tmp_path, Source.builtin("b-star"), simulation_cache)
    monkeypatch.setenv("lref", made.lref)
    monkeypatch.chdir(made.association.parent)
    reference, new = tmp_path / "reference", tmp_path / "new"
    reference.mkdir()
    support.run([command, "-o", reference, made.association.name], log=tmp_path / "log")
    recos.run(made.association, outdir=new)
    harness.assert_equal(reference, new)
