import numpy as np
import pytest

from helpers.builders import make_refs
from helpers.lamp_builders import flash_exposure
from recos.steps._wavecorr import wavecorr
from recos.wavecal.flashes import concatenate


@pytest.fixture(scope="module")
def segments(reference_files):
    made = [flash_exposure(reference_files, segment) for segment in ("FUVA", "FUVB")]
    for exposure in made:
        wavecorr(exposure, make_refs(reference_files))
    return made


def test_columns(segments):
    table = segments[0].flashes.table()
    names = (
        "SEGMENT TIME EXPTIME LAMP_ON LAMP_OFF NELEM WAVELENGTH NET GROSS BACKGROUND SHIFT_DISP SHIFT_XDISP"
    )
    assert [c.name for c in table.columns] == [*names.split(), "SPEC_FOUND", "CHI_SQUARE", "N_DEG_FREEDOM"]
    assert table.name == "LAMPFLASH"
    forms = {c.name: c.form for c in table.columns}
    assert (forms["WAVELENGTH"], forms["GROSS"], forms["SHIFT_DISP"]) == ("16384D", "16384E", "1E")
    assert all(len(c.array) == 3 for c in table.columns)
    assert table["GROSS"].shape == (3, 16384)
    assert table["GROSS"].dtype == np.float32


def test_counts_and_wavelengths(segments):
    exposure = segments[0]
    table = exposure.flashes.table()
    counts = (table["GROSS"] * table["EXPTIME"][:, None]).sum(axis=1)
    assert counts == pytest.approx([4000, 4000, 4000], rel=0.03)
    shift = exposure.flashes.rows[0].shift_disp
    relation = make_refs({"DISPTAB": exposure.primary["DISPTAB"]}).dispersion(
        **exposure.mode.row_filter("WCA")
    )
    assert table["WAVELENGTH"][0] == pytest.approx(relation.wavelength(np.arange(16384) - shift), rel=1e-14)


def test_header(segments):
    exposure = segments[1]
    header, primary = exposure.flashes.header, exposure.flashes.primary
    assert primary["FILENAME"] == exposure.path.name.replace("rawtag", "lampflash")
    assert primary["NEXTEND"] == 1
    assert primary["WAVECORR"] == "COMPLETE"
    assert header["SP_LOC_B"] == pytest.approx(650.0 + 3.0e-4 * 8192 + exposure.flashes.rows[-1].shift_xdisp)
    assert header["SP_ERR_B"] == 999.0
    assert header["SHIFT1B"] == exposure.header["SHIFT1B"]
    assert header["NGOODPIX"] == 3 * 16384
    assert "SP_LOC_B" not in exposure.header or exposure.header["SP_LOC_B"] != header["SP_LOC_B"]


def test_concatenation(segments, reference_files):
    a, b = (exposure.flashes for exposure in segments)
    both = concatenate(a, b, make_refs(reference_files))
    assert both.column("SEGMENT").tolist() == ["FUVA"] * 3 + ["FUVB"] * 3
    assert both.primary["SEGMENT"] == "BOTH"
    assert both.header["SHIFT1B"] == b.header["SHIFT1B"]
    assert both.header["SHIFT1A"] == a.header["SHIFT1A"]
    assert both.header["NGOODPIX"] == 6 * 16384
    wavelength = both.table()["WAVELENGTH"]
    assert (both.primary["MINWAVE"], both.primary["MAXWAVE"]) == (wavelength.min(), wavelength.max())
    assert len(a.rows) == 3
    assert a.primary["SEGMENT"] == "FUVA"
