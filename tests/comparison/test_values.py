"""How far two arrays differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recos.comparison.values import Tally, are_same_bytes, in_units, unequal

KINDS = st.sampled_from([np.float32, np.float64, np.int16, np.int32, np.uint8, ">f4", ">f8", ">i2"]).map(
    np.dtype
)
ARRAYS = KINDS.flatmap(lambda kind: hnp.arrays(kind, st.integers(1, 40)))


def tally_of(old, new, error=None, pieces=1, **options):
    tally = Tally(**options)
    errors = [None] * pieces if error is None else np.array_split(error, pieces)
    for a, b, e in zip(np.array_split(old, pieces), np.array_split(new, pieces), errors, strict=True):
        tally.add(a, b, e)
    return tally


@given(ARRAYS)
def test_an_array_equals_itself(array):
    assert are_same_bytes(array, array.copy())
    tally = tally_of(array, array.copy())
    assert tally.result("SCI", "X", "", array.shape) is None
    assert tally.n == array.size


@given(ARRAYS, st.data())
def test_a_changed_value_is_found_at_its_place(array, data):
    where = data.draw(st.integers(0, array.size - 1))
    changed = array.copy()
    changed[where] = data.draw(hnp.from_dtype(array.dtype))
    assume(not np.array_equal(array, changed, equal_nan=array.dtype.kind == "f"))
    found = tally_of(array, changed, pieces=data.draw(st.integers(1, 3))).result("SCI", "X", "", array.shape)
    assert (found.n_different, found.place, found.n) == (1, (where,), array.size)
    np.testing.assert_equal([found.old, found.new], [array[where].item(), changed[where].item()])
    assert not are_same_bytes(array, changed)


@given(hnp.arrays(np.float64, 12, elements=st.floats(-1e3, 1e3)), st.integers(1, 5))
def test_pieces_give_what_the_whole_gives(array, pieces):
    old, new = array, np.roll(array, 1)
    assert tally_of(old, new, pieces=pieces).result("S", "X", "", (3, 4)) == tally_of(old, new).result(
        "S", "X", "", (3, 4)
    )


def test_largest_difference_and_its_place():
    old = np.array([[1.0, 2.0], [4.0, 100.0]])
    new = np.array([[1.0, 2.5], [3.0, 100.25]])
    found = tally_of(old.ravel(), new.ravel(), np.array([1.0, 0.1, 10.0, 0.0])).result(
        "SCI", "SCI", "", (2, 2)
    )
    assert (found.n_different, found.largest, found.place, found.old, found.new) == (3, 1.0, (1, 0), 4.0, 3.0)
    assert found.relative == pytest.approx(1.0 / 4.0)  # 0.5 / 2.5 is less


def test_errors_that_are_zero_do_not_count():
    tally = tally_of(np.zeros(3, np.float32), np.array([1, 2, 30], np.float32), np.array([0.5, 0.25, 0.0]))
    assert tally.units().largest == 8.0


def test_nan_and_infinity():
    old = np.array([np.nan, np.nan, 1.0, np.inf, np.inf, 5.0])
    new = np.array([np.nan, 1.0, np.nan, np.inf, -np.inf, 6.0])
    found = tally_of(old, new).result("SCI", "X", "", (6,))
    assert (found.n_different, found.n_not_finite, found.largest, found.place) == (4, 3, 1.0, (5,))
    only_nan = tally_of(old[:3], new[:3]).result("SCI", "X", "", (3,))
    assert (only_nan.largest, only_nan.relative, only_nan.place) == (None, None, (1,))


def test_tolerance_is_relative_to_the_larger_value_and_for_floats_only():
    old, new = np.array([1.0, 1.0, -1e-30]), np.array([1.001, 1.002, 1e-30])
    assert unequal(old, new, 1.5e-3).tolist() == [False, True, True]
    assert unequal(new, old, 1.5e-3).tolist() == [False, True, True]
    assert unequal(np.array([1000]), np.array([1001]), 0.1).all()


def test_texts_without_blanks_at_their_end():
    assert unequal(np.array([b"FUVA", b"A"]), np.array(["FUVA  ", "B"])).tolist() == [False, True]
    found = tally_of(np.array(["a", "b "]), np.array(["a", "c"])).result("X", "NAME", "", (2,))
    assert (found.largest, found.old, found.new, found.place) == (None, "b", "c", (1,))


def test_bits_by_name():
    old = np.array([0, 8192, 64, -32768, 128], np.int16)
    new = np.array([8192, 0, 64 | 4, 16384, 128], np.int16)
    found = tally_of(old, new, are_flags=True).result("SCI", "DQ", "", (5,))
    assert found.flags == {
        "GRID_SHADOW": (1, 0), "GAIN_SAG_HOLE": (1, 1), "16384": (1, 0), "32768": (0, 1),
    }  # fmt: skip
    assert found.n_different == 4


def test_mean_and_rms_are_over_all_chosen_pixels_with_an_error():
    old, new = np.zeros(6), np.array([1.0, -2.0, 0.0, 7.0, 7.0, np.nan])
    scale, use = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0]), np.array([1, 1, 1, 1, 0, 1], bool)
    found = in_units("sigma", old, new, scale, use)
    assert (found.n, found.largest) == (3, 2.0)
    assert found.mean == pytest.approx(-1.0 / 3.0)
    assert found.rms == pytest.approx(np.sqrt(5.0 / 3.0))
    assert in_units("sigma", old, new, scale, ~use & False).n == 0
