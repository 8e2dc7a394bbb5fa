from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.instrument import SPEED_OF_LIGHT
from recos.references.bands import spectrum_bands
from recos.steps._initial_positions import initial_positions
from recos.steps._wavelengths import wavecal_wavelengths, wavelengths


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def expected(exposure, refs, x, y, v_helio):
    mode = exposure.mode
    sky, lamp = (refs.dispersion(mode.fpoffset, **mode.row_filter(a)).wavelength(x) for a in ("PSA", "WCA"))
    sky = sky * (1.0 - v_helio / SPEED_OF_LIGHT)
    values = np.where(y < spectrum_bands(refs, mode).edges[1], sky, lamp)
    return np.where(exposure.active, values, 0.0)


@pytest.mark.parametrize(("helcorr", "velocity"), [("PERFORM", 25.0), ("COMPLETE", 25.0), ("OMIT", 0.0)])
def test_sky_is_heliocentric_and_the_lamp_is_not(refs, helcorr, velocity):
    exposure = builders.make_exposure(500, stims=5, switches={"HELCORR": helcorr})
    initial_positions(exposure, refs)
    exposure.v_helio = 25.0
    wavelengths(exposure, refs)
    e = exposure.events
    np.testing.assert_allclose(e.wavelength, expected(exposure, refs, e.xfull, e.yfull, velocity), rtol=1e-7)
    assert (e.wavelength == 0.0).sum() == 10


def test_wavecal_uses_the_shifts_of_the_header(refs):
    exposure = builders.make_exposure(500, exptype="WAVECAL", aperture="WCA", shift1a=12.3, shift2a=-2.5)
    initial_positions(exposure, refs)
    wavecal_wavelengths(exposure, refs)
    e = exposure.events
    x, y = e.xfull - np.float32(12.3), e.yfull - np.float32(-2.5)
    np.testing.assert_allclose(e.wavelength, expected(exposure, refs, x, y, 0.0), rtol=1e-7)


def test_unknown_mode_leaves_the_column(tmp_path, reference_files, caplog):
    columns = [(n, "5A", ["G160M"]) for n in ("SEGMENT", "OPT_ELEM", "APERTURE")]
    own = builders.make_table_file(tmp_path, "DISPTAB", [*columns, ("CENWAVE", "1J", [1600])])
    exposure = builders.make_exposure(5, columns={"wavelength": np.full(5, 3.0)})
    wavelengths(exposure, builders.make_refs({**reference_files, **own}))
    assert "was not found" in caplog.text
    assert (exposure.events.wavelength == 3.0).all()


def test_no_events(refs):
    exposure = builders.make_exposure(0)
    wavelengths(exposure, refs)
    wavecal_wavelengths(exposure, refs)
    assert exposure.active is None
