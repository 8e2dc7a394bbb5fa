"""Options that take several words, and tables for terminals and pipes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

_FOLDED = 20
"""Characters to which the last column may be folded."""


class ListCommand(click.Command):
    """A command whose repeatable options take several words: ``--drop A B`` or ``--drop A,B``.

    Parameters
    ----------
    *args, **kwargs
        Of :class:`click.Command`.
    is_argument : callable
        Tells of a word behind the first one of an option whether it is an argument of the command.
    """

    def __init__(self, *args: Any, is_argument: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_argument = is_argument

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the option before each of its words."""
        repeatable = {
            name for p in self.params if isinstance(p, click.Option) and p.multiple for name in p.opts
        }
        words: list[str] = []
        option, has_word = "", False
        for word in [*args, "--"]:
            if word.startswith("-"):
                if option and not has_word:
                    raise click.BadOptionUsage(option, f"Option {option!r} requires an argument.", ctx)
                option, has_word = word if word in repeatable else "", False
                words += [] if option else [word]
            elif option and not (has_word and self._is_argument(word)):
                words += [part for name in word.split(",") if name for part in (option, name)]
                has_word = True
            else:
                option = ""
                words.append(word)
        return super().parse_args(ctx, words[:-1])


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table on standard output: with lines on a terminal that is wide enough, else plain aligned columns."""
    header, texts = list(names), [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    if sys.stdout.isatty() and _print_with_lines(header, texts, widths):
        return
    for row in (header, *texts):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_with_lines(header: list[str], texts: list[list[str]], widths: list[int]) -> bool:
    """Print a table with lines, the last column folded if need be; False if the terminal is too narrow."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    lines = 3 * len(widths) + 1
    if sum(widths[:-1]) + min(widths[-1], _FOLDED) + lines > console.width:
        return False
    table = Table()
    for name in header[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(header[-1], overflow="fold")
    for row in texts:
        table.add_row(*map(Text, row))
    console.print(table)
    return True


def shown(value: Any) -> str:
    """A value as text: T and F as in headers, a hyphen for what is not there."""
    text = "" if value is None else str(value)
    return {"True": "T", "False": "F", "": "-"}.get(text, text)
