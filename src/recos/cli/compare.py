"""``recos compare``: what changed between two sets of products."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recos.cli.report import for_each, progress
from recos.cli.words import print_table

if TYPE_CHECKING:
    from recos.comparison import Comparison, FileComparison


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("-v", "--verbose", is_flag=True, help="Every column, image and keyword that differs.")
@click.option("--products", metavar="NAMES", help="Compare only these of two folders, e.g. x1d,x1dsum.")
@click.option(
    "--rtol", default=0.0, metavar="R", help="Relative difference up to which numbers are equal. Default: 0."
)
@click.option(
    "--ignore", multiple=True, metavar="PATTERN", help="Keyword to leave out, with wildcards; repeatable."
)
@click.option(
    "--all-keywords", is_flag=True, help="Also DATE, CAL_VER, FILENAME, HISTORY, checksums and the like."
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw spectra and their differences: ….png, ….pdf or ….svg.",
)
@click.option("--overwrite", is_flag=True, help="Replace existing figures.")
@click.pass_context
def compare(ctx: click.Context, old: Path, new: Path, **given: Any) -> None:
    """Show what changed between two sets of products.

    OLD and NEW are files, or folders whose products are paired by name (.fits and .fits.gz alike). Sigma is the error
    of OLD; pixels of spectra count if DQ_WGT is above 0 in both.

    Exit status: 0 equal, 1 different, 2 they could not be compared.
    """
    ctx.exit(for_each([f"{old}, {new}"], lambda _: _compare(old, new, **given)))


def _compare(old: Path, new: Path, verbose: bool, plot: Path | None, overwrite: bool, **options: Any) -> int:
    from recos.comparison import compare as find_differences

    with progress("comparing …"):
        found = find_differences(old, new, **options)
    _warn_if_same(found)
    _print(found, verbose)
    if plot is not None:
        _draw(found, plot, overwrite)
    return 0 if found.is_equal else 1


def _draw(found: Comparison, plot: Path, overwrite: bool) -> None:
    from recos.errors import ComparisonError, RecosError
    from recos.figures.comparison import plot_comparison

    try:
        figures = plot_comparison(found, plot, overwrite)
    except RecosError as error:  # its status must not say that something differs
        raise ComparisonError(str(error)) from None
    for figure in figures:
        click.echo(f"figure: {figure}")


def _warn_if_same(found: Comparison) -> None:
    if all(file.old.samefile(file.new) for file in found.files):
        click.echo("OLD and NEW are the same; nothing can differ.", err=True)


def _print(found: Comparison, verbose: bool) -> None:
    from recos.comparison import words

    for line in words.made_with(found):
        click.echo(line)
    print_table(("FILE", "RESULT"), [(file.name, words.verdict(file)) for file in found.files])
    if verbose:
        for file in found.files:
            _print_details(file)
    click.echo(words.summary(found))


def _print_details(file: FileComparison) -> None:
    from recos.comparison import words

    if len(file.facts) + len(file.values) > len(file.facts_of("made with")):  # those are told above
        click.echo(f"\n{file.name}")
    for fact in file.facts_of("structure"):
        click.echo(words.fact_text(fact))
    if file.values:
        print_table(words.VALUE_COLUMNS, map(words.value_row, file.values))
    if file.facts_of("keyword"):
        print_table(words.KEYWORD_COLUMNS, words.keyword_rows(file))
