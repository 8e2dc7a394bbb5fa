"""Simulated data sets on disk: files, headers, links, truth, reproducibility."""

from __future__ import annotations

import json

import numpy as np
import pytest
from astropy.io import fits

import recos.io.read
from helpers.simulated import line_source
from recos.data.reference_kinds import KINDS
from recos.errors import UsageError
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import default_cache, simulate
from recos.simulate.plan import Effects, Observation

pytestmark = pytest.mark.xdist_group("simulated")

CONFIGURATION = Configuration("G130M", 1291, 4, xtrctalg="TWOZONE")
SHORT = {"exptime": 20.0, "events": 3000.0}


def _make(folder, cache, **changes):
    return simulate(
        Observation(**{"configuration": CONFIGURATION} | SHORT | changes), folder, line_source(), cache
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, simulation_cache):
    return _make(tmp_path_factory.mktemp("data"), simulation_cache, fppos=(2, 3), bad_times=((5.0, 8.0),))


def test_files_of_an_association(dataset):
    roots = [e.root for e in dataset.exposures]
    names = {f"{r}_{s}.fits" for r in roots for s in ("rawtag_a", "rawtag_b", "spt")}
    assert {p.name for p in dataset.raw.iterdir()} == names | {"lrec01010_asn.fits"}
    table = fits.getdata(dataset.association)
    assert list(table["MEMTYPE"]) == ["EXP-FP", "EXP-FP", "PROD-FP"]
    assert list(table["MEMNAME"]) == [r.upper() for r in roots] + ["LREC01010"]
    assert list(table["MEMPRSNT"]) == [True, True, False]


def test_number_of_events_is_the_planned_one(dataset):
    for exposure in dataset.truth["exposures"].values():
        counts = [s["counts"]["source"] for s in exposure["segments"].values()]
        assert np.mean(counts) == pytest.approx(3000.0 * 0.98, rel=0.06)
    saved = json.loads((dataset.references.parent / "truth.json").read_text())
    assert saved["flux_scale"] == dataset.truth["flux_scale"]
    assert saved["observation"]["configuration"]["cenwave"] == 1291


def test_headers_can_be_read_and_name_files_that_exist(dataset):
    for path in dataset.raw.glob("*_rawtag_*.fits"):
        exposure = recos.io.read.read(path)
        assert exposure.mode.life_adj == 4
        assert exposure.exptime == 20.0
        header = fits.getheader(path)
        for keyword in KINDS:
            name = str(header.get(keyword, "N/A"))
            assert name == "N/A" or (dataset.references / name.removeprefix("lref$")).exists()
    assert str(dataset.lref).endswith("/")


def test_bad_times_are_in_the_table_of_the_data_set(dataset):
    name = fits.getval(next(dataset.raw.glob("*_rawtag_a.fits")), "BADTTAB")
    table = fits.getdata(dataset.references / name.removeprefix("lref$"))
    starts = [(row["START"] - e.expstart) * 86400.0 for row, e in zip(table, dataset.exposures, strict=True)]
    np.testing.assert_allclose(starts, 5.0, atol=1e-4)


def test_large_files_are_links_into_the_cache(dataset, simulation_cache):
    flat = dataset.references / "fuv_flat.fits"
    assert flat.samefile(simulation_cache / "v1" / "fuv_flat.fits")
    assert flat.stat().st_mode & 0o222 == 0


def test_older_references_in_the_folder_are_replaced(tmp_path, simulation_cache):
    (tmp_path / "ref").mkdir()
    (tmp_path / "ref" / "fuv_dead.fits").write_text("old")
    dataset = _make(tmp_path, simulation_cache)
    assert fits.getval(dataset.references / "fuv_dead.fits", "FILETYPE") == KINDS["DEADTAB"].filetype


def test_same_seed_same_bytes_other_seed_other_events(tmp_path, simulation_cache):
    one, two, three = (
        _make(tmp_path / name, simulation_cache, seed=seed) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    for path in one.raw.iterdir():
        assert path.read_bytes() == (two.raw / path.name).read_bytes()
    name = "lrec01aaq_rawtag_a.fits"
    assert (one.raw / name).read_bytes() != (three.raw / name).read_bytes()


def test_accum_with_wavecals(tmp_path, simulation_cache):
    dataset = _make(
        tmp_path, simulation_cache, configuration=Configuration("G160M", 1600, 1, obsmode="ACCUM")
    )
    before, science, after = dataset.exposures
    table = fits.getdata(dataset.association)
    assert list(table["MEMTYPE"]) == ["EXP-AWAVE", "EXP-FP", "EXP-AWAVE", "PROD-FP"]
    for wavecal in (before, after):
        header = fits.getheader(dataset.raw / f"{wavecal.root}_rawtag_b.fits")
        assert (header["APERTURE"], header["EXPTYPE"], header["XTRCTALG"]) == ("WCA", "WAVECAL", "BOXCAR")
        counts = dataset.truth["exposures"][wavecal.root]["segments"]["FUVB"]["counts"]
        assert counts["lamp"] > 20_000
        assert "source" not in counts
    with fits.open(dataset.raw / f"{science.root}_rawaccum_a.fits") as hdus:
        assert [h.name for h in hdus] == ["PRIMARY", "SCI", "ERR", "DQ"]
        total = int(hdus["SCI"].data.sum(dtype=np.int64))
        assert hdus["SCI"].header["DOPPONT"] is True
    assert total == dataset.truth["exposures"][science.root]["segments"]["FUVA"]["recorded"]
    heights = fits.getdata(dataset.raw / f"{science.root}_pha_a.fits")
    assert heights.shape == (128,)
    assert heights.sum() == total


def test_one_segment_and_no_effects(tmp_path, simulation_cache):
    configuration = Configuration("G130M", 1291, 4, segments=("FUVB",))
    dataset = _make(tmp_path, simulation_cache, configuration=configuration, effects=Effects.only())
    assert [p.name for p in dataset.raw.glob("*raw*")] == ["lrec01aaq_rawtag_b.fits"]
    header = fits.getheader(dataset.raw / "lrec01aaq_rawtag_b.fits", 1)
    assert (header["EXPTIMEA"], header["EXPTIMEB"]) == (0.0, 20.0)
    assert header["NEVENTSA"] == -1


def test_a_folder_with_data_is_refused(dataset, simulation_cache):
    with pytest.raises(UsageError, match="not empty"):
        _make(dataset.raw.parent, simulation_cache)


def test_a_source_without_flux_cannot_be_scaled(tmp_path, simulation_cache):
    with pytest.raises(UsageError, match="no flux in the range of G130M/1291"):
        simulate(Observation(CONFIGURATION, **SHORT), tmp_path, line_source(0.0), simulation_cache)


def test_default_cache_is_that_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "recos" / "simulate"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache().parts[-3:] == (".cache", "recos", "simulate")
