"""Every step on its own: it does what it can, or says which step must come first."""

from __future__ import annotations

import contextlib

import pytest

from helpers import builders
from recos.errors import RecosError, UsageError
from recos.options.csum import CsumOptions
from recos.pipeline.exposure import calibrate
from recos.pipeline.recipes import FUV_TIME_TAG
from recos.steps import doppcorr, tempcorr

STEPS = {stage.name: stage.step for stage in FUV_TIME_TAG}
NEEDS = {"statflag", "x1dcorr", "fluxcorr", "tdscorr", "helcorr", "spectrum_keywords"}


@pytest.fixture(scope="module")
def files(reference_files):
    return reference_files


@pytest.mark.parametrize("name", STEPS)
def test_step_on_a_fresh_exposure(name, files):
    exposure, refs = builders.make_exposure(n=3000), builders.make_refs(files)
    exposure.csum_options = CsumOptions(binx=64, biny=64)
    if name in NEEDS:
        with pytest.raises(UsageError, match="run the step"):
            STEPS[name](exposure, refs)
    else:
        with contextlib.suppress(RecosError):  # anything else is a fault
            STEPS[name](exposure, refs)


def test_docstrings_tell_the_arguments():
    text = tempcorr.__doc__
    assert text.index("    Parameters\n    ----------\n    exposure : Exposure") > 0
    assert doppcorr.__doc__.index("Parameters\n") < doppcorr.__doc__.index("Raises\n    ------\n")


@pytest.mark.parametrize("argument", ["start_at", "stop_after"])
def test_unknown_step(argument, files):
    with pytest.raises(UsageError, match="doppcorr"):
        calibrate(builders.make_exposure(n=10), builders.make_refs(files), **{argument: "dopcor"})
