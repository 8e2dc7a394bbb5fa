"""``recos refs``: which reference files are needed, whether they are in order, where to get them."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recos.cli.report import for_each, progress, tell, tell_error
from recos.cli.tailor import tailor

if TYPE_CHECKING:
    from recos.io.read import ExposureHeaders
    from recos.reference_tools import Download, Recommendation, ReferenceFile

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_files = click.argument("files", nargs=-1, required=True, metavar="FILE…")


@click.group(context_settings=_SETTINGS)
def refs() -> None:
    """List, check and download reference files; find the best.

    FILE is an association table (…_asn.fits), a raw or corrtag file (the other FUV segment is found beside it), or a
    rootname; wildcards are expanded.
    """


refs.add_command(tailor)


@refs.command("list", context_settings=_SETTINGS)
@_files
@click.pass_context
def list_(ctx: click.Context, files: tuple[str, ...]) -> None:
    """List the reference files that the enabled switches need.

    Each file once: where it is or that it is missing, PEDIGREE and USEAFTER. On a pipe, columns are separated by
    tabs.
    """
    ctx.exit(_with_exposures(files, _list))


def _list(exposures: Sequence[ExposureHeaders]) -> int:
    from recos.reference_tools import reference_files
    from recos.reference_tools.inventory import COLUMNS, FOUND, table_rows

    files = reference_files(exposures)
    if not sys.stdout.isatty():
        _show(COLUMNS, table_rows(files))
        return 0
    rows = [(f.keyword, f.name, f.status, f.pedigree, f.useafter, ", ".join(f.purposes)) for f in files]
    _show(("KEYWORD", "NAME", "STATUS", "PEDIGREE", "USEAFTER", "NEEDED FOR"), rows)
    for folder in dict.fromkeys(str(file.path.parent) for file in files):
        click.echo(f"Folder: {folder}")
    absent = sum(file.status != FOUND for file in files)
    if absent:
        click.echo(
            f"{absent} of {len(files)} files are not there; 'recos refs get' downloads what is missing."
        )
    return 0


@refs.command(context_settings=_SETTINGS)
@_files
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Check that the reference files are in order.

    This is what 'recos run' does before it calibrates. Each must be there, be readable, and be of the right kind,
    version and detector; a table must have the row for each exposure. One report tells all that is wrong; the
    status is then 1, or 16 if nothing is missing but rows.
    """
    ctx.exit(_with_exposures(files, _check))


def _check(exposures: Sequence[ExposureHeaders]) -> int:
    from recos.pipeline.needs import check_references
    from recos.reference_tools import reference_files
    from recos.references import ReferenceCache

    with ReferenceCache() as cache:
        check_references(exposures, cache)
    click.echo(
        f"{len(reference_files(exposures))} reference files of {len(exposures)} exposures are in order."
    )
    return 0


@refs.command(context_settings=_SETTINGS)
@_files
@click.option(
    "--mirror", metavar="URL", help="Folder that has the files: https://…, s3://…  Default: the CRDS server."
)
@click.option(
    "--checksums",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Checksums, as sha256sum, sha1sum or md5sum write them.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), default=4, show_default=True, metavar="N", help="Files at once."
)
@click.pass_context
def get(
    ctx: click.Context, files: tuple[str, ...], mirror: str | None, checksums: Path | None, jobs: int
) -> None:
    """Download the reference files that are missing.

    They go into the folder that the prefix of their names stands for, usually the environment variable lref. A
    transfer that breaks off is continued, also by the next call. A file gets its name when it is whole and of the
    right kind. The names go to standard output.
    """
    from recos.reference_tools import read_checksums

    def download(exposures: Sequence[ExposureHeaders]) -> int:
        from recos.reference_tools import download_missing, reference_files

        sums = None if checksums is None else read_checksums(checksums)
        found = reference_files(exposures)
        with _progress_bars() as show:
            result = download_missing(found, mirror, sums, jobs, show)
        return _report(found, result)

    ctx.exit(_with_exposures(files, download))


