"""The forward model: what it inverts comes back, the same seed gives the same bytes, files are complete."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos.io.read
from helpers import builders
from recos.data.reference_kinds import KINDS
from small_cos import SEGMENTS, Model, Setup, make_dataset, simulate_events, write_references
from small_cos.exposure import to_raw


@pytest.mark.parametrize("segment", SEGMENTS)
def test_raw_positions_lead_back_to_the_corrected_ones(segment):
    model, s = Model(), SEGMENTS[segment]
    rng = np.random.default_rng(5)
    x, y = rng.uniform(s.left, s.right, 500), rng.uniform(s.low, s.high, 500)
    pha = rng.integers(0, 32, 500)
    rawx, rawy = to_raw(model, segment, x, y, pha)
    x0, xslope, y0, yslope = s.thermal
    u, v = x0 + rawx * xslope, y0 + rawy * yslope
    dx, dy = model.distortion(u, v)
    walk_x, walk_y = model.walk(pha)
    np.testing.assert_allclose(u - dx - walk_x, x, atol=1e-6)
    np.testing.assert_allclose(v - dy - walk_y, y, atol=1e-6)


def test_events_are_in_order_of_time_and_inside_the_exposure():
    setup = Setup(exptime=50.0, flashes=((4.0, 10.0),))
    events = simulate_events(Model(), setup, "FUVA", 5000, np.random.default_rng(1))
    assert np.all(np.diff(events.time) >= 0)
    assert 0.0 < events.time[0] <= events.time[-1] <= setup.exptime
    assert events.pha.max() <= 31
    assert len(events) > 5000


def test_same_seed_same_bytes_other_seed_other_events(tmp_path):
    setup = Setup(exptime=20.0, flashes=())
    first, again, other = (
        make_dataset(tmp_path / name, 500, seed, setup=setup) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    for one, two, three in zip(first.raw, again.raw, other.raw, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert one.read_bytes() != three.read_bytes()
    with fits.open(first.association) as hdus:
        assert list(hdus[1].data["MEMTYPE"]) == ["EXP-FP", "PROD-FP"]


def test_reference_files_say_what_they_are(tmp_path):
    names = write_references(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 10_000_000
    for keyword, name in names.items():
        header = fits.getheader(tmp_path / name.removeprefix("lref$"))
        assert header["FILETYPE"] == KINDS[keyword].filetype


def test_true_flux_conserves_lines_when_blurred():
    model = Model(lines=((1300.0, 0.5, 0.2),))
    wavelength = np.linspace(1295.0, 1305.0, 4001)
    deficit = [((wavelength / 1300.0) ** -1.5 - model.flux(wavelength, blur)).sum() for blur in (0.0, 0.3)]
    assert deficit[0] == pytest.approx(deficit[1], rel=1e-3)


def test_builder_in_memory_equals_the_file_read(tmp_path):
    names = builders.make_references(tmp_path / "ref")
    path = builders.make_rawtag(tmp_path / "lrec01d1q_rawtag_b.fits", 200, names=names, fppos=2)
    read = recos.io.read.read(path)
    made = builders.make_exposure(200, "FUVB", names=names, fppos=2)
    for column in ("time", "rawx", "rawy", "pha", "xcorr", "epsilon"):
        np.testing.assert_array_equal(getattr(read.events, column), getattr(made.events, column))
    assert read.mode == made.mode
    assert read.switches == made.switches
    assert (read.exptime, read.elapsed, read.hvlevel) == (made.exptime, made.elapsed, made.hvlevel)
    assert read.raw_gti == made.raw_gti
    assert made.mode.fppos == 2


def test_builder_references_are_of_every_kind(tmp_path):
    refs = builders.make_refs(builders.make_references(tmp_path, large=True))
    missing = [k for k in KINDS if k not in refs]
    assert missing == ["IMPHTTAB", "PHOTTAB"]
    for keyword in KINDS:
        if keyword in refs:
            assert refs.file(keyword)[0].header["FILETYPE"] == KINDS[keyword].filetype
    assert refs.twozxtab.row(segment="FUVA")["HEIGHT"] == builders.TWOZONE_HEIGHT
