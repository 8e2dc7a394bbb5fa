"""``recos refs tailor``: a copy of XTRACTAB or TWOZXTAB with other regions; and the options for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from recos.cli.arguments import as_typed
from recos.cli.report import for_each

_REGIONS = (
    click.option(
        "--height",
        "--extrsize",
        metavar="N[,N…]",
        help="Rows of the extraction box; one for all spectra, or FUV segments A,B, NUV stripes A,B,C.",
    ),
    click.option(
        "--center", metavar="Y[,Y…]", help="B_SPEC: row of the spectrum at the left edge of the detector."
    ),
    click.option(
        "--offset",
        metavar="D[,D…]",
        help="Rows by which the spectrum is above its expected position (TWOZONE: SP_SET_A, SP_SET_B).",
    ),
    click.option(
        "--background-centers",
        metavar="Y1,Y2[;…]",
        help="B_BKG1 and B_BKG2; for each spectrum after semicolons.",
    ),
    click.option("--background-height", metavar="N[,N…]", help="Rows of each background region."),
    click.option(
        "--enclosed-energy",
        metavar="F1,F2",
        help="Sum between these fractions of the light (TWOZONE); 0 and 1: the ends of the box.",
    ),
    click.option(
        "--inner", metavar="F1,F2", help="The same for the zone in which all flags count (TWOZONE)."
    ),
)


_PAIRS = ("--background-centers", "--enclosed-energy", "--inner")


class RegionCommand(click.Command):
    """A command with the options for other regions; pairs may be two words, too: ``--enclosed-energy 0.1 0.9``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join the two words of a pair."""
        words: list[str] = []
        for word in args:
            if words[-2:-1] and words[-2] in _PAIRS and _is_number(words[-1]) and _is_number(word):
                words[-1] += f",{word}"
            else:
                words.append(word)
        return super().parse_args(ctx, words)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def region_options(command: Callable) -> Callable:
    """Add the options for other regions to a command."""
    for option in reversed(_REGIONS):
        command = option(command)
    return command


def regions_of(given: dict[str, Any]) -> dict[str, Any]:
    """What was given of the options of :func:`region_options`, as arguments of :class:`recos.Tailoring`.

    Raises
    ------
    click.UsageError
        If a text is no list of numbers.
    """
    found: dict[str, Any] = {}
    for name, kind in (("height", int), ("center", float), ("offset", float), ("background_height", int)):
        found[name] = numbers(name, given[name], kind)
    for name in ("enclosed_energy", "inner"):
        found[name] = numbers(name, given[name], float)
    if given["background_centers"] is not None:
        pairs = [
            numbers("background_centers", part, float) for part in given["background_centers"].split(";")
        ]
        found["background_centers"] = [None if pair == [None] else pair for pair in pairs]
    return {name: value for name, value in found.items() if value is not None}


def numbers(name: str, text: str | None, kind: type) -> list[Any] | None:
    """Numbers or 'none', separated by commas or blanks.

    Raises
    ------
    click.UsageError
    """
    if text is None:
        return None
    words = text.replace(",", " ").split()
    try:
        return [None if word.lower() == "none" else kind(word) for word in words]
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        option = f"--{name.replace('_', '-')}"
        raise click.UsageError(
            f"{option} {text!r}: expected {what} or 'none', separated by commas."
        ) from None


@click.command(
    cls=RegionCommand, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", required=True, metavar="NEW", help="The new file.")
@click.option("--opt-elem", metavar="NAME", help="Only rows of this grating.")
@click.option("--cenwave", type=int, metavar="N", help="Only rows of this central wavelength.")
@click.option("--segment", metavar="NAME", help="Only rows of this segment or stripe (FUVA, NUVB).")
@click.option("--aperture", metavar="NAME", default="PSA", help="Rows of this aperture. Default: PSA.")
@region_options
@click.option("--overwrite", is_flag=True, help="Replace NEW if it exists.")
@click.pass_context
def tailor(ctx: click.Context, file: str, output: str, overwrite: bool, **given: Any) -> None:
    """Write a copy of a table with other extraction regions.

    FILE is an XTRACTAB or a TWOZXTAB. Use the copy with 'recos run --set XTRACTAB=NEW' or '--set TWOZXTAB=NEW'.
    The rows that were changed go to standard output.
    """
    from recos.errors import UsageError
    from recos.options.regions import Tailoring
    from recos.reference_tools.region_files import tailor_file
    from recos.references.locate import expand_name

    try:
        tailoring = Tailoring(**regions_of(given))
    except UsageError as error:
        raise click.UsageError(as_typed(str(error))) from None
    criteria = {name: given[name] for name in ("segment", "opt_elem", "cenwave", "aperture") if given[name]}

    def work(name: str) -> int:
        for line in tailor_file(expand_name(name), output, tailoring, overwrite=overwrite, **criteria):
            click.echo(line)
        return 0

    ctx.exit(for_each([file], work))
