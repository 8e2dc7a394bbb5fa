"""Every step on its own: it does what it can, or says which step must come first."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from types import ModuleType

import pytest

import recos
from helpers import builders
from recos.data.context import Context
from recos.errors import ReferenceFileError, UsageError
from recos.options.csum import CsumOptions
from recos.pipeline.exposure import calibrate
from recos.pipeline.recipes import recipe_for
from recos.references import References
from recos.steps import doppcorr, tempcorr
from recos.steps.step import Step

STEPS = {step.name: step for step in recipe_for(builders.make_exposure(n=0).mode)}


@pytest.fixture(scope="module")
def files(reference_files):
    return reference_files


@pytest.mark.parametrize("name", STEPS)
def test_step_on_a_fresh_exposure(name, files):
    exposure, refs = builders.make_exposure(n=3000), builders.make_refs(files)
    context = Context(csum=CsumOptions(binx=64, biny=64))
    if STEPS[name].after:
        with pytest.raises(UsageError, match=f"run the step {STEPS[name].after[0]} first"):
            STEPS[name](exposure, refs, context)
    elif name == "algncorr":  # the small XTRACTAB is of a time before there was this step
        with pytest.raises(ReferenceFileError, match="no column YERRMAX"):
            STEPS[name](exposure, refs, context)
    else:
        STEPS[name](exposure, refs, context)
        assert exposure.completed[-1] == name


@pytest.mark.parametrize("name", [name for name, s in STEPS.items() if not s.after and name != "algncorr"])
def test_a_step_announces_no_file_but_those_it_declares(name, files, monkeypatch):
    announced: set[str] = set()
    monkeypatch.setattr(References, "announce", lambda _, *keywords: announced.update(keywords))
    context = Context(csum=CsumOptions(binx=64, biny=64))
    STEPS[name](builders.make_exposure(n=3000), builders.make_refs(files), context)
    assert announced <= set(STEPS[name].files)


def test_docstrings_tell_the_arguments():
    text = tempcorr.__doc__
    assert text.index("    Parameters\n    ----------\n    exposure : Exposure") > 0
    assert doppcorr.__doc__.index("Parameters\n") < doppcorr.__doc__.index("Raises\n    ------\n")


@pytest.mark.parametrize("argument", ["start_at", "stop_after"])
def test_unknown_step(argument, files):
    with pytest.raises(UsageError, match="doppcorr"):
        calibrate(builders.make_exposure(n=10), builders.make_refs(files), **{argument: "dopcor"})


def test_steps_are_not_shadowed_by_modules():
    for name in recos.steps.__all__:
        assert isinstance(getattr(recos.steps, name), Step)
        assert find_spec(f"recos.steps.{name}") is None


@pytest.mark.parametrize("name", recos.steps.__all__)
def test_modules_of_steps_are_modules(name):
    module = getattr(recos.steps, name).__module__
    assert isinstance(import_module(module), ModuleType)
    assert getattr(recos.steps, module.rpartition(".")[2]) is import_module(module)


def test_the_recipe_has_each_step_after_those_that_it_requires():
    for detector, obsmode in product(("FUV", "NUV"), ("TIME-TAG", "ACCUM")):
        mode = replace(builders.make_exposure(n=0).mode, detector=detector, obsmode=obsmode)
        done = set()
        for step in recipe_for(mode):
            assert done.issuperset(step.after), step
            done.add(step.name)
