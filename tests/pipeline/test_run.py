"""recos.run: what happens around the pipeline. The pipeline itself is a stand-in here."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from helpers.folder import ROOT, fake_pipeline, write_table
from recos.association.model import Association
from recos.errors import (
    InputError,
    MissingReferenceError,
    NothingToCalibrateError,
    OutputError,
    OutputExistsError,
    UsageError,
)
from recos.io import platform
from recos.messages import get_logger, notice, subject
from recos.options.run import RunResult
from recos.pipeline.run import VERSION_LINE, run
from recos.pipeline.trailer import RunLog

logger = get_logger("recos.test")


def write_spectra(association, options) -> RunResult:
    """Stand-in of the pipeline: one message per exposure, one empty product."""
    for member in association.members:
        with subject(member.root):
            logger.info("calibrating %s", member.root)
            logger.debug("detail")
    notice(logger, "about all")
    products = []
    if association.product is not None:
        association.product.x1dsum().touch()
        products.append(association.product.x1dsum())
    return RunResult(0, products)


@pytest.fixture
def pipeline(monkeypatch):
    return fake_pipeline(monkeypatch, write_spectra)


def quiet() -> RunLog:
    return RunLog(1)


def test_products_of_an_association(folder, pipeline):
    result = run(folder.asn, folder.new)
    names = ["lrec01010_x1dsum.fits", "lrec01010_asn.fits", "lrec01010_jnk.fits"]
    assert [p.name for p in result.products] == names
    assert result.status == 0
    with fits.open(folder.new / "lrec01010_asn.fits") as hdus:
        assert hdus[0].header["ASN_PROD"] is True
        assert list(hdus[1].data["MEMPRSNT"]) == [True, True]
    with fits.open(folder.asn) as hdus:
        assert list(hdus[1].data["MEMPRSNT"]) == [True, False]


def test_table_in_the_output_directory_is_updated_in_place(folder, pipeline):
    run(folder.asn, folder.path)
    assert fits.getheader(folder.asn)["ASN_PROD"] is True


def test_table_does_not_claim_a_product_without_science_members(folder, monkeypatch):
    fake_pipeline(monkeypatch, lambda association, options: RunResult())
    monkeypatch.setattr(Association, "combined", property(lambda association: []))
    run(folder.asn, folder.new)
    assert fits.getheader(folder.new / folder.asn.name)["ASN_PROD"] is False


def test_failed_exposures_leave_the_table_alone(folder, monkeypatch):
    fake_pipeline(monkeypatch, lambda association, options: RunResult(16))
    assert run(folder.asn, folder.new).status == 16
    assert not (folder.new / folder.asn.name).exists()


def test_missing_support_file(folder, pipeline):
    (folder.path / f"{ROOT}_spt.fits").unlink()
    assert not any("jnk" in p.name for p in run(folder.asn, folder.new).products)


def test_options_reach_the_pipeline(folder, pipeline):
    run(
        folder.asn, folder.new, find_target=2, save_temp_files=True, jobs=1, stimfile=folder.path / "stim.txt"
    )
    ((_, options),) = pipeline
    assert options.find_target == (True, 2.0)
    assert options.save_temp_files
    assert options.jobs == 1
    options.append_text_files({"stim": ["a line"], "live": ["unwanted"]})
    options.append_text_files({"stim": ["another"]})
    assert (folder.path / "stim.txt").read_text() == "a line\nanother\n"


def test_nothing_to_do(folder, pipeline):
    for key in ("FLATCORR", "DEADCORR", "DQICORR", "TEMPCORR", "GEOCORR", "RANDCORR", "PHACORR", "DOPPCORR",
                "HELCORR", "X1DCORR", "WAVECORR"):  # fmt: skip
        folder.set(key, "OMIT")
    lines: list[str] = []
    assert run(folder.asn, folder.new, log=RunLog(0, lines.append)).products == []
    assert lines[-1].startswith("Nothing to do")
    assert pipeline == []
    assert not folder.new.exists()


def test_only_acquisitions(folder, pipeline):
    folder.set("EXPTYPE", "ENG DIAG")
    with pytest.raises(NothingToCalibrateError, match="can be calibrated"):
        run(folder.asn, folder.new, log=quiet())


# ------------------------------------------------------------------------------------------------ directories


def test_parents_of_the_output_directory_are_made(folder, pipeline):
    lines: list[str] = []
    run(folder.asn, folder.path / "a" / "b", log=RunLog(1, lines.append))
    assert (folder.path / "a" / "b" / f"{ROOT}.tra").exists()
    assert any(line.startswith("Warning:  Creating output directory") for line in lines)


def test_output_directory_with_variable(folder, pipeline, monkeypatch):
    monkeypatch.setenv("products", str(folder.new))
    run(folder.asn, "$products/x", log=quiet())
    assert (folder.new / "x").is_dir()


def test_current_directory_by_default(folder, pipeline, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    run(folder.asn, log=quiet())
    assert Path("lrec01010_x1dsum.fits").exists()
    assert Path(f"{ROOT}.tra").exists()


@pytest.mark.parametrize("below", [False, True])
def test_output_directory_that_is_a_file(folder, pipeline, below):
    (folder.path / "file").touch()
    with pytest.raises(OutputError, match="is a file"):
        run(folder.asn, folder.path / "file" / ("sub" if below else ""), log=quiet())
    assert pipeline == []


def test_unwritable_directory(folder, pipeline, monkeypatch):
    folder.new.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, m: Path(p) != folder.new and real(p, m))
    with pytest.raises(OutputError, match="no permission to write"):
        run(folder.asn, folder.new, log=quiet())
    assert pipeline == []


def test_existing_products(folder, pipeline):
    run(folder.asn, folder.new, log=quiet())
    with pytest.raises(OutputExistsError):
        run(folder.asn, folder.new, log=quiet())
    assert len(pipeline) == 1
    run(folder.asn, folder.new, overwrite=True, log=quiet())


def test_nothing_is_written_before_the_checks_are_passed(folder, pipeline):
    folder.set("DEADTAB", "lref$none.fits", "b")
    with pytest.raises(MissingReferenceError):
        run(folder.asn, folder.new, log=quiet())
    assert not folder.new.exists()


def test_text_file_that_cannot_be_written(folder, pipeline):
    with pytest.raises(OutputError, match=r"stimfile.*does not exist"):
        run(folder.asn, folder.new, stimfile=folder.path / "none" / "stim.txt", log=quiet())
    with pytest.raises(OutputError, match=r"burstfile"):
        run(folder.asn, folder.new, burstfile=folder.path, log=quiet())
    assert pipeline == []


def test_disk_full_at_the_end(folder, pipeline, monkeypatch):
    def full(file, offset, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(platform, "write_at", full)
    with pytest.raises(OutputError, match="disk is full"):
        run(folder.asn, folder.new, log=quiet())
    assert [p.name for p in folder.new.iterdir() if p.name.endswith((".fits", ".tmp"))] == [
        "lrec01010_x1dsum.fits"
    ]


@pytest.mark.parametrize("keep", [100, -2880])
def test_damaged_support_file(folder, pipeline, keep):
    spt = folder.path / f"{ROOT}_spt.fits"
    spt.write_bytes(spt.read_bytes()[:keep])
    with pytest.raises(InputError, match="spt"):
        run(folder.asn, folder.new, log=quiet())
    assert not folder.new.exists()


def test_times_that_are_no_numbers(folder):
    with fits.open(folder.raw("b"), mode="update") as hdus:
        hdus[1].data["TIME"][5] = np.nan
    with pytest.raises(InputError, match="TIME of some events is not a number"):
        run(folder.asn, folder.new, log=quiet())
    assert not list(folder.new.glob("*.fits"))


@pytest.mark.parametrize(
    "options",
    [{"verbosity": 3}, {"find_target": "yes"}, {"find_target": -1}, {"jobs": 0}, {"find_target": {"x": 1}}],
)
def test_impossible_options(folder, options):
    with pytest.raises(UsageError):
        run(folder.asn, folder.new, **options)


# ------------------------------------------------------------------------------------------------ trailers


def test_trailer_of_an_exposure_of_an_association(folder, pipeline):
    folder.set("DEADCORR", "OMIT", "b")
    run(folder.asn, folder.new, log=quiet())
    lines = (folder.new / f"{ROOT}.tra").read_text().splitlines()
    assert lines[0] == VERSION_LINE
    assert "Warning:  Inconsistent calibration switches:" in lines
    assert lines[-1] == f"calibrating {ROOT}"
    assert "about all" not in lines
    run(folder.asn, folder.new, overwrite=True, log=quiet())
    assert (folder.new / f"{ROOT}.tra").read_text().count(VERSION_LINE) == 2


def test_trailer_of_a_raw_file_has_everything(folder, pipeline):
    run(folder.raw("a"), folder.new, log=quiet())
    lines = (folder.new / f"{ROOT}.tra").read_text().splitlines()
    assert lines[0] == VERSION_LINE
    assert lines[1].startswith("numpy version")
    assert lines[3].startswith("Begin ")
    assert f"Input file = {folder.raw('a')}" in lines
    assert "about all" in lines
    assert f"calibrating {ROOT}" in lines
    assert lines[-1].startswith("End ")


def test_trailer_of_a_raw_file_tells_why_the_run_ended(folder, monkeypatch):
    def fail(association, options):
        raise OutputError("the disk is full")

    fake_pipeline(monkeypatch, fail)
    with pytest.raises(OutputError):
        run(folder.raw("a"), folder.new, log=quiet())
    assert (folder.new / f"{ROOT}.tra").read_text().endswith("ERROR:  the disk is full\n")


def test_two_inputs_one_after_the_other_have_their_own_trailers(folder, pipeline):
    for key in ("FLATCORR", "DEADCORR", "DQICORR", "TEMPCORR", "GEOCORR", "RANDCORR", "PHACORR", "DOPPCORR",
                "HELCORR", "X1DCORR", "WAVECORR"):  # fmt: skip
        folder.set(key, "OMIT")
    run(folder.raw("a"), folder.new, log=quiet())
    folder.add("lrec01d2q")
    write_table(folder.asn, [("LREC01D2Q", "EXP-FP", True)])
    run(folder.asn, folder.new, log=quiet())
    assert sorted(p.name for p in folder.new.glob("*.tra")) == ["lrec01d2q.tra"]


@pytest.mark.parametrize(
    ("verbosity", "last"), [(0, VERSION_LINE), (1, f"calibrating {ROOT}"), (2, "detail")]
)
def test_verbosity(folder, pipeline, verbosity, last):
    lines: list[str] = []
    run(folder.asn, folder.new, verbosity=verbosity, log=RunLog(verbosity, lines.append))
    assert (folder.new / f"{ROOT}.tra").read_text().splitlines()[-1] == last
    assert any(line.startswith("elapsed time") for line in lines) == (verbosity == 2)
    assert any(line.startswith("Begin") for line in lines) == (verbosity > 0)
    assert "about all" in lines


def test_messages_of_runs_in_two_threads_do_not_mix(folder, pipeline, monkeypatch):
    folder.add("lrec01d2q")
    logs: dict[str, list[str]] = {ROOT: [], "lrec01d2q": []}

    def calibrate(root: str) -> None:
        run(folder.path / root, folder.new, log=RunLog(1, logs[root].append))

    threads = [threading.Thread(target=calibrate, args=(root,)) for root in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for root, lines in logs.items():
        assert f"calibrating {root}" in lines
        assert sum(line.startswith("calibrating") for line in lines) == 1
