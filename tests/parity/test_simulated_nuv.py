"""NUV data sets of the simulator: the reference calibrates them, and its products equal those of recos."""

from __future__ import annotations

import harness
import pytest

import recos
import support
from nuv_dataset import make
from recos.simulate.configurations import Configuration
from recos.simulate.plan import Observation

pytestmark = [pytest.mark.shared, pytest.mark.slow]

OBSERVATIONS = {
    "tagflash": Observation(Configuration("G185M", 1850), fppos=(3, 4), bad_times=((200.0, 230.0),)),
    "accum": Observation(Configuration("G230L", 3000, obsmode="ACCUM"), fppos=(2, 3)),
    "boa": Observation(Configuration("G285M", 2676, aperture="BOA")),
    "image": Observation(Configuration("MIRRORA", 0), fppos=(3, 3)),
    "image_accum": Observation(Configuration("MIRRORB", 0, obsmode="ACCUM")),
}


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_products_equal_the_reference(name, shared, tmp_path, monkeypatch):
    try:
        command = support.reference_command()
    except support.Unavailable as reason:
        pytest.skip(str(reason))
    made = make(tmp_path, OBSERVATIONS[name])
    monkeypatch.setenv("lref", f"{made.references}/")
    monkeypatch.chdir(made.association.parent)
    reference, new = tmp_path / "reference", tmp_path / "new"
    reference.mkdir()
    support.run([command, "-o", reference, made.association.name], log=tmp_path / "log")
    recos.run(made.association, outdir=new)
    harness.assert_equal(reference, new)
