"""Simulated reference files have the columns that CRDS requires of genuine ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io import fits

from recos.simulate import Configuration, Observation, Source, simulate

pytestmark = pytest.mark.xdist_group("simulated")

CONFIGURATIONS = {
    "FUV": Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"),
    "NUV": Configuration("G185M", 1850),
}
NAMES = {"brst": "burst"}
"""Names of definitions that differ from the ends of file names."""


def required_columns(definition: Path) -> set[str]:
    """What a definition of CRDS lists as a column (C) that is required (R): NAME, KEYTYPE, DATATYPE, PRESENCE."""
    lines = (line.partition("#")[0].split() for line in definition.read_text().splitlines())
    return {words[0].upper() for words in lines if words[1:2] == ["C"] and words[3:4] == ["R"]}


@pytest.mark.parametrize("detector", CONFIGURATIONS)
def test_nothing_is_missing(detector, tmp_path, simulation_cache):
    crds = pytest.importorskip("crds", reason="the package crds is not installed")
    definitions = Path(crds.__file__).parent / "hst" / "tpns"
    observation = Observation(CONFIGURATIONS[detector], events=1000.0, exptime=10.0)
    dataset = simulate(observation, tmp_path / "one", Source.builtin("flat"), simulation_cache)
    checked, missing = 0, {}
    for path in dataset.references.iterdir():
        kind = path.stem.rpartition("_")[2]
        definition = definitions / f"cos_{NAMES.get(kind, kind)}.tpn"
        if not definition.exists():
            assert kind == "imp"  # CRDS says nothing of IMPHTTAB
            continue
        with fits.open(path) as hdus:
            tables = [hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU)]
            columns = {name.upper() for table in tables for name in table.columns.names}
        wanted = required_columns(definition)
        missing[path.name] = wanted - columns
        checked += len(wanted)
    assert checked > (50 if detector == "FUV" else 20)
    assert {name: names for name, names in missing.items() if names} == {}
