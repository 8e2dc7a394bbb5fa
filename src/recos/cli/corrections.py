"""``recos corrections``: where recos can do better than the reference implementation."""

from __future__ import annotations

import click

from recos.cli.arguments import as_typed
from recos.cli.words import print_table


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME…]")
def corrections(names: tuple[str, ...]) -> None:
    """List the named corrections, or tell all about some of them.

    Each one replaces a number in which calcos is known to be wrong; by default products have calcos's numbers.
    Switch them on with --corrections NAME,… or --corrections all.
    """
    from recos.corrections import CORRECTIONS, parse_corrections

    chosen = parse_corrections(names)
    if not names:
        print_table(
            ("name", "in all", "data", "effect"),
            [
                (c.name, "yes" if c.in_all else "no", c.where, as_typed(c.effect))
                for c in CORRECTIONS.values()
            ],
        )
        return
    for number, correction in enumerate(c for c in CORRECTIONS.values() if c.name in chosen):
        if number:
            click.echo()
        click.echo(correction.name)
        for title, text in (
            ("data", correction.where),
            ("in all", "yes" if correction.in_all else "no, only by its name"),
            ("default", correction.why),
            ("instead", as_typed(correction.changes)),
            ("effect", as_typed(correction.effect)),
            ("changes", correction.stage),
        ):
            click.echo(click.wrap_text(f"{title:10}{text}", 78, "  ", " " * 12))
