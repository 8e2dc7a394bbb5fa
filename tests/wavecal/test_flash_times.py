import numpy as np
import pytest

from helpers.builders import make_refs
from helpers.lamp_builders import FLASHES, flash_exposure
from recos.errors import InputError
from recos.wavecal.flash_times import find_flashes


def test_flashes_are_found(reference_files):
    exposure = flash_exposure(reference_files)
    flashes = find_flashes(exposure, make_refs(reference_files))
    assert [f.on for f in flashes] == pytest.approx([on for on, _ in FLASHES], abs=0.21)
    assert [f.duration for f in flashes] == pytest.approx([12.0] * 3, abs=0.41)
    time = exposure.events.time
    for flash in flashes:
        inside = np.sort(time[(time >= np.float32(flash.on)) & (time < np.float32(flash.off))])
        assert flash.median in (inside[len(inside) // 2], inside[(len(inside) - 1) // 2])


def test_a_flash_that_failed_is_dropped(reference_files):
    exposure = flash_exposure(reference_files, flashes=FLASHES[:2], shifts=(3.0, 3.0))
    header = exposure.header
    header["NUMFLASH"] = 3
    header["LMP_ON3"], header["LMPOFF3"], header["LMPDUR3"], header["LMPMED3"] = 450.0, 462.0, 12.0, 456.0
    assert len(find_flashes(exposure, make_refs(reference_files))) == 2
    assert header["NUMFLASH"] == 2
    assert (header["LMP_ON3"], header["LMPOFF3"], header["LMPDUR3"], header["LMPMED3"]) == (
        -1.0,
        -1.0,
        0.0,
        -1.0,
    )


def test_a_late_lamp_is_found_outside_the_commanded_times(reference_files):
    exposure = flash_exposure(reference_files)
    for i, (on, _) in enumerate(FLASHES, start=1):
        exposure.header[f"LMP_ON{i}"], exposure.header[f"LMPOFF{i}"] = on - 3.0, on + 9.0
    flashes = find_flashes(exposure, make_refs(reference_files))
    assert [f.off for f in flashes] == pytest.approx([on + 12.0 for on, _ in FLASHES], abs=0.21)


def test_uniform_spacing(reference_files):
    exposure = flash_exposure(reference_files, tagflash="UNIFORMLY SPACED")
    for i in (2, 3):
        exposure.header[f"LMPOFF{i}"] = None
    flashes = find_flashes(exposure, make_refs(reference_files))
    assert [f.on for f in flashes] == pytest.approx([on for on, _ in FLASHES], abs=0.21)


def test_faint_light_is_no_flash(reference_files):
    exposure = flash_exposure(reference_files, counts=6, background=500)
    assert find_flashes(exposure, make_refs(reference_files)) == []


def test_events_at_one_time_are_no_flash(reference_files):
    exposure = flash_exposure(reference_files)
    exposure.events.time[:] = 5.0
    assert find_flashes(exposure, make_refs(reference_files)) == []
    assert exposure.header["NUMFLASH"] == 0


def test_a_text_instead_of_a_time(reference_files):
    exposure = flash_exposure(reference_files)
    exposure.header["LMP_ON1"] = "N/A"
    with pytest.raises(InputError, match="no number LMP_ON1"):
        find_flashes(exposure, make_refs(reference_files))
