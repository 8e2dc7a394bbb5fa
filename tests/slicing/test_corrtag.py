"""Corrtag files cut into slices: rows, good time, TIMELINE, keywords, names, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recos
from helpers.corrtag_builders import DURATION, SUNSET, make_corrtag, sun_altitude
from recos.errors import InputError, OutputExistsError, UsageError
from recos.slicing import split


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return make_corrtag(folder / "lrec01d1q_corrtag_a.fits", gti=[(0.0, 250.0), (280.0, 600.0)])


def events(path) -> np.ndarray:
    return np.array(fits.getdata(path, "EVENTS"))


def header(path, extension="EVENTS") -> fits.Header:
    return fits.getheader(path, extension)


def intervals(path) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in fits.getdata(path, 2)]


@pytest.mark.parametrize(
    "selection",
    [
        {"increment": 97.3},
        {"times": "0, 12.5, 300, 9999"},
        {"period": 41.0, "phase_bins": 3},
        {"period": 41.0, "epoch": 50_000.1},
    ],
)
def test_slices_of_a_partition_conserve_everything(whole, tmp_path, selection):
    paths = split(whole, tmp_path / "part", **selection)
    rows = np.concatenate([events(path) for path in paths])
    assert np.array_equal(np.sort(rows, order=["TIME", "RAWX"]), events(whole))
    exptime = sum(header(path)["EXPTIME"] for path in paths)
    if "increment" in selection:  # ends with the last event
        assert exptime == pytest.approx(570.0 - (600.0 - events(whole)["TIME"][-1]), abs=1e-3)
    else:
        assert exptime == pytest.approx(570.0, rel=1e-9)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.floats(0.0, DURATION), min_size=1, max_size=6))
def test_any_times(whole, tmp_path, edges):
    paths = split(whole, tmp_path / "any", times=[-1.0, *sorted(edges), 700.0], overwrite=True)
    rows = np.concatenate([events(path) for path in paths])
    assert np.array_equal(rows, events(whole))


def test_day_and_night_share_the_exposure(whole, tmp_path):
    (day,) = split(whole, tmp_path / "day", day=True)
    (night,) = split(whole, tmp_path / "night", night=True)
    assert np.array_equal(np.concatenate([events(day), events(night)]), events(whole))
    assert header(day)["EXPTIME"] + header(night)["EXPTIME"] == pytest.approx(570.0)
    # a row of TIMELINE stands for its second
    assert (sun_altitude(events(day)["TIME"]) > -0.1).all()
    assert (sun_altitude(events(night)["TIME"]) <= 0.0).all()
    for path, sign in ((day, 1.0), (night, -1.0)):
        altitude = fits.getdata(path, "TIMELINE")["SUN_ALT"]
        assert len(altitude)
        assert (sign * altitude >= 0.0).all()
    assert "orbital day: SUN_ALT > 0; 1 interval" in str(header(day, 0)["HISTORY"])
    assert intervals(day)[-1][1] == pytest.approx(SUNSET, abs=1.0)


def test_good_time_intervals(whole, tmp_path):
    first, second = split(whole, tmp_path / "good", gti=True)
    assert (intervals(first), intervals(second)) == ([(0.0, 250.0)], [(280.0, 600.0)])
    time = events(whole)["TIME"]
    assert header(first)["NEVENTS"] == (time < 250.0).sum()
    assert header(second)["NEVENTS"] == (time >= 280.0).sum()


def test_keywords_and_tables(whole, tmp_path):
    paths = split(whole, tmp_path / "part", times="0,100,260,270,end")
    assert [p.name for p in paths] == [f"part_{n}_corrtag_a.fits" for n in (1, 2, 3, 4)]
    second, third = paths[1], paths[2]
    assert intervals(second) == [(100.0, 250.0)]
    head, old = header(second), header(whole)
    rows = events(second)
    assert (head["EXPTIME"], head["EXPTIMEA"], head["EXPTIMEB"]) == (150.0, 150.0, 0.0)
    assert (head["NEVENTS"], head["NEVENTSA"], head["NEVENTSB"]) == (len(rows), len(rows), 0)
    assert head["EXPSTART"] == old["EXPSTART"]
    assert head["EXPEND"] == pytest.approx(old["EXPSTART"] + 260.0 / 86400.0, abs=1e-10)
    assert head["EXPENDJ"] == head["EXPEND"] + 2400000.5
    primary = header(second, 0)
    assert (primary["FILENAME"], primary["NEXTEND"]) == ("part_2_corrtag_a.fits", 3)
    assert list(primary["HISTORY"])[-2:] == [
        "Copied from lrec01d1q_corrtag_a.fits",
        "Time slice from input was 100.000 to 260.000",
    ]
    assert [h.name for h in fits.open(second)[1:]] == ["EVENTS", "GTI", "TIMELINE"]
    time = fits.getdata(second, "TIMELINE")["TIME"]
    assert 100.0 <= time[0] < 101.0
    assert 259.1 <= time[-1] < 260.1
    # a time without good time: the events are there, but no exposure time
    assert intervals(third) == [(0.0, 0.0)]
    assert header(third)["EXPTIME"] == 0.0
    assert len(events(third))


def test_the_end_beyond_the_exposure(whole, tmp_path):
    (path,) = split(whole, tmp_path / "part", times="500,9999")
    assert header(path)["EXPEND"] == header(whole)["EXPEND"]


def test_everything_else_is_kept(whole, tmp_path):
    (path,) = split(whole, tmp_path / "part", times="0,9999")
    changed = {
        "HISTORY",
        "FILENAME",
        "EXPENDJ",
        "EXPTIMEB",
        "NEVENTS",
        "NEVENTSB",
        "EXPTIME",
        "EXPTIMEA",
        "NEVENTSA",
    }
    with fits.open(whole) as old, fits.open(path) as new:
        for one, other in zip(old, new, strict=True):
            cards = [[str(c) for c in h.header.cards if c.keyword not in changed] for h in (one, other)]
            assert cards[0] == cards[1]
            assert one.data is None or np.array_equal(np.asarray(one.data), np.asarray(other.data))


def test_checksums_of_the_input_are_not_kept(tmp_path):
    whole = make_corrtag(tmp_path / "x_corrtag_a.fits", n=50)
    with fits.open(whole) as hdus:
        hdus.writeto(tmp_path / "y_corrtag_a.fits", checksum=True)
    (path,) = split(tmp_path / "y_corrtag_a.fits", tmp_path / "part", times="0,300")
    with fits.open(path) as hdus:
        assert not [h.name for h in hdus if "CHECKSUM" in h.header or "DATASUM" in h.header]


def test_the_newest_good_time_intervals_count(tmp_path):
    whole = make_corrtag(tmp_path / "x_corrtag_a.fits")
    with fits.open(whole, mode="append") as hdus:
        columns = [fits.Column("START", "1D", array=[10.0]), fits.Column("STOP", "1D", array=[20.0])]
        hdus.append(fits.BinTableHDU.from_columns(columns, name="GTI", ver=2))
    (path,) = split(whole, tmp_path / "part", times="0,15")
    assert intervals(path) == [(10.0, 15.0)]
    assert header(path, ("GTI", 2))["EXTVER"] == 2
    assert header(path, 0)["NEXTEND"] == 3


def test_without_good_time_intervals_and_timeline(tmp_path):
    whole = make_corrtag(tmp_path / "x_corrtag_a.fits", n=50, timeline=False)
    with fits.open(whole) as hdus:
        hdus[0].header["NEXTEND"] = 1
        fits.HDUList(hdus[:2]).writeto(tmp_path / "y_corrtag_a.fits")
    (path,) = split(tmp_path / "y_corrtag_a.fits", tmp_path / "part", times="5,300")
    assert intervals(path) == [(5.0, 300.0)]
    assert header(path)["EXPTIME"] == 295.0
    assert header(path, 0)["NEXTEND"] == 2


def test_slices_can_be_read_and_split_again(whole, tmp_path):
    (half,) = split(whole, tmp_path / "half", times="0,300")
    exposure = recos.read(half)
    assert len(exposure.events) == header(half)["NEVENTS"]
    assert list(exposure.raw_gti) == [(0.0, 250.0), (280.0, 300.0)]
    phases = split(half, tmp_path / "phase", period=20.0, phase_bins=2)
    assert sum(header(p)["EXPTIME"] for p in phases) == pytest.approx(270.0)
    (night,) = split(phases[0], tmp_path / "first", where="SHIFT1 < 50")
    kept = fits.getdata(night, "TIMELINE")["SHIFT1"]
    assert kept.max() < 50
    assert len(kept) < 40


# -------------------------------------------------------------------------------------------- both segments


@pytest.fixture
def pair(tmp_path):
    # segment B has no event between 100 and 200 s
    a = make_corrtag(
        tmp_path / "x_corrtag_a.fits", times=np.arange(0.5, 600.0, 2.0), gti=[(0.0, 300.0), (310.0, 600.0)]
    )
    b = make_corrtag(
        tmp_path / "x_corrtag_b.fits",
        segment="FUVB",
        times=[*np.arange(0.5, 100.0, 2.0), *np.arange(200.5, 599.0, 2.0)],
    )
    return [a, b]


def test_numbers_mean_the_same_times_in_both_segments(pair, tmp_path):
    paths = split(pair, tmp_path / "part", times="0,100,200,end")
    assert [p.name for p in paths] == [
        "part_1_corrtag_a.fits",
        "part_1_corrtag_b.fits",
        "part_2_corrtag_a.fits",
        "part_3_corrtag_a.fits",
        "part_3_corrtag_b.fits",
    ]
    assert (
        intervals(paths[3])[-1] == intervals(paths[4])[-1] == (310.0, 598.5) or len(intervals(paths[4])) == 1
    )
    assert header(paths[4])["EXPTIMEA"] == 0.0
    assert header(paths[4])["EXPTIMEB"] == header(paths[4])["EXPTIME"] > 0.0


def test_the_end_is_that_of_both(pair, tmp_path):
    paths = split(pair, tmp_path / "part", times="300,end")
    assert [intervals(p)[-1][1] for p in paths] == [598.5, 598.5]


def test_good_time_of_the_first_file_decides(pair, tmp_path):
    paths = split(pair, tmp_path / "part", gti=True)
    assert [intervals(p) for p in paths] == [[(0.0, 300.0)]] * 2 + [[(310.0, 600.0)]] * 2


def test_numbers_of_slices_without_events_are_not_used(pair, tmp_path, caplog):
    paths = split(pair[1], tmp_path / "part", times="0,100,200,end")
    assert [p.name for p in paths] == ["part_1_corrtag_b.fits", "part_2_corrtag_b.fits"]
    assert "no rows in increment 100.00 to 200.00" in caplog.text


# ------------------------------------------------------------------------------------------------- refusals


def nothing_written(tmp_path) -> bool:
    return not list(tmp_path.glob("*part*")) and not list(tmp_path.glob(".*tmp"))


@pytest.mark.parametrize(
    ("selection", "error", "message"),
    [
        ({}, UsageError, "exactly one"),
        ({"times": "700,800"}, InputError, "no slice has events"),
        ({"times": "10,0"}, UsageError, "increasing"),
        ({"where": "MOON > 0"}, UsageError, "no column MOON"),
        ({"where": "LY_ALPHA > 5"}, InputError, "holds at no time"),
        ({"increment": 0.0}, UsageError, "positive"),
        ({"increment": None}, UsageError, "none"),
    ],
)
def test_impossible_selections(whole, tmp_path, selection, error, message):
    with pytest.raises(error, match=message):
        split(whole, tmp_path / "part", **selection)
    assert nothing_written(tmp_path)


@pytest.mark.filterwarnings("ignore:File may have been truncated")
def test_files_that_are_no_corrtag(tmp_path, whole):
    with pytest.raises(InputError, match="no such file"):
        split(tmp_path / "none.fits", tmp_path / "part", gti=True)
    text = tmp_path / "text.fits"
    text.write_text("hello")
    with pytest.raises(InputError, match="not a readable FITS file"):
        split(text, tmp_path / "part", gti=True)
    image = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
    with pytest.raises(InputError, match="no EVENTS table; the file is no corrtag"):
        split(image, tmp_path / "part", gti=True)
    from helpers import builders

    raw = builders.make_rawtag(tmp_path / "x_rawtag_a.fits", n=10)
    with pytest.raises(InputError, match="without the column XFULL"):
        split(raw, tmp_path / "part", gti=True)
    short = tmp_path / "short_corrtag_a.fits"
    short.write_bytes(whole.read_bytes()[:60_000])
    with pytest.raises(InputError, match="truncated"):
        split(short, tmp_path / "part", gti=True)
    empty = make_corrtag(tmp_path / "empty_corrtag_a.fits", times=[], timeline=False)
    with pytest.raises(InputError, match="no events"):
        split(empty, tmp_path / "part", gti=True)
    mixed = make_corrtag(tmp_path / "mixed_corrtag_a.fits", times=[3.0, 1.0], timeline=False)
    with pytest.raises(InputError, match="order of TIME"):
        split(mixed, tmp_path / "part", gti=True)
    assert nothing_written(tmp_path)


def test_existing_files(whole, tmp_path):
    (tmp_path / "part_3_corrtag_a.fits").write_text("mine")
    with pytest.raises(OutputExistsError, match=r"part_3_corrtag_a.fits: 1 of the 6 files"):
        split(whole, tmp_path / "part", increment=100.0)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(split(whole, tmp_path / "part", increment=100.0, overwrite=True)) == 6
    assert len(events(tmp_path / "part_3_corrtag_a.fits"))


def test_an_input_is_never_replaced(tmp_path):
    path = make_corrtag(tmp_path / "x_1_corrtag_a.fits", n=20)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="its own input"):
        split(path, tmp_path / "x", times="0,600", overwrite=True)
    assert path.read_bytes() == before


def test_inputs_must_be_of_one_exposure(tmp_path, whole):
    with pytest.raises(UsageError, match="files of the same names"):
        split([whole, whole], tmp_path / "part", gti=True)
    other = make_corrtag(tmp_path / "y_corrtag_b.fits", segment="FUVB", n=20, EXPSTART=50_000.0)
    with pytest.raises(UsageError, match="different times"):
        split([whole, other], tmp_path / "part", gti=True)
    with pytest.raises(UsageError, match="No file"):
        split([], tmp_path / "part", gti=True)


@pytest.mark.parametrize("outroot", ["", "folder/", "/"])
def test_outroot_is_more_than_a_folder(whole, outroot, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="beginning of file names"):
        split(whole, outroot, gti=True)


def test_folders_are_made_and_names_expanded(whole, tmp_path, monkeypatch):
    monkeypatch.setenv("where", str(tmp_path))
    (path,) = split(whole, "$where/new/deep/é", times="0,300")
    assert path == tmp_path / "new" / "deep" / "é_1_corrtag_a.fits"
    assert header(path, 0)["FILENAME"] == "?_1_corrtag_a.fits"


def test_slices_of_compressed_files_are_not_compressed(whole, tmp_path):
    import gzip

    packed = tmp_path / "x_corrtag_a.fits.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    (path,) = split(packed, tmp_path / "part", times="0,9999")
    assert path.name == "part_1_corrtag_a.fits"
    assert np.array_equal(events(path), events(whole))


@pytest.mark.parametrize("value", ["", "yesterday", None])
def test_without_the_start_of_the_exposure_there_is_no_end(tmp_path, value):
    whole = make_corrtag(tmp_path / "x_corrtag_a.fits", n=50)
    with fits.open(whole, mode="update") as hdus:
        hdus[1].header["EXPSTART"] = value
    (path,) = split(whole, tmp_path / "part", times="0,300")
    assert header(path)["EXPEND"] == header(whole)["EXPEND"]
    with pytest.raises(InputError, match="no EXPSTART"):
        split(whole, tmp_path / "phase", period=10.0, epoch=55_000.0)


def test_a_warning_without_wavelength_calibration(tmp_path, caplog):
    path = make_corrtag(tmp_path / "x.fits", n=20, WAVECORR="OMIT")
    (part,) = split(path, tmp_path / "part", times="0,600")
    assert part.name == "part_1.fits"
    assert f"WAVECORR was not done for {path}" in caplog.text


def test_recos_split_is_the_same():
    assert recos.split is split
