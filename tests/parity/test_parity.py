"""Products equal those of the reference implementation, run on the same files.

CI runs the two main configurations with few events. All of them, with any number of events::

    pytest tests/parity --all-configurations --events 200000 --seed 3
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import recos
from helpers import parity as harness
from recos.errors import NothingToCalibrateError
from recos.options.csum import CsumOptions

pytestmark = [pytest.mark.shared, pytest.mark.slow]

#: Configuration and number of exposures (None: all) of CI, and what --all-configurations adds.
NUV = (
    "g230l_tag", "g185m_tag", "g225m_tag", "g285m_tag", "boa", "g230l_nowave", "nuv_dark", "g185m_empty",
    "g285m_accum", "g185m_gwave", "accum_badt", "mirrora_tag", "mirrora_noflash", "mirrorb_accum", "acqimage",
)  # fmt: skip
QUICK = {"g130m_twozone": 1, "g160m_boxcar": None, "fuv_accum": None, "gwave": 1} | dict.fromkeys(
    f"nuv/{name}" for name in NUV
)
COMPLETE = dict.fromkeys([*QUICK, "g140l_1105", "boa", "dark", "g130m_1055_blue", "lp6_g160m"])
#: Deviations of rare cases (second table) that a data set shows.
RARE = {
    "g130m_1055_blue": ("LMP*", "NUMFLASH"),
    "lp6_g160m": ("TIMELINE,1.SHIFT1",),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "configuration" in metafunc.fixturenames:
        chosen = COMPLETE if metafunc.config.getoption("--all-configurations") else QUICK
        metafunc.parametrize("configuration", chosen.items(), ids=list(chosen))


@pytest.fixture
def data(configuration, oracle_data, request) -> Path:
    name, exposures = configuration
    option = request.config.getoption
    return oracle_data(name, seed=option("--seed"), events=option("--events"), exposures=exposures)


@pytest.fixture
def products(tmp_path) -> Path:
    """Where recos writes; several GB, so removed at once."""
    yield tmp_path / "new"
    shutil.rmtree(tmp_path / "new", ignore_errors=True)


def test_products_equal_the_reference(configuration, data, reference_products, products, monkeypatch):
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    for association in harness.inputs(data):
        recos.run(association, outdir=products)
    harness.assert_equal(reference_products(data), products, RARE.get(configuration[0], ()))


def test_the_command_of_the_handbook(oracle_data, reference_products, products, request):
    option = request.config.getoption
    data = oracle_data("g160m_boxcar", seed=option("--seed"), events=option("--events"))
    command = Path(sys.executable).with_name("calcos")
    subprocess.run(
        [command, "-v", "-o", products, *harness.inputs(data)],
        env={"lref": f"{data / 'ref'}/", "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    harness.assert_equal(reference_products(data), products)


@pytest.mark.parametrize(
    ("name", "options", "arguments"),
    [
        ("nuv/g225m_tag", ["--csum"], {"csum": True}),
        ("nuv/acqimage", ["--csum", "--binx", "2", "--biny", "4"], {"csum": CsumOptions(binx=2, biny=4)}),
        ("nuv/mirrorb_accum", ["--csum", "--raw", "--binx", "3"], {"csum": CsumOptions(raw=True, binx=3)}),
        ("g160m_boxcar", ["--csum", "--binx", "8", "--biny", "4"], {"csum": CsumOptions(binx=8, biny=4)}),
    ],
)
def test_csum_images(oracle_data, reference_products, products, monkeypatch, name, options, arguments):
    data = oracle_data(name, seed=1, events=50_000)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    for path in harness.inputs(data):
        recos.run(path, outdir=products, **arguments)
    harness.assert_equal(reference_products(data, *options), products)


@pytest.mark.parametrize("name", ["acq_peakd", "acq_peakxd", "acq_search"])
def test_other_acquisitions_are_left_out(oracle_data, products, name, monkeypatch):
    data = oracle_data(f"nuv/{name}", seed=1, events=1000)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    with pytest.raises(NothingToCalibrateError, match="ACQ/IMAGE") as caught:
        recos.run(harness.inputs(data)[0], outdir=products)
    assert caught.value.status == 5
    assert not products.exists()
