"""The commands import astropy.io.fits without units; whoever needs units gets the real ones."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

AFTER = """
import sys
from recos.cli.tuning import tune_process
{before}
tune_process()
print("astropy.units" in sys.modules)
from astropy.io import fits
import astropy
from astropy import units as u
from astropy.table import QTable
from astropy.utils import data
assert u.Quantity is type(3 * u.m) and u is astropy.units is sys.modules["astropy.units"]
assert (QTable({{"a": [1, 2] * u.m}})["a"].unit) is u.m
assert data.get_free_space_in_dir(".", unit=u.byte) > 1 * u.byte
data.check_free_space_in_dir(".", 1 * u.byte)
header = fits.Header([("A", 1, "one")])
assert header.copy().cards["A"].comment == "one"
header["HISTORY"] = "first"
header.add_history("second")
header["NAXIS"] = 0
header["BLANK"] = 3
copies = header.copy(), header.copy(strip=True)
copies[0]["A"] = 2
copies[0].add_history("third", after="A")
assert (header["A"], len(header["HISTORY"]), list(copies[1])) == (1, 2, ["A", "BLANK", "HISTORY", "HISTORY"])
assert (copies[0]["A"], list(copies[0]["HISTORY"])) == (2, ["third", "first", "second"])
"""

#: A stranger astropy, of which the FITS part does something with the units.
STRANGE = {
    "astropy/__init__.py": "",
    "astropy/units/__init__.py": "from astropy.units.core import Quantity, UnitBase, byte",
    "astropy/units/core.py": "class Quantity: pass\nclass UnitBase: pass\nbyte = 8",
    "astropy/io/__init__.py": "",
}
IMPORT_STRANGE = """
from recos.cli.tuning import _import_fits
import sys
fits = _import_fits()
import astropy.units
assert sys.modules["astropy.io.fits"] is fits
print(fits.size())
"""


def run(code, folder, path=""):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("before", ["", "import astropy", "import astropy.io.fits", "import astropy.table"])
def test_units_are_the_real_ones_when_used(before, tmp_path):
    already = "fits" in before or "table" in before
    assert run(AFTER.format(before=before), tmp_path) == str(already)


@pytest.mark.parametrize(
    "fits",
    [
        "from astropy.units import byte\ndef size(): return byte",
        "from astropy.units.core import byte\ndef size(): return byte",
        "from astropy import units as u\nbyte = u.byte\ndef size(): return byte",
        "from astropy import units as u\ndef size(): assert u.Quantity is u.core.Quantity; return u.byte",
    ],
)
def test_astropy_that_needs_more_of_the_units(fits, tmp_path):
    for name, text in {**STRANGE, "astropy/io/fits.py": fits}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert run(IMPORT_STRANGE, tmp_path, tmp_path) == "8"
