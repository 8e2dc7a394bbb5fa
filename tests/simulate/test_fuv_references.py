"""Reference files of the simulated FUV channel: every kind, real size, written once."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from recos.data.reference_kinds import KINDS
from recos.references import References
from recos.simulate.configurations import Configuration
from recos.simulate.fuv import Fuv, detector
from recos.simulate.fuv.optics import Optics
from recos.simulate.plan import Effects

pytestmark = pytest.mark.xdist_group("simulated")

CONFIGURATION = Configuration("G130M", 1291, 4, xtrctalg="TWOZONE")
NOT_MADE = {"IMPHTTAB", "PHOTTAB", "PHAFILE"}


@pytest.fixture(scope="module")
def files(simulation_cache):
    folder = simulation_cache / "v1"
    folder.mkdir(exist_ok=True)
    return folder, Fuv(CONFIGURATION).write_references(folder)


@pytest.fixture
def refs(files):
    folder, names = files
    named = {k: str(folder / names[k].removeprefix("lref$")) if k in names else "N/A" for k in KINDS}
    return References(named)


def test_every_kind_that_fuv_switches_name(files):
    folder, names = files
    assert set(KINDS) - set(names) == NOT_MADE
    for keyword, name in names.items():
        header = fits.getheader(folder / name.removeprefix("lref$"))
        assert header["FILETYPE"] == KINDS[keyword].filetype
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert 600e6 < size < 1000e6


def test_files_that_exist_are_left_and_other_modes_add_tables_only(files):
    folder, names = files
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    other = Fuv(Configuration("G140L", 1105, 3)).write_references(folder)
    assert other["FLATFILE"] == names["FLATFILE"]
    assert other["XTRACTAB"] != names["XTRACTAB"]
    added = [path for path in folder.iterdir() if path.name not in before]
    assert sum(path.stat().st_size for path in added) < 40e6
    assert all((folder / name).stat().st_mtime_ns == time for name, time in before.items())
    assert not list(folder.glob(".*"))


def test_effects_that_are_off_are_not_in_files(files):
    folder, names = files
    without = Fuv(CONFIGURATION, Effects().without("gain_sag", "cross_dispersion")).write_references(folder)
    assert "GSAGTAB" not in without
    assert {k for k in without if without[k] != names[k]} == {"TWOZXTAB"}


def test_images_are_the_functions_of_the_model(refs):
    rng = np.random.default_rng(4)
    x, y = rng.integers(1000, 15000, 50), rng.integers(0, 1024, 50)
    for segment in ("FUVA", "FUVB"):
        flat = refs.file("FLATFILE")[segment, 1].data
        assert flat.shape == (1024, 16384)
        np.testing.assert_allclose(flat[y, x], detector.flat(segment, x, y), rtol=1e-6)
        for keyword, function in (("GEOFILE", detector.distortion), ("DGEOFILE", detector.delta_distortion)):
            for version, expected in enumerate(function(segment, x, y), start=1):
                image = refs.file(keyword)[segment, version].data
                assert image.shape == (1024, 16384)
                np.testing.assert_allclose(image[y, x], expected, atol=1e-5)
    pha = np.arange(32)
    walk = next(h for h in refs.file("XWLKFILE")[1:] if h.header["SEGMENT"] == "FUVB").data
    np.testing.assert_allclose(walk[:, 7000], detector.walk_x(pha, 7000.0), atol=1e-6)


def test_tables_are_those_of_the_mode(refs):
    optics = Optics(CONFIGURATION)
    mode = {"opt_elem": "G130M", "cenwave": 1291, "aperture": "PSA"}
    for segment in ("FUVA", "FUVB"):
        row = refs.proftab.row(segment=segment, **mode)
        profile = row["PROFILE"]
        assert profile.shape[1] == 16384
        np.testing.assert_allclose(profile.sum(axis=0), 1.0, rtol=1e-4)
        rows = row["ROW_0"] + np.arange(len(profile))
        middle = (profile[:, 4000] * rows).sum()
        assert middle == pytest.approx(optics.middle(segment) + 0.15 * 0.6, abs=0.01)
        trace = refs.tracetab.row(segment=segment, **mode)["TRACE"]
        np.testing.assert_allclose(trace[[0, 9000]], optics.trace(segment, np.array([0.0, 9000.0])))
        tds = refs.tdstab.row(segment=segment, **mode)
        shape = (int(tds["NT"]), int(tds["NWL"]))
        k, years = 1, (57000.0 - refs.tdstab.header["REF_TIME"]) / 365.25
        slope, intercept = (tds[name].reshape(shape)[k] for name in ("SLOPE", "INTERCEPT"))
        np.testing.assert_allclose(
            years * slope / 100.0 + intercept, optics.ageing(segment, tds["WAVELENGTH"], 57000.0), rtol=1e-9
        )
    lamp = refs.lamptab.row(segment="FUVA", opt_elem="G130M", cenwave=1291, fpoffset=-2)
    assert lamp["FP_PIXEL_SHIFT"] == -500.0
    assert lamp["INTENSITY"].shape == (16384,)


def test_gain_sag_table_has_hundreds_of_rows_for_each_voltage(refs):
    extensions = refs.file("GSAGTAB")[1:]
    assert len(extensions) == 12
    for hdu in extensions:
        assert len(hdu.data) >= 300
        assert hdu.header["HVLEVEL" + hdu.header["SEGMENT"][-1]] in detector.HV_LEVELS
