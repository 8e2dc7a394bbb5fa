"""Keywords that a run takes to be different from what the headers say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from astropy.io import fits

import recos
from helpers.folder import fake_pipeline
from recos.association.read import read_association
from recos.cli.config import read_config
from recos.cli.main import main
from recos.cli.overrides import parse_settings
from recos.data.overrides import merge_notes
from recos.errors import InputError, MissingReferenceError, UsageError
from recos.options.overrides import parse_overrides
from recos.options.run import RunResult
from recos.references.locate import expand_name


@pytest.fixture
def pipeline(monkeypatch):
    return fake_pipeline(monkeypatch, lambda association, options: RunResult())


def read(folder, preset=None, **values):
    return read_association(folder.asn, folder.new, overrides=parse_overrides(values, preset))


def run(folder, **options):
    return recos.run(folder.asn, folder.new, **options)


def history(primary):
    return [str(line) for line in primary.get("HISTORY", ())]


# --------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("keyword", "value", "stored"),
    [
        ("BRSTCORR", "omit", "OMIT"),
        ("STATFLAG", "OMIT", False),
        ("STATFLAG", True, True),
        ("XTRCTALG", "boxcar", "BOXCAR"),
        ("RANDSEED", "17", 17),
        ("SP_SET_A", "-1.5", -1.5),
        ("LIFE_ADJ", 3, 3),
        ("SDQFLAGS", "8184", 8184),
        ("FLATFILE", "lref$x_flat.fits", "lref$x_flat.fits"),
        ("FLATFILE", "$here/x_flat.fits", "$here/x_flat.fits"),
        ("FLATFILE", Path("/data/x_flat.fits"), "/data/x_flat.fits"),
        ("SPOTTAB", "n/a", "N/A"),
    ],
)
def test_values(keyword, value, stored):
    (override,) = parse_overrides({keyword.lower(): value})
    assert (override.keyword, override.value) == (keyword, stored)
    assert type(override.value) is type(stored)


def test_bare_names_are_looked_for_in_the_current_folder_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_overrides({"FLATFILE": "my_flat.fits"})[0].value == "lref$my_flat.fits"
    Path("my_flat.fits").touch()
    assert parse_overrides({"FLATFILE": "my_flat.fits"})[0].value == "my_flat.fits"
    monkeypatch.setenv("HOME", "/home/me")
    assert parse_overrides({"FLATFILE": "~/my_flat.fits"})[0].value == "/home/me/my_flat.fits"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"BRSTCOR": "OMIT"}, "Did you mean BRSTCORR"),
        ({"FLATFIL": "x.fits"}, "Did you mean FLATFILE"),
        ({"BRSTCORR": "OMITT"}, "Did you mean OMIT"),
        ({"BRSTCORR": "COMPLETE"}, "expected PERFORM or OMIT"),
        ({"XTRCTALG": "BOXCR"}, "Did you mean BOXCAR"),
        ({"RANDSEED": -2}, "expected an integer from"),
        ({"RANDSEED": "x"}, "expected an integer"),
        ({"SP_SET_A": "nan"}, "expected a number"),
        ({"SP_SET_A": 1024}, "expected an offset"),
        ({"SDQFLAGS": True}, "expected an integer"),
        ({"FLATFILE": ""}, "name of a file"),
        ({"FLATFILE": 3}, "name of a file"),
        ({"FLATFILE": "flät.fits"}, "ASCII"),
        ({"EXPTIME": 3}, "no calibration keyword"),
        ({"BRSTCORR": "OMIT", "brstcorr": "PERFORM"}, "given twice"),
        ("BRSTCORR=OMIT", "expected a dict"),
    ],
)
def test_impossible_values(values, message):
    with pytest.raises(UsageError, match=message):
        parse_overrides(values)


def test_preset():
    found = {o.keyword: o.value for o in parse_overrides(None, "boxcar")}
    assert found == {"XTRCTALG": "BOXCAR", "TRCECORR": "OMIT", "ALGNCORR": "OMIT"}
    found = {o.keyword: o.value for o in parse_overrides({"TRCECORR": "PERFORM"}, "Boxcar")}
    assert found == {"XTRCTALG": "BOXCAR", "TRCECORR": "PERFORM", "ALGNCORR": "OMIT"}
    with pytest.raises(UsageError, match="expected boxcar"):
        parse_overrides(None, "twozone")


def test_words():
    assert parse_settings(["brstcorr=OMIT", " FLATFILE = a=b.fits "]) == {
        "BRSTCORR": "OMIT",
        "FLATFILE": "a=b.fits",
    }
    for words in (["BRSTCORR"], ["=OMIT"], ["BRSTCORR="], ["BRSTCORR=OMIT", "brstcorr=PERFORM"]):
        with pytest.raises(UsageError, match="--set"):
            parse_settings(words)


# -------------------------------------------------------------------------------------------------- headers


def test_headers_as_they_are_read(folder):
    folder.set("BRSTCORR", "PERFORM")
    before = folder.raw().read_bytes()
    for headers, _ in read(folder, BRSTCORR="OMIT", SP_SET_A=2.5, XTRCTALG="BOXCAR", STATFLAG="OMIT"):
        assert headers.switches["BRSTCORR"] == headers.primary["BRSTCORR"] == "OMIT"
        assert headers.primary["STATFLAG"] is False
        assert headers.header["SP_SET_A"] == 2.5
        lines = history(headers.primary)
        assert "recos: BRSTCORR = OMIT (PERFORM in the raw file)" in lines
        assert any(line.startswith("recos: SP_SET_A = 2.5") for line in lines)
    assert folder.raw().read_bytes() == before


def test_nothing_is_told_of_what_is_the_same(folder):
    folder.set("BRSTCORR", "OMIT")
    for headers, _ in read(folder, BRSTCORR="OMIT"):
        assert history(headers.primary) == []


def test_a_keyword_that_is_missing(folder):
    folder.set("RANDSEED", None)
    for headers, _ in read(folder, RANDSEED=7):
        assert headers.primary["RANDSEED"] == 7
        assert history(headers.primary) == ["recos: RANDSEED = 7 (not in the raw file)"]


def test_wavecals_keep_their_switches(folder):
    folder.set("EXPTYPE", "WAVECAL")
    folder.set("APERTURE", "WCA")
    files = read_association(folder.raw(), folder.new, overrides=parse_overrides({"FLUXCORR": "PERFORM"}))
    assert {headers.switches["FLUXCORR"] for headers, _ in files} == {"OMIT"}


def test_steps_that_were_done_stay_done(folder):
    folder.set("FLATCORR", "COMPLETE")
    with pytest.raises(InputError, match="cannot be undone"):
        read(folder, FLATCORR="OMIT")


def test_notes_of_several_files_are_joined():
    long = "recos: FLATFILE = " + 20 * "name_" + " (old in the raw file)"
    first, second = fits.Header(), fits.Header()
    for header, lines in ((first, ["a", "recos: X = 1", "b"]), (second, ["recos: X = 1", "c", long, "d"])):
        for line in lines:
            header.add_history(line)
    merge_notes(first, [second])
    assert "".join(history(first)) == "arecos: X = 1b" + long


# ------------------------------------------------------------------------------------------------------ run


def test_checks_see_overrides(folder, pipeline):
    with pytest.raises(MissingReferenceError, match="none_flat"):
        run(folder, overrides={"FLATFILE": "none_flat.fits", "FLATCORR": "PERFORM"})
    assert not folder.new.exists()
    shutil.copy(expand_name(folder.references["DEADTAB"]), folder.path / "my.fits")
    run(folder, overrides={"DEADTAB": str(folder.path / "my.fits"), "DEADCORR": "PERFORM"})
    ((association, _),) = pipeline
    assert {h.primary["DEADTAB"] for h, _ in association} == {str(folder.path / "my.fits")}


@pytest.mark.parametrize(
    ("overrides", "unused"),
    [
        ({"FLATFILE": "none.fits", "FLATCORR": "OMIT"}, "FLATFILE"),
        ({"RANDCORR": "OMIT", "RANDSEED": 3}, "RANDSEED"),
        ({"PHOTCORR": "PERFORM"}, None),
        ({"X1DCORR": "OMIT", "FLUXCORR": "PERFORM"}, "FLUXCORR"),
        ({"BRSTCORR": "OMIT"}, None),
    ],
)
def test_warning_of_what_is_not_used(folder, pipeline, caplog, overrides, unused):
    run(folder, overrides=overrides)
    lines = [r.getMessage() for r in caplog.records if "has no effect" in r.getMessage()]
    assert [line.split()[0] for line in lines] == ([unused] if unused else [])


def test_a_preset_gives_no_such_warning(folder, pipeline, caplog):
    run(folder, preset="boxcar")
    assert "has no effect" not in caplog.text


# ----------------------------------------------------------------------------------------------------- file


def config(folder, text):
    path = folder / "tailor.toml"
    path.write_text(text)
    return path


def test_config_file(tmp_path):
    path = config(
        tmp_path,
        'outdir = "new"\nproducts = ["x1d"]\nsave-temp-files = true\npreset = "boxcar"\n[slices]\nincrement = 100\n'
        '[csum]\nbinx = 8\n[set]\nBRSTCORR = "OMIT"\n',
    )
    found = read_config(path)
    assert found["csum"].binx == 8
    del found["csum"]
    assert found == {
        "outdir": "new",
        "products": ["x1d"],
        "save_temp_files": True,
        "preset": "boxcar",
        "slices": {"increment": 100},
        "overrides": {"BRSTCORR": "OMIT"},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outdri = 'x'", "Did you mean outdir"),
        ("input = 'x'", "unknown key input"),
        ("outdir = 3", "expected a text"),
        ("overwrite = 'yes'", "expected true or false"),
        ("set = 3", "expected a table"),
        ("[csum]\nbin = 3", r"\[csum\]"),
    ],
)
def test_wrong_keys(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        read_config(config(tmp_path, text))


def test_no_config_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_config(tmp_path / "none.toml")
    with pytest.raises(InputError, match="not a TOML file"):
        read_config(config(tmp_path, "a = = 3"))
    (tmp_path / "tailor.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not a TOML file"):
        read_config(tmp_path / "tailor.toml")


# ----------------------------------------------------------------------------------------------- command line


def status_of(args):
    with pytest.raises(SystemExit) as leaving:
        main([str(arg) for arg in args])
    return int(leaving.value.code or 0)


def test_command(folder, pipeline):
    path = config(
        folder.path, 'outdir = "elsewhere"\njobs = 1\n[set]\nBRSTCORR = "PERFORM"\nDEADCORR = "OMIT"\n'
    )
    words = ["-q", "--set", "BRSTCORR=OMIT", "--preset", "boxcar", "--config", path]
    assert status_of([folder.asn, "-o", folder.new, *words]) == 0
    ((association, options),) = pipeline
    assert (options.jobs, options.outdir, options.verbosity) == (1, folder.new, 0)
    switches = next(iter(association))[0].switches
    for switch in ("BRSTCORR", "DEADCORR", "TRCECORR", "ALGNCORR"):
        assert switches[switch] == "OMIT"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "BRSTCOR=OMIT"], "Did you mean BRSTCORR"),
        (["--set", "BRSTCORR"], "KEYWORD=VALUE"),
        (["--preset", "box"], "expected boxcar"),
    ],
)
@pytest.mark.parametrize("command", ["run", "extract"])
def test_wrong_words(folder, pipeline, capsys, command, words, message):
    assert status_of([command, folder.asn, "-o", folder.new, *words]) == 2
    assert message in capsys.readouterr().err
    assert not folder.new.exists()
    assert pipeline == []


def test_find_on_the_command_line_wins(folder, pipeline):
    path = config(folder.path, "find_target = true")
    assert status_of([folder.asn, "-o", folder.new, "--config", path]) == 0
    assert status_of([folder.asn, "-o", folder.new, "--config", path, "--find", "no", "--overwrite"]) == 0
    assert [options.find_target for _, options in pipeline] == [(True, None), None]
