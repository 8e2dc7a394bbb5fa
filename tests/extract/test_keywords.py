from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from helpers.spectra import make_spectrum
from recos.errors import InputError, MissingRowError
from recos.extract import Spectrum, concatenate, copied_keywords, update_wavecal_wavelengths
from recos.extract.keywords import (
    header_value,
    spectrum_header,
    write_archive_keywords,
    write_location,
    write_statistics,
)


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def test_header_value():
    assert header_value(np.float32(447.1)) == 447.1
    assert type(header_value(np.float32(447.1))) is float
    assert type(header_value(np.int16(3))) is int
    assert header_value(0.1) == 0.1


def test_spectrum_header():
    events = fits.Header(
        {"TCTYP2": "WAVE", "TC2_2": 1.0, "CRVAL1A": 1.0, "WCSAXES": 3, "PV1_6": 1.0, "BZERO": 0}
    )
    events["TFIELDS"], events["TTYPE1"], events["SHIFT1A"] = 1, "TIME", 2.0
    header = spectrum_header(events)
    assert list(header) == ["EXTVER", "SHIFT1A"]
    assert "TCTYP2" in events


def test_location():
    header = fits.Header({"SP_ERR_B": 0.5, "SP_LOC_B": 490.0})
    write_location(header, "A", {"SP_LOC": np.float32(430.2), "SP_ERR": 0.1, "SP_HGT": 31})
    assert dict(header) == {
        "SP_ERR_B": -999.0,
        "SP_LOC_B": 490.0,
        "SP_LOC_A": 430.2,
        "SP_ERR_A": 0.1,
        "SP_HGT_A": 31,
    }


def test_copied_keywords():
    spectrum = make_spectrum(sp_err_a=0.1, sp_err_b=-999.0)
    copied = copied_keywords(spectrum)
    assert len(copied.events) == 10
    assert len(copied.images) == 20
    assert copied.events["SP_LOC_A"] == 430.0
    assert copied.images["SP_LOC_B"] == 490.0
    assert copied.images["SP_NOM_B"] == -999.0
    empty = copied_keywords(Spectrum.from_rows(spectrum.primary, spectrum.header, [], 3))
    assert (empty.events, empty.images) == ({}, {})


def test_archive_keywords(refs):
    spectrum = make_spectrum(("FUVA", "FUVB"))
    write_archive_keywords(spectrum, refs)
    good = spectrum["WAVELENGTH"][spectrum["DQ_WGT"] > 0]
    primary = spectrum.primary
    assert (primary["MINWAVE"], primary["MAXWAVE"]) == (good.min(), good.max())
    assert primary["BANDWID"] == good.max() - good.min()
    assert primary["CENTRWV"] == (good.max() + good.min()) / 2
    row = refs.spwcstab.row(segment="FUVA", aperture="PSA")
    assert primary["PLATESC"] == row["CDELT2"] * 3600.0
    assert primary["SPECRES"] == row["SPECRES"]


def test_archive_keywords_without_good_pixels(refs, caplog):
    spectrum = make_spectrum()
    spectrum["DQ_WGT"][:] = 0
    write_archive_keywords(spectrum, refs)
    assert "DQ_WGT is all 0 for 'FUVA'" in caplog.text
    assert spectrum.primary["MINWAVE"] == 1400.0


def test_archive_keywords_need_a_row(refs):
    with pytest.raises(MissingRowError, match="CENWAVE = 1"):
        write_archive_keywords(make_spectrum(cenwave=1), refs)


def test_statistics():
    spectrum = make_spectrum(("FUVA", "FUVB"))
    write_statistics(spectrum)
    good = spectrum["NET"][spectrum["DQ"] != 128]
    assert spectrum.header["NGOODPIX"] == len(good)
    assert spectrum.header["GOODMEAN"] == pytest.approx(500.0 * good.mean(dtype=float), rel=1e-6)
    assert spectrum.header["GOODMAX"] == pytest.approx(500.0 * good.max(), rel=1e-6)


