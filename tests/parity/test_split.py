"""Slices of corrtag files equal those of the reference's `splittag`, which is run as a black box."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from astropy.io import fits

from calcos import splittag
from helpers import support

pytestmark = [pytest.mark.shared, pytest.mark.slow]

#: Arguments of `splittag`. Not among them: limits beyond the exposure and reversed pairs (docs/deviations.md).
CALLS = (
    {"increment": 70.1},
    {"starttime": 100.0, "increment": 33.3, "endtime": 210.2},
    {"starttime": -100, "increment": 60, "endtime": 70},
    {"starttime": 5.0, "increment": 0.001, "endtime": 5.01},
    {"time_list": "0, 33.3 100.5,stop"},
    {"time_list": ["start", 5, 5, 10, "end"]},
    {"time_list": [[10, 20], [15.5, 30.25]]},
    {"increment": 70, "time_list": [0.1, 0.2, 0.3, 99.99]},
)
INPUTS = (
    ("g130m_twozone", 1, "*_corrtag_a.fits"),
    ("g130m_twozone", 1, "*_corrtag_b.fits"),
    ("nuv/g225m_tag", None, "*_corrtag.fits"),
    ("nuv/nuv_dark", None, "*_corrtag.fits"),
)
_SCRIPT = """
import json, sys
import calcos.splittag as module
for number, arguments in enumerate(json.loads(sys.argv[2])):
    module.splittag(sys.argv[1], f"call{number}", **arguments)
"""


def whole(
    oracle_data, reference_products, configuration: str, exposures: int | None, pattern: str, option
) -> Path:
    data = oracle_data(configuration, seed=option("--seed"), events=option("--events"), exposures=exposures)
    return sorted(reference_products(data).glob(pattern))[0]


@pytest.mark.parametrize(
    ("configuration", "exposures", "pattern"), INPUTS, ids=lambda v: str(v).replace("/", "-")
)
def test_slices_equal_the_reference(
    oracle_data, reference_products, configuration, exposures, pattern, tmp_path, monkeypatch, capsys, request
):
    option = request.config.getoption
    source = whole(oracle_data, reference_products, configuration, exposures, pattern, option)
    for name in ("reference", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / source.name).symlink_to(source)
    python = support.reference_command().with_name("python")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", _SCRIPT, source.name, json.dumps(CALLS)],
        cwd=tmp_path / "reference",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    monkeypatch.chdir(tmp_path / "new")
    capsys.readouterr()
    for number, arguments in enumerate(CALLS):
        splittag.splittag(source.name, f"call{number}", **arguments)
    assert capsys.readouterr().out == done.stdout
    names = sorted(path.name for path in (tmp_path / "reference").iterdir())
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert len(names) > 20
    for name in names:
        difference = fits.FITSDiff(
            str(tmp_path / "reference" / name),
            str(tmp_path / "new" / name),
            ignore_keywords=["FILENAME", "NEXTEND"],
        )
        assert difference.identical, f"{name}\n{difference.report()}"
        if name != source.name:
            primary = fits.getheader(tmp_path / "new" / name)
            assert (primary["FILENAME"], primary["NEXTEND"]) == (name, 3)
