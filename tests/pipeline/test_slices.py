"""Spectra of time slices in one pass (``recos run --slices``) against split corrtag files, calibrated again."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.cli.main import main
from recos.data.events import COLUMNS, EventList
from recos.errors import InputError, OutputExistsError, UsageError
from recos.slicing import Selection
from recos.slicing.exposure import cut_exposure
from recos.slicing.slices import slices_from_times
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.xdist_group("slices")

#: Not of the spectrum: names and dates of files.
NAMES = ["FILENAME", "DATE", "IRAF-TLM", "NEXTEND", "HISTORY"]
#: Coordinates of the events, which calibrating a corrtag file again leaves in the header of its x1d.
WCS_OF_EVENTS = ["TPC7_7", "TPC7_8", "TPC8_7", "TPC8_8", "TPV7_0", "TPV7_1", "TPV7_2", "TPV7_6"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A simulated exposure of both segments."""
    setup = Setup(exptime=300.0, flashes=((4.0, 12.0), (250.0, 12.0)))
    made = make_dataset(tmp_path_factory.mktemp("data"), n_source=20_000, seed=8, setup=setup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        yield made


@pytest.fixture(scope="module")
def sliced(dataset, tmp_path_factory):
    """Products with spectra of slices of 75 s, raw to x1d."""
    folder = tmp_path_factory.mktemp("sliced")
    result = recos.run(dataset.raw[0], outdir=folder, slices="increment=75")
    root = dataset.setups[0].root
    assert [path.name for path in result.slices] == [f"{root}_{n}_x1d.fits" for n in (1, 2, 3, 4)]
    assert set(result.slices) <= set(result.products)
    return folder


def spectrum(folder, number=None):
    name = f"lrec01d1q_{number}_x1d.fits" if number else "lrec01d1q_x1d.fits"
    return fits.getdata(folder / name)


def test_slices_equal_split_files_calibrated_again(sliced, dataset, tmp_path):
    root = dataset.setups[0].root
    corrtags = [sliced / f"{root}_corrtag_{letter}.fits" for letter in "ab"]
    recos.split(corrtags, tmp_path / "part", increment=75)
    for number in (1, 2, 3, 4):
        recos.run(tmp_path / f"part_{number}_corrtag_a.fits", outdir=tmp_path / "new")
        again, sliced_file = (
            tmp_path / "new" / f"part_{number}_x1d.fits",
            sliced / f"{root}_{number}_x1d.fits",
        )
        for extension in (0, 1):
            assert cards(again, extension) == cards(sliced_file, extension)
        data = fits.TableDataDiff(fits.getdata(again), fits.getdata(sliced_file))
        assert data.identical, data.report()


def cards(path, extension):
    """Values of keywords, but for those of the file."""
    header = fits.getheader(path, extension)
    return {name: header[name] for name in header if name not in NAMES + WCS_OF_EVENTS}


def test_the_exposure_is_the_same_without_slices(sliced, dataset, tmp_path):
    recos.run(dataset.raw[0], outdir=tmp_path)
    for path in tmp_path.glob("*.fits"):
        difference = fits.FITSDiff(str(path), str(sliced / path.name), ignore_keywords=["DATE"])
        assert difference.identical, difference.report()


def test_counts_and_times_add_up(sliced):
    whole, parts = spectrum(sliced), [spectrum(sliced, n) for n in (1, 2, 3, 4)]
    np.testing.assert_array_equal(sum(part["GCOUNTS"] for part in parts), whole["GCOUNTS"])
    np.testing.assert_allclose(sum(part["EXPTIME"] for part in parts), whole["EXPTIME"], rtol=1e-6)
    gross = sum(part["GROSS"] * part["EXPTIME"][:, None] for part in parts)
    np.testing.assert_allclose(gross, whole["GROSS"] * whole["EXPTIME"][:, None], rtol=1e-5, atol=1e-4)


def test_headers_tell_what_was_cut(sliced):
    with fits.open(sliced / "lrec01d1q_2_x1d.fits") as hdus:
        assert hdus[0].header["FILENAME"] == "lrec01d1q_2_x1d.fits"
        assert "75.000 to 150.000" in str(hdus[0].header["HISTORY"])
        assert hdus[1].header["EXPTIME"] == pytest.approx(75.0, abs=0.5)


def test_no_events_in_a_slice(dataset, tmp_path):
    """Of a list of slices, the one after the exposure gets no file and no number; nor does a whole exposure."""
    result = recos.run(
        dataset.raw[0], outdir=tmp_path, slices=Selection(times=[(0, 100), (299.999, 299.9995)])
    )
    assert [path.name for path in result.slices] == ["lrec01d1q_1_x1d.fits"]
    trailer = (tmp_path / "lrec01d1q.tra").read_text()
    assert "no rows in increment 300.00 to 300.00" in trailer


def test_no_slice_has_events(dataset, tmp_path):
    """What the header allows and the events do not; all else is calibrated."""
    with pytest.raises(InputError, match="no time slice has events"):
        recos.run(dataset.raw[0], outdir=tmp_path, slices={"times": [(299.999, 299.9995)]})
    assert "No spectra of time slices" in (tmp_path / "lrec01d1q.tra").read_text()
    assert {p.name for p in tmp_path.glob("*_x1d*")} == {"lrec01d1q_x1d.fits"}
    assert not list(tmp_path.glob("*tmp*"))


@pytest.mark.parametrize(
    ("selection", "error", "words"),
    [
        ("increment=0", UsageError, "increment"),
        ("increment=75; start=here", UsageError, "start"),
        ("times=100,50", UsageError, "times"),
        ("times=0:100,50:150", UsageError, "overlap"),
        ("times=400:500", UsageError, "outside"),
        ("increment=50; start=1000; end=1200", InputError, "outside"),
        ("where=SUN_HEIGHT < 0", UsageError, "no column SUN_HEIGHT"),
        ("where=SUN_ALT <", UsageError, "expected"),
        ("step=4", UsageError, "step"),
        ("gti; night", UsageError, "exactly one"),
        ({"steps": 4}, UsageError, "steps"),
        (4, UsageError, "slices = 4"),
    ],
)
def test_impossible_selections(dataset, tmp_path, selection, error, words):
    with pytest.raises(error, match=words):
        recos.run(dataset.raw[0], outdir=tmp_path / "new", slices=selection)
    assert not (tmp_path / "new").exists()


def test_existing_spectra_of_slices(sliced, dataset, tmp_path):
    for name in ("lrec01d1q_7_x1d.fits", "lrec01d1q_x_x1d.fits"):
        shutil.copy(sliced / "lrec01d1q_1_x1d.fits", tmp_path / name)
    with pytest.raises(OutputExistsError, match=r"already exists: .*lrec01d1q_7_x1d.fits. Remove"):
        recos.run(dataset.raw[0], outdir=tmp_path, slices="gti")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("keywords", [{"OBSMODE": "ACCUM"}, {"X1DCORR": "OMIT"}])
def test_exposures_that_have_no_slices(dataset, tmp_path, keywords):
    for raw in dataset.raw[:2]:
        with fits.open(raw) as hdus:
            hdus[0].header.update(keywords)
            hdus.writeto(tmp_path / raw.name)
    with pytest.raises(InputError):
        recos.run(tmp_path / dataset.raw[0].name, outdir=tmp_path / "new", slices="gti")
    assert not (tmp_path / "new").exists()


def test_command(dataset, tmp_path, capsys):
    words = [str(dataset.raw[0]), "-o", str(tmp_path), "-q", "--slices", "period=100; phase_bins=2"]
    with pytest.raises(SystemExit) as leaving:
        main(["run", *words])
    assert not leaving.value.code
    assert sorted(p.name for p in tmp_path.glob("*_?_x1d.fits")) == [
        f"lrec01d1q_{n}_x1d.fits" for n in (1, 2)
    ]
    assert spectrum(tmp_path, 1)["EXPTIME"][0] == pytest.approx(150.0, abs=1.0)


def test_condition_and_good_time(dataset, tmp_path):
    """One slice each; the one in all good time is the exposure."""
    recos.run(dataset.raw[0], outdir=tmp_path / "gti", slices="gti", jobs=1)
    np.testing.assert_array_equal(
        spectrum(tmp_path / "gti", 1)["GCOUNTS"], spectrum(tmp_path / "gti")["GCOUNTS"]
    )
    recos.run(dataset.raw[0], outdir=tmp_path / "where", slices="where=TIME < 100", jobs=1)
    assert spectrum(tmp_path / "where", 1)["EXPTIME"][0] == pytest.approx(100.0, abs=1.0)


# ---------------------------------------------------------------------------------------------- in memory


def test_cut_exposure_is_what_reading_its_file_gives(sliced, tmp_path):
    path = sliced / "lrec01d1q_corrtag_a.fits"
    (piece,) = slices_from_times([(70.0, 140.5)], 0.0, 300.0)
    exposure = recos.read(path)
    before = exposure.events.time.copy()
    cut = cut_exposure(exposure, piece)
    recos.split(path, tmp_path / "part", times=[(70.0, 140.5)])
    read = recos.read(tmp_path / "part_1_corrtag_a.fits")
    for column in COLUMNS:
        name = column.name.lower()
        np.testing.assert_array_equal(getattr(cut.events, name), getattr(read.events, name), name)
    assert cut.switches == read.switches
    assert cut.mode == read.mode
    assert (cut.raw_gti, cut.exptime, cut.elapsed) == (read.raw_gti, read.exptime, read.elapsed)
    np.testing.assert_array_equal(exposure.events.time, before)


def test_chosen_events():
    events = EventList.from_raw(np.arange(6.0), np.arange(6), np.arange(6))
    rows = np.array([False, True, False, True, True, False])
    assert events.chosen(rows).time.tolist() == [1.0, 3.0, 4.0]
    assert len(events.chosen(np.zeros(6, bool))) == 0
    everything = events.chosen(np.ones(6, bool))
    everything.time[:] = -1.0
    assert events.time.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
