"""Corrections of events and good time: constructions of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import acq_builders, builders, nuv_builders
from recos.corrections import recorded_corrections
from recos.data.images import Images
from recos.data.instrument import EVENT_REJECTION, SPEED_OF_LIGHT
from recos.kernels.events import inside_box
from recos.kernels.positions import bin_events
from recos.simulate import Configuration, Effects, Observation, Source, simulate
from recos.steps import (
    active_area,
    badtcorr,
    brstcorr,
    count_rate,
    deadcorr,
    exposure_time,
    good_time,
    initial_positions,
    phacorr,
    timeline,
    xwlkcorr,
    ywlkcorr,
)
from small_cos import references as simulated
from small_cos.exposure import RawEvents
from small_cos.model import Model

DAY = 86400.0


@pytest.fixture(scope="module")
def refs(reference_files):
    return builders.make_refs({**reference_files, "PHAFILE": "N/A"})


def with_and_without(name, run):
    """The results of ``run(corrections)`` by default and with a correction."""
    return run(frozenset()), run(frozenset({name}))


def accepted(events):
    """Events that images are made of."""
    return (events.dq & EVENT_REJECTION) == 0


# ------------------------------------------------------------------------------------------------- bursts


def background(rates, seed=3):
    """Events of the background, with a Poisson number in each second."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rates)
    time = np.sort(np.repeat(np.arange(len(counts)), counts) + rng.uniform(0.0, 1.0, counts.sum()))
    n = len(time)
    raw = RawEvents(time.astype("f4"), np.full(n, 8000, "i2"), np.full(n, 350, "i2"), np.full(n, 10, "u1"))
    exposure = builders.make_exposure(events=raw, gti=[(0.0, float(len(counts)))])
    exposure.events.yfull[:] = exposure.events.ycorr
    exposure.exptime = float(len(counts))
    return exposure


def test_events_of_small_bursts_do_not_count(refs):
    """The rate of the background is that outside the burst, because its seconds do not count either."""
    rates = np.full(400, 20.0)
    rates[200:210] = 100.0

    def run(corrections):
        exposure = background(rates)
        exposure.corrections = corrections
        brstcorr(exposure, refs)
        good_time(exposure, refs)
        assert exposure.exptime == pytest.approx(390.0, abs=0.5)
        return np.count_nonzero(accepted(exposure.events)) / exposure.exptime / 20.0 - 1.0

    default, better = with_and_without("small-bursts", run)
    assert default > 0.1
    assert abs(better) < 2.5 / np.sqrt(390 * 20)


def test_a_single_bin_is_its_own_median(refs):
    """Between large bursts, the only bin of a window is no burst."""
    rates = np.full(200, 8.0)
    rates[50:110] = 1000.0
    rates[80] = 8.0

    def run(corrections):
        exposure = background(rates)
        exposure.corrections = corrections
        brstcorr(exposure, refs)
        return [(round(float(a)), round(float(b))) for a, b in exposure.bursts]

    default, better = with_and_without("small-bursts", run)
    assert default == [(50, 110)]
    assert better == [(50, 80), (81, 110)]


def test_every_event_is_in_a_bin(refs):
    """At 0.5 counts per bin, many bins are empty."""

    def run(corrections):
        exposure = background(np.full(500, 0.5))
        exposure.corrections = corrections
        brstcorr(exposure, refs)
        binned = sum(int(line.split()[1]) for line in exposure.log_text["burst"])
        return binned / len(exposure.events)

    default, better = with_and_without("time-bins", run)
    assert default < 0.6
    assert better == 1.0


# ------------------------------------------------------------------------------------------ pulse heights


LIMITS = ((1, 4), (2, 24))
"""Number of the image in PHAFILE, and its value everywhere: lower and upper limit."""


def test_limits_of_pulse_heights_by_pixel(tmp_path, reference_files):
    def run(corrections):
        exposure = builders.make_exposure(5000)
        exposure.corrections = corrections
        rows = [fits.ImageHDU(np.full((1024, 16384), level, "u1"), name="FUVA", ver=v) for v, level in LIMITS]
        path = tmp_path / "phf.fits"
        fits.HDUList([simulated.primary("PHAFILE"), *rows]).writeto(path, overwrite=True)
        phacorr(exposure, builders.make_refs({**reference_files, "PHAFILE": str(path)}))
        pha = exposure.events.pha
        wrong = accepted(exposure.events) != ((pha >= 4) & (pha <= 24))
        assert exposure.header["NPHA_A"] == np.count_nonzero((pha < 4) | (pha > 24))
        return np.count_nonzero(wrong) / len(exposure.events)

    default, better = with_and_without("phafile-flags", run)
    assert default > 0.2
    assert better == 0.0


