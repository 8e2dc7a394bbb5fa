from __future__ import annotations

import numpy as np
from astropy.io import fits

from helpers.spectra import make_spectrum
from recos.extract import COLUMNS, Spectrum
from recos.io.fitsfile import write_tables


def test_table_and_back(tmp_path):
    spectrum = make_spectrum(("FUVA", "FUVB"))
    path = tmp_path / "x_x1d.fits"
    write_tables(path, spectrum.primary, [spectrum.table()])
    with fits.open(path) as hdus:
        hdus.verify("exception")
        table = hdus[1]
        assert table.name == "SCI"
        assert [c.name for c in table.columns] == [c.name for c in COLUMNS]
        assert [c.format for c in table.columns][:5] == ["4A", "1D", "1J", "400D", "400E"]
        assert table.header["TUNIT5"] == "erg /s /cm**2 /angstrom"
        assert table.header["TDISP2"] == "F8.3"
        assert table.header.comments["TTYPE18"] == "Average background per pixel"
        again = Spectrum.from_table(hdus[0].header, table.header, np.asarray(table.data))
    assert again.layout == COLUMNS
    for name, values in spectrum.columns.items():
        np.testing.assert_array_equal(again[name], values, err_msg=name)
        assert again[name].dtype == values.dtype


def test_empty_table(tmp_path):
    full = make_spectrum()
    empty = Spectrum.from_rows(full.primary, full.header, [], 16384)
    assert (empty.n_rows, empty.n_pixels) == (0, 16384)
    path = tmp_path / "x_x1d.fits"
    write_tables(path, empty.primary, [empty.table()])
    assert fits.getheader(path, 1)["NAXIS2"] == 0


def test_copy_is_deep():
    spectrum = make_spectrum()
    copy = spectrum.copy()
    copy["NET"][:] = 0.0
    copy.mark("FLUXCORR")
    assert spectrum["NET"].any()
    assert spectrum.primary["FLUXCORR"] == "PERFORM"
    copy.mark("NOCORR")
    assert "NOCORR" not in copy.primary
