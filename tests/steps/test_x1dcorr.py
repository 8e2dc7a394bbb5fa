from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.events import EventList
from recos.data.images import Images
from recos.errors import InputError
from recos.steps._fluxcorr import fluxcorr
from recos.steps._helcorr import helcorr
from recos.steps._spectrum_keywords import spectrum_keywords
from recos.steps._tdscorr import tdscorr
from recos.steps._x1dcorr import x1dcorr


@pytest.fixture(scope="module")
def refs(reference_files):
    return builders.make_refs(reference_files)


def extracted(refs, reference_files, images=True, **header):
    """An exposure with 50 counts in the three middle rows of the extraction box in each column."""
    keywords = {"XTRCTALG": "BOXCAR", "WAVECORR": "COMPLETE", "SDQFLAGS": 8346, "V_HELIO": 10.0} | header
    exposure = builders.make_exposure(2, names=reference_files, **keywords)
    if images:
        shape = exposure.mode.image_shape
        row = refs.extraction_row("BOXCAR", **exposure.mode.row_filter())
        y = np.floor(row["B_SPEC"] + row["SLOPE"] * np.arange(shape[1]) + 0.5).astype(int)
        counts = np.zeros(shape, np.float32)
        for step, n in ((-1, 10.0), (0, 30.0), (1, 10.0)):
            counts[y + step, np.arange(shape[1])] = n
        exptime = float(exposure.header["EXPTIME"])
        exposure.images = Images(counts, counts.copy(), np.zeros(shape, np.int16), exptime)
    return exposure


def test_all_steps(refs, reference_files):
    exposure = extracted(refs, reference_files)
    t = exposure.header["EXPTIMEA"]
    x1dcorr(exposure, refs)
    spectrum = exposure.spectrum
    np.testing.assert_allclose(spectrum["GCOUNTS"], 50.0, rtol=1e-6)
    np.testing.assert_allclose(spectrum["NET"], 50.0 / t, rtol=1e-6)
    assert not spectrum["FLUX"].any()
    relation = refs.dispersion(exposure.mode.fpoffset, **exposure.mode.row_filter())
    dpixel1 = exposure.header.get("DPIXEL1A", 0.0)
    vacuum = relation.wavelength(np.arange(16384) + dpixel1)
    np.testing.assert_array_equal(spectrum["WAVELENGTH"][0], vacuum)
    assert exposure.header["SP_OFF_A"] == pytest.approx(0.0, abs=0.6)

    fluxcorr(exposure, refs)
    flux = spectrum["FLUX"].copy()
    assert (flux > 0).all()
    tdscorr(exposure, refs)
    assert (spectrum["FLUX"] != flux).any()
    helcorr(exposure, refs)
    np.testing.assert_allclose(spectrum["WAVELENGTH"][0], vacuum * (1 - 10 / 299792.458), rtol=1e-14)
    spectrum_keywords(exposure, refs)
    assert spectrum.primary["MAXWAVE"] == spectrum["WAVELENGTH"].max()

    assert exposure.completed == ["x1dcorr", "fluxcorr", "tdscorr", "helcorr", "spectrum_keywords"]
    for switch in ("X1DCORR", "BACKCORR", "FLUXCORR", "TDSCORR", "HELCORR"):
        assert spectrum.primary[switch] == "COMPLETE", switch
        assert exposure.primary[switch] == "PERFORM", switch


def test_wavelengths_without_wavecorr(refs, reference_files, caplog):
    exposure = extracted(refs, reference_files, wavecorr="OMIT", dpixel1a=0.3)
    x1dcorr(exposure, refs)
    assert "WAVECORR was not done" in caplog.text
    relation = refs.dispersion(exposure.mode.fpoffset, **exposure.mode.row_filter())
    np.testing.assert_array_equal(exposure.spectrum["WAVELENGTH"][0], relation.wavelength(np.arange(16384)))


def test_subpixel_position(refs, reference_files):
    exposure = extracted(refs, reference_files, dpixel1a=0.3)
    x1dcorr(exposure, refs)
    relation = refs.dispersion(exposure.mode.fpoffset, **exposure.mode.row_filter())
    expected = relation.wavelength(np.arange(16384) + 0.3)
    np.testing.assert_array_equal(exposure.spectrum["WAVELENGTH"][0], expected)


def test_backcorr_omitted(refs, reference_files):
    exposure = extracted(refs, reference_files, backcorr="OMIT")
    x1dcorr(exposure, refs)
    assert exposure.spectrum.primary["BACKCORR"] == "OMIT"


def test_no_events(refs, reference_files):
    exposure = extracted(refs, reference_files, images=False)
    exposure.events = EventList.empty()
    for step in (x1dcorr, fluxcorr, tdscorr, helcorr):
        step(exposure, refs)
    spectrum_keywords(exposure, refs)
    spectrum = exposure.spectrum
    assert (spectrum.n_rows, spectrum.n_pixels) == (0, 16384)
    assert [spectrum.primary[s] for s in ("X1DCORR", "BACKCORR", "FLUXCORR")] == ["PERFORM"] * 3
    assert spectrum.primary["HELCORR"] == "COMPLETE"
    assert spectrum.primary["PLATESC"] > 0.0


def test_unknown_algorithm(refs, reference_files):
    with pytest.raises(InputError, match="XTRCTALG = OPTIMAL"):
        x1dcorr(extracted(refs, reference_files, xtrctalg="OPTIMAL"), refs)


def test_missing_flags(refs, reference_files, caplog):
    exposure = extracted(refs, reference_files)
    for name in ("SDQOUTER", "SDQFLAGS"):
        exposure.header.remove(name, ignore_missing=True)
    exposure.header["SDQFLAGS"] = 8346
    x1dcorr(exposure, refs)
    assert "No SDQOUTER keyword" in caplog.text
    del exposure.header["SDQFLAGS"]
    with pytest.raises(InputError, match="SDQFLAGS"):
        x1dcorr(exposure, refs)
