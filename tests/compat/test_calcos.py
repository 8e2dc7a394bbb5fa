"""The Python interface of the reference implementation."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import calcos
from helpers.folder import ROOT, fake_pipeline
from recos.cli.overrides import parse_find_text
from recos.errors import InputError, UsageError
from recos.options.csum import CsumOptions
from recos.options.run import RunResult, parse_find_target


@pytest.fixture
def pipeline(monkeypatch):
    return fake_pipeline(monkeypatch, lambda association, options: RunResult())


def test_arguments_are_those_of_the_handbook():
    names = list(inspect.signature(calcos.calcos).parameters)
    assert names == [
        "asntable", "outdir", "verbosity", "find_target", "create_csum_image", "raw_csum_coords",
        "only_csum", "binx", "biny", "compress_csum", "compression_parameters", "shift_file",
        "save_temp_files", "stimfile", "livetimefile", "burstfile",
    ]  # fmt: skip


def test_as_in_the_handbook(folder, pipeline, monkeypatch, capsys):
    monkeypatch.chdir(folder.path)
    assert calcos.calcos("lrec01010_asn.fits", verbosity=2, outdir="new") == 0
    ((association, options),) = pipeline
    assert options.verbosity == 2
    assert str(association.outdir) == "new"
    out = capsys.readouterr().out
    assert "Association file = lrec01010_asn.fits" in out
    assert "Warning:  Creating output directory 'new'." in out
    assert "elapsed time" in out


def test_verbosity_holds_for_one_call(folder, pipeline, capsys):
    calcos.calcos(folder.asn, str(folder.path / "one"), 0)
    capsys.readouterr()
    calcos.calcos(folder.asn, str(folder.path / "two"))
    assert "Begin " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (False, None),
        (True, (True, None)),
        (1.5, (True, 1.5)),
        (0, (True, 0.0)),
        ({"flag": False, "cutoff": None}, None),
        ({"flag": True, "cutoff": None}, (True, None)),
        ({"flag": True, "cutoff": 3}, (True, 3.0)),
        ({"flag": False, "cutoff": 3}, None),
    ],
)
def test_find_target(folder, pipeline, value, expected):
    calcos.calcos(folder.asn, folder.new, find_target=value)
    assert pipeline[0][1].find_target == expected


@pytest.mark.parametrize("value", ["yes", -1, {"flag": "yes"}, {"flags": True}, [True]])
def test_impossible_find_target(value):
    with pytest.raises(UsageError):
        parse_find_target(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("yes", (True, None)), ("TRUE", (True, None)), ("no", None), ("False", None), ("2.5", (True, 2.5))],
)
def test_find_text(text, expected):
    assert parse_find_text(text) == expected


@pytest.mark.parametrize("text", ["foo", "-1", "nan", ""])
def test_impossible_find_text(text):
    with pytest.raises(UsageError):
        parse_find_text(text)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"raw_csum_coords": True, "binx": 2}, None),
        ({"create_csum_image": True}, CsumOptions()),
        ({"only_csum": True, "raw_csum_coords": True}, CsumOptions(raw=True, only=True)),
        ({"create_csum_image": True, "binx": 4, "biny": 0}, CsumOptions(binx=4)),
        ({"create_csum_image": True, "compress_csum": True}, CsumOptions(compression=("GZIP", -0.01))),
        (
            {"create_csum_image": True, "compress_csum": True, "compression_parameters": "rice,4"},
            CsumOptions(compression=("RICE", 4.0)),
        ),
        ({"create_csum_image": True, "compression_parameters": "rice,4"}, CsumOptions()),
    ],
)
def test_csum_options(folder, pipeline, options, expected):
    calcos.calcos(folder.asn, folder.new, **options)
    assert [given.csum for _, given in pipeline] == [expected]


def test_impossible_csum_options(folder, pipeline):
    with pytest.raises(UsageError, match="rice"):
        calcos.calcos(folder.asn, create_csum_image=True, compress_csum=True, compression_parameters="zip,1")
    assert pipeline == []


def test_defaults_of_csum_are_accepted(folder, pipeline):
    assert calcos.calcos(folder.asn, folder.new, binx=1, biny=0, compression_parameters="rice,1") == 0


def test_status_5(folder, capsys):
    assert calcos.calcos(folder.path / "nothing") == 5
    assert "no raw or corrtag file" in capsys.readouterr().out


def test_status_16_of_an_aperture(folder, capsys):
    folder.set("APERTURE", "XYZ")
    assert calcos.calcos(folder.asn, folder.new) == 16
    assert "ERROR:  " in capsys.readouterr().out


def test_status_16_of_an_exposure(folder, monkeypatch):
    fake_pipeline(monkeypatch, lambda association, options: RunResult(16))
    assert calcos.calcos(folder.asn, folder.new) == 16


def test_other_errors_are_raised(folder):
    with pytest.raises(InputError):
        calcos.calcos(folder.path / "none_asn.fits")


def test_impossible_verbosity(folder):
    with pytest.raises(UsageError, match="verbosity"):
        calcos.calcos(folder.asn, verbosity=7)


def test_localcalcos(folder, pipeline, monkeypatch):
    monkeypatch.chdir(folder.path)
    folder.add("lrec01d2q")
    status = calcos.localcalcos(f"{ROOT}_rawtag_?.fits, lrec01d2q nothing", outdir="new", find=True, cutoff=2)
    assert status == 5
    assert [a.members[0].root for a, _ in pipeline] == [ROOT, "lrec01d2q"]
    assert pipeline[0][1].find_target == (True, 2.0)


def test_localcalcos_prints_the_version(capsys):
    assert calcos.localcalcos("x", print_version=True) == 0
    assert capsys.readouterr().out.strip() == calcos.__version__


def test_version_tells_both():
    assert calcos.__version__.startswith("3.6.2+recos.")
    assert calcos.CALCOS_VERSION == calcos.CALCOS_VERSION_NUMBER == calcos.__version__


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a, b c,,d", ["a", "b", "c", "", "d"]), ("  ", [""]), ("", [""]), (["x"], ["x"]), ("a", ["a"])],
)
def test_split(text, expected):
    assert calcos.splitInputString(text) == expected


# ------------------------------------------------------------------------------------------------ uniqueInput


@pytest.fixture
def names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("x_rawtag_a.fits", "x_rawtag_b.fits", "z.fits", "y_asn.fits"):
        (tmp_path / name).touch()
    return tmp_path


def test_pairs_are_one(names):
    assert calcos.uniqueInput(["x_rawtag_b.fits", "x_rawtag_a.fits"]) == ["x_rawtag_a.fits"]
    assert calcos.uniqueInput(["x_rawtag_b.fits"]) == ["x_rawtag_b.fits"]
    assert calcos.uniqueInput(["*.fits"]) == ["x_rawtag_a.fits", "y_asn.fits", "z.fits"]


def test_the_same_file_by_two_names(names):
    assert calcos.uniqueInput(["z.fits", "./z.fits"]) == ["./z.fits"]


def test_order_is_kept(names):
    assert calcos.uniqueInput(["z.fits", "x_rawtag_b.fits", "x_rawtag_a.fits", "y_asn.fits"]) == [
        "z.fits",
        "x_rawtag_a.fits",
        "y_asn.fits",
    ]


def test_unmatched_words_are_kept(names):
    assert calcos.uniqueInput(["y_asn", "none*.fits", ""]) == ["y_asn", "none*.fits"]


def test_variables_are_expanded_until_nothing_changes(names, monkeypatch):
    monkeypatch.setenv("one", "$two")
    monkeypatch.setenv("two", str(names))
    assert calcos.uniqueInput(["$one/z.fits"]) == [f"{names}/z.fits"]


@given(st.lists(st.sampled_from(["p_rawtag_a.fits", "p_rawtag_b.fits", "q.fits", "r", "s_asn"])))
def test_unique_input_is_idempotent_and_without_repetition(words):
    result = calcos.uniqueInput(words)
    assert calcos.uniqueInput(result) == result
    assert len(set(result)) == len(result)
    assert set(result) <= set(words)


def test_import_is_light():
    code = "import sys, calcos; print(any(m in sys.modules for m in ('astropy', 'numpy', 'click')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