def _report(found: Sequence[ReferenceFile], result: Download) -> int:
    for path in result.downloaded:
        click.echo(path)
    if not result.failed:
        if not result.downloaded:
            click.echo(f"Nothing to download: all {len(found)} reference files are there.", err=True)
        return 0
    lines = [
        f"  {i}. {file.keyword} = {file.name}: {text.rstrip('.')}."
        for i, (file, text) in enumerate(result.failed, 1)
    ]
    listed = "\n".join(lines)
    tell_error(
        f"{len(lines)} of {len(found)} reference files are still missing:\n{listed}\nRun the command again: it "
        "continues where it broke off. Other sources can be named with --mirror."
    )
    return 1


@contextmanager
def _progress_bars() -> Iterator[Callable[[str, int, int | None], None] | None]:
    """On a terminal, a bar for each file that is being transferred."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as shown:

        def show(name: str, done: int, total: int | None) -> None:
            if name not in bars:
                bars[name] = shown.add_task(name, total=total)
            shown.update(bars[name], completed=done, total=total)

        yield show


@refs.command(context_settings=_SETTINGS)
@_files
@click.option("--context", metavar="NAME", help="Rules of CRDS, e.g. hst_1140.pmap. Default: the latest.")
@click.option("--all", "show_all", is_flag=True, help="Also show names that are the best already.")
@click.option("--update", is_flag=True, help="Write the names into the headers; FILE.bak keeps the old file.")
@click.pass_context
def best(
    ctx: click.Context, files: tuple[str, ...], context: str | None, show_all: bool, update: bool
) -> None:
    """Show which reference files CRDS recommends.

    The old and the new name for each keyword whose file is not the best. This needs the package crds (pip install
    'recos[crds]'). Rules come from its server or an offline cache: environment variables CRDS_SERVER_URL,
    CRDS_PATH and CRDS_CONTEXT.
    """

    def recommend(exposures: Sequence[ExposureHeaders]) -> int:
        from recos.reference_tools import best_references, update_headers

        with progress("Asking CRDS …"):
            found = best_references(exposures, context)
        _show_recommendations([item for item in found if show_all or item.is_change or item.note])
        changes = sum(item.is_change for item in found)
        rules = ", ".join({item.context for item in found}) or "no rules"
        click.echo(f"{changes} of {len(found)} names are not the best by {rules}.", err=True)
        if update:
            changed = update_headers(found)
            click.echo(
                f"{len(changed)} headers changed; the old files have '.bak' behind the name.", err=True
            )
        return 0

    ctx.exit(_with_exposures(files, recommend))


def _show_recommendations(items: Sequence[Recommendation]) -> None:
    """One row for each file; on a terminal, one for all files of which the same can be said."""
    if not items:
        return
    if not sys.stdout.isatty():
        columns = ("PATH", "KEYWORD", "OLD", "NEW", "NOTE")
        _show(columns, [(item.path, item.keyword, item.old, item.new, item.note) for item in items])
        return
    counts = Counter((item.keyword, item.old, item.new, item.note) for item in items)
    rows = [(keyword, old, new, n, note) for (keyword, old, new, note), n in counts.items()]
    _show(("KEYWORD", "OLD", "NEW", "FILES", "NOTE"), rows)


# ---------------------------------------------------------------------------------------------- all of them


def _with_exposures(files: tuple[str, ...], work: Callable[[Sequence[ExposureHeaders]], int]) -> int:
    """Do something with the exposures of all inputs; an input that cannot be read is told, and left out."""
    from recos.compat.calcos import uniqueInput
    from recos.messages import messages_to
    from recos.pipeline.trailer import RunLog
    from recos.reference_tools import find_exposures

    exposures: dict[Path, ExposureHeaders] = {}

    def add(name: str) -> int:
        for headers in find_exposures(name):
            exposures.setdefault(headers.path.resolve(), headers)
        return 0

    with messages_to(RunLog(0, tell, console_level=logging.ERROR)):
        status = for_each(uniqueInput(files), add)
        if exposures:
            status |= for_each([" ".join(files)], lambda _: work(list(exposures.values())))
    return status


def _show(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table: laid out on a terminal, with tabs between the columns elsewhere."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            click.echo("\t".join(str(cell) for cell in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE_HEAD, padding=0)
    for row in rows:
        table.add_row(*(Text(str(cell), overflow="fold") for cell in row))
    Console().print(table)
