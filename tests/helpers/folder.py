"""A folder as users have it: an association, its raw and support files, reference files behind ``lref$``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from helpers import builders
from recos.association.model import Association
from recos.association.read import read_association
from recos.options.run import Options, RunResult

ROOT = "lrec01d1q"


@dataclass
class Folder:
    """Raw files of one exposure, both segments, in `path`."""

    path: Path
    asn: Path
    references: dict[str, str]

    @property
    def new(self) -> Path:
        return self.path / "new"

    def raw(self, letter: str = "a", root: str = ROOT) -> Path:
        return self.path / f"{root}_rawtag_{letter}.fits"

    def add(self, root: str = ROOT, letters: str = "ab", **header: Any) -> None:
        """Write raw files of an exposure."""
        for letter in letters:
            path = self.raw(letter, root)
            path.unlink(missing_ok=True)
            builders.make_rawtag(path, n=50, names=self.references, **header)

    def set(self, key: str, value: Any, letters: str = "ab", root: str = ROOT, ext: int = 0) -> None:
        """Change a keyword of raw files; None deletes it."""
        for letter in letters:
            with fits.open(self.raw(letter, root), mode="update") as hdus:
                if value is None:
                    hdus[ext].header.remove(key)
                else:
                    hdus[ext].header[key] = value

    def read(self, outdir: Path | None = None) -> Association:
        return read_association(self.asn, outdir or self.new)


def _folder(path: Path, references: dict[str, str]) -> Folder:
    names = {key: f"lref${Path(name).name}" for key, name in references.items()}
    return Folder(path, path / "lrec01010_asn.fits", names)


def make_template(path: Path, references: dict[str, str]) -> Path:
    """Write the files; `references` are absolute names by keyword."""
    builders.make_association(path, [ROOT])
    _folder(path, references).add()
    return path


def copy_template(
    template: Path, path: Path, references: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Folder:
    """A copy of the folder; the variable lref points to the reference files."""
    shutil.copytree(template, path, dirs_exist_ok=True)
    monkeypatch.setenv("lref", f"{Path(next(iter(references.values()))).parent}/")
    return _folder(path, references)


def write_table(path: Path, rows: list[tuple[str, str, bool]]) -> Path:
    """An association table."""
    names, kinds, present = zip(*rows, strict=True) if rows else ((), (), ())
    columns = [
        fits.Column("MEMNAME", "14A" if all(len(n) < 15 for n in names) else "40A", array=list(names)),
        fits.Column("MEMTYPE", "14A", array=list(kinds)),
        fits.Column("MEMPRSNT", "1L", array=np.array(present, bool)),
    ]
    hdus = fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="ASN")])
    hdus[0].header["ASN_PROD"] = False
    hdus.writeto(path, overwrite=True)
    return path


def fake_pipeline(
    monkeypatch: pytest.MonkeyPatch, calibrate: Callable[[Association, Options], RunResult]
) -> list[tuple[Association, Options]]:
    """Put `calibrate` in the place of the pipeline; returns the list of its calls."""
    calls: list[tuple[Association, Options]] = []

    def run_association(association: Association, options: Options, cache: object) -> RunResult:
        calls.append((association, options))
        return calibrate(association, options)

    module = ModuleType("recos.pipeline.association")
    module.run_association = run_association  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "recos.pipeline.association", module)
    return calls
