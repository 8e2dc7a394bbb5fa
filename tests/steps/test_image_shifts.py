from __future__ import annotations

import pytest

from helpers import builders, nuv_builders
from recos.data.context import Context
from recos.steps._image_shifts import image_shifts
from recos.wavecal.records import WavecalRecord


@pytest.fixture
def refs(tmp_path):
    columns = [("OPT_ELEM", "5A", ["G185M"]), ("XC_RANGE", "1J", [40]), ("STEPSIZE", "1D", [52.4])]
    columns += [("XD_RANGE", "1J", [30]), ("BOX", "1J", [7]), ("MAX_TIME_DIFF", "1D", [0.06])]
    lamp = builders.make_table_file(tmp_path, "LAMPTAB", [("FP_PIXEL_SHIFT", "1D", [0.0])])
    return builders.make_refs({**builders.make_table_file(tmp_path, "WCPTAB", columns), **lamp})


def record(time, shift):
    values = {f"{root}{letter}": shift for root in ("shift1", "shift2") for letter in "abc"}
    return WavecalRecord(time, 1850, 0, values | {"chi_sq_a": 2.0})


def test_interpolated_to_the_middle_of_the_exposure(refs):
    exposure = nuv_builders.make_exposure([1], [1], accum=True)
    middle = exposure.mode.mid_time
    context = Context(wavecals=[record(middle - 0.01, 2.0), record(middle + 0.03, 6.0)])
    image_shifts(exposure, refs, context)
    header = exposure.header
    assert [header["SHIFT1" + x] for x in "ABC"] == pytest.approx([3.0] * 3, abs=1e-3)
    assert (header["DPIXEL1C"], header["CHI_SQ_A"]) == (0.0, 2.0)
    assert exposure.primary["WAVECORR"] == "COMPLETE"


def test_without_wavecals(refs):
    exposure = nuv_builders.make_exposure([1], [1], accum=True, SHIFT1A=5.0)
    image_shifts(exposure, refs)
    assert {exposure.header[f"SHIFT{i}{x}"] for i in (1, 2) for x in "ABC"} == {0.0}
    assert exposure.primary["WAVECORR"] == "PERFORM"


def test_no_wavecal_that_can_be_used(refs):
    exposure = nuv_builders.make_exposure([1], [1], accum=True, FPOFFSET=1)
    context = Context(wavecals=[record(exposure.mode.mid_time - 1.0, 2.0)])
    exposure.primary["WAVECORR"] = "SKIPPED"  # as the step leaves it
    image_shifts(exposure, refs, context)
    assert exposure.primary["WAVECORR"] == "SKIPPED"
    assert exposure.header["SHIFT1A"] == 0.0
