"""``recos run``: calibrate associations and exposures."""

from __future__ import annotations

import logging
from typing import Any

import click

from recos.cli.arguments import as_typed
from recos.cli.overrides import override_options, parse_find_text, with_overrides
from recos.cli.report import calibrate_each, progress, tell
from recos.cli.tailor import RegionCommand, region_options, regions_of


@click.command(cls=RegionCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "-o",
    "--outdir",
    metavar="DIR",
    help="Directory of the products; made if necessary. Default: the current one.",
)
@click.option("--overwrite", is_flag=True, help="Replace existing products.")
@click.option("--keep-going", is_flag=True, help="Calibrate the other exposures if one fails.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors; short trailer files.")
@click.option("-v", "--verbose", is_flag=True, help="Say everything; long trailer files.")
@click.option(
    "--find", metavar="yes|no|N", help="Search for the spectrum (if its position is known to N pixels)."
)
@click.option("--shift", metavar="FILE", help="Wavecal shifts that replace the measured ones.")
@click.option("--stim", metavar="FILE", help="Append positions of stim pulses to this text file.")
@click.option("--live", metavar="FILE", help="Append live-time factors to this text file.")
@click.option("--burst", metavar="FILE", help="Append information about bursts to this text file.")
@click.option("-s", "--save-temp", is_flag=True, help="Also write x1d and lampflash files of each segment.")
@click.option(
    "--products",
    metavar="NAMES",
    help="Write only some of corrtag, counts, flt, lampflash, x1d, x1dsum, fltsum: --products x1d,corrtag.",
)
@click.option(
    "--slices",
    metavar="SELECTION",
    help="Also a spectrum of each time slice: increment=S, times=0,100,end, gti, day, night, where=EXPR, period=S; "
    "more of it (start=S, phase_bins=N) after a semicolon. See 'recos split --help'.",
)
@click.option("--csum", is_flag=True, help="Also make csum images ('calcos sum').")
@click.option("--only-csum", "--only_csum", is_flag=True, help="Make nothing but csum images.")
@click.option("--raw", is_flag=True, help="Csum images in raw coordinates.")
@click.option("--binx", type=int, metavar="N", help="Detector columns in a pixel of csum images.")
@click.option("--biny", type=int, metavar="N", help="Detector rows in a pixel of csum images.")
@click.option(
    "--compress", metavar="TYPE,N", help="Compress csum images: gzip, rice or hcompress; quantisation."
)
@region_options
@override_options
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Segments calibrated at the same time. Default: one per processor.",
)
@click.pass_context
def run(ctx: click.Context, files: tuple[str, ...], quiet: bool, verbose: bool, **given: Any) -> None:
    """Calibrate associations and exposures: raw files to spectra.

    FILE is an association table (…_asn.fits), a raw or corrtag file, or a rootname; wildcards are expanded.
    The names of the products go to standard output, messages to standard error and to trailer files.
    """
    from recos.compat.calcos import csum_options, uniqueInput
    from recos.errors import UsageError

    if quiet and verbose:
        raise click.UsageError("-q and -v exclude each other.")
    try:
        find_target = None if given["find"] is None else parse_find_text(given["find"])
        csum = csum_options(
            *(given[name] for name in ("csum", "raw", "only_csum", "binx", "biny", "compress"))
        )
        options = {
            "outdir": given["outdir"],
            "verbosity": 0 if quiet else 2 if verbose else None,
            "find_target": find_target,
            "tailor": regions_of(given),
            "slices": given["slices"],
            "products": given["products"],
            "save_temp_files": given["save_temp"],
            "shift_file": given["shift"],
            "stimfile": given["stim"],
            "livetimefile": given["live"],
            "burstfile": given["burst"],
            "overwrite": given["overwrite"],
            "keep_going": given["keep_going"],
            "csum": csum,
            "jobs": given["jobs"],
        }
        options = with_overrides(given, options)
    except UsageError as error:
        raise click.UsageError(as_typed(str(error))) from None
    ctx.exit(calibrate_each(uniqueInput(files), lambda name: calibrate_file(name, options)))


def calibrate_file(name: str, options: dict[str, Any]) -> int:
    """Run :func:`recos.run` on one input: messages to standard error, names of products to standard output."""
    from recos.options.run import parse_verbosity
    from recos.pipeline.run import run as calibrate
    from recos.pipeline.trailer import RunLog

    levels = {0: logging.ERROR, 1: logging.WARNING, 2: logging.DEBUG}
    verbosity = parse_verbosity(options.get("verbosity"))
    log = RunLog(verbosity, tell, console_level=levels[verbosity])
    with progress(f"Calibrating {name} …", shown=verbosity == 1):
        result = calibrate(name, log=log, **options)
    if verbosity:
        for path in result.products:
            click.echo(path)
    return result.status
