"""``recos headers``: keywords of many files at once."""

from __future__ import annotations

import re
from typing import Any

import click

from recos.cli.report import for_each
from recos.cli.words import ListCommand, print_table

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
def headers() -> None:
    """Show or change calibration keywords of many files."""


def _is_file(word: str) -> bool:
    return not re.fullmatch(r"[\w,-]{1,8}(,[\w-]{1,8})*", word)


@headers.command(cls=ListCommand, is_argument=_is_file)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--keyword",
    "-k",
    "keywords",
    multiple=True,
    metavar="NAME…",
    help="One column for each of these, any keywords.",
)
@click.pass_context
def show(ctx: click.Context, files: tuple[str, ...], keywords: tuple[str, ...]) -> None:
    """Show keywords of files.

    They stand in the primary header or that of the first extension. Without --keyword: switches, reference files
    and all others that steer the calibration, one line for each value with the files that have it. With
    --keyword: one line for each file.
    """
    ctx.exit(for_each([" ".join(files)], lambda _: _show(files, keywords)))


def _show(files: tuple[str, ...], keywords: tuple[str, ...]) -> int:
    from recos.options.headers import read_keywords

    table = read_keywords(files, keywords or None)
    if keywords:
        print_table(table.colnames, table.iterrows())
        return 0
    rows = []
    for keyword in table.colnames[1:]:
        values: dict[Any, list[str]] = {}
        for name, value in zip(table["FILE"], table[keyword], strict=True):
            values.setdefault(value, []).append(name)
        rows += [
            (keyword, value, "all" if len(names) == len(table) else ",".join(names))
            for value, names in values.items()
        ]
    print_table(("KEYWORD", "VALUE", "FILES"), rows)
    return 0


@headers.command("set")
@click.argument("words", nargs=-1, required=True, metavar="FILE… KEYWORD=VALUE…")
@click.option("--dry-run", "-n", is_flag=True, help="Only show what would be changed.")
@click.option("--force", is_flag=True, help="Also other keywords and values than those of the calibration.")
@click.pass_context
def set_(ctx: click.Context, words: tuple[str, ...], dry_run: bool, force: bool) -> None:
    """Change calibration keywords of raw or corrtag files.

    Those are switches, reference files, XTRCTALG, RANDSEED, SP_SET_A, …. A keyword is changed where it stands;
    its comment stays. All files are checked before the first is changed. What was changed goes to standard
    output.
    """
    ctx.exit(for_each([" ".join(words)], lambda _: _set(words, dry_run, force)))


def _set(words: tuple[str, ...], dry_run: bool, force: bool) -> int:
    from recos.options.headers import set_keywords

    files, values = _divided(words)
    table = set_keywords(files, values, dry_run, force)
    if not len(table):
        click.echo("Nothing to change: all files have these values.", err=True)
        return 0
    print_table(table.colnames, table.iterrows())
    if dry_run:
        click.echo("Nothing was written (--dry-run).", err=True)
    return 0


def _divided(words: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Names of files, and values by keyword."""
    from recos.errors import UsageError
    from recos.options.keywords import KEYWORDS

    files: list[str] = []
    values: dict[str, str] = {}
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.strip().upper()
        if not equals or "/" in keyword or "." in keyword:
            if keyword in KEYWORDS:
                raise UsageError(f"{word}: a value is missing; write {keyword}=VALUE.")
            files.append(word)
        elif not value.strip():
            raise UsageError(f"{word}: a value is missing; write {keyword}=VALUE.")
        elif values.setdefault(keyword, value) != value:
            raise UsageError(f"{keyword} is given twice: {values[keyword]} and {value}.")
    if not files:
        raise UsageError("Name at least one file.")
    if not values:
        raise UsageError("Say what is to be changed: KEYWORD=VALUE, such as FLATCORR=OMIT.")
    return files, values
