"""``recos lightcurve``."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import Table

import recos
from recos.cli.main import main
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.xdist_group("lightcurve")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curve")
    made = make_dataset(folder, n_source=20_000, seed=6, setup=Setup(exptime=100.0, flashes=((4.0, 12.0),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        recos.run(made.raw[0], outdir=folder / "new")
        yield sorted((folder / "new").glob("*_corrtag_?.fits"))


def status_of(args: list[object]) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(a) for a in args])
    return int(leaving.value.code or 0)


@pytest.mark.parametrize("suffix", ["ecsv", "fits"])
def test_written_table_is_that_of_python(files, tmp_path, capsys, suffix):
    path = tmp_path / f"curve.{suffix}"
    words = [
        "lightcurve",
        *files,
        "-o",
        path,
        "--step",
        "12.5",
        "--range",
        "1310,1350",
        "--range",
        "1400,1410",
    ]
    assert status_of([*words, "--with-airglow"]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    expected = recos.light_curve(files, 12.5, [(1310.0, 1350.0), (1400.0, 1410.0)], airglow=True)
    found = Table.read(path)
    assert found.colnames == expected.colnames
    for name in expected.colnames:
        assert found[name].unit == expected[name].unit
        assert found[name].description == expected[name].description
        np.testing.assert_array_equal(np.asarray(found[name]).astype(expected[name].dtype), expected[name])
    assert {k: found.meta[k] for k in expected.meta} == expected.meta


def test_wildcards_and_variables(files, tmp_path, monkeypatch):
    monkeypatch.setenv("CURVES", str(files[0].parent))
    path = tmp_path / "curve.ecsv"
    assert status_of(["lightcurve", "$CURVES/*_corrtag_?.fits", "-o", path, "--step", "50"]) == 0
    assert Table.read(path).meta["SEGMENTS"] == "FUVA, FUVB"


def test_existing_file_is_kept(files, tmp_path, capsys):
    path = tmp_path / "curve.ecsv"
    path.write_text("keep")
    assert status_of(["lightcurve", files[0], "-o", path]) == 1
    assert "the file exists" in capsys.readouterr().err
    assert path.read_text() == "keep"
    assert status_of(["lightcurve", files[0], "-o", path, "--overwrite", "--step", "50"]) == 0
    assert len(Table.read(path)) == 2


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["-o", "curve.txt"], 2, ".ecsv or .fits"),
        (["-o", "curve.ecsv", "--step", "0"], 2, "must be positive"),
        (["-o", "curve.ecsv", "--range", "1400,1300"], 2, "reversed"),
        (["-o", "curve.ecsv", "--range", "1400"], 2, "not two wavelengths"),
        (["-o", "none/curve.ecsv"], 1, "cannot be written"),
        ([], 2, "--output"),
    ],
)
def test_errors_leave_nothing_behind(files, tmp_path, monkeypatch, capsys, words, status, message):
    monkeypatch.chdir(tmp_path)
    assert status_of(["lightcurve", files[0], *words]) == status
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_missing_file(tmp_path, capsys):
    assert status_of(["lightcurve", "none_corrtag_*.fits", "-o", tmp_path / "curve.fits"]) == 1
    assert "no such file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
