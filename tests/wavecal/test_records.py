import dataclasses

import pytest
from astropy.io import fits

from recos.errors import ReferenceFileError
from recos.wavecal.records import WavecalRecord, lookup

FP = {("FUVA", 0): 0.0, ("FUVA", 1): 250.0, ("FUVA", -1): -251.0}


def record(time, shift1, **kwargs):
    values = {"shift1a": shift1, "shift2a": 0.5 * shift1, "dpixel1a": 0.0, "chi_sq_a": 2.0, "ndf_a": 3.0}
    return WavecalRecord(time, 1291, 0, values, FP, f"r{time}", f"r{time}_rawtag_a.fits", **kwargs)


RECORDS = [record(5.0, 1.0), record(7.5, 9.0), record(6.0, 3.0)]


def at(time, fpoffset=0, records=RECORDS, cenwave=1291, limit=0.5):
    return lookup(records, cenwave, fpoffset, time, limit)


@pytest.mark.parametrize(
    ("time", "shift", "slope", "files"),
    [
        (5.5, 2.0, 2.0 / 86400.0, "r5.0_rawtag_a.fits r6.0_rawtag_a.fits"),
        (6.0, 3.0, 2.0 / 86400.0, "r5.0_rawtag_a.fits r6.0_rawtag_a.fits"),
        (8.0, 9.0, 0.0, "r7.5_rawtag_a.fits"),
        (4.0, 1.0, 0.0, "r5.0_rawtag_a.fits"),
    ],
)
def test_vectors_of_the_specification(time, shift, slope, files):
    found = at(time)
    assert found.values["shift1a"] == pytest.approx(shift)
    assert found.slopes["shift1a"] == pytest.approx(slope)
    assert found.filename == files


def test_another_fpoffset_is_moved():
    found = at(4.6, fpoffset=1)
    assert found.values["shift1a"] == 251.0
    assert found.values["shift2a"] == 0.5
    assert found.slopes["shift1a"] == 0.0
    assert RECORDS[0].values["shift1a"] == 1.0


def test_another_fpoffset_too_long_ago(caplog):
    assert at(4.4, fpoffset=1) is None
    assert "FPOFFSET 1" in caplog.text
    assert "MAX_TIME_DIFF = 0.5 d" in caplog.text


def test_another_fpoffset_that_lamptab_does_not_know():
    with pytest.raises(ReferenceFileError, match="FPOFFSET -2"):
        at(5.0, fpoffset=-2)


def test_no_record():
    assert at(5.0, records=[]) is None
    assert at(5.0, cenwave=1309) is None


def test_values_that_one_of_two_lacks_stay():
    partial = dataclasses.replace(RECORDS[2], values={"shift1a": 3.0})
    found = at(5.5, records=[RECORDS[0], partial])
    assert found.values["shift1a"] == pytest.approx(2.0)
    assert (found.values["shift2a"], found.slopes["shift2a"]) == (0.5, 0.0)


def test_simultaneous_records():
    assert at(5.0, records=[record(5.0, 1.0), record(5.0, 2.0)]).values["shift1a"] == 1.0


def test_keywords():
    header = fits.Header()
    record(5.0, 1.23456789).write(header)
    assert (header["SHIFT1A"], header["NDF_A"]) == (1.2346, 3.0)
    record(5.0, 1.23456789).write(header, digits=None)
    assert header["SHIFT1A"] == 1.23456789
