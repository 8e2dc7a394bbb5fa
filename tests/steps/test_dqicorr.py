from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.context import Workspace
from recos.steps import quality_image
from recos.steps._dqicorr import dq_flags, dqicorr
from recos.steps._initial_positions import initial_positions
from recos.steps._shift_range import ShiftRange

PLAIN = {"TEMPCORR": "OMIT", "GEOCORR": "OMIT", "DOPPCORR": "OMIT"}


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def exposure_with(n=20000, switches=PLAIN, **header):
    exposure = builders.make_exposure(n, switches=switches, **header)
    initial_positions(exposure, None)
    exposure.gti = exposure.raw_gti
    return exposure


def limits(image, bit):
    rows, columns = np.nonzero(image & bit)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_bits_of_events_and_image(refs):
    exposure = exposure_with()
    exposure.events.dq[::7] = 64
    dqicorr(exposure, refs)
    e = exposure.events
    inside = (e.xcorr >= 4100) & (e.xcorr <= 4159) & (e.ycorr >= 300) & (e.ycorr <= 329)
    assert inside.any()
    np.testing.assert_array_equal((e.dq & 8) != 0, inside)
    np.testing.assert_array_equal((e.dq & 64) != 0, np.arange(len(e)) % 7 == 0)
    assert limits(exposure.dq_image, 8) == (300, 329, 4100, 4159)
    assert limits(exposure.dq_image, 2)
    # outside the active area
    outside = np.ones((1024, 16384), bool)
    outside[296:735, 1060:15251] = False
    np.testing.assert_array_equal((exposure.dq_image & 128) != 0, outside)
    assert not (exposure.dq_image & 64).any()
    assert exposure.primary.comments["GSAGTAB"] == "ext. 2 for FUVA"
    assert exposure.primary["DQICORR"] == "COMPLETE"


def test_image_moves_and_grows_with_the_shifts(refs):
    exposure = exposure_with(10)
    exposure.shift_range = [ShiftRange(*np.float32([10.3, 12.9, -2.2, -2.1]))]
    image = dq_flags(exposure, refs, Workspace())
    assert limits(image, 8) == (302, 331, 4100 - 13, 4159 - 10)
    assert limits(image, 16)[2:] == (8200 - 13, 8211 - 10)


def test_doppler_widens_below_the_lamp_only(refs):
    exposure = exposure_with(10, {**PLAIN, "DOPPCORR": "PERFORM"}, doppmagv=7.0, orbitper=600.0)
    exposure.header["DOPPZERO"] = exposure.mode.expstart
    image = dq_flags(exposure, refs, Workspace())
    # 7 km/s are 3.1 pixels
    assert limits(image, 8)[2:] == (4100 - 3, 4159 + 3)
    assert limits(image, 32)[2:] == (12000, 12039)


def test_lamp_beyond_the_image(refs, monkeypatch):
    """XTRACTAB may say anything: rows end with the image."""
    switches = {**PLAIN, "DOPPCORR": "PERFORM", "TRCECORR": "PERFORM"}
    workspace = Workspace()
    exposure = exposure_with(10, switches, doppmagv=7.0, orbitper=600.0)
    exposure.header["DOPPZERO"] = exposure.mode.expstart
    exposure.trace = np.zeros(16384)
    monkeypatch.setattr(quality_image, "doppler_boundary", lambda refs, mode: 10**9)
    assert dq_flags(exposure, refs, workspace).shape == (1024, 16384)
    assert workspace.quality.boundary == 1024


def test_alignment_alone_follows_the_offset(refs, caplog):
    workspace = Workspace()
    exposure = exposure_with(10, sp_off_a=4.2, shift2a=1.0)
    exposure.primary["TRCECORR"] = "OMIT"
    exposure.shift_range = [ShiftRange(*np.float32([-1.0, 1.0, 1.0, 1.0]))]
    image = dq_flags(exposure, refs, workspace)
    assert limits(image, 8) == (300 - 1 - 4, 329 - 1 - 4, 4100 - 1, 4159 + 1)
    assert "No trace profile" in caplog.text
    # above the lamp, too; the lamp itself stays
    assert limits(image, 32)[0] in (600 - 1 - 4, 600 - 1)
    # the second image reuses what did not change
    static = workspace.quality.static
    exposure.header["SP_OFF_A"] = 0.0
    assert limits(dq_flags(exposure, refs, workspace), 8) == (299, 328, 4099, 4160)
    assert workspace.quality.static is static


def test_trace_of_a_corrtag_is_read_again(refs):
    exposure = exposure_with(10, life_adj=1)
    exposure.primary["TRCECORR"] = "COMPLETE"
    image = dq_flags(exposure, refs, Workspace())
    t = round(builders.trace("FUVA")[4130])
    rows = np.flatnonzero(image[:, 4130] & 8)
    assert (rows[0], rows[-1]) == (300 - t, 329 - t)


def test_headers_without_trcecorr_know_no_offset(refs):
    exposure = exposure_with(10, sp_off_a=4.2, trcecorr=None)
    assert limits(dq_flags(exposure, refs, Workspace()), 8)[:2] == (300, 329)


def test_not_performed(refs):
    exposure = exposure_with(10, {**PLAIN, "DQICORR": "OMIT"})
    assert not dq_flags(exposure, refs, Workspace()).any()


def test_earlier_bits_stay(refs):
    exposure = exposure_with(10, PLAIN, columns={"dq": np.full(10, 2048)})
    dqicorr(exposure, refs)
    assert (exposure.events.dq & 2048 == 2048).all()


@pytest.mark.parametrize(
    ("limits_", "text"),
    [({"PHAMIN": 2, "PHAMAX": 23}, ""), ({"PHAMIN": 3, "PHAMAX": 23}, "different"), ({}, "not found")],
)
def test_spots_of_other_pulse_heights(tmp_path, reference_files, caplog, limits_, text):
    from astropy.io import fits

    own = tmp_path / "spot.fits"
    with fits.open(reference_files["SPOTTAB"]) as hdus:
        for key in ("PHAMIN", "PHAMAX"):
            hdus[0].header.remove(key, ignore_missing=True)
        hdus[0].header.update(limits_)
        hdus.writeto(own)
    exposure = exposure_with(10)
    caplog.clear()
    dqicorr(exposure, builders.make_refs({**reference_files, "SPOTTAB": str(own), "PHAFILE": "N/A"}))
    assert text in caplog.text
    assert ("SPOTTAB" in caplog.text) == bool(text)
