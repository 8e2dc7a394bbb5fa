"""Conditions on columns of a table, such as ``SUN_ALT < 0 and abs(SHIFT1) <= 2.5``: parsed, never executed.

======================================= ====================================================
what                                    signs
======================================= ====================================================
logic, from loose to tight              ``or``, ``and``, ``not``
comparisons, also chained (0 < x < 1)   ``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=``
arithmetic                              ``+``, ``-``, ``*``, ``/``, parentheses, ``abs()``
values                                  numbers (``1e-3``), names of columns (any case)
======================================= ====================================================
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recos.errors import UsageError

Columns = Mapping[str, np.ndarray]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|==|!=|[<>+\-*/()]))"
)
_COMPARE: dict[str, Callable[..., np.ndarray]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[..., np.ndarray]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
_WORDS = ("and", "or", "not", "abs")
_DEEPEST = 50
"""Levels of parentheses and signs; more is no condition that a person wrote."""
_LONGEST = 500
"""Words and signs of a condition; likewise."""


class _Token(NamedTuple):
    kind: str
    """number, name, sign, or end."""
    text: str
    position: int
    """Index of the first character."""


class _Node(NamedTuple):
    """Part of an expression: how it is evaluated, and whether the result is a condition or a number."""

    evaluate: Callable[[Columns], np.ndarray]
    is_condition: bool
    position: int


class Expression:
    """A condition that holds or not for each row of a table.

    Parameters
    ----------
    text : str

    Raises
    ------
    UsageError
        If the text is no condition; the message points at the place.

    Examples
    --------
    >>> night = Expression("SUN_ALT <= 0")
    >>> night.evaluate({"SUN_ALT": np.array([12.0, -3.0])})
    array([False,  True])
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._positions: dict[str, int] = {}
        self._tokens = self._read_tokens()
        self._next = self._depth = 0
        node = self._either()
        if self._token.kind != "end":
            raise self._error(f"an operator is missing before '{self._token.text}'", self._token.position)
        self._require(node, condition=True)
        self._root = node

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the expression names, in upper case, in the order of their first appearance."""
        return tuple(self._positions)

    def check_names(self, available: Sequence[str], table: str) -> None:
        """Check that a table has all columns.

        Raises
        ------
        UsageError
            If it lacks one; the message lists those that there are.
        """
        for name, position in self._positions.items():
            if name not in available:
                raise self._error(
                    f"{table} has no column {name}; it has {', '.join(available) or 'none'}", position
                )

    def evaluate(self, columns: Columns) -> np.ndarray:
        """Whether the condition holds, row by row.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (n,)
            Numbers by name of column, upper case.

        Returns
        -------
        ndarray of bool, shape (n,)
            Computed in float64. Comparisons with NaN do not hold, except ``!=``.
        """
        with np.errstate(all="ignore"):
            values = self._root.evaluate(columns)
        n = len(next(iter(columns.values()))) if columns else 0
        return np.array(np.broadcast_to(values, (n,)), bool)

    # ----------------------------------------------------------------------------------------------- tokens

    def _read_tokens(self) -> list[_Token]:
        tokens, position, text = [], 0, self.text
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                position += len(text[position:]) - len(text[position:].lstrip())
                raise self._error(_hint(text[position]), position)
            kind = match.lastgroup or ""
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            position = match.end()
            if len(tokens) > _LONGEST:
                raise self._error(f"more than {_LONGEST} words and signs", tokens[-1].position)
        return [*tokens, _Token("end", "the end", len(text))]

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> _Token | None:
        """The next token, if it is one of these signs or words."""
        token = self._token
        if token.kind == "end" or token.text.lower() not in texts:
            return None
        self._next += 1
        return token

    def _error(self, text: str, position: int) -> UsageError:
        return UsageError(
            f"The condition is not understood at character {position + 1}: {text}.\n    {self.text}\n"
            f"    {' ' * position}^"
        )

    def _require(self, node: _Node, *, condition: bool) -> _Node:
        if node.is_condition != condition:
            expected = "a condition such as SUN_ALT < 0" if condition else "a number or a column"
            raise self._error(f"expected {expected}", node.position)
        return node

    # ---------------------------------------------------------------------- grammar, from loose to tight

    def _either(self) -> _Node:
        return self._logic("or", np.logical_or, self._both)

    def _both(self) -> _Node:
        return self._logic("and", np.logical_and, self._negation)

    def _logic(self, word: str, function: Callable[..., np.ndarray], operand: Callable[[], _Node]) -> _Node:
        node = operand()
        while self._take(word):
            left = self._require(node, condition=True)
            node = _combined(function, left, self._require(operand(), condition=True), True)
        return node

    def _negation(self) -> _Node:
        token = self._take("not")
        if token is None:
            return self._comparison()
        inner = self._require(self._deeper(self._negation, token), condition=True)
        return _Node(lambda c: np.logical_not(inner.evaluate(c)), True, token.position)

    def _comparison(self) -> _Node:
        node = left = self._sum()
        chain: _Node | None = None
        while token := self._take(*_COMPARE):
            self._require(left, condition=False)
            right = self._require(self._sum(), condition=False)
            link = _combined(_COMPARE[token.text], left, right, True)
            node = chain = link if chain is None else _combined(np.logical_and, chain, link, True)
            left = right
        return node

    def _sum(self) -> _Node:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> _Node:
        return self._arithmetic(("*", "/"), self._signed)

    def _arithmetic(self, signs: tuple[str, ...], operand: Callable[[], _Node]) -> _Node:
        node = operand()
        while token := self._take(*signs):
            left = self._require(node, condition=False)
            right = self._require(operand(), condition=False)
            node = _combined(_ARITHMETIC[token.text], left, right, False)
        return node

    def _signed(self) -> _Node:
        token = self._take("-", "+")
        if token is None:
            return self._atom()
        inner = self._require(self._deeper(self._signed, token), condition=False)
        if token.text == "+":
            return inner
        return _Node(lambda c: -inner.evaluate(c), False, token.position)

    def _atom(self) -> _Node:
        token = self._token
        self._next += 1
        if token.text == "(":
            return self._inside(token)
        if token.text.lower() == "abs":
            return self._absolute(token)
        if token.kind == "number":
            value = np.array(float(token.text))
            return _Node(lambda _: value, False, token.position)
        if token.kind == "name" and token.text.lower() not in _WORDS:
            name = token.text.upper()
            self._positions.setdefault(name, token.position)
            return _Node(lambda c: np.asarray(c[name], np.float64), False, token.position)
        found = token.text if token.kind == "end" else f"'{token.text}'"
        raise self._error(f"expected a number or a column, found {found}", token.position)

    def _inside(self, opening: _Token) -> _Node:
        node = self._deeper(self._either, opening)
        if not self._take(")"):
            found = self._token.text if self._token.kind == "end" else f"'{self._token.text}'"
            raise self._error(
                f"expected ')' for the '(' at character {opening.position + 1}, found {found}",
                self._token.position,
            )
        return node

    def _absolute(self, token: _Token) -> _Node:
        opening = self._take("(")
        if opening is None:
            raise self._error("abs is a function: write abs(...)", token.position)
        inner = self._require(self._inside(opening), condition=False)
        return _Node(lambda c: np.abs(inner.evaluate(c)), False, token.position)

    def _deeper(self, parse: Callable[[], _Node], token: _Token) -> _Node:
        """Parse one level further down; a limit keeps nonsense from exhausting the stack."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} levels of parentheses and signs", token.position)
        node = parse()
        self._depth -= 1
        return node


def _combined(function: Callable[..., np.ndarray], left: _Node, right: _Node, is_condition: bool) -> _Node:
    return _Node(
        lambda columns: function(left.evaluate(columns), right.evaluate(columns)), is_condition, left.position
    )


def _hint(character: str) -> str:
    advice = {
        "=": "; write == to compare",
        "&": "; write 'and'",
        "|": "; write 'or'",
        "!": "; write 'not' or !=",
    }
    return f"'{character}' is no operator{advice.get(character, '')}"
