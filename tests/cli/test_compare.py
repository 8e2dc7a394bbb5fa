"""``recos compare``, on products that recos makes."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest
from astropy.io import fits
from scipy.special import gammainccinv

import recos
from recos.cli.main import main
from recos.comparison.spectra import error_of
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.xdist_group("compare")
NAMES = {"corrtag_a", "corrtag_b", "counts_a", "counts_b", "flt_a", "flt_b", "lampflash", "x1d"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Products of an exposure, and those with a lower extraction box."""
    folder = tmp_path_factory.mktemp("compare")
    made = make_dataset(folder, n_source=20_000, seed=6, setup=Setup(exptime=100.0, flashes=((4.0, 12.0),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        recos.run(made.raw[0], outdir=folder / "old")
        recos.run(made.raw[0], outdir=folder / "new", tailor={"height": (15, None)})
        yield folder / "old", folder / "new"


def status_of(*args: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["compare", *map(str, args)])
    return int(leaving.value.code or 0)


def test_equal_folders(folders, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(folders[0], copy)
    x1d = next(copy.glob("*_x1d.fits"))
    x1d.with_name(x1d.name + ".gz").write_bytes(gzip.compress(x1d.read_bytes()))
    x1d.unlink()
    assert status_of(folders[0], copy) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == f"{len(NAMES)} files: {len(NAMES)} equal, 0 different"
    assert err == ""


def test_another_extraction(folders, capsys):
    assert status_of(*folders) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("only in NEW: recos: HEIGHT of FUVA = 15 (")
    x1d = next(line for line in lines if "_x1d.fits" in line)
    assert "differs: FLUX up to " in x1d
    assert " sigma, rms " in x1d


def test_details(folders, capsys):
    assert status_of("-v", *folders, "--products", "x1d") == 1
    out = capsys.readouterr().out
    assert "SCI FLUX FUVA" in out
    assert "SCI FLUX FUVB" not in out
    assert next(line.split() for line in out.splitlines() if "SP_HGT_A" in line)[-1] == "15"
    assert status_of("-v", *folders, "--products", "x1d", "--ignore", "SP_*") == 1
    assert "SP_HGT_A" not in capsys.readouterr().out


def test_numbers_are_those_of_a_closed_form(folders):
    old, new = (fits.getdata(next(f.glob("*_x1d.fits")))[0] for f in folders)
    table = recos.compare(*folders, products="x1d").table()
    row = next(r for r in table if (r["NAME"], r["ROW"]) == ("FLUX", "FUVA"))
    good = (old["DQ_WGT"] > 0) & (new["DQ_WGT"] > 0)
    pulls = ((new["FLUX"] - old["FLUX"]) / old["ERROR"])[good]
    assert row["N_DIFFERENT"] == np.count_nonzero(old["FLUX"] != new["FLUX"])
    assert row["LARGEST_IN_UNITS"] == pytest.approx(np.abs(pulls).max(), rel=1e-5)
    assert row["RMS_IN_UNITS"] == pytest.approx(np.sqrt((pulls.astype(float) ** 2).mean()), rel=1e-5)


def test_error_of_the_count_rate_is_the_poisson_error_of_the_variances(folders):
    """Specification 5, section 5.4.3: ERROR in count/s, before it is divided by the sensitivity."""
    for row in fits.getdata(next(folders[0].glob("*_x1d.fits"))):
        columns = {name: np.array(row[name], float) for name in ("NET", "FLUX", "ERROR")}
        variance = sum(np.array(row[f"VARIANCE_{v}"], float) for v in ("FLAT", "COUNTS", "BKG"))
        expected = (gammainccinv(variance + 1.0, 0.15865525393145707) - variance) / row["EXPTIME"]
        lit = np.flatnonzero(columns["NET"])
        inside = slice(lit[0], lit[-1] + 1)
        found = error_of("NET", columns, has_flux=True)
        np.testing.assert_allclose(found[inside], expected[inside], rtol=1e-3)  # between pixels with counts
        np.testing.assert_allclose(found[lit], expected[lit], rtol=3e-6)


def test_figure(folders, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "change.png"
    words = (*folders, "--products", "x1d", "--plot", path)
    assert status_of(*words) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"figure: {path}"
    assert path.stat().st_size > 20_000
    assert status_of(*words) == 2  # no difference, but a figure that cannot be drawn
    assert "the file exists" in capsys.readouterr().err
    assert status_of(*words, "--overwrite") == 1
    assert capsys.readouterr().err == ""


def test_the_same_twice_is_told(folders, capsys):
    assert status_of(folders[0], folders[0] / ".." / "old") == 0
    assert "the same" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["old", "none"], "no such file or folder"),
        (["old", "empty"], "no product in common"),
        (["old", "text_x1d.fits"], "no product in common"),
        (["text_x1d.fits", "text_x1d.fits"], "cannot be read as FITS"),
        (["old", "new", "--products", "x2d"], "x2d"),
        (["old", "new", "--rtol", "2"], "rtol"),
        (["old", "new", "--rtol", "small"], "not a valid float"),
        (["old", "new", "--products", "flt", "--plot", "change.png"], "No figure can be drawn"),
        (["old", "new", "--plot", "change.jpg"], ".png"),
        (["old"], "Missing argument"),
        (["old", "new", "more"], "unexpected extra argument"),
    ],
)
def test_what_cannot_be_compared_is_told_with_status_2(folders, monkeypatch, capsys, words, message):
    folder = folders[0].parent
    monkeypatch.chdir(folder)
    (folder / "empty").mkdir(exist_ok=True)
    (folder / "text_x1d.fits").write_text("no FITS file")
    assert status_of(*words) == 2
    assert message in capsys.readouterr().err
    assert not list(folder.glob("change*"))
