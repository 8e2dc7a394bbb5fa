"""``recos demo``: simulate one exposure, calibrate it, and show how well the spectrum came out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from recos.simulate import Dataset, Recovery

_PRODUCTS = {
    "corrtag": "events, corrected, with wavelengths",
    "counts": "image of the counts",
    "flt": "image, flat-fielded",
    "lampflash": "lamp spectra and shifts",
    "x1d": "spectrum of the exposure",
    "x1dsum": "average of all spectra",
    "jnk": "copy of the support file",
    "asn": "association table",
}


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default="recos-demo")
@click.option("--events", default=200_000, show_default=True, help="Source events in segment A.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulation.")
def demo(directory: Path, events: int, seed: int) -> None:
    """Calibrate a small exposure that recos makes itself.

    DIRECTORY (default recos-demo) gets the raw files (raw), the reference files (ref) and the products (new).
    It must not exist, be empty, or hold an earlier demo, which is replaced.
    """
    from rich.console import Console

    from recos.api import run
    from recos.simulate import compare_spectrum, make_dataset

    _make_room(directory)
    console = Console()
    console.print(f"Simulating one FUV exposure (G130M/1291, both segments) in {directory} …")
    dataset = make_dataset(directory, events, seed)
    command = f"lref={dataset.references}/ recos {dataset.association} -o {directory / 'new'}"
    console.print("Calibrating it, as this command would:")
    console.print(f"  {command}", highlight=False, soft_wrap=True)
    os.environ["lref"] = f"{dataset.references.resolve()}/"
    run(dataset.association, outdir=directory / "new")
    console.print(products_table(directory / "new"))
    root = dataset.setups[0].root
    console.print(recovery_table(compare_spectrum(dataset, directory / "new" / f"{root}_x1d.fits")))
    console.print(_reading_hint(dataset, directory), soft_wrap=True)


def _make_room(directory: Path) -> None:
    """Remove an earlier demo; refuse a directory that holds anything else."""
    from recos.errors import OutputExistsError

    found = {path.name for path in directory.iterdir()} if directory.exists() else set()
    if found and not (found <= {"raw", "ref", "new"} and (directory / "ref" / "sim_brf.fits").exists()):
        raise OutputExistsError(f"{directory} is not empty; name another directory, or delete it.")
    for name in found:
        shutil.rmtree(directory / name)


def products_table(directory: Path) -> Table:
    """The files of a product folder with their sizes and contents."""
    from rich.table import Table

    table = Table(title="Products", title_justify="left")
    for heading, justify in (("File", "left"), ("MB", "right"), ("Contents", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for path in sorted(directory.iterdir()):
        suffix = path.stem.removesuffix("_a").removesuffix("_b").rpartition("_")[2].rstrip("1234")
        meaning = "trailer file: the messages" if path.suffix == ".tra" else _PRODUCTS.get(suffix, "")
        if path.stem[-1:].isdigit() and suffix == "x1dsum":
            meaning = f"average of the spectra of FP-POS {path.stem[-1]}"
        table.add_row(path.name, f"{path.stat().st_size / 1e6:.1f}", meaning)
    return table


def recovery_table(results: list[Recovery]) -> Table:
    """How the extracted spectra compare with the simulated one."""
    from rich.table import Table

    table = Table(title="Extracted spectrum against the simulated one", title_justify="left")
    for heading in ("Segment", "Counts", "Flux found / true", "Wavelength offset (pixel)", "RMS of pulls"):
        table.add_column(heading, justify="right")
    for r in results:
        table.add_row(
            r.segment,
            f"{r.counts:.0f}",
            f"{r.ratio:.4f} ± {r.ratio_error:.4f}",
            f"{r.offset:+.2f} ± {r.offset_error:.2f}",
            f"{r.pull:.2f}",
        )
    return table


def _reading_hint(dataset: Dataset, directory: Path) -> str:
    spectrum = directory / "new" / f"{dataset.setups[0].association}_x1dsum.fits"
    return f"To look at the spectrum: astropy.table.Table.read('{spectrum}', hdu=1)"
