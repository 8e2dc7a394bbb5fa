from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from helpers.flux_tables import fluxtab, tdstab
from helpers.spectra import make_spectrum
from recos.errors import MissingRowError, ReferenceFileError
from recos.extract.flux import apply_sensitivity, apply_time_dependence, heliocentric, relative_sensitivity


@pytest.fixture
def mode():
    return builders.make_exposure(2).mode


def test_sensitivity(tmp_path, mode):
    spectrum = make_spectrum()
    net, error = spectrum["NET"].copy(), spectrum["ERROR"].copy()
    apply_sensitivity(spectrum, fluxtab(tmp_path, [1400.0, 1404.0], [2.0**40, 2.0**42]), mode, "x")
    factor = np.interp(spectrum["WAVELENGTH"], [1400.0, 1404.0], [2.0**40, 2.0**42]).astype(np.float32)
    np.testing.assert_array_equal(spectrum["FLUX"], net / factor)
    np.testing.assert_array_equal(spectrum["ERROR"], error / factor)


def test_without_sensitivity_the_flux_is_the_rate(tmp_path, mode):
    spectrum = make_spectrum()
    net = spectrum["NET"].copy()
    apply_sensitivity(spectrum, fluxtab(tmp_path, [1400.0, 1402.0, 1404.0], [0.0, 0.0, 1e12]), mode, "x")
    np.testing.assert_array_equal(spectrum["FLUX"][0, :201], net[0, :201])


def test_sensitivity_of_another_length(tmp_path, mode):
    with pytest.raises(ReferenceFileError, match=r"FLUXTAB\): 3 values of WAVELENGTH, but 2 of SENSITIVITY"):
        apply_sensitivity(make_spectrum(), fluxtab(tmp_path, [1.0, 2.0, 3.0], [1.0, 1.0]), mode, "x")


def test_sensitivity_of_another_segment(tmp_path, mode):
    with pytest.raises(MissingRowError, match="SEGMENT = FUVB"):
        apply_sensitivity(make_spectrum(("FUVB",)), fluxtab(tmp_path, [1.0, 2.0], [1.0, 1.0]), mode, "x")


@pytest.mark.parametrize(
    ("limits", "range_", "warning"),
    [
        ((2, 23), "2_23", ""),
        ((2, 30), "2_23", "PHATAB limits are 2 to 30, but PHARANGE limits are 2 to 23"),
        ((2, 30), "2-23", "Can't compare pulse height ranges for x"),
        ((-1, 30), "2_23", ""),
        ((2, 30), None, ""),
    ],
)
def test_pulse_heights(tmp_path, mode, caplog, limits, range_, warning):
    table = fluxtab(tmp_path, [1400.0, 1404.0], [1.0, 1.0])
    if range_ is not None:
        table.primary["PHARANGE"] = range_
    apply_sensitivity(make_spectrum(phalowra=limits[0], phauppra=limits[1]), table, mode, "x")
    assert warning in caplog.text
    assert bool(warning) == bool(caplog.text)


@pytest.mark.parametrize(
    ("time", "slope", "intercept", "outside"),
    [
        (54000.0, (-1.0, -2.0), 1.0, False),
        (50000.0, (-1.0, -2.0), 1.0, False),
        (49000.0, (-1.0, -2.0), 1.0, True),
        (58000.0, (-4.0, -4.0), 1.5, True),
        (60000.0, (-4.0, -4.0), 1.5, True),
    ],
)
def test_relative_sensitivity(tmp_path, time, slope, intercept, outside):
    row = tdstab(tmp_path).row(segment="FUVA")
    wavelength, factor, extrapolated = relative_sensitivity(row, time, 50000.0)
    np.testing.assert_array_equal(wavelength, [1000.0, 2000.0])
    expected = intercept + np.array(slope) / 100 * (time - 50000.0) / 365.25
    np.testing.assert_allclose(factor, expected, rtol=1e-14)
    assert extrapolated is outside


@pytest.mark.parametrize(
    ("name", "value"),
    [("NT", 99), ("NT", 0), ("NWL", 99), ("NWL", -1), ("TIME", np.zeros(1)), ("SLOPE", np.zeros(3))],
)
def test_sizes_that_contradict_each_other(tmp_path, name, value):
    row = dict(tdstab(tmp_path).row(segment="FUVA")) | {name: value}
    with pytest.raises(ReferenceFileError, match=r"TDSTAB: NT = .* do not fit"):
        relative_sensitivity(row, 54000.0, 50000.0)


def test_time_dependence(tmp_path, mode):
    spectrum = make_spectrum()
    before = {name: spectrum[name].copy() for name in ("FLUX", "ERROR", "ERROR_LOWER", "NET")}
    table = tdstab(tmp_path)
    assert apply_time_dependence(spectrum, table, mode, "x")
    wavelength, factor, _ = relative_sensitivity(table.row(segment="FUVA"), mode.mid_time, 50000.0)
    ratio = np.interp(spectrum["WAVELENGTH"], wavelength, factor).astype(np.float32)
    for name in ("FLUX", "ERROR", "ERROR_LOWER"):
        np.testing.assert_array_equal(spectrum[name], before[name] / ratio)
    np.testing.assert_array_equal(spectrum["NET"], before["NET"])


def test_dummy_row(tmp_path, mode):
    spectrum = make_spectrum()
    flux = spectrum["FLUX"].copy()
    assert not apply_time_dependence(spectrum, tdstab(tmp_path, pedigree="DUMMY"), mode, "x")
    np.testing.assert_array_equal(spectrum["FLUX"], flux)
    assert apply_time_dependence(spectrum, tdstab(tmp_path, pedigree="INFLIGHT"), mode, "x")


def test_missing_reference_time(tmp_path, mode, caplog):
    apply_time_dependence(make_spectrum(), tdstab(tmp_path, reference_time=None), mode, "x")
    assert "REF_TIME keyword missing" in caplog.text


def test_heliocentric():
    spectrum = make_spectrum()
    before = spectrum["WAVELENGTH"].copy()
    heliocentric(spectrum, 29.9792458)
    np.testing.assert_allclose(spectrum["WAVELENGTH"], before * (1.0 - 1e-4), rtol=1e-14)
