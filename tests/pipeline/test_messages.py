"""Messages of runs: to trailer files whatever an application does, and to its logging once, at their own level."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from recos.errors import InputError
from recos.messages import NOTICE, Transcript, get_logger, messages_to, notice, subject, warn
from recos.pipeline.run import run
from recos.pipeline.trailer import RunLog, to_stdout
from small_cos import make_dataset

logger = get_logger("recos.test")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("messages"), n_source=3_000, seed=7)


class Records(logging.Handler):
    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        self.seen.append((record.levelname, record.getMessage()))


@pytest.fixture
def application():
    """The records that reach a handler of the root logger, whose level is returned to what it was."""
    root, handler = logging.getLogger(), Records()
    level = root.level
    root.addHandler(handler)
    yield handler.seen
    root.removeHandler(handler)
    root.setLevel(level)


RUN = """
import logging, sys, recos
{setup}
before = [(l.level, l.propagate, list(l.handlers)) for l in (logging.getLogger(), logging.getLogger("recos"))]
recos.run(sys.argv[1], sys.argv[2])
after = [(l.level, l.propagate, list(l.handlers)) for l in (logging.getLogger(), logging.getLogger("recos"))]
assert before == after
"""
SETUPS = {
    "none": "",
    "WARNING": "logging.basicConfig(level='WARNING')",
    "INFO": "logging.basicConfig(level='INFO')",
}


@pytest.fixture(scope="module")
def runs(dataset, tmp_path_factory):
    """Standard error and trailer of a run, by how the application has set up its logging."""
    found = {}
    for name, setup in SETUPS.items():
        out = tmp_path_factory.mktemp(name) / "out"
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(setup=setup), dataset.association, out],
            env=os.environ | {"lref": f"{dataset.references}/"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        (trailer,) = out.glob("*.tra")
        found[name] = (
            done.stderr.replace(str(out), "OUT").splitlines(),
            trailer.read_text().replace(str(out), "OUT"),
        )
    return found


def test_application_without_logging_sees_warnings_on_standard_error(runs):
    lines, _ = runs["none"]
    assert lines.count("Creating output directory 'OUT'.") == 1
    assert not any(line.startswith(("Begin", "TEMPCORR")) for line in lines)


def test_application_with_basic_config_sees_warnings_once(runs):
    lines, _ = runs["WARNING"]
    assert [line for line in lines if "output directory" in line] == [
        "WARNING:recos.pipeline.run:Creating output directory 'OUT'."
    ]
    assert not any(line.startswith(("INFO", "DEBUG", "Level")) for line in lines)


def test_application_at_level_info_sees_each_message_once(runs):
    lines, trailer = runs["INFO"]
    assert [line for line in lines if "output directory" in line] == [
        "WARNING:recos.pipeline.run:Creating output directory 'OUT'."
    ]
    assert sum("recos version" in line for line in lines) == 1
    heads = {line.split(":")[0] for line in lines if ":recos." in line}
    assert heads == {"INFO", "WARNING"}
    for segment in "ab":
        assert (
            sum(
                line.endswith(f"OutTag    OUT/{dataset_root(trailer)}_corrtag_{segment}.fits")
                for line in lines
            )
            == 1
        )


def dataset_root(trailer):
    line = next(line for line in trailer.splitlines() if line.startswith("OutTag"))
    return line.split("/")[1].split("_")[0]


def test_trailer_does_not_depend_on_the_logging_of_the_application(runs):
    trailers = [undated(trailer) for _, trailer in runs.values()]
    assert trailers[0] == trailers[1] == trailers[2]
    assert any(line.startswith("TEMPCORR") for line in trailers[0])
    outs = [line for line in trailers[0] if line.startswith("OutTag")]
    assert [line[-6] for line in outs] == ["a", "b"]


def undated(trailer):
    return [line for line in trailer.splitlines() if " UTC" not in line]


def test_runs_in_two_threads_do_not_see_each_other(dataset, tmp_path, monkeypatch, application):
    monkeypatch.setenv("lref", f"{dataset.references}/")
    logging.getLogger().setLevel(logging.WARNING)
    folders = [tmp_path / "first", tmp_path / "second"]
    threads = [threading.Thread(target=run, args=(dataset.association, folder)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for folder, other in zip(folders, reversed(folders), strict=True):
        (trailer,) = folder.glob("*.tra")
        text = trailer.read_text()
        assert str(folder) in text
        assert str(other) not in text
        assert text.count("OutTag") == 2
        assert application.count(("WARNING", f"Creating output directory '{folder}'.")) == 1


def test_without_a_run_messages_go_to_logging(application):
    logging.getLogger().setLevel(logging.INFO)
    logger.info("one %s", 1)
    logger.debug("not asked for")
    notice(logger, "two")
    warn(logger, "three", "more")
    assert application == [("INFO", "one 1"), ("INFO", "two"), ("WARNING", "three\n    more")]


def test_records_say_where_they_come_from(monkeypatch):
    records = []
    with messages_to(records.append):
        logger.info("one")
        warn(logger, "two")
        notice(logger, "three")
    assert {record.filename for record in records} == {"test_messages.py"}
    assert {record.name for record in records} == {"recos.test"}
    assert [record.levelno for record in records] == [logging.INFO, logging.WARNING, NOTICE]


def test_transcripts_are_replayed_once_into_the_trailer_of_their_exposure(tmp_path, application):
    logging.getLogger().setLevel(logging.WARNING)
    log, first, second = RunLog(1), Transcript(), Transcript()
    with messages_to(log):
        with messages_to(second):
            logger.info("of B")
        with messages_to(first):
            warn(logger, "of A")
        log.open_for_exposures({"x": tmp_path / "x.tra"}, "version")
        assert application == []
        with subject("x"):
            first.replay()
            second.replay()
            first.replay()
    assert (tmp_path / "x.tra").read_text() == "version\nWarning:  of A\nof B\n"
    assert application == [("WARNING", "of A")]


def test_console_takes_the_place_of_logging(application):
    lines = []
    with messages_to(RunLog(1, lines.append)):
        warn(logger, "shown")
    assert lines == ["Warning:  shown"]
    assert application == []


ODD = "a\x1b[2Jb\x07\x7f\x9bc\rd\n\te"
CLEAN = "a\\x1b[2Jb\\x07\\x7f\\x9bc\\x0dd\n\te"


def test_control_characters_reach_neither_terminal_nor_trailer(tmp_path, application):
    shown = []
    log = RunLog(1, shown.append)
    with messages_to(log):
        log.open_for_file(tmp_path / "x.tra", ["x"])
        logger.info("%s", ODD)
    warn(logger, ODD)
    assert shown == [CLEAN]
    assert (tmp_path / "x.tra").read_bytes().decode() == CLEAN + "\n"
    assert application == [("WARNING", CLEAN)]
    assert str(InputError(ODD)) == CLEAN


def test_names_that_are_not_utf_8_do_not_stop_a_run(tmp_path, monkeypatch):
    name = os.fsdecode(b"caf\xe9.fits")
    log = RunLog(1, to_stdout)
    with messages_to(log), Path(os.devnull).open("w", encoding="ascii") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        log.open_for_file(tmp_path / "x.tra", [])
        logger.info("%s", name)
    assert (tmp_path / "x.tra").read_text() == "caf\\udce9.fits\n"


def test_trailer_that_cannot_be_written_any_more_does_not_stop_a_run(tmp_path):
    log = RunLog(1)
    (tmp_path / "folder").mkdir()
    with messages_to(log):
        log.open_for_file(tmp_path / "folder" / "x.tra", [])
        (tmp_path / "folder" / "x.tra").unlink()
        (tmp_path / "folder").rmdir()
        logger.info("on")
