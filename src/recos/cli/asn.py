"""``recos asn``: show, edit and make association tables."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from recos.cli.report import for_each, tell
from recos.cli.words import ListCommand, print_table


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def asn() -> None:
    """Show, edit and make association tables."""


def _is_table(word: str) -> bool:
    return word.endswith(("_asn", "_asn.fits"))


@asn.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.pass_context
def show(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Show the members of association tables.

    With detector, aperture, grating, cenwave, obsmode, FP-POS and exposure time of their raw files.
    """

    def print_members(name: str) -> int:
        from recos.association import show as members_of

        table = members_of(name)
        if len(files) > 1:
            click.echo(f"{name}:")
        print_table(table.colnames, table.iterrows())
        return 0

    def all_of(pattern: str) -> int:
        from recos.io.paths import matching_files

        return for_each([str(path) for path in matching_files([pattern])], print_members)

    ctx.exit(for_each(files, all_of))


@asn.command(cls=ListCommand, is_argument=_is_table)
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", metavar="OUT", help="The new table; by default FILE is changed, and a .bak kept."
)
@click.option("--drop", multiple=True, metavar="NAME…", help="Do not calibrate these (MEMPRSNT false).")
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME…",
    help="Calibrate these; drop all others of their kind (science, wavecals).",
)
@click.option(
    "--add", multiple=True, metavar="NAME[=MEMTYPE]…", help="Further members, or dropped ones again."
)
@click.option("--add-gwave", multiple=True, metavar="ROOTNAME…", help="GO wavecals (EXP-GWAVE).")
@click.option("--product", metavar="ROOTNAME", help="Name of the product.")
@click.option("--remove", is_flag=True, help="Remove the rows of dropped members.")
@click.option("--force", is_flag=True, help="Do not check files and configurations of the exposures.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@click.pass_context
def edit(ctx: click.Context, file: str, output: str | None, **given: Any) -> None:
    """Edit an association table.

    Which exposures are calibrated, further ones, GO wavecals, the product. NAME is a rootname, any case, or a
    full file name. The result is checked as before a calibration and goes to standard output.
    """

    def work() -> int:
        from recos.association import edit as change

        edited = change(file, output, **given)
        if not edited.is_changed:
            click.echo(f"{edited.path}: nothing to change.", err=True)
        elif edited.backup is not None:
            click.echo(f"{edited.path}: changed; the old table is {edited.backup}", err=True)
        _print_rows(edited.rows)
        return 0

    ctx.exit(for_each([file], lambda _: _with_messages(work)))


@asn.command()
@click.argument("files", nargs=-1, required=True, metavar="RAWFILE…")
@click.option("-o", "--output", required=True, metavar="OUT", help="The table: …_asn.fits.")
@click.option("--product", metavar="ROOTNAME", help="Name of the product; by default that of the table.")
@click.option("--gwave", is_flag=True, help="Wavecals are GO wavecals (EXP-GWAVE).")
@click.option("--force", is_flag=True, help="Do not check that the exposures belong together.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@click.pass_context
def make(ctx: click.Context, files: tuple[str, ...], output: str, **given: Any) -> None:
    """Make an association table from raw or corrtag files.

    It belongs beside them. Both segments of an exposure are one member. MEMTYPE follows from EXPTYPE; target
    acquisitions are left out.
    """

    def work() -> int:
        from recos.association import make as new_table

        _print_rows(new_table([Path(name) for name in files], output, **given))
        return 0

    ctx.exit(for_each([output], lambda _: _with_messages(work)))


def _with_messages(work: Callable[[], int]) -> int:
    """Do something; its warnings go to standard error."""
    from recos.messages import messages_to
    from recos.pipeline.trailer import RunLog

    with messages_to(RunLog(1, tell, console_level=logging.WARNING)):
        return work()


def _print_rows(rows: list[Any]) -> None:
    print_table(("MEMNAME", "MEMTYPE", "MEMPRSNT"), [(r.memname, r.memtype, r.present) for r in rows])
