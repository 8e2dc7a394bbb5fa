"""Ground exposures: the configuration comes from the mechanism. Specification 1, section 5.4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import nuv_builders
from recos.io.ground_tests import Setting, setting

ROOTNAME = "csij03000000270x"
"""Of a support file; characters 12 to 14 are the day of the year."""


@pytest.mark.parametrize(
    ("detector", "step", "day", "expected"),
    [
        ("FUV", 7999, 0, ("G130M", 1291, -2)),
        ("FUV", 7998 + 4, 0, ("G130M", 1291, 1)),
        ("FUV", 11201, 0, ("G160M", 1577, -2)),
        ("FUV", 1599, 0, ("G140L", 1105, 1)),
        ("FUV", 1591, 0, ("G140L", 1230, 0)),
        ("FUV", 1593, 0, ("G140L", 1230, 0)),
        ("FUV", 1594, 0, None),
        ("NUV", 1304, 263, ("G185M", 1817, 0)),
        ("NUV", 1304, 264, None),
        ("NUV", 1308, 264, ("G185M", 1817, 0)),
        ("NUV", 1306, 294, ("G185M", 1817, -2)),
        ("NUV", 1309, 294, ("G185M", 1817, 1)),
        ("NUV", 1303, 295, ("G185M", 1817, 0)),
        ("NUV", 1150, 280, ("G185M", 2010, -50)),
        ("NUV", 3793, 100, ("G285M", 2952, 5)),
        ("NUV", 3793, 280, ("G285M", 2952, 0)),
        ("NUV", 11519, 300, ("G230L", 3000, 0)),
        ("NUV", 8952, 300, ("TA1Image", 0, 0)),
        ("NUV", 8965, 1, ("TA1Image", 0, 0)),
        ("NUV", 9426, 1, None),
        ("NUV", -1, 1, None),
    ],
)
def test_setting(detector, step, day, expected):
    assert setting(detector, step, day) == expected


def raw_file(directory: Path, **keywords: object) -> Path:
    image = np.ones((1024, 1024), np.int16)
    return nuv_builders.make_raw_image(directory, image, TARGNAME="Thermal_Vac", **keywords)


def support_file(directory: Path, step: int, rootname: str = ROOTNAME) -> None:
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(), fits.ImageHDU()]
    hdus[0].header["ROOTNAME"] = rootname
    hdus[2].header["LOM2STP"] = step
    fits.HDUList(hdus).writeto(directory / f"{nuv_builders.ROOT}_spt.fits")


def found(path: Path) -> Setting:
    mode = recos.read(path).mode
    return Setting(mode.opt_elem, mode.cenwave, mode.fpoffset)


def test_configuration_from_the_support_file(tmp_path, caplog):
    path = raw_file(tmp_path, OPT_ELEM="G285M", CENWAVE=2637, FPOFFSET=0)
    support_file(tmp_path, 6413, ROOTNAME)
    assert found(path) == ("G225M", 2233, -1)
    for text in ("OPT_ELEM = G285M; will be replaced with G225M", "CENWAVE = 2637", "FPOFFSET = 0"):
        assert text in caplog.text


@pytest.mark.parametrize(
    "primary", [{"OPT_ELEM": "RelMvReq", "CENWAVE": 5}, {"CENWAVE": 5, "OPT_ELEM": "G225M"}]
)
def test_fillers_are_replaced_silently(tmp_path, caplog, primary):
    path = raw_file(tmp_path, FPOFFSET=0, **primary)
    support_file(tmp_path, 6404, ROOTNAME)
    assert found(path) == ("G225M", 2250, 0)
    assert "will be replaced" not in caplog.text


def test_without_support_file(tmp_path, caplog):
    path = raw_file(tmp_path, OPT_ELEM="G225M", CENWAVE=2250)
    assert found(path)[:2] == ("G225M", 2250)
    assert "can't check OPT_ELEM, CENWAVE, FPOFFSET" in caplog.text


@pytest.mark.parametrize(("rootname", "text"), [("short", "tells no date"), (ROOTNAME, "invalid LOM2STP 1")])
def test_support_files_that_do_not_help(tmp_path, caplog, rootname, text):
    path = raw_file(tmp_path, OPT_ELEM="G225M", CENWAVE=2250)
    support_file(tmp_path, 1, rootname)
    assert found(path)[:2] == ("G225M", 2250)
    assert text in caplog.text
