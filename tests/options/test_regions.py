"""What a user may choose for an extraction, and what becomes of the rows of tables."""

from __future__ import annotations

import numpy as np
import pytest

from recos.errors import UsageError
from recos.options.regions import Choice, Tailoring, cells_of

ROW = {
    "B_SPEC": 480.0,
    "HEIGHT": 31,
    "B_BKG1": 440.0,
    "B_BKG2": 520.0,
    "BHEIGHT": 15,
    "B_HGT1": 15,
    "LOWER_OUTER": 0.005,
    "LOWER_INNER": 0.1,
    "UPPER_INNER": 0.9,
    "UPPER_OUTER": 0.995,
}


@pytest.mark.parametrize(
    ("options", "segment", "expected"),
    [
        ({"height": 25}, "FUVB", {"height": 25}),
        ({"height": np.int64(25)}, "NUVC", {"height": 25}),
        ({"center": 490.5}, "FUVB", {"center": 490.5}),
        ({"center": 190.5}, "NUVB", {}),
        ({"offset": -2}, "NUVB", {"offset": -2}),
        ({"center": (480, None)}, "FUVB", {}),
        ({"background_centers": (430, 540)}, "FUVB", {"background_centers": (430, 540)}),
        ({"background_centers": [(430, 540), None]}, "FUVB", {}),
        ({"background_centers": [None, [500, 610]]}, "FUVB", {"background_centers": (500, 610)}),
        ({"background_height": 9}, "NUVB", {"background_height": 9}),
        ({"enclosed_energy": (0, 1)}, "FUVA", {"enclosed_energy": (0.0, 1.0)}),
        ({"inner": [0.2, 0.8]}, "FUVB", {"inner": (0.2, 0.8)}),
    ],
)
def test_choice_of_a_spectrum(options, segment, expected):
    assert Tailoring(**options).of(segment) == Choice(**expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"height": 0}, "1 or more"),
        ({"height": [5, -1]}, "1 or more"),
        ({"height": 2.5}, "whole numbers"),
        ({"background_height": 0}, "1 or more"),
        ({"center": 1024}, "outside the detector"),
        ({"center": -0.5}, "outside the detector"),
        ({"center": float("nan")}, "expected numbers"),
        ({"location": 2000}, "outside the detector"),
        ({"offset": "3"}, "expected numbers"),
        ({"background_centers": (430, 1100)}, "outside the detector"),
        ({"background_centers": (430, 540, 3)}, "two numbers"),
        ({"background_centers": 430}, "two numbers"),
        ({"enclosed_energy": (0.5, 0.5)}, "lower < upper"),
        ({"enclosed_energy": (0.9, 0.1)}, "lower < upper"),
        ({"enclosed_energy": (-0.1, 0.9)}, "0 <= lower"),
        ({"enclosed_energy": (0.1, 1.1)}, "upper <= 1"),
        ({"enclosed_energy": 0.8}, "two fractions"),
        ({"enclosed_energy": (0.2, 0.8), "inner": (0.1, 0.8)}, "not within"),
    ],
)
def test_impossible_values(options, message):
    with pytest.raises(UsageError, match=message):
        Tailoring(**options)


def test_arguments_of_a_run():
    assert Tailoring.parse(None) is None
    assert Tailoring.parse({}) is None
    assert Tailoring.parse({"height": [None, None]}) is None
    assert Tailoring.parse({"height": 25}) == Tailoring(height=25)
    assert Tailoring.parse(Tailoring(center=400), height=7) == Tailoring(center=400, height=7)
    for tailor, options in (
        ({"hight": 3}, {}),
        ({"height": 3}, {"height": 5}),
        (25, {}),
    ):
        with pytest.raises(UsageError, match=r"mean height|given twice|expected a Tailoring"):
            Tailoring.parse(tailor, **options)


@pytest.mark.parametrize(
    ("options", "aligns", "cells"),
    [
        ({"height": 25}, False, {"HEIGHT": 25}),
        ({"center": 490}, True, {"B_SPEC": 490}),
        ({"offset": 3}, False, {"B_SPEC": 483.0}),
        ({"offset": 3}, True, {}),
        ({"center": 490, "offset": 3}, False, {"B_SPEC": 493.0}),
        ({"background_centers": (430, 540)}, False, {"B_BKG1": 430, "B_BKG2": 540}),
        ({"background_height": 9}, False, {"BHEIGHT": 9, "B_HGT1": 9}),
        ({"enclosed_energy": (0.05, 0.95)}, False, {"LOWER_OUTER": 0.05, "UPPER_OUTER": 0.95}),
        (
            {"enclosed_energy": (0.2, 0.8)},
            False,
            {"LOWER_OUTER": 0.2, "LOWER_INNER": 0.2, "UPPER_INNER": 0.8, "UPPER_OUTER": 0.8},
        ),
        (
            {"enclosed_energy": (0.95, 1.0)},
            False,
            {"LOWER_OUTER": 0.95, "LOWER_INNER": 0.95, "UPPER_INNER": 0.95, "UPPER_OUTER": 1.0},
        ),
        ({"inner": (0.2, 0.8)}, False, {"LOWER_INNER": 0.2, "UPPER_INNER": 0.8}),
    ],
)
def test_cells(options, aligns, cells):
    assert cells_of(Tailoring(**options).of("FUVA"), ROW, aligns) == cells


def test_inner_zone_outside_of_the_tabulated_outer_one():
    with pytest.raises(UsageError, match="Give enclosed_energy, too"):
        cells_of(Choice(inner=(0.001, 0.9)), ROW, False)
