"""The NUV instrument as functions: optics, mechanism, motion of HST, detector, lamp."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recos.data.instrument import SECONDS_PER_DAY, SPEED_OF_LIGHT, STRIPES
from recos.simulate.configurations import CENTRAL_WAVELENGTHS, Configuration
from recos.simulate.nuv import Nuv, detector, lamp, layout
from recos.simulate.nuv.mechanism import fp_shift, shift1, shift2
from recos.simulate.nuv.motion import earth_velocity, orbit
from recos.simulate.plan import Effects, Observation, PlannedExposure
from recos.steps.heliocentric import radial_velocity

MODES = [(grating, cenwave) for grating in layout.GRATINGS for cenwave in CENTRAL_WAVELENGTHS[grating]]


def exposure(opt_elem="G185M", cenwave=1850, **changes):
    return replace(Observation(Configuration(opt_elem, cenwave)).exposures()[0], **changes)


@pytest.mark.parametrize(("grating", "cenwave"), MODES)
def test_stripes_have_rising_wavelengths_about_the_central_one(grating, cenwave):
    nuv = Nuv(Configuration(grating, cenwave))
    for stripe in STRIPES:
        wavelength = nuv.dispersion(stripe).wavelength(np.arange(1024.0))
        assert np.all(np.diff(wavelength) > 0.0)
        assert np.all(layout.sensitivity(nuv.configuration, stripe, wavelength, "PSA") > 0.0)
    assert nuv.dispersion("NUVB").wavelength(512.0) == pytest.approx(cenwave)


def test_second_order_of_g230l_falls_on_stripe_c():
    nuv = Nuv(Configuration("G230L", 2635))
    wavelength = nuv.dispersion("NUVC").wavelength(np.array([0.0, 1023.0]))
    np.testing.assert_allclose(wavelength, [1768.0, 1967.0], atol=2.0)  # COS Instrument Handbook, Table 5.4


def test_columns_of_wavelengths():
    relation = layout.dispersion("G230L", 2950, "NUVA")
    x = np.linspace(-150.0, 1170.0, 50)
    np.testing.assert_allclose(layout.pixels(relation, relation.wavelength(x), x + 1.3), x, atol=1e-9)


def test_ageing_is_continuous():
    before, after = (layout.ageing("G225M", layout.AGEING_BREAK + d) for d in (-1e-3, 1e-3))
    assert before == pytest.approx(after, abs=1e-6)
    assert layout.ageing("G225M", layout.AGEING_START + 365.25) == pytest.approx(1.0 - 0.036)


def test_no_spectrum_of_an_image():
    with pytest.raises(Exception, match="no spectrum of MIRRORA"):
        Nuv(Configuration("MIRRORA", 0)).dispersion("NUVA")


def test_no_fuv_grating():
    with pytest.raises(Exception, match="G130M: an FUV grating"):
        Nuv(Configuration())


def test_exposures_of_an_observation_lie_on_one_curve():
    """Else a wavecal would say nothing about the exposure beside it."""
    first = exposure(exptime=300.0)
    second = replace(first, expstart=first.expstart + 300.0 / SECONDS_PER_DAY, seed=(first.seed[0], 7))
    for shift in (lambda e, t: shift1(e, "NUVB", t), shift2):
        end, start = shift(first, np.array([300.0])), shift(second, np.array([0.0]))
        np.testing.assert_allclose(end, start, atol=1e-6)
    rate = np.diff(shift1(first, "NUVB", np.array([0.0, 3600.0])))
    assert abs(rate) < 1.3


def test_only_the_fp_pos_displaces_without_drift():
    planned = exposure(fppos=1, effects=Effects().without("drift"))
    for stripe in STRIPES:
        np.testing.assert_array_equal(
            shift1(planned, stripe, np.zeros(2)), fp_shift("G185M", stripe, planned.fpoffset)
        )
    assert fp_shift("MIRRORA", "", -2) == 0.0


def test_velocity_of_hst_is_that_of_a_circular_orbit():
    planned = exposure()
    motion = orbit(planned)
    assert 0.0 < motion.amplitude < 7.6
    assert 0.0 <= (planned.expstart - motion.zero) * SECONDS_PER_DAY < 5800.0
    assert motion.velocity(motion.zero + 100.0 / SECONDS_PER_DAY) > 0.0
    assert orbit(replace(planned, effects=Effects().without("doppler"))).amplitude == 0.0


def test_velocity_of_the_earth_and_the_formula_of_the_calibration():
    """The formula neglects precession since J2000: up to 0.18 km/s in 2023, 0.03 pixels with G185M."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        mjd, ra, dec = rng.uniform(55000.0, 60000.0), rng.uniform(0.0, 360.0), rng.uniform(-80.0, 80.0)
        true = earth_velocity(exposure(ra=ra, dec=dec, expstart=mjd, exptime=1.0))
        assert radial_velocity(ra, dec, mjd) == pytest.approx(true, abs=0.2)


