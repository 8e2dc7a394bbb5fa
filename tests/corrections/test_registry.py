"""Switching corrections on, recording them, and what the documents say about them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import support
from helpers.builders import make_exposure
from helpers.folder import write_table
from recos.cli.config import read_config
from recos.cli.main import main
from recos.corrections import (
    CORRECTIONS,
    corrections_in_force,
    parse_corrections,
    record_corrections,
    recorded_corrections,
)
from recos.errors import InputError, UsageError
from recos.simulate import Configuration, Observation, Source, simulate

NAME = "enclosed-energy"
ALL = frozenset(name for name, correction in CORRECTIONS.items() if correction.in_all)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, set()),
        ("", set()),
        ("all", ALL),
        (f" {NAME.upper()} ,", {NAME}),
        ([NAME], {NAME}),
        (("all", NAME), ALL | {NAME}),
    ],
)
def test_values(value, names):
    assert parse_corrections(value) == names


@pytest.mark.parametrize(
    ("value", "message"),
    [("enclosed-enrgy", f"Did you mean {NAME}"), (3, "names of corrections"), ([3], "names of corrections")],
)
def test_wrong_values(value, message):
    with pytest.raises(UsageError, match=message):
        parse_corrections(value)


def test_records():
    primary = fits.Header()
    record_corrections(primary, ALL, "events", "images")
    early = recorded_corrections(primary)
    assert early == {n for n in ALL if CORRECTIONS[n].stage in ("events", "images")}
    record_corrections(primary, ALL, "events", "images", "spectrum", "combination")
    assert recorded_corrections(primary) == ALL
    assert len(primary["HISTORY"]) == len(ALL)
    assert all(len(card) < 72 for card in map(str, primary["HISTORY"]))


def test_what_acts_on_a_file():
    mode = make_exposure(XTRCTALG="TWOZONE").mode
    for correction in CORRECTIONS.values():
        name = frozenset({correction.name})
        made, other = fits.Header(), fits.Header()
        record_corrections(made, name, correction.stage)
        acts = name if correction.concerns(mode) else frozenset()
        assert corrections_in_force(name, mode, other, is_corrtag=False) == acts
        assert corrections_in_force(frozenset(), mode, other, is_corrtag=False) == frozenset()
        assert corrections_in_force(frozenset(), mode, made, is_corrtag=True) == acts
        late = correction.stage != "events"
        assert corrections_in_force(name, mode, other, is_corrtag=True) == (acts if late else frozenset())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, simulation_cache):
    """Two exposures of few events, TWOZONE."""
    configuration = Configuration("G130M", 1291, 4, xtrctalg="TWOZONE")
    observation = Observation(configuration, fppos=(3, 4), events=2e4, seed=8)
    folder = tmp_path_factory.mktemp("corrections")
    made = simulate(observation, folder, Source.builtin("flat"), simulation_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", made.lref)
        yield made


@pytest.mark.xdist_group("corrections")
def test_products_tell_what_was_switched_on(dataset, tmp_path):
    options = {"products": "corrtag,x1d,x1dsum"}
    recos.run(dataset.association, tmp_path / "plain", **options)
    recos.run(dataset.association, tmp_path / "better", corrections=NAME, **options)
    names = sorted(path.name for path in (tmp_path / "plain").glob("*.fits"))
    assert sorted(path.name for path in (tmp_path / "better").glob("*.fits")) == names
    for name in names:
        primary = fits.getheader(tmp_path / "better" / name)
        assert recorded_corrections(primary) == ({NAME} if "x1d" in name else set()), name
        assert recorded_corrections(fits.getheader(tmp_path / "plain" / name)) == set()
        if "x1d" in name:
            old, new = (fits.getdata(tmp_path / folder / name) for folder in ("plain", "better"))
            assert (new["FLUX"] != old["FLUX"]).any()
            np.testing.assert_array_equal(new["GROSS"], old["GROSS"])


@pytest.mark.xdist_group("corrections")
def test_spectra_made_differently_are_not_combined(dataset, tmp_path, monkeypatch):
    """With a correction of events, which corrtag files remember; only these tests know it."""
    events = replace(CORRECTIONS[NAME], name="other-events", stage="events")
    monkeypatch.setitem(CORRECTIONS, events.name, events)
    new = tmp_path / "new"
    for exposure, names in zip(dataset.exposures, (None, events.name), strict=True):
        recos.run(dataset.raw / f"{exposure.root}_rawtag_a.fits", new, corrections=names, products="corrtag")
    corrtags = sorted(new.glob("*corrtag_a.fits"))
    rows = [(path.name, "EXP-FP", True) for path in corrtags]
    write_table(new / "both_asn.fits", [*rows, ("LREC01010", "PROD-FP", False)])
    with pytest.raises(InputError, match="made without the correction other-events"):
        recos.run(new / "both_asn.fits", tmp_path / "sum")
    assert not (tmp_path / "sum").exists()
    recos.run(new / "both_asn.fits", tmp_path / "sum", mix_corrections=True)
    (path,) = (tmp_path / "sum").glob("*_x1dsum.fits")
    assert recorded_corrections(fits.getheader(path)) == {events.name}
    with pytest.raises(InputError, match="made without the correction other-events"):
        recos.light_curve(corrtags)


def test_options_of_a_file(tmp_path):
    path = tmp_path / "tailor.toml"
    path.write_text(f'corrections = ["{NAME}"]\nmix-corrections = true\n')
    assert read_config(path) == {"corrections": [NAME], "mix_corrections": True}


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["corrections"], 0, NAME),
        (["corrections", NAME], 0, "ACTUAL_EE"),
        (["corrections", "enclosed"], 2, "Did you mean"),
        (["run", "x_rawtag_a.fits", "--corrections", "enclosed"], 2, "Did you mean"),
    ],
)
def test_commands(words, status, text, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(words)
    assert int(leaving.value.code or 0) == status
    shown = capsys.readouterr()
    assert text in (shown.err if status else shown.out)


# ---------------------------------------------------------------------------------------------- documents


def test_names_in_the_code_are_registered():
    found = set()
    for path in (support.ROOT / "src").rglob("*.py"):
        if "corrections" not in path.parts:
            found |= set(re.findall(r"\"([a-z0-9-]+)\" in \w*\.?corrections\b", path.read_text()))
    assert found == set(CORRECTIONS)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_documents_know_each_correction(name):
    text = (support.ROOT / "docs" / "deviations.md").read_text()
    (row,) = (line for line in text.splitlines() if line.startswith(f"| {name} |"))
    assert CORRECTIONS[name].effect in row
    assert f"| {CORRECTIONS[name].specification} |" in row
    tests = "".join(path.read_text() for path in (support.ROOT / "tests" / "corrections").glob("test_*.py"))
    assert f'"{name}"' in tests
