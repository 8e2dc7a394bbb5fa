"""``--only_csum``: csum images and nothing else."""

from __future__ import annotations

import pytest

import recos
from recos.cli.main import main
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import simulate
from recos.simulate.plan import Observation
from recos.simulate.sources import Source


@pytest.mark.parametrize("optical_element", [("MIRRORA", 0), ("G185M", 1850)])
def test_nuv_association(tmp_path, simulation_cache, monkeypatch, optical_element):
    observation = Observation(Configuration(*optical_element), exptime=50.0, events=2000, fppos=(3, 3))
    data = simulate(observation, tmp_path / "data", Source.builtin("b-star"), simulation_cache)
    monkeypatch.setenv("lref", data.lref)
    result = recos.run(data.association, outdir=tmp_path / "new", csum=recos.CsumOptions(only=True))
    names = {path.name.split("_")[1] for path in tmp_path.glob("new/*.fits")}
    assert names == {"csum.fits", "asn.fits", "jnk.fits"}
    assert sum("csum" in path.name for path in result.products) == 2


@pytest.mark.parametrize("option", ["--only_csum", "--only-csum"])
def test_both_spellings(option, tmp_path, capsys):
    with pytest.raises(SystemExit) as leaving:
        main([option, str(tmp_path / "none_asn.fits")])
    assert leaving.value.code == 1
    assert "no such file" in capsys.readouterr().err
