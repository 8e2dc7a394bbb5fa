"""``recos extract``: spectra from corrtag files, with another box or target position."""

from __future__ import annotations

from typing import Any

import click

from recos.cli.arguments import as_typed
from recos.cli.overrides import override_options, parse_find_text, with_overrides
from recos.cli.report import calibrate_each
from recos.cli.run import calibrate_file
from recos.cli.tailor import RegionCommand, numbers, region_options, regions_of


@click.command(cls=RegionCommand, no_args_is_help=True)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("-o", "--outdir", metavar="DIR", help="Directory of the products; made if necessary.")
@click.option("--overwrite", is_flag=True, help="Replace existing products.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors; short trailer files.")
@click.option("-v", "--verbose", is_flag=True, help="Say everything; long trailer files.")
@click.option(
    "--location",
    metavar="Y[,Y…]",
    help="Row of the spectrum in the middle column (BOXCAR; TWOZONE with the correction twozone-location). FUV: one, "
    "or segments A,B; NUV: stripes A,B,C; 'none': as tabulated.",
)
@click.option(
    "--find", metavar="yes|no|N", help="Search for the spectrum (if its position is known to N pixels)."
)
@click.option("--products", metavar="NAMES", help="Write only some of counts, flt, x1d: --products x1d.")
@region_options
@override_options
@click.pass_context
def extract(ctx: click.Context, files: tuple[str, ...], quiet: bool, verbose: bool, **given: Any) -> None:
    """Extract spectra from corrtag files again.

    The other segment of an FUV exposure is found beside FILE. Counts, flt and x1d files are written; corrtag
    files stay as they are.
    """
    from recos.compat.calcos import uniqueInput
    from recos.errors import UsageError

    if quiet and verbose:
        raise click.UsageError("-q and -v exclude each other.")
    location = (
        {} if given["location"] is None else {"location": numbers("location", given["location"], float)}
    )
    try:
        options = {
            "outdir": given["outdir"],
            "verbosity": 0 if quiet else 2 if verbose else None,
            "find_target": None if given["find"] is None else parse_find_text(given["find"]),
            "tailor": regions_of(given) | location,
            "products": given["products"],
            "overwrite": given["overwrite"],
            "extract_only": True,
        }
        options = with_overrides(given, options)
    except UsageError as error:
        raise click.UsageError(as_typed(str(error))) from None
    ctx.exit(calibrate_each(uniqueInput(files), lambda name: calibrate_file(name, options)))