# -------------------------------------------------------------------------------------------- active area


@pytest.mark.parametrize("y_walk", ["PERFORM", "OMIT"])
def test_active_area_is_that_of_corrected_positions(refs, reference_files, y_walk):
    low, high, left, right = refs.active_area("FUVA")

    def run(corrections):
        exposure = builders.make_exposure(100_000, names=reference_files, switches={"YWLKCORR": y_walk})
        assert exposure.performs("YWLKCORR", y_walk)
        exposure.corrections = corrections
        active_area(exposure, refs)
        xwlkcorr(exposure, refs)
        if y_walk == "PERFORM":
            ywlkcorr(exposure, refs)
        count_rate(exposure, refs)
        e = exposure.events
        truth = inside_box(e.xcorr, e.ycorr, left, right, low, high)
        exact = exposure.header["GLOBRT_A"] == round(np.count_nonzero(truth) / exposure.elapsed, 4)
        return np.count_nonzero(exposure.active != truth), exact

    default, better = with_and_without("active-area", run)
    assert default[0] > 0
    assert not default[1]
    assert better == (0, True)


def test_shifts_are_removed_in_the_active_area(refs):
    from recos.wavecal.drift import Drift, correct_events

    def run(corrections):
        exposure = builders.make_exposure(20_000)
        exposure.corrections = corrections
        e = exposure.events
        e.ycorr[:2000] = refs.active_area("FUVA")[1]
        e.xcorr[2000:4000] = 200.0
        e.xdopp[:] = e.xcorr
        active_area(exposure, refs)
        correct_events(exposure, refs, Drift(np.zeros(1), {"FUVA": np.full(1, 5.0)}, np.full(1, 2.0)))
        moved = e.xfull != e.xdopp, e.yfull != e.ycorr
        return [int(np.count_nonzero(m != exposure.active)) for m in moved]

    default, better = with_and_without("active-area", run)
    assert min(default) > 1500
    assert better == [0, 0]


# ----------------------------------------------------------------------------------------------- bad times


def bad_times(directory, expstart, *rows):
    """References with BADTTAB: segment, first and last second of each row."""
    segments, start, stop = zip(*rows, strict=True)
    columns = [
        ("SEGMENT", "4A", segments),
        ("START", "1D", expstart + np.array(start) / DAY),
        ("STOP", "1D", expstart + np.array(stop) / DAY),
    ]
    return nuv_builders.make_refs(directory, builders.make_table_file(directory, "BADTTAB", columns))


def test_bad_time_cannot_be_taken_out_of_an_image(tmp_path, caplog):
    """Counts of 100 s and 100 s of exposure: the rate is right, whatever a part of the time was like."""

    def run(corrections):
        exposure = nuv_builders.make_exposure(np.full(500, 300), np.full(500, 300), accum=True)
        exposure.corrections = corrections
        badtcorr(exposure, bad_times(tmp_path, exposure.mode.expstart, ("ANY", 45, 60), ("ANY", 55, 70)))
        e, shape = exposure.events, exposure.mode.image_shape
        images = Images(np.zeros(shape, np.float32), np.zeros(shape, np.float32), None, 0.0)
        bin_events(
            e.xfull, e.yfull, e.epsilon, e.dq, EVENT_REJECTION, 0.0, 0, images.counts, images.effective
        )
        return images.counts.sum() / exposure.exptime, exposure.header.get("TBADT")

    default, better = with_and_without("image-bad-times", run)
    assert default == (0.0, None)
    assert better == (5.0, pytest.approx(25.0, abs=1e-5))
    assert "25.000 s of its 100.000 s are bad time" in caplog.text


def test_bad_times_of_the_other_detector(tmp_path):
    def run(corrections):
        exposure = nuv_builders.make_exposure(np.full(1000, 300), np.full(1000, 300))
        exposure.corrections = corrections
        refs = bad_times(tmp_path, exposure.mode.expstart, ("FUVA", 0, 30), ("FUVB", 20, 40), ("ANY", 90, 95))
        badtcorr(exposure, refs)
        exposure_time(exposure, refs)
        return exposure.exptime

    default, better = with_and_without("nuv-bad-times", run)
    assert default == pytest.approx(55.0, abs=1e-3)
    assert better == pytest.approx(95.0, abs=1e-3)


