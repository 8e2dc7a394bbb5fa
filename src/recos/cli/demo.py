"""``recos demo``: simulate an association, calibrate it, and show how well the spectrum came out."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recos.cli.report import for_each, progress

if TYPE_CHECKING:
    from rich.table import Table

    from recos.simulate.dataset import Dataset
    from recos.simulate.recovery import Recovery

_PRODUCTS = {
    "corrtag": "events, corrected, with wavelengths",
    "lampflash": "lamp spectra and shifts",
    "x1d": "spectrum of the exposure",
    "x1dsum": "average of all spectra",
    "jnk": "copy of the support file",
    "asn": "association table",
}
_WRITTEN = ("corrtag", "lampflash", "x1d", "x1dsum")
"""The images, counts and flt, would take another 2.5 GB."""
_FIGURE = "recovery.png"


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default="recos-demo")
@click.option(
    "--events", default=200_000, show_default=True, help="Source events in each exposure and segment."
)
@click.option("--source", default="b-star", show_default=True, help="A source of 'recos simulate --list'.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulation.")
@click.pass_context
def demo(ctx: click.Context, directory: Path, events: int, source: str, seed: int) -> None:
    """Simulate, calibrate, and compare with the truth.

    Four exposures (FP-POS 1 to 4) with G130M/1291, both segments, TWOZONE. DIRECTORY (default recos-demo) gets the
    raw files (raw), links to the reference files (ref; 700 MB, kept in the user's cache), the products (new; corrtag
    and spectra, no images) and a figure. It must not exist, be empty, or hold an earlier demo, which is replaced.
    """
    ctx.exit(for_each([str(directory)], lambda _: _demo(directory, events, source, seed)))


def _demo(directory: Path, events: int, source: str, seed: int) -> int:
    from rich.console import Console

    from recos.pipeline.run import run
    from recos.simulate.recovery import recover

    _make_room(directory)
    console = Console()
    dataset = _timed(console, "Simulating 4 exposures", lambda: _dataset(directory, events, source, seed))
    new = directory / "new"
    words = f"lref={dataset.lref} recos {dataset.association} -o {new} --products {','.join(_WRITTEN)}"
    console.print(f"  {words}", highlight=False, soft_wrap=True)
    new.mkdir()
    os.environ["lref"] = f"{dataset.references.resolve()}/"
    _timed(
        console,
        "Calibrating them",
        lambda: run(dataset.association, outdir=new, products=_WRITTEN, verbosity=0),
    )
    console.print(products_table(new))
    average = new / f"{dataset.observation.association}_x1dsum.fits"
    spectra = {f"FP-POS {planned.fppos}": new / f"{planned.root}_x1d.fits" for planned in dataset.exposures}
    console.print(
        recovery_table(
            {name: recover(dataset, path) for name, path in {**spectra, "average": average}.items()}
        )
    )
    console.print(_draw(dataset, directory), soft_wrap=True, markup=False)
    console.print(f"To look at the average: astropy.table.Table.read('{average}', hdu=1)", soft_wrap=True)
    return 0


def _timed(console, text, work):  # type: ignore[no-untyped-def]
    """Do something, with a sign of life; say afterwards how long it took."""
    start = time.monotonic()
    with progress(f"{text} …"):
        result = work()
    console.print(f"{text}: {time.monotonic() - start:.1f} s", highlight=False)
    return result


def _dataset(directory: Path, events: int, source: str, seed: int) -> Dataset:
    from recos.simulate.configurations import Configuration
    from recos.simulate.dataset import simulate
    from recos.simulate.plan import Observation
    from recos.simulate.sources import Source

    observation = Observation(
        Configuration("G130M", 1291, life_adj=4, xtrctalg="TWOZONE"),
        fppos=(1, 2, 3, 4),
        events=events,
        seed=seed,
    )
    return simulate(observation, directory, Source.builtin(source))


def _make_room(directory: Path) -> None:
    """Remove an earlier demo; refuse a directory that holds anything else."""
    from recos.errors import OutputExistsError

    found = {path.name for path in directory.iterdir()} if directory.exists() else set()
    if found and not (found <= {"raw", "ref", "new", "truth.json", _FIGURE} and "truth.json" in found):
        raise OutputExistsError(f"{directory} is not empty; name another directory, or delete it.")
    for name in found:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def products_table(directory: Path) -> Table:
    """The files of a product folder, those of one kind together, with their sizes and contents."""
    from rich.table import Table

    kinds: dict[str, list[int]] = {}
    for path in sorted(directory.iterdir()):
        kind = (
            path.stem.removesuffix("_a").removesuffix("_b").rpartition("_")[2]
            if path.suffix != ".tra"
            else ".tra"
        )
        kinds.setdefault(kind, []).append(path.stat().st_size)
    table = Table(title="Products", title_justify="left")
    for heading, justify in (("Kind", "left"), ("Files", "right"), ("MB", "right"), ("Contents", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for kind, sizes in kinds.items():
        meaning = "trailer files: the messages" if kind == ".tra" else _PRODUCTS.get(kind, "")
        if kind[-1:].isdigit():
            meaning = f"average of the spectra of FP-POS {kind[-1]}"
        table.add_row(kind, str(len(sizes)), f"{sum(sizes) / 1e6:.1f}", meaning)
    return table


def recovery_table(results: dict[str, list[Recovery]]) -> Table:
    """How spectra, by name, compare with the one that was put in."""
    from rich.table import Table

    table = Table(title="Extracted spectra against the simulated one", title_justify="left")
    for heading in ("Spectrum", "Segment", "Flux found / true", "Offset (pixel)", "Mean, SD of pulls"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, rows in results.items():
        for r in rows:
            table.add_row(
                name,
                r.spectrum,
                f"{r.ratio:.4f} ± {r.ratio_error:.4f}",
                f"{r.offset:+.2f} ± {r.offset_error:.2f}",
                f"{r.bins.mean:+.2f}, {r.bins.std:.2f}",
            )
    return table


def _draw(dataset: Dataset, directory: Path) -> str:
    """Draw the figure of the first exposure; say where it is, or why there is none."""
    from recos.errors import UsageError
    from recos.figures.recovery import plot_recovery
    from recos.simulate.recovery import true_flux

    root, new = dataset.exposures[0].root, directory / "new"
    try:
        path = plot_recovery(
            directory / _FIGURE,
            new / f"{root}_x1d.fits",
            sorted(new.glob(f"{root}_corrtag_?.fits")),
            new / f"{root}_lampflash.fits",
            lambda spectrum, wavelength: true_flux(dataset, spectrum, wavelength),
        )
    except UsageError as error:  # matplotlib is optional
        return f"No figure. {error}"
    return f"Figure of the first exposure: {path}"
