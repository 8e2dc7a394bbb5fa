"""``recos lightcurve``: count rate and flux against time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

from recos.cli.report import calibrate_each, tell


class _Range(click.ParamType):
    """Two wavelengths, separated by a comma."""

    name = "W0,W1"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        try:
            low, high = (float(word) for word in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not two wavelengths separated by a comma.", param, ctx)
        return low, high


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="CORRTAG…")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="…ecsv or ….fits."
)
@click.option("--step", default=1.0, show_default=True, metavar="S", help="Length of a time bin, seconds.")
@click.option(
    "--range",
    "ranges",
    multiple=True,
    type=_Range(),
    metavar="W0,W1",
    help="Wavelengths to be counted, Angstrom; may be given several times. Default: all.",
)
@click.option("--with-airglow", is_flag=True, help="Count airglow lines, too.")
@click.option(
    "--corrections", metavar="NAMES", help="Corrections of the extraction, see 'recos corrections'."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@click.pass_context
def lightcurve(ctx: click.Context, files: tuple[str, ...], output: Path, **given: Any) -> None:
    """Make a light curve: count rate and flux against time.

    CORRTAG is a corrtag file (…_corrtag_a.fits, …_corrtag.fits) of a spectrum; wildcards are expanded. The segments
    of an exposure are added, several exposures follow each other. Counts are taken where the spectrum is
    extracted, so the reference files that the headers name are needed.
    """
    ctx.exit(calibrate_each([str(output)], lambda _: _write(files, output, given)))


def _write(files: tuple[str, ...], output: Path, given: dict[str, Any]) -> int:
    from recos.io.fitsfile import AtomicFile
    from recos.io.paths import expand, matches
    from recos.lightcurve import check_suffix, light_curve, table_bytes
    from recos.messages import messages_to
    from recos.pipeline.trailer import RunLog

    output = expand(output)
    check_suffix(output)
    log = RunLog(0, tell, console_level=logging.WARNING)
    # the file is begun before the work, which would be in vain if it could not be written
    with AtomicFile(output, given["overwrite"]) as file, messages_to(log):
        table = light_curve(
            [match for name in files for match in matches(name)],
            given["step"],
            given["ranges"] or None,
            airglow=given["with_airglow"],
            corrections=given["corrections"],
        )
        file.write(0, table_bytes(table, output))
    click.echo(output)
    return 0
