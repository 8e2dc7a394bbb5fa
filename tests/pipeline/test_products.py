"""Only the products that a user wants (``recos run --products``)."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.cli.main import main
from recos.errors import OutputExistsError, UsageError
from recos.options.products import PRODUCTS, parse_products
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.xdist_group("products")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    setup = Setup(exptime=60.0, flashes=((4.0, 12.0),))
    made = make_dataset(tmp_path_factory.mktemp("data"), n_source=5_000, setup=setup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        yield made


@pytest.fixture(scope="module")
def everything(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("all")
    recos.run(dataset.association, outdir=folder)
    return folder


def kinds(folder):
    return {p.stem.split("_", 1)[1].rstrip("1234") for p in folder.glob("*.fits")} - {"asn", "jnk"}


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        ("x1d", {"x1d"}),
        ("x1dsum", {"x1dsum"}),
        (["FLT", "lampflash"], {"flt_a", "flt_b", "lampflash"}),
        ("corrtag, counts", {"corrtag_a", "corrtag_b", "counts_a", "counts_b"}),
    ],
)
def test_only_what_is_wanted_and_that_unchanged(dataset, everything, tmp_path, products, expected):
    recos.run(dataset.association, outdir=tmp_path, products=products)
    assert kinds(tmp_path) == expected
    for path in tmp_path.glob("*.fits"):
        difference = fits.FITSDiff(str(path), str(everything / path.name), ignore_keywords=["DATE"])
        assert difference.identical, difference.report()


def test_products_that_are_not_wanted_may_exist(dataset, tmp_path):
    recos.run(dataset.raw[0], outdir=tmp_path, products="corrtag")
    recos.run(dataset.raw[0], outdir=tmp_path, products="x1d,lampflash")
    with pytest.raises(OutputExistsError, match="corrtag_a"):
        recos.run(dataset.raw[0], outdir=tmp_path, products="counts,corrtag")
    assert kinds(tmp_path) == {"corrtag_a", "corrtag_b", "x1d", "lampflash"}


def test_command(dataset, tmp_path):
    with pytest.raises(SystemExit) as leaving:
        main(["run", str(dataset.raw[0]), "-o", str(tmp_path), "-q", "--products", "x1d"])
    assert not leaving.value.code
    assert kinds(tmp_path) == {"x1d"}


def test_names_of_products():
    assert parse_products(None) == frozenset(PRODUCTS)
    assert parse_products("x1d, X1DSUM") == {"x1d", "x1dsum"}


@pytest.mark.parametrize("value", ["", "x2d", ["x1d", "spectrum"], 5, np.zeros(2), "fltsum"])
def test_impossible_products(value):
    with pytest.raises(UsageError, match="products = "):
        parse_products(value)
