from __future__ import annotations

from dataclasses import replace

import pytest

from helpers import builders
from recos.errors import InputError, RecosError
from recos.references import References
from recos.steps._photcorr import photcorr, photometry

#: Specification 2, section 6.
TABLE = {
    ("MIRRORA", "PSA"): (4.816554456084e-18, 8.64540709538e-30, 382.88, 2319.7),
    ("MIRRORA", "BOA"): (1.107251346369e-15, 1.90968620531e-27, 370.65, 2273.9),
    ("MIRRORB", "PSA"): (9.720215320058e-17, 1.48789056193e-28, 466.56, 2142.4),
    ("MIRRORB", "BOA"): (1.866877735677e-14, 2.68068135014e-26, 451.56, 2075.3),
}
KEYWORDS = ("PHOTFLAM", "PHOTFNU", "PHOTBW", "PHOTPLAM")


def imaging(opt_elem: str = "MIRRORA", aperture: str = "PSA"):
    """An exposure through a mirror; nothing but its mode matters."""
    exposure = builders.make_exposure(n=1)
    exposure.mode = replace(exposure.mode, detector="NUV", opt_elem=opt_elem, aperture=aperture)
    exposure.primary["PHOTCORR"] = "PERFORM"
    return exposure


@pytest.mark.parametrize(("opt_elem", "aperture"), TABLE)
def test_keywords_of_all_modes(opt_elem, aperture):
    exposure = imaging(opt_elem, aperture)
    photcorr(exposure, References({}))
    assert tuple(exposure.header[k] for k in KEYWORDS) == TABLE[opt_elem, aperture]
    assert exposure.header["PHOTZPT"] == -21.1
    assert exposure.primary["PHOTCORR"] == "COMPLETE"
    assert exposure.completed == ["photcorr"]


@pytest.mark.parametrize(("opt_elem", "aperture"), TABLE)
def test_flux_per_frequency_fits_flux_per_wavelength(opt_elem, aperture):
    """F_nu = F_lambda * pivot**2 / c, within the four digits of the pivot wavelength."""
    values = photometry(opt_elem, aperture)
    c = 2.99792458e18  # Angstrom/s
    assert values["PHOTFNU"] == pytest.approx(values["PHOTFLAM"] * values["PHOTPLAM"] ** 2 / c, rel=1e-3)


def test_existing_keywords_keep_comment_and_place():
    exposure = imaging()
    exposure.header["PHOTFLAM"] = (-999.0, "inverse sensitivity")
    exposure.header["AFTER"] = 1
    photcorr(exposure, References({}))
    keywords = list(exposure.header)
    assert exposure.header.comments["PHOTFLAM"] == "inverse sensitivity"
    assert keywords.index("PHOTFLAM") < keywords.index("AFTER") < keywords.index("PHOTFNU")


def test_case_and_blanks_do_not_matter():
    assert photometry(" mirrorb ", "boa") == photometry("MIRRORB", "BOA")


@pytest.mark.parametrize("aperture", ["WCA", "N/A", ""])
def test_other_apertures_count_as_psa_with_a_warning(aperture, caplog):
    assert photometry("MIRRORA", aperture) == photometry("MIRRORA", "PSA")
    assert f"APERTURE = {aperture}" in caplog.text


@pytest.mark.parametrize("opt_elem", ["TA1Image", "G230L", "MIRROR", ""])
def test_unknown_mirror_is_refused(opt_elem):
    exposure = imaging(opt_elem)
    with pytest.raises(InputError, match="OPT_ELEM") as caught:
        photcorr(exposure, References({}))
    assert isinstance(caught.value, RecosError)
    assert str(exposure.path) in str(caught.value)
    assert exposure.primary["PHOTCORR"] == "PERFORM"
    assert "PHOTFLAM" not in exposure.header
