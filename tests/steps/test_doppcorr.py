from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.instrument import SPEED_OF_LIGHT
from recos.errors import InputError, MissingRowError
from recos.references.bands import doppler_boundary
from recos.steps._doppcorr import doppcorr, doppler_range

ORBIT = {"doppmagv": 7.0, "orbitper": 5700.0}


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def exposure_with(n=400, **header):
    exposure = builders.make_exposure(n, switches={}, **{**ORBIT, **header})
    exposure.header["DOPPZERO"] = exposure.mode.expstart - 0.01
    return exposure


def test_a_line_that_the_orbital_motion_shifts_comes_to_rest(refs):
    """External events of one wavelength; those of the lamp, which moves with the telescope, stay."""
    exposure = exposure_with(orbitper=600.0)
    e, relation = exposure.events, refs.dispersion(0, **exposure.mode.row_filter())
    velocity = 7.0 * np.sin(2.0 * np.pi * (0.01 * 86400.0 + e.time.astype(np.float64)) / 600.0)
    e.xcorr[:] = [relation.pixel(1300.0 * (1.0 + v / SPEED_OF_LIGHT)) for v in velocity]
    observed = e.xcorr.copy()
    doppcorr(exposure, refs)
    external = exposure.active & (e.ycorr < doppler_boundary(refs, exposure.mode))
    assert 100 < external.sum() < len(e)
    assert np.ptp(observed[external]) > 2.0
    np.testing.assert_allclose(e.xdopp[external], relation.pixel(1300.0), atol=2e-3)
    np.testing.assert_array_equal(e.xdopp[~external], observed[~external])
    assert exposure.primary["DOPPCORR"] == "COMPLETE"


def test_without_wavecorr_xfull_follows(refs):
    exposure = builders.make_exposure(20, switches={"WAVECORR": "OMIT"}, **ORBIT)
    doppcorr(exposure, refs)
    np.testing.assert_array_equal(exposure.events.xfull, exposure.events.xdopp)


def test_orbital_period_that_is_zero(refs):
    with pytest.raises(InputError, match="ORBITPER = 0"):
        doppcorr(exposure_with(orbitper=0.0), refs)


def test_strange_aperture_counts_as_psa(refs, caplog):
    exposure, psa = exposure_with(aperture="N/A"), exposure_with()
    doppcorr(exposure, refs)
    doppcorr(psa, refs)
    np.testing.assert_array_equal(exposure.events.xdopp, psa.events.xdopp)
    assert "temporarily set to PSA" in caplog.text


def test_mode_unknown_to_disptab(refs):
    with pytest.raises(MissingRowError):
        doppcorr(exposure_with(cenwave=1309), refs)


def test_range_of_the_shift(refs):
    exposure = exposure_with()
    low, high = doppler_range(exposure, refs)
    relation = refs.dispersion(exposure.mode.fpoffset, **exposure.mode.row_filter())
    magnitude = 7.0 / SPEED_OF_LIGHT * 1291.0 / float(relation.dispersion(8192.0))
    t = np.arange(round(exposure.exptime)) + 864.0
    shift = magnitude * np.sin(2.0 * np.pi * t / 5700.0)
    assert (low, high) == pytest.approx((shift.min(), shift.max()), rel=1e-6)
    assert doppler_range(builders.make_exposure(5, switches={"DOPPCORR": "OMIT"}), refs) == (0.0, 0.0)