# --------------------------------------------------------------------------------------- live time, walk


def test_live_time_at_low_rates(tmp_path, reference_files):
    """A table that begins at 2000 count/s, data at 1000."""
    model = Model()
    rates = np.array([2000.0, 4000.0, 8000.0])
    columns = [("SEGMENT", "4A", ["FUVA"] * 3), ("OBS_RATE", "1D", rates)]
    columns.append(("LIVETIME", "1D", model.livetime(rates)))
    own = builders.make_table_file(tmp_path, "DEADTAB", columns, TIMESTEP=10.0)

    def run(corrections):
        exposure = builders.make_exposure(100_000, setup=builders.replace(builders.SETUP, exptime=100.0))
        exposure.corrections = corrections
        deadcorr(exposure, builders.make_refs({**reference_files, **own}))
        return float(exposure.events.epsilon.mean(dtype=np.float64)) * model.livetime(1000.0) - 1.0

    default, better = with_and_without("low-rate-livetime", run)
    assert default < -0.007
    assert abs(better) < 1e-5


def test_walk_of_an_image(refs):
    """Photons of one row; the image does not tell their pulse heights, but the histogram does."""
    model, rng = Model(), np.random.default_rng(5)
    at = 500.0 + rng.uniform(-0.5, 0.5, 20_000)
    pha = rng.normal(11.5, 3.0, 20_000).clip(0, 31).astype(np.uint8)
    dx, dy = model.walk(pha.astype(np.float64))

    def run(corrections):
        exposure = builders.make_exposure(len(pha), obsmode="ACCUM")
        exposure.corrections = corrections
        exposure.pulse_heights = np.bincount(
            4 * pha.astype(int) + rng.integers(0, 4, len(pha)), minlength=128
        )
        e = exposure.events
        e.xcorr[:], e.ycorr[:], e.pha[:] = np.rint(4500.0 + at + dx), np.rint(at + dy), 0
        active_area(exposure, refs)
        xwlkcorr(exposure, refs)
        ywlkcorr(exposure, refs)
        return e.xcorr.mean(dtype="f8") - 5000.0, e.ycorr.mean(dtype="f8") - 500.0

    default, better = with_and_without("accum-walk", run)
    assert default[1] > 1.2
    assert np.abs(better).max() < 0.015


# ------------------------------------------------------------------------------------ flags of raw images


def test_flags_of_raw_images(tmp_path):
    """Bits that DQICORR sets anew where events are after all corrections, flagged in raw positions."""
    image = np.ones((1024, 1024), np.uint16)
    path = nuv_builders.make_raw_image(tmp_path, image)
    flags = np.zeros((1024, 1024), np.int16)
    flags[:, :50], flags[7, 7] = 128, 129
    with fits.open(path, mode="update") as hdus:
        hdus[3] = fits.ImageHDU(flags, hdus[3].header, "DQ")

    def run(corrections):
        found = recos.read(path, corrections=corrections).raw_flags
        assert found[7, 107] & 1
        return np.count_nonzero(found & 128)

    assert with_and_without("raw-flags", run) == (50 * 1024, 0)


# ------------------------------------------------------------------------------- wavelengths and coordinates