def test_the_formula_of_doppcorr_is_exact_to_a_thousandth_of_a_pixel():
    relation = layout.dispersion("G185M", 1850, "NUVB")
    x = np.linspace(0.0, 1023.0, 20)
    velocity = 7.6
    seen = layout.pixels(relation, relation.wavelength(x) * (1.0 + velocity / SPEED_OF_LIGHT), x)
    detected = seen + 5.0  # the mechanism is known only later
    corrected = detected - velocity / SPEED_OF_LIGHT * relation.wavelength(detected) / relation.dispersion(
        detected
    )
    assert np.abs(seen - x).max() > 1.2
    np.testing.assert_allclose(corrected - 5.0, x, atol=1e-3)


def test_flat_field():
    flat, response = detector.flat(), detector.response()
    assert flat.shape == response.shape == (1024, 1024)
    assert flat[:, detector.VIGNETTED :].mean() == pytest.approx(1.0, abs=0.01)
    assert flat[:, :20].mean() < 0.9
    x, y, width, height = detector.DEAD[0]
    assert np.all(response[y : y + height, x : x + width] < 0.05 * flat[y : y + height, x : x + width])


def test_dead_time_is_that_of_an_observed_rate():
    true_rate = np.array([10.0, 1e4, 1e5])
    recorded = true_rate * detector.survival(true_rate)
    np.testing.assert_allclose(detector.livetime(recorded), detector.survival(true_rate), rtol=1e-12)


@pytest.mark.parametrize(("grating", "cenwave"), MODES[::6])
def test_template_spectra_follow_the_fp_pos(grating, cenwave):
    c = Configuration(grating, cenwave)
    for stripe in STRIPES:
        spectrum, moved = (lamp.template(c, stripe, fpoffset) for fpoffset in (0, 1))
        assert spectrum.sum() == pytest.approx(lamp.RATE, rel=0.1)
        lags = np.arange(40, 70)
        overlap = [float(spectrum[: 1024 - lag] @ moved[lag:]) for lag in lags]
        assert lags[np.argmax(overlap)] == pytest.approx(fp_shift(grating, stripe, 1), abs=1.0)


def test_line_spread_of_the_boa_is_wider():
    psa, boa = (Nuv(Configuration("G185M", 1850, aperture=a)).line_spread("NUVA") for a in ("PSA", "BOA"))
    assert boa > 2.0 * psa


def test_planned_exposure_is_what_the_truth_tells():
    planned: PlannedExposure = exposure()
    truth = Nuv(planned.configuration).truth(planned)
    assert truth["shift1"]["NUVB"][0] == shift1(planned, "NUVB", np.zeros(1))[0]
    assert truth["orbit"]["amplitude"] == orbit(planned).amplitude
    assert truth["flashes"] == [[4.0, 16.0], [576.0, 588.0]]
