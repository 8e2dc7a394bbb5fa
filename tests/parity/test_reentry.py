"""Corrtag files as input, and shift files: equal to what the reference makes of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers import parity as harness
from helpers import support

pytestmark = [pytest.mark.shared, pytest.mark.slow]

EVENTS = 50_000


@pytest.fixture
def products(tmp_path) -> Path:
    yield tmp_path / "new"
    shutil.rmtree(tmp_path / "new", ignore_errors=True)


def corrtag_data(data: Path, reference: Path, switches: tuple[str, ...]) -> Path:
    """A data set made of the first corrtag files of the reference's products; `switches` are to be done again."""

    def make(folder: Path) -> None:
        raw = folder / "raw"
        raw.mkdir()
        (folder / "ref").symlink_to(data / "ref")
        science = [
            p for p in sorted(reference.glob("*_corrtag*.fits")) if "WAVE" not in fits.getval(p, "EXPTYPE")
        ]
        root = science[0].name.split("_")[0]
        for path in reference.glob(f"{root}_corrtag*.fits"):
            shutil.copy(path, raw)
            with fits.open(raw / path.name, mode="update") as hdus:
                hdus[0].header.update(dict.fromkeys(switches, "PERFORM"))
        shutil.copy(data / "raw" / f"{root}_spt.fits", raw)
        (folder / "manifest.json").write_text(f'{{"input": "{science[0].name}"}}')

    return support.cached(data.parent / "-".join((data.name, "corrtag", *switches)), make)


#: Everything that can be done again without applying a weight twice.
AGAIN = ("DQICORR", "WAVECORR", "TRCECORR", "ALGNCORR", "DOPPCORR", "PHACORR", "BADTCORR")
#: Configuration and switches; what --all-configurations adds.
QUICK = [
    ("g160m_boxcar", ()),
    ("g160m_boxcar", ("WAVECORR", "FLATCORR")),
    ("nuv/g185m_tag", ()),
    ("nuv/g185m_tag", ("WAVECORR", "DQICORR")),
    ("nuv/g225m_tag", ()),
    ("nuv/g230l_nowave", ("WAVECORR",)),
    ("nuv/g285m_accum", ()),
    ("nuv/boa", ("FLATCORR",)),
]
MORE = [
    ("g140l_1105", ()),
    ("g140l_1105", AGAIN),
    ("g130m_twozone", AGAIN),
    ("g130m_1055_blue", ()),
    ("boa", ()),
    ("fuv_accum", ()),
    ("nuv/boa", ("WAVECORR",)),
    ("nuv/g185m_gwave", ("WAVECORR",)),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "switches" in metafunc.fixturenames:
        chosen = QUICK + (MORE if metafunc.config.getoption("--all-configurations") else [])
        metafunc.parametrize(("name", "switches"), chosen)


def test_corrtag_input(name, switches, oracle_data, reference_products, products, monkeypatch):
    raw = oracle_data(name, seed=1, events=EVENTS)
    data = corrtag_data(raw, reference_products(raw), switches)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    recos.run(harness.inputs(data)[0], outdir=products)
    harness.assert_equal(reference_products(data), products)


SHIFTS = {
    "g160m_boxcar": "any any 1 fuva 3.25\nany any any fuvb -2.5\n",
    "gwave": "any any any any 5.5\n",
    "nuv/g185m_tag": "any any any nuvb 4.125\n\n# a comment\nany any 1 nuvc n/a\n",
    "nuv/mirrora_tag": "any any any any 2.25 -3.5\n",
}


@pytest.mark.parametrize("name", SHIFTS)
def test_shift_file(name, oracle_data, reference_products, products, monkeypatch):
    data = oracle_data(name, seed=1, events=EVENTS)
    path = data.parent / f"{data.name}-shifts.txt"
    path.write_text(SHIFTS[name])
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    for file in harness.inputs(data):
        recos.run(file, outdir=products, shift_file=path)
    harness.assert_equal(reference_products(data, "--shift", str(path)), products)


@pytest.mark.parametrize("name", ["nuv/g285m_accum", "nuv/g185m_gwave", "nuv/g230l_nowave", "fuv_accum"])
def test_shift_file_where_the_reference_fails(name, oracle_data, products, monkeypatch):
    """A constant shift of the whole exposure (specification 4, section 6.3)."""
    data = oracle_data(name, seed=1, events=EVENTS)
    monkeypatch.setenv("lref", f"{data / 'ref'}/")
    products.mkdir()
    path = products / "shifts.txt"
    path.write_text("any any any any 7.5 1.5\n")
    for file in harness.inputs(data):
        recos.run(file, outdir=products, shift_file=path)
    found = [p for p in products.glob("*_corrtag*.fits") if "WAVE" not in fits.getval(p, "EXPTYPE")]
    assert found
    for corrtag in found:
        primary, header = fits.getheader(corrtag), fits.getheader(corrtag, 1)
        events = fits.getdata(corrtag, 1)
        assert primary["WAVECORR"] == "COMPLETE"
        assert "shifts.txt" in primary["WAVECALS"]
        letter = header.get("SEGMENT", primary["SEGMENT"])[-1]
        assert header["SHIFT1" + letter] == 7.5
        moved = events["XFULL"] != events["XDOPP"]
        assert moved.sum() > 0.2 * len(events)  # stims and other events outside the active area stay
        assert events["XFULL"][moved] == pytest.approx(events["XDOPP"][moved] - 7.5, abs=1e-3)