@pytest.fixture(scope="module")
def lamp_star(tmp_path_factory, simulation_cache):
    """A source with one emission line, seen through the BOA in the NUV; its corrtag files by corrections."""
    wavelength = np.linspace(1500.0, 2300.0, 80_001)
    flux = 1e-15 + 1e-12 * np.exp(-0.5 * ((wavelength - LINE) / 0.05) ** 2)
    observation = Observation(
        Configuration("G185M", 1850, aperture="BOA"),
        effects=Effects.only("line_spread", "cross_dispersion", "heliocentric"),
        fppos=(3,),
        events=20_000,
        seed=6,
    )
    folder = tmp_path_factory.mktemp("boa")
    dataset = simulate(observation, folder, Source.from_array(wavelength, flux), simulation_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        (root,) = (exposure.root for exposure in dataset.exposures if exposure.role == "EXP-FP")
        raw = dataset.raw / f"{root}_rawtag.fits"

        def corrtag(corrections):
            out = folder / "-".join(["new", *sorted(corrections)])
            recos.run(raw, out, products="corrtag", corrections=corrections, overwrite=True)
            (path,) = out.glob("*_corrtag.fits")
            return path

        yield dataset, corrtag


LINE = 1850.0
"""Angstrom."""


@pytest.mark.xdist_group("corrections")
def test_wavelengths_of_events_through_the_boa(lamp_star):
    dataset, corrtag = lamp_star
    per_pixel = float(dataset.detector.dispersion("NUVB", "BOA").dispersion(512.0))

    def run(corrections):
        events = fits.getdata(corrtag(corrections), "EVENTS")
        near = events["WAVELENGTH"][np.abs(events["WAVELENGTH"] - LINE) < 0.5]
        return (np.median(near) - LINE) / per_pixel

    default, better = with_and_without("boa-events", run)
    assert abs(default) > 1.2
    assert abs(better) < 0.3


@pytest.mark.xdist_group("corrections")
def test_reference_pixels_of_events(lamp_star):
    """The wavelength of the reference pixel is that of the dispersion relation there."""
    dataset, corrtag = lamp_star
    relation = dataset.detector.dispersion("NUVB", "BOA")

    def run(corrections):
        path = corrtag(corrections)
        assert ("TCTYP2" in fits.getheader(path, "TIMELINE")) == (not corrections)
        header = fits.getheader(path, "EVENTS")
        observed = header["TCRVL7"] / (1.0 - header["V_HELIO"] / SPEED_OF_LIGHT)
        x = header["TCRPX7"]
        return float((relation.wavelength(x) - observed) / relation.dispersion(x))

    default, better = with_and_without("event-coordinates", run)
    assert default == pytest.approx(101.0, abs=0.3)
    assert abs(better) < 0.01


# ------------------------------------------------------------------------------------------------- TIMELINE


def test_rates_of_timeline(tmp_path, reference_files):
    """Background of 40000 photon-like events and 20000 others, which PHACORR rejects."""
    columns = [("SEGMENT", "4A", ["FUVA"]), ("LLT", "1I", [4]), ("ULT", "1I", [24])]
    own = builders.make_table_file(tmp_path, "PHATAB", columns)
    refs = builders.make_refs({**reference_files, **own, "PHAFILE": "N/A"})
    region = refs.xtractab.row(**builders.make_exposure(1).mode.row_filter())
    row = float(region["B_BKG1"])

    def run(corrections):
        exposure = builders.make_exposure(60_000)
        exposure.corrections, e = corrections, exposure.events
        e.ycorr[:], e.pha[:] = row, np.where(np.arange(len(e)) % 3, 12, 30)
        initial_positions(exposure, refs)
        phacorr(exposure, refs)
        timeline(exposure, refs)
        rate = exposure.timeline["DARKRATE"]
        photons = np.count_nonzero(accepted(e))
        assert photons == 40_000
        return rate.sum(dtype=np.float64) * 4 * (region["BHEIGHT"] // 2) * 16384 / photons

    default, better = with_and_without("timeline-rates", run)
    assert default == pytest.approx(1.5, rel=0.001)
    assert better == pytest.approx(1.0, rel=0.001)


# -------------------------------------------------------------------------------------------- acquisitions


def test_each_image_of_an_acquisition(tmp_path):
    """The rate of the counter is 75 count/s in the first image, 10 in the second, which is half as long."""
    target = acq_builders.Target(tmp_path)
    target.write_references()
    target.write(primary={"SUBARRAY": True}, sci={"MEVENTS": 75.0}, second={"MEVENTS": 10.0, "EXPTIME": 10.0})

    def run(corrections):
        _, flt = target.run(corrections=corrections, overwrite=True)
        assert recorded_corrections(flt[0].header) == corrections
        header = flt["SCI", 2].header
        return header["GLOBRATE"], header["DEADRT"], header["LIVETM"], flt["SCI", 2].data[10, 20]

    default, better = with_and_without("acquisition-images", run)
    livetime = 1.0 - 10.0 * (1.0 - acq_builders.LIVETIME) / 50.0
    assert better == (40.0, 10.0, pytest.approx(livetime), pytest.approx(40.0 / livetime / 2.0))
    assert default[:2] == (20.0, 75.0)
    assert default[3] / better[3] == pytest.approx(1.37, abs=0.01)
