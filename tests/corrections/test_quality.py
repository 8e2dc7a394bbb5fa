"""Corrections of data-quality flags: constructions of which the truth is known."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders, nuv_builders
from recos import calibrate
from recos.data.context import Workspace
from recos.data.instrument import DQ
from recos.kernels.times import nint
from recos.slicing import TimeSlice
from recos.slicing.exposure import cut_exposure
from recos.steps import algncorr, doppcorr, dqicorr, initial_positions, shift_range, trcecorr
from recos.steps._doppcorr import doppler_range
from recos.steps._dqicorr import dq_flags
from recos.steps._shift_range import ShiftRange

PLAIN = {"TEMPCORR": "OMIT", "GEOCORR": "OMIT", "DOPPCORR": "OMIT"}
DAY = 86400.0


@pytest.fixture(scope="module")
def refs(reference_files):
    return builders.make_refs(reference_files)


def with_and_without(name, run):
    """The results of ``run(corrections)`` by default and with a correction."""
    return run(frozenset()), run(frozenset({name}))


def exposure_with(corrections, n=10, switches=PLAIN, **options):
    exposure = builders.make_exposure(n, switches=switches, **options)
    exposure.corrections = corrections
    initial_positions(exposure, None)
    exposure.gti = exposure.raw_gti
    return exposure


def extent(image, bit):
    rows, columns = np.nonzero(image & bit)
    return (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) if len(rows) else None


# ------------------------------------------------------------------------------------------------ regions


def regions_of(directory, keyword, rows, **columns):
    """A table of regions: segment, LX, LY, DX, DY, DQ of each row."""
    names = ("LX", "LY", "DX", "DY", "DQ")
    table = [("SEGMENT", "4A", [r[0] for r in rows])] + [
        (name, "1J", [r[k + 1] for r in rows]) for k, name in enumerate(names)
    ]
    table += [(name, "1D", values) for name, values in columns.items()]
    return builders.make_table_file(directory, keyword, table)


def test_spots_and_gain_sag_without_bad_pixels(tmp_path, reference_files):
    own = regions_of(tmp_path, "BPIXTAB", [("FUVB", 1, 1, 5, 5, 8)])
    refs = builders.make_refs({**reference_files, **own})

    def run(corrections):
        exposure = exposure_with(corrections, hvlevela=167)
        dqicorr(exposure, refs)
        return [extent(exposure.dq_image, bit) is not None for bit in (2, int(DQ.GAIN_SAG_HOLE))]

    assert with_and_without("dq-regions", run) == ([False, False], [True, True])


def test_spots_of_every_good_time(tmp_path, reference_files):
    """One spot shines in the first good time, another one in the second."""
    start = builders.SETUP.expstart + np.array([10.0, 450.0]) / DAY
    spots = [("FUVA", 5000, 480, 20, 6, 2), ("FUVA", 9000, 480, 20, 6, 2)]
    own = regions_of(tmp_path, "SPOTTAB", spots, START=start, STOP=start + 20.0 / DAY)
    refs = builders.make_refs({**reference_files, **own})

    def run(corrections):
        exposure = exposure_with(corrections, gti=[(0.0, 300.0), (400.0, 600.0)])
        dqicorr(exposure, refs)
        return extent(exposure.dq_image, 2)

    assert with_and_without("dq-regions", run) == ((480, 485, 5000, 5019), (480, 485, 5000, 9019))


def test_margin_of_regions_that_follow_the_trace(tmp_path, reference_files):
    """The margin is that of regions that follow no trace."""
    own = regions_of(tmp_path, "BPIXTAB", [("FUVA", 4100, 400, 60, 30, 8)])
    fits.setval(own["BPIXTAB"], "WIDEN", value=2.0, ext=1)
    columns = [*builders.simulated.mode_columns([("FUVA", "PSA")]), ("TRACE", "16384D", np.zeros((1, 16384)))]
    own |= builders.make_table_file(tmp_path, "TRACETAB", columns)
    refs = builders.make_refs({**reference_files, **own})

    def run(corrections, trace="COMPLETE"):
        exposure = exposure_with(corrections, life_adj=1)
        exposure.primary["TRCECORR"] = trace
        exposure.shift_range = [ShiftRange(*np.float32([-0.3, 0.3, 0.0, 0.0]))]
        return extent(dq_flags(exposure, refs, Workspace()), 8)

    default, better = with_and_without("dq-margin", run)
    assert run(frozenset(), "OMIT") == better == (398, 431, 4098, 4161)
    assert default == (398, 431, 4097, 4162)


# ---------------------------------------------------------------------------------- where no events can be


def test_rows_that_the_trace_vacates(refs):
    """Events all over the detector; pixels without any are flagged, those with events are not."""
    low, high, left, right = refs.active_area("FUVA")

    def run(corrections):
        exposure = exposure_with(corrections, 2_000_000, life_adj=1)
        trcecorr(exposure, refs)
        exposure.primary["TRCECORR"] = "COMPLETE"
        dqicorr(exposure, refs)
        e = exposure.events
        i, j = nint(e.xfull), nint(e.yfull)
        hits = np.zeros((1024, 16384 // 64))
        np.add.at(hits, (j, i // 64), 1)
        outside = (exposure.dq_image & DQ.OUT_OF_BOUNDS != 0).reshape(1024, -1, 64)
        good, flagged = ~outside.any(axis=2), outside.all(axis=2)
        inside = np.zeros_like(good)
        inside[low + 5 : high - 4, left // 64 + 1 : right // 64 - 1] = True
        empty = (hits == 0) & inside
        assert empty.sum() > 100
        assert not (flagged & inside & (hits > 15)).any()
        return np.count_nonzero(empty & good) / np.count_nonzero(empty)

    default, better = with_and_without("vacated-rows", run)
    assert default > 0.99
    assert better < 0.01


def test_subarrays_of_the_fuv(refs):
    two = {"nsubarry": 2, "corner0x": 1200, "corner0y": 300, "size0x": 14000, "size0y": 100}
    two |= {"corner1x": 1200, "corner1y": 500, "size1x": 14000, "size1y": 100}

    def run(corrections, switches=PLAIN):
        exposure = exposure_with(corrections, 20_000, switches, **two)
        e, image = exposure.events, dq_flags(exposure, refs, Workspace())
        read = ((e.rawy >= 310) & (e.rawy < 390)) | ((e.rawy >= 510) & (e.rawy < 590))
        read &= (e.rawx >= 1300) & (e.rawx < 15100)
        flagged = image[nint(e.yfull[read]), nint(e.xfull[read])] & DQ.OUT_OF_BOUNDS != 0
        assert image[450, 8000] & DQ.OUT_OF_BOUNDS
        return float(flagged.mean())

    for switches in (PLAIN, {**PLAIN, "GEOCORR": "PERFORM", "IGEOCORR": "PERFORM"}):
        default, better = with_and_without("out-of-bounds", lambda c, s=switches: run(c, s))
        assert 0.45 < default < 0.55
        assert better == 0.0


@pytest.mark.parametrize("subarrays", [0, 1])
def test_stripes_are_no_borders_of_the_nuv_detector(tmp_path, subarrays):
    """Events all over the detector, displaced by -3 to 3 rows: those between stripes fall on good pixels."""
    full = {"CORNER0X": 0, "CORNER0Y": 0, "SIZE0X": 1024, "SIZE0Y": 1024, "NSUBARRY": subarrays}
    rng = np.random.default_rng(4)
    x, y = rng.integers(50, 974, 50_000), rng.integers(10, 1014, 50_000)
    regions = regions_of(tmp_path, "BPIXTAB", [("ANY", 0, 0, 1, 1, 8)])
    refs = nuv_builders.make_refs(tmp_path, regions)

    def run(corrections):
        exposure = nuv_builders.make_exposure(x, y, DOPPCORR="OMIT", **full)
        exposure.corrections, e = corrections, exposure.events
        e.yfull[:] = e.ycorr - np.linspace(-3.0, 3.0, len(e), dtype=np.float32)
        e.xfull[:] = e.xdopp + np.float32(30.0)
        shift_range(exposure, refs)
        image = dq_flags(exposure, refs, Workspace())
        assert image[5:1019].all(axis=1).sum() == (0 if corrections else image[5:1019].all(axis=1).sum())
        return np.count_nonzero(image[nint(e.yfull), nint(e.xfull) + 100] & DQ.OUT_OF_BOUNDS)

    default, better = with_and_without("out-of-bounds", run)
    assert default > 500
    assert better == 0


@pytest.mark.parametrize(
    ("gti", "missed"), [([(0.0, 60.0), (540.0, 600.0)], 0.4), ([(0.0, 600.0)], 0.05)], ids=["gap", "no gap"]
)
def test_range_of_doppler_shifts(refs, gti, missed):
    """Of the events, those of the beginning and of the end of half an orbit, or all."""

    def run(corrections):
        switches = {**PLAIN, "DOPPCORR": "PERFORM"}
        exposure = exposure_with(corrections, 5000, switches, gti=gti, doppmagv=7.0, orbitper=1200.0)
        exposure.header["DOPPZERO"] = exposure.mode.expstart + 300.0 / DAY
        exposure.exptime = sum(stop - start for start, stop in gti)
        exposure.events.ycorr[:] = 400.0
        doppcorr(exposure, refs)
        e = exposure.events
        good = (e.time < gti[0][1]) | (e.time > gti[-1][0])
        removed = (e.xcorr - e.xdopp)[good]
        least, largest = doppler_range(exposure, refs)
        return np.count_nonzero((removed < least - 0.01) | (removed > largest + 0.01)) / np.count_nonzero(
            good
        )

    default, better = with_and_without("doppler-range", run)
    assert default > missed
    assert better == 0.0


# ------------------------------------------------------------------------------------------- corrtag files


def test_flags_made_from_a_corrtag_file_are_those_made_from_the_raw_file(refs, reference_files):
    """With trace, interpolated distortion, and a position of the spectrum that the extraction has measured."""
    switches = {
        "DOPPCORR": "OMIT", "WAVECORR": "OMIT", "BADTCORR": "OMIT", "BRSTCORR": "OMIT", "ALGNCORR": "OMIT",
        "HVDSCORR": "OMIT", "PHOTCORR": "OMIT", "X1DCORR": "OMIT", "DGEOCORR": "OMIT", "DEADCORR": "OMIT",
    }  # fmt: skip
    exposure = builders.make_exposure(20_000, names=reference_files, switches=switches, life_adj=1)
    calibrate(exposure, refs, stop_after="initial_positions")
    exposure.switches["WAVECORR"] = exposure.primary["WAVECORR"] = "COMPLETE"
    exposure.events.yfull[:] = exposure.events.ycorr - np.float32(1.25)
    exposure.header["SHIFT2A"] = 1.25
    calibrate(exposure, refs, start_at="good_time", stop_after="dqicorr")
    truth = exposure.dq_image.copy()
    exposure.header["SP_OFF_A"] = 3.4
    again = cut_exposure(exposure, TimeSlice(((0.0, 1e4),)))
    assert again.performs("IGEOCORR", "COMPLETE")

    def run(corrections):
        read = copy(again)
        read.corrections = corrections
        calibrate(read, refs, start_at="good_time", stop_after="dqicorr")
        return np.count_nonzero(read.dq_image != truth)

    default, better = with_and_without("corrtag-flags", run)
    assert default > 10_000
    assert better == 0


def test_flags_of_a_corrtag_file_of_the_nuv(tmp_path):
    """The extraction has measured where the spectrum is, which moves neither events nor flags."""
    columns = [(s, 300, 200, 20, 10, 8) for s in ("ANY",)]
    refs = nuv_builders.make_refs(tmp_path, regions_of(tmp_path, "BPIXTAB", columns))

    def flags(corrections, **keywords):
        exposure = nuv_builders.make_exposure([500], [300], DOPPCORR="OMIT", **keywords)
        exposure.primary["TRCECORR"] = exposure.primary["ALGNCORR"] = "OMIT"
        exposure.corrections = corrections
        return extent(dq_flags(exposure, refs, Workspace()), 8)

    truth = flags(frozenset())
    default, better = with_and_without("corrtag-flags", lambda c: flags(c, SP_OFF_A=4.2))
    assert truth == better == (200, 209, 400, 419)
    assert default != truth


# --------------------------------------------------------------------------------------------- alignment


@pytest.fixture(scope="module")
def star():
    """Events of a spectrum, TWOZONE."""
    exposure = builders.make_exposure(
        30_000, switches={"TRCECORR": "OMIT"}, life_adj=1, xtrctalg="TWOZONE", sdqflags=8346, doppmagv=0.0
    )
    exposure.events.ycorr[:] = np.random.default_rng(9).normal(builders.profile_center("FUVA"), 2.8, 30_000)
    initial_positions(exposure, None)
    return exposure


def test_profile_that_is_cut_off(tmp_path, reference_files, star):
    """The centroid of a profile with a wing on a constant background, whatever rows the file has."""

    def centroid(corrections, first_row):
        own = profile_table(tmp_path, first_row)
        exposure = copy(star)
        exposure.header, exposure.events = (
            star.header.copy(),
            star.events.chosen(np.ones(len(star.events), bool)),
        )
        exposure.corrections = corrections
        algncorr(exposure, builders.make_refs({**reference_files, **own}))
        return exposure.header["SP_LOC_A"]

    truth = centroid(frozenset(), 0)
    default, better = with_and_without("profile-background", lambda c: centroid(c, 20) - truth)
    assert abs(default) > 0.003
    assert abs(better) < 0.0003


def profile_table(directory, first_row):
    """PROFTAB without some rows."""
    center, rows = int(builders.profile_center("FUVA")), np.arange(111.0)
    core, wing = (np.exp(-0.5 * ((rows - 55 - a) / w) ** 2) for a, w in ((0.0, 2.5), (6.0, 4.0)))
    profile = (core + 0.2 * wing + 0.005)[first_row:, np.newaxis] * np.ones((1, 16384))
    columns = [
        *builders.simulated.mode_columns([("FUVA", "PSA")]),
        ("ROW_0", "1J", [center - 55 + first_row]),
        ("CENTER", "1D", [center]),
    ]
    own = builders.make_table_file(directory, "PROFTAB", columns)
    with fits.open(own["PROFTAB"], mode="update") as hdus:
        n = profile.size
        column = fits.Column("PROFILE", f"{n}E", dim=f"(16384,{len(profile)})", array=profile[np.newaxis])
        hdus[1] = fits.BinTableHDU.from_columns([*hdus[1].columns, column], hdus[1].header)
    return own
