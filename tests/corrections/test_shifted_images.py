"""Corrections of displacements, in a simulated NUV image of which the displacement is known."""

from __future__ import annotations

import numpy as np
import pytest

import recos
from recos.data.context import Context
from recos.data.instrument import STRIPES
from recos.io.fitsfile import write_tables
from recos.simulate import Configuration, Effects, Observation, Source, recover, simulate
from recos.simulate.nuv import layout
from recos.simulate.nuv.mechanism import shift1
from recos.wavecal.records import WavecalRecord

pytestmark = pytest.mark.xdist_group("corrections")


@pytest.fixture(scope="module")
def accum(tmp_path_factory, simulation_cache):
    """An ACCUM exposure at FP-POS 1; the mechanism goes where it is told to."""
    observation = Observation(
        Configuration("G185M", 1850, obsmode="ACCUM"),
        effects=Effects.only("line_spread", "cross_dispersion"),
        fppos=(1,),
        events=1.5e6,
        seed=12,
    )
    dataset = simulate(
        observation, tmp_path_factory.mktemp("accum"), Source.builtin("b-star"), simulation_cache
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        yield dataset


def planned(dataset):
    (exposure,) = (e for e in dataset.exposures if not e.is_wavecal)
    return exposure


def raw_file(dataset):
    return dataset.raw / f"{planned(dataset).root}_rawaccum.fits"


def calibrated(dataset, corrections, wavecals):
    """The exposure with images, and its references; with a wavecal that measured the true shifts."""
    exposure = recos.read(raw_file(dataset), corrections=corrections)
    refs = recos.References.for_exposure(exposure)
    context = Context()
    if wavecals:
        truth = planned(dataset)
        values = {}
        for stripe in STRIPES:
            values["shift1" + stripe[-1].lower()] = float(shift1(truth, stripe, np.zeros(1))[0])
            values["shift2" + stripe[-1].lower()] = 0.0
        context.wavecals = [WavecalRecord(truth.expstart, 1850, truth.fpoffset, values)]
    recos.calibrate(exposure, refs, stop_after="image_shifts", context=context)
    return exposure, refs


@pytest.mark.parametrize("wavecals", [True, False])
def test_fractions_of_pixels(accum, tmp_path, wavecals):
    """Stripes A and C are displaced by -106.4 pixels: by a wavecal, or by the default."""
    for corrections, wrong in (((), 0.4), (("dpixel1",), 0.0)):
        exposure, refs = calibrated(accum, corrections, wavecals)
        assert exposure.primary["WAVECORR"] == ("COMPLETE" if wavecals else "SKIPPED")
        spectrum = recos.extract_again(exposure, refs)
        write_tables(tmp_path / "x1d.fits", spectrum.primary, [spectrum.table()], overwrite=True)
        for found in recover(accum, tmp_path / "x1d.fits"):
            truth = 0.0 if found.spectrum == "NUVB" else -wrong
            assert abs(found.offset - truth) < 3.0 * found.offset_error
            assert found.offset_error < 0.11
    assert [exposure.header["SHIFT1" + x] for x in "ABC"] == pytest.approx([-106.4, -104.0, -106.4])
    assert [exposure.header["DPIXEL1" + x] for x in "ABC"] == pytest.approx([0.4, 0.0, 0.4], abs=1e-3)


def test_tilted_spectra_stay_in_their_rows(accum):
    for corrections, largest in (((), 2.1), (("tilted-spectra",), 0.05)):
        exposure, _ = calibrated(accum, corrections, wavecals=True)
        x, y = (a.astype(np.float64) for a in (exposure.events.xfull, exposure.events.yfull))
        for stripe in STRIPES:
            row, slope = layout.spectrum_row("G185M", stripe, "PSA")
            off = y - row - slope * x
            mean = off[np.abs(off) < 15.0].mean()
            assert largest - 0.2 < abs(mean) < largest if not corrections else abs(mean) < largest
