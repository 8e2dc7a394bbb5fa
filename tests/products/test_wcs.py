from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from recos.products.wcs import spectral_wcs, write_corrtag_wcs, write_image_wcs

SPWCS = {
    "CTYPE1": "WAVE-GRI", "CRPIX1": np.float64(8192.0), "CRVAL1": np.float64(1300.0),
    "CDELT1": np.float32(0.00999),
    "CDELT2": np.float64(2e-6), "CDELT3": np.float64(7e-6), "G": np.float64(3.8e6), "SPORDER": np.int32(-1),
    "ALPHA": np.float64(20.1), "THETA": np.float64(5.2),
}  # fmt: skip
XTRACT = {"B_SPEC": np.float64(430.0), "SLOPE": np.float64(-1e-3)}
EVENTS = {"V_HELIO": 29.9792458, "RA_APER": 10.0, "DEC_APER": -5.0, "PA_APER": 30.0}


def test_values():
    wcs = spectral_wcs(SPWCS, XTRACT, EVENTS, 100, True)
    assert wcs.crpix == (8292.0, pytest.approx(430.0 - 8.191 + 1.0))
    assert wcs.wavelength == pytest.approx(1300.0 * (1.0 - 1e-4), rel=1e-15)
    assert wcs.cdelt[0] == 0.00999
    assert spectral_wcs(SPWCS, XTRACT, EVENTS, 0, False).wavelength == 1300.0
    assert spectral_wcs(SPWCS, XTRACT, {}, 0, True).pointing == (0.0, 0.0, 0.0)


def test_image_header():
    header = fits.Header(
        [("GCOUNT", 1), ("CTYPE1", "WAVE"), ("CD1_1", 0.1), ("TALEN2", 16384), ("CUNIT2", "deg")]
    )
    write_image_wcs(header, {"": spectral_wcs(SPWCS, XTRACT, EVENTS)})
    assert list(header)[:3] == ["GCOUNT", "WCSAXES", "CTYPE1"]
    assert not {"CD1_1", "TALEN2", "CUNIT2"} & set(header)
    assert header["CTYPE1"] == "WAVE-GRI"
    assert (header["CRVAL2"], header["CRVAL3"]) == (10.0, -5.0)
    assert header["PC2_1"] == pytest.approx(np.cos(np.radians(30.0)))
    assert header["PC2_2"] == pytest.approx(-0.5)
    assert header["PV1_1"] == -1
    once = header.copy()
    write_image_wcs(header, {"": spectral_wcs(SPWCS, XTRACT, EVENTS)})
    assert header.tostring() == once.tostring()


def test_corrtag_header():
    header = fits.Header([("TCTYP2", "WAVE"), ("TC3_3", 1.0), ("TALEN2", 16384), ("TCRPX7", 1.0)])
    write_corrtag_wcs(header, {"": spectral_wcs(SPWCS, XTRACT, EVENTS)}, 0, 0)
    assert list(header)[:2] == ["TALEN2", "TCRPX7"]
    assert (header["TCTYP7"], header["TCTYP8"]) == ("WAVE-GRI", "ANGLE")
    assert header["TCRPX7"] == 8192.0
    assert header["TCDLT8"] == 7e-6
    assert header["TPV7_6"] == 5.2


def test_alternate_descriptions():
    other = {**SPWCS, "CRVAL1": np.float64(1400.0)}
    rows = {"": SPWCS, "A": other, "B": SPWCS}
    descriptions = {letter: spectral_wcs(row, XTRACT, {}) for letter, row in rows.items()}
    image = fits.Header([("GCOUNT", 1), ("TCRV7A", 1.0), ("TCRVL7", 1.0)])
    write_image_wcs(image, descriptions)
    assert list(image)[:4] == ["GCOUNT", "WCSAXES", "WCSAXESA", "WCSAXESB"]
    assert (image["CRVAL1"], image["CRVAL1A"], image["CRVAL1B"]) == (1300.0, 1400.0, 1300.0)
    assert not {"TCRV7A", "TCRVL7"} & set(image)
    events = fits.Header()
    write_corrtag_wcs(events, descriptions, 0, 0)
    assert (events["TCRVL7"], events["TCRV7A"], events["TCTY8B"]) == (1300.0, 1400.0, "ANGLE")
    assert (events["TPC7_7A"], events["TPV7_1A"]) == (1.0, -1)
