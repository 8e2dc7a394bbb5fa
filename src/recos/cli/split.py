"""``recos split``: cut corrtag files into time slices."""

from __future__ import annotations

import logging
from typing import Any

import click

from recos.cli.report import for_each, tell


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "-o", "--outroot", required=True, metavar="ROOT", help="Beginning of the names: ROOT_1_corrtag_a.fits, …"
)
@click.option("--increment", type=float, metavar="S", help="Slices of S seconds.")
@click.option("--start", type=float, metavar="S", help="Where they begin (default 0).")
@click.option("--end", type=float, metavar="S", help="Where they end (default: the last event).")
@click.option("--times", metavar="LIST", help="Slices between times: 0,100,end. Or pairs: 0:100,250:300.")
@click.option("--gti", is_flag=True, help="One slice for each good time interval.")
@click.option(
    "--where", metavar="EXPR", help="The seconds in which a condition on TIMELINE holds: 'SUN_ALT < 0'."
)
@click.option("--day", is_flag=True, help="Orbital day: SUN_ALT > 0.")
@click.option("--night", is_flag=True, help="Orbital night: SUN_ALT <= 0.")
@click.option(
    "--period", type=float, metavar="S", help="One slice for each bin of phase of a period of S seconds."
)
@click.option("--epoch", type=float, metavar="MJD", help="When the phase is 0 (default: EXPSTART).")
@click.option("--phase-bins", type=int, metavar="N", help="Number of bins of phase (default 10).")
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def split(ctx: click.Context, files: tuple[str, ...], outroot: str, quiet: bool, **given: Any) -> None:
    """Cut corrtag files into time slices.

    The slices of a file, or of those of both segments, can be calibrated again. Give one selection: --increment,
    --times, --gti, --where, --day, --night or --period. Times are seconds since EXPSTART, as in the column TIME.
    Slices of the same number hold the same times in all FILEs; where good time or TIMELINE decide, those of the
    first FILE do. The names of the new files go to standard output.
    """
    ctx.exit(for_each([" ".join(files)], lambda _: _split(files, outroot, quiet, given)))


def _split(files: tuple[str, ...], outroot: str, quiet: bool, options: dict[str, Any]) -> int:
    from recos.io.paths import matching_files
    from recos.messages import messages_to
    from recos.pipeline.trailer import RunLog
    from recos.slicing import split as cut

    level = logging.ERROR if quiet else logging.WARNING
    with messages_to(RunLog(0 if quiet else 1, tell, console_level=level)):
        paths = cut(matching_files(files), outroot, **options)
    if not quiet:
        for path in paths:
            click.echo(path)
    return 0