def test_statistics_of_negative_rates():
    one = make_spectrum()
    one["NET"][:] = -1.0
    write_statistics(one)
    assert one.header["GOODMAX"] == -500.0
    two = make_spectrum(("FUVA", "FUVB"))
    two["NET"][:] = -1.0
    write_statistics(two)
    assert two.header["GOODMAX"] == 0.0


def test_statistics_without_good_pixels():
    spectrum = make_spectrum()
    spectrum["DQ"][:] = 128
    write_statistics(spectrum)
    assert [spectrum.header[k] for k in ("NGOODPIX", "GOODMEAN", "GOODMAX")] == [0, 0.0, 0.0]


def test_statistics_off():
    spectrum = make_spectrum(statflag=False)
    write_statistics(spectrum)
    assert "NGOODPIX" not in spectrum.header


def test_concatenate(refs):
    a = make_spectrum(("FUVA",), gsagtab="x", seed=1)
    b = make_spectrum(("FUVB",), exptime=400.0, seed=2, sp_loc_a=0.0, sp_loc_b=488.0)
    joined = concatenate(b, a, refs)
    assert list(joined["SEGMENT"]) == ["FUVA", "FUVB"]
    np.testing.assert_array_equal(joined["NET"], np.concatenate((a["NET"], b["NET"])))
    assert joined.primary["SEGMENT"] == "BOTH"
    assert (joined.header["SP_LOC_A"], joined.header["SP_LOC_B"]) == (430.0, 488.0)
    assert (joined.header["EXPTIME"], joined.header["NEVENTS"]) == (500.0, 2000)
    assert joined.primary["MINWAVE"] > 0.0
    assert joined.header["NGOODPIX"] == np.count_nonzero(joined["DQ"] != 128)
    assert a.primary["SEGMENT"] == "FUVA"


def test_concatenate_with_an_empty_segment(refs):
    a = make_spectrum(("FUVA",))
    a.columns = {name: values[:0] for name, values in a.columns.items()}
    b = make_spectrum(("FUVB",))
    joined = concatenate(a, b, refs)
    assert list(joined["SEGMENT"]) == ["FUVB"]
    assert joined.primary["SEGMENT"] == "FUVB"


def test_concatenate_joins_the_notes_on_gain_sag(refs):
    a, b = make_spectrum(("FUVA",)), make_spectrum(("FUVB",))
    a.primary["GSAGTAB"] = ("g.fits", "ext. 2 for FUVA")
    b.primary["GSAGTAB"] = ("g.fits", "ext. 5 for FUVB")
    joined = concatenate(a, b, refs)
    assert joined.primary.comments["GSAGTAB"] == "ext. 2 for FUVA; ext. 5 for FUVB"
    assert a.primary.comments["GSAGTAB"] == "ext. 2 for FUVA"


def test_concatenate_needs_both_segments(refs):
    with pytest.raises(InputError, match="FUVA and FUVA"):
        concatenate(make_spectrum(), make_spectrum(), refs)


def test_wavecal_wavelengths(refs):
    spectrum = make_spectrum(("FUVA", "FUVB"), shift1a=3.25, shift1b=-1.5, exptype="WAVECAL")
    before = spectrum.primary["MINWAVE"]
    for _ in range(2):
        update_wavecal_wavelengths(spectrum, refs)
    for i, (segment, shift) in enumerate((("FUVA", 3.25), ("FUVB", -1.5))):
        relation = refs.dispersion(0, segment=segment, opt_elem="G130M", cenwave=1291, aperture="WCA")
        expected = relation.wavelength(np.arange(400) - shift)
        np.testing.assert_allclose(spectrum["WAVELENGTH"][i], expected, rtol=1e-14)
    assert spectrum.primary["WAVECORR"] == "COMPLETE"
    assert spectrum.primary["MINWAVE"] == before


def test_wavecal_without_row(refs):
    with pytest.raises(MissingRowError, match="OPT_ELEM = G160M"):
        update_wavecal_wavelengths(make_spectrum(opt_elem="G160M"), refs)
