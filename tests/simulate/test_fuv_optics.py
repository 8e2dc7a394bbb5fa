"""The FUV optics of the simulator, in all modes."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.simulated import line_source
from recos.data.instrument import FUV_GRATINGS
from recos.simulate.configurations import CENTRAL_WAVELENGTHS, Configuration
from recos.simulate.fuv.detector import COLUMNS, LAYOUT, LIFETIME_OFFSET
from recos.simulate.fuv.optics import AGEING_TIMES, Optics, motion
from recos.simulate.fuv.reference_tables import BACKGROUND, BACKGROUND_HEIGHT, BOXCAR_HEIGHT, LAMP_HEIGHT
from recos.simulate.plan import Effects, Observation, PlannedExposure

MODES = [(grating, cenwave) for grating in FUV_GRATINGS for cenwave in CENTRAL_WAVELENGTHS[grating]]


@pytest.mark.parametrize(("opt_elem", "cenwave"), MODES)
def test_every_mode_has_wavelengths_and_sensitivity(opt_elem, cenwave):
    optics = Optics(Configuration(opt_elem, cenwave))
    for segment in optics.configuration.possible_segments:
        s = LAYOUT[segment]
        wavelength = optics.dispersion(segment).wavelength(np.arange(s.left, s.right + 1))
        assert np.all(np.diff(wavelength) > 0.0)
        assert wavelength[0] > 50.0
        # COS Instrument Handbook, Table 5.3: FUVA begins near CENWAVE, FUVB ends some Angstrom below
        assert abs(wavelength[0 if segment == "FUVA" else -1] - cenwave) < 120.0
        assert np.all(optics.sensitivity(wavelength) > 0.0)


@pytest.mark.parametrize("life_adj", LIFETIME_OFFSET)
@pytest.mark.parametrize("opt_elem", FUV_GRATINGS)
def test_spectra_and_their_backgrounds_lie_in_the_active_area(life_adj, opt_elem):
    optics = Optics(Configuration(opt_elem, CENTRAL_WAVELENGTHS[opt_elem][1], life_adj))
    for segment in optics.configuration.possible_segments:
        s = LAYOUT[segment]
        tilt = abs(optics.slope(segment)) * COLUMNS / 2
        for aperture, height in (("PSA", BOXCAR_HEIGHT), ("BOA", BOXCAR_HEIGHT), ("WCA", LAMP_HEIGHT)):
            row = optics.middle(segment, aperture)
            assert s.low < row - height / 2 - tilt
            assert row + height / 2 + tilt < s.high
            half = BACKGROUND_HEIGHT[aperture] / 2 + tilt
            assert all(s.low < row + b - half and row + b + half < s.high for b in BACKGROUND[aperture])


def test_photons_follow_the_profile():
    optics = Optics(Configuration())
    rows = np.arange(-40, 41)[:, np.newaxis]
    x = np.array([2000.0, 9000.0])
    profile = optics.profile(rows, x, 0.5)
    np.testing.assert_allclose(profile.sum(axis=0), 1.0, rtol=1e-4)
    rng = np.random.default_rng(1)
    for k in (0, 1):
        n = 200_000
        y = optics.profile_offsets(rng, np.full(n, x[k])) + rng.normal(0.0, 0.5, n)
        counts = np.bincount(np.rint(y).astype(int) + 40, minlength=81)[:81]
        # a pixel is the integral over a row, which the blur of 1/12 stands for
        expected = optics.profile(rows, x, np.sqrt(0.25 + 1.0 / 12.0))[:, k] * n
        use = expected > 50.0
        chi2 = ((counts - expected)[use] ** 2 / expected[use]).mean()
        assert 0.3 < chi2 < 2.0


def test_ageing_is_continuous_and_one_in_the_beginning():
    optics = Optics(Configuration())
    wavelength = np.linspace(1300.0, 1420.0, 5)
    np.testing.assert_allclose(optics.ageing("FUVA", wavelength, AGEING_TIMES[0]), 1.0)
    for time in AGEING_TIMES[1:]:
        before, after = (optics.ageing("FUVA", wavelength, time + dt) for dt in (-1e-6, 1e-6))
        np.testing.assert_allclose(before, after, rtol=1e-8)
    assert np.all(optics.ageing("FUVA", wavelength, 59000.0) < 0.85)


def test_lamp_templates_of_fp_positions_are_shifted():
    optics = Optics(Configuration("G160M", 1600))
    s = LAYOUT["FUVB"]
    nominal, moved = optics.lamp_spectrum("FUVB", 0), optics.lamp_spectrum("FUVB", 1)
    shift = int(optics.fp_shift(1))
    inside = slice(s.left + shift, s.right)
    np.testing.assert_allclose(moved[inside], nominal[s.left : s.right - shift], atol=2e-3)
    assert not Optics(Configuration("G140L", 1280)).has_lamp_lines("FUVB")


def test_source_is_seen_at_its_barycentric_wavelengths():
    optics = Optics(Configuration())
    planned = PlannedExposure("lrec01aaq", "EXP-FP", Configuration())
    cells = optics.source_cells("FUVA", line_source(lines=0), planned)
    still = optics.source_cells(
        "FUVA", line_source(lines=0), PlannedExposure("x", "EXP-FP", Configuration(), effects=Effects.only())
    )
    assert len(cells.edges) == len(cells.rate) + 1
    assert np.all(cells.rate > 0.0)
    # older, and another high voltage
    assert cells.rate.sum() < still.rate.sum()


def test_wavecals_share_the_displacement_of_the_science_exposure_beside_them():
    observation = Observation(Configuration(aperture="BOA"), fppos=(1, 4))
    optics = Optics(observation.configuration)
    before, science, *_ = observation.exposures()
    first, second = motion(optics, before), motion(optics, science)
    gap = (science.expstart - before.expstart) * 86400.0
    assert first.shift1(gap) == pytest.approx(second.shift1(0.0), abs=1e-6)
    assert first.across == second.across
    assert first.misalignment == 0.0 != second.misalignment
    assert first.fp == -2 * 250.0
