from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from helpers import builders
from recos.errors import InputError
from recos.steps._randcorr import randcorr

module = import_module("recos.steps._randcorr")


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def test_numbers_are_those_of_one_draw(refs, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 64)
    exposure = builders.make_exposure(500, stims=40, randseed=7)
    events = exposure.events
    before = events.xcorr.copy(), events.ycorr.copy()
    randcorr(exposure, refs)
    numbers = np.random.RandomState(7).uniform(-0.5, 0.5, 2 * len(exposure.events))
    for position, old, shift in zip((events.xcorr, events.ycorr), before, np.split(numbers, 2), strict=True):
        expected = np.where(exposure.active, (old - shift).astype(np.float32), old)
        np.testing.assert_array_equal(position, expected)
    assert np.count_nonzero(~exposure.active) == 80
    assert np.array_equal(events.xcorr[~exposure.active], before[0][~exposure.active])
    assert exposure.primary["RANDSEED"] == 7


def test_global_generator_is_left_alone(refs):
    np.random.seed(3)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    randcorr(builders.make_exposure(100, randseed=7), refs)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_seed_from_the_clock_is_recorded(refs, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 1234567.8)
    first, second = (builders.make_exposure(100, randseed=seed) for seed in (-1, 1234567))
    randcorr(first, refs)
    randcorr(second, refs)
    assert first.primary["RANDSEED"] == 1234567
    np.testing.assert_array_equal(first.events.xcorr, second.events.xcorr)


@pytest.mark.parametrize("seed", [-2, 2**32, 1.5])
def test_impossible_seed(refs, seed):
    with pytest.raises(InputError, match="RANDSEED"):
        randcorr(builders.make_exposure(10, randseed=seed), refs)
