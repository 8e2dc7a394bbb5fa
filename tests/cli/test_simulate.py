"""``recos simulate``: options become an observation; the end is a command; errors are one paragraph."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from recos.cli.main import main
from recos.errors import InputError
from recos.simulate.plan import Effects, Observation


class Simulator(ModuleType):
    """Takes the place of ``recos.simulate.dataset``: remembers what it is asked for, and writes two small files."""

    def __init__(self):
        super().__init__("recos.simulate.dataset")
        self.error: BaseException | None = None

    def simulate(self, observation, directory, source, cache=None):
        self.observation, self.source, self.cache = observation, source, cache
        for name in ("raw", "ref"):
            (directory / name).mkdir()
            (directory / name / "a.fits").write_bytes(b"x" * 2000)
        if self.error:
            raise self.error
        association = directory / "raw" / f"{observation.association}_asn.fits"
        return SimpleNamespace(association=association, references=directory / "ref")


@pytest.fixture
def simulator(monkeypatch):
    module = Simulator()
    monkeypatch.setitem(sys.modules, "recos.simulate.dataset", module)
    return module


def status_of(*args: object) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["simulate", *(str(a) for a in args)])
    return int(leaving.value.code or 0)


def test_defaults_are_those_of_an_observation(simulator, tmp_path, capsys):
    assert status_of(tmp_path / "new one") == 0
    assert simulator.observation == Observation()
    assert simulator.source.name == "b-star"
    assert simulator.cache is None
    out = capsys.readouterr().out
    assert "Simulated 1 exposure of b-star" in out
    assert "lrec01aaq   G130M/1291, TIME-TAG, PSA, LP1, FUVA, FUVB, FP-POS 3, 600 s" in out
    assert re.search(r"raw/ +1 files, 0.0 MB", out)
    directory = tmp_path / "new one"
    command = f"lref='{directory}/ref/' recos '{directory}/raw/lrec01010_asn.fits' -o '{directory}/new'"
    assert out.rstrip().endswith(command)


def test_all_options(simulator, tmp_path, capsys):
    words = "--grating g160m --cenwave 1600 --lp 4 --aperture boa --obsmode time-tag --algorithm twozone "
    words += "--segments B,b "
    words += (
        "--exptime 900 --fppos 1,2 --source flat --flux 2e-14 --no-flashes --burst 10:20 --burst 50:51.5 "
    )
    words += "--bad-time 100:200 --dark-rate 3e-6 --seed 7 --without dead-time --without drift --references"
    assert status_of(tmp_path / "d", *words.split(), tmp_path / "cache") == 0
    o = simulator.observation
    c = o.configuration
    assert (c.opt_elem, c.cenwave, c.life_adj, c.aperture, c.obsmode) == ("G160M", 1600, 4, "BOA", "TIME-TAG")
    assert (c.xtrctalg, c.segments) == ("TWOZONE", ("FUVB",))
    assert (o.exptime, o.fppos, o.events, o.tagflash, o.seed) == (900.0, (1, 2), None, False, 7)
    assert (o.bursts, o.bad_times, o.dark_rate) == (((10.0, 20.0), (50.0, 51.5)), ((100.0, 200.0),), 3e-6)
    assert o.effects == Effects().without("dead_time", "drift")
    assert simulator.source.flux(np.array([1500.0]))[0] == pytest.approx(2e-14)
    assert simulator.cache == tmp_path / "cache"
    assert capsys.readouterr().out.count("lamp, G160M/1600") == 3


def test_modes_without_central_wavelength_or_segments(simulator, tmp_path, capsys):
    assert status_of(tmp_path / "d", "--grating", "MIRRORA") == 0
    assert simulator.observation.configuration.cenwave == 0
    assert "MIRRORA, TIME-TAG, PSA, FP-POS 3" in capsys.readouterr().out


def test_sources_from_files_keep_their_flux_unless_events_are_given(simulator, tmp_path):
    path = tmp_path / "star.csv"
    path.write_text("wave[nm],flux[flam]\n100,1e-14\n200,2e-14\n")
    assert status_of(tmp_path / "a", "--source", path) == 0
    assert (simulator.source.name, simulator.observation.events) == ("star.csv", None)
    assert status_of(tmp_path / "b", "--source", path, "--events", 1e5) == 0
    assert simulator.observation.events == 1e5
    assert status_of(tmp_path / "c", "--events", 0) == 0
    assert simulator.observation.events == 0.0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--grating G999M", "OPT_ELEM = 'G999M': not possible with COS. Possible: G130M,"),
        ("--grating G185M", "--cenwave: G185M needs one of 1786, 1817,"),
        ("--cenwave 1234", "CENWAVE of G130M = 1234"),
        ("--lp 9", "LIFE_ADJ of G130M = 9"),
        ("--aperture WCA", "APERTURE = 'WCA'"),
        ("--grating MIRRORB --algorithm TWOZONE", "XTRCTALG of MIRRORB"),
        ("--segments C", "SEGMENT of G130M/1291 = 'C'"),
        ("--fppos 5", "expected one or more of 1, 2, 3, 4"),
        ("--fppos x", "--fppos X: expected one or more of 1, 2, 3, 4"),
        ("--fppos ,", "--fppos : expected one or more of 1, 2, 3, 4"),
        ("--exptime 0", "--exptime 0"),
        ("--exptime nan", "--exptime nan"),
        ("--events -1", "--events -1"),
        ("--events 10 --flux 1e-14", "--events and --flux exclude each other"),
        ("--flux -1", "cannot be scaled with -1"),
        ("--source nova", "nova: no built-in source. There are hot-star"),
        ("--source nova.fits", "nova.fits does not exist"),
        ("--source star.csv --flux 1", "--flux: star.csv has a flux of its own"),
        ("--burst 20:10", "--burst 20:10: expected two times, 0 <= T0 < T1 <= 600 s"),
        ("--bad-time 20:601", "--bad-time 20:601: expected"),
        ("--grating MIRRORA --burst 1:2", "--burst: only the FUV detector bursts"),
        ("--without magic", "magic: no effect of the simulator. There are line_spread"),
    ],
)
def test_impossible_values(simulator, tmp_path, capsys, words, message):
    assert status_of(tmp_path / "d", *words.split()) != 0
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("ERROR:")
    assert error.count("\n") == 1
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("words", ["--burst 10", "--burst a:b", "--seed -1", "--cenwave x"])
def test_words_that_are_no_values(simulator, tmp_path, capsys, words):
    assert status_of(tmp_path / "d", *words.split()) == 2
    assert "Invalid value" in capsys.readouterr().err


def test_directories_in_use_are_left_alone(simulator, tmp_path, capsys):
    (tmp_path / "mine").write_text("keep")
    assert status_of(tmp_path) == 1
    assert "is not empty; name a new directory" in capsys.readouterr().err
    assert status_of(tmp_path / "mine") == 1
    assert "is a file" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("error", [InputError("the source has a gap"), KeyboardInterrupt()])
@pytest.mark.parametrize("exists", [True, False])
def test_failures_leave_nothing_behind(simulator, tmp_path, capsys, error, exists):
    directory = tmp_path / "d"
    if exists:
        directory.mkdir()
    simulator.error = error
    assert status_of(directory) != 0
    assert "ERROR:" in capsys.readouterr().err
    assert directory.exists() == exists
    assert not exists or list(directory.iterdir()) == []


def test_list_needs_no_directory(capsys):
    assert status_of("--list") == 0
    out = capsys.readouterr().out
    for word in ("G230L     2635, 2950", "t-tauri", "dead_time"):
        assert word in out


def test_variables_and_home_are_expanded(simulator, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert status_of("~/d") == 0
    assert Path(tmp_path / "d" / "raw").is_dir()


def test_what_it_makes_can_be_calibrated(tmp_path, capsys, monkeypatch):
    """Without the stand-in: a short NUV exposure, and the command that is printed."""
    words = ["--grating", "G230L", "--cenwave", "2950", "--exptime", "100", "--events", "5000", "--seed", "3"]
    assert status_of(tmp_path / "star", *words, "--references", tmp_path / "cache") == 0
    *_, command = capsys.readouterr().out.strip().splitlines()
    lref, program, *arguments = shlex.split(command)
    assert program == "recos"
    monkeypatch.setenv(*lref.split("="))
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert not leaving.value.code
    assert (tmp_path / "star" / "new" / "lrec01aaq_x1d.fits").exists()


def test_a_file_with_a_gap_is_refused(tmp_path, capsys):
    wavelength = np.concatenate([np.arange(1100.0, 1180.0), np.arange(1260.0, 1500.0)])
    lines = ["wave[Angstrom],flux[erg/s/cm2/Angstrom]", *(f"{w},1e-14" for w in wavelength)]
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n")
    assert status_of(tmp_path / "star", "--source", tmp_path / "gap.csv") == 1
    assert "no flux at 1179.00 to 1260.00 Angstrom" in capsys.readouterr().err
    assert not (tmp_path / "star").exists()
