"""Conditions: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.errors import UsageError
from recos.slicing.expression import Expression

COLUMNS = {
    "SUN_ALT": np.array([-30.0, -1.0, 0.0, 1.0, 12.5, np.nan]),
    "SHIFT1": np.array([0.0, -2.5, 3.0, 1e-3, -1e-3, 7.0], np.float32),
}
S, T = COLUMNS["SUN_ALT"], COLUMNS["SHIFT1"].astype(float)

_FUNCTIONS = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "<": np.less, "<=": np.less_equal,
    ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal, "and": np.logical_and,
    "or": np.logical_or,
}  # fmt: skip


def _joined(parts):
    (left, a), sign, (right, b) = parts
    return f"({left}) {sign} ({right})", _FUNCTIONS[sign](a, b)


numbers = st.recursive(
    st.sampled_from([("SUN_ALT", S), ("shift1", T)])
    | st.floats(0.0, 1e6).map(lambda v: (repr(v), np.full(len(S), v))),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(_joined)
        | inner.map(lambda p: (f"-({p[0]})", -p[1]))
        | inner.map(lambda p: (f"abs({p[0]})", np.abs(p[1])))
    ),
    max_leaves=6,
)
comparisons = st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers).map(_joined)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(_joined)
        | inner.map(lambda p: (f"not ({p[0]})", ~p[1]))
    ),
    max_leaves=5,
)


@given(st.data())
def test_the_same_as_numpy(data):
    with np.errstate(all="ignore"):
        text, expected = data.draw(conditions)
    assert np.array_equal(Expression(text).evaluate(COLUMNS), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUN_ALT < 0", S < 0),
        ("sun_alt<=-1", S <= -1),
        ("not SUN_ALT > 0 and SHIFT1 > 0", ~(S > 0) & (T > 0)),
        ("SUN_ALT > 0 or SUN_ALT < 0 and SHIFT1 < 0", (S > 0) | ((S < 0) & (T < 0))),
        ("-1 <= SUN_ALT < 12.5", (S >= -1) & (S < 12.5)),
        ("1 + 2 * SHIFT1 - 4 / 2 > 1e-3", 1 + 2 * T - 2 > 1e-3),
        ("8 / 4 / 2 == 1 and 8 - 4 - 2 == 2", np.ones(6, bool)),
        ("(SUN_ALT + SHIFT1) * 2 > .5", (S + T) * 2 > 0.5),
        ("ABS(SHIFT1) <= 1e-3", np.abs(T) <= 1e-3),
        ("- - SHIFT1 == +SHIFT1", np.ones(6, bool)),
        ("SUN_ALT != SUN_ALT", np.isnan(S)),
        ("1 < 2 NOT_A_COLUMN"[:5], np.ones(6, bool)),
        ("((SUN_ALT)) > ((0)) AND Not (SHIFT1 < 0)", (S > 0) & ~(T < 0)),
        ("SHIFT1 / 0 > 1e300", T > 0),
    ],
)
def test_meaning(text, expected):
    assert np.array_equal(Expression(text).evaluate(COLUMNS), expected)


def test_names_are_in_upper_case_and_once():
    assert Expression("shift1 > 0 and SUN_ALT < 0 and Shift1 < 9").names == ("SHIFT1", "SUN_ALT")


@pytest.mark.parametrize(
    ("text", "character", "message"),
    [
        ("", 1, "found the end"),
        ("   ", 4, "found the end"),
        ("SUN_ALT", 1, "expected a condition"),
        ("SUN_ALT + 1", 1, "expected a condition"),
        ("SUN_ALT <", 10, "found the end"),
        ("SUN_ALT < < 3", 11, "found '<'"),
        ("SUN_ALT = 3", 9, "write =="),
        ("SUN_ALT < 3 & SHIFT1 > 0", 13, "write 'and'"),
        ("SUN_ALT < 3 | SHIFT1 > 0", 13, "write 'or'"),
        ("SUN_ALT < 3 SHIFT1 > 0", 13, "operator is missing"),
        ("1e > 3", 2, "operator is missing"),
        ("(SUN_ALT < 3", 13, r"expected '\)'"),
        ("SUN_ALT < 3)", 12, "operator is missing"),
        ("not SUN_ALT", 5, "expected a condition"),
        ("SUN_ALT and SHIFT1 > 0", 1, "expected a condition"),
        ("SHIFT1 > 0 or 3", 15, "expected a condition"),
        ("(SUN_ALT < 3) + 1 > 0", 2, "expected a number"),
        ("(SUN_ALT < 3) < 1", 2, "expected a number"),
        ("-(SUN_ALT < 3) < 1", 3, "expected a number"),
        ("abs SHIFT1 > 1", 1, "write abs"),
        ("SUN_ALT < or", 11, "found 'or'"),
        ("__import__('os') > 0", 12, "no operator"),
        ("exit() > 0", 5, "operator is missing"),
        ("SUN_ALT.real > 0", 8, "no operator"),
        ("SUN_ALT[0] > 0", 8, "no operator"),
        ("'a' > 0", 1, "no operator"),
    ],
)
def test_errors_point_at_the_place(text, character, message):
    with pytest.raises(UsageError, match=message) as caught:
        Expression(text)
    lines = str(caught.value).split("\n")
    assert f"at character {character}:" in lines[0]
    assert lines[-1].index("^") - 4 == character - 1


@pytest.mark.parametrize(
    "text", ["(" * 3000, "-" * 3000 + "1 > 0", "not " * 3000, "+".join("1" * 3000) + " > 0"]
)
def test_nonsense_does_not_exhaust_the_stack(text):
    with pytest.raises(UsageError, match="more than"):
        Expression(text)


def test_the_longest_sum():
    assert Expression("+".join("1" * 240) + " == 240").evaluate(COLUMNS).all()


def test_unknown_columns():
    condition = Expression("SUN_ALT > 0 and MOON < 3")
    condition.check_names(["SUN_ALT", "MOON"], "TIMELINE")
    with pytest.raises(
        UsageError, match=r"character 17: TIMELINE has no column MOON; it has SUN_ALT, SHIFT1"
    ):
        condition.check_names(list(COLUMNS), "TIMELINE")


@given(st.text(max_size=30))
def test_any_text_is_a_condition_or_an_error(text):
    try:
        condition = Expression(text)
        condition.check_names(list(COLUMNS), "TIMELINE")
    except UsageError:
        return
    assert condition.evaluate(COLUMNS).shape == (6,)
