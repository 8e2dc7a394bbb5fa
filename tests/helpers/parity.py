"""Running recos on oracle data and comparing its products with those of the reference."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

from helpers import deviations, support

#: Tolerances of the acceptance: float32 rounding, and pixels and wavelengths as they come out of it.
TOLERANCES = {"tol_float": 2e-6, "tol_err": 1e-5, "tol_pix": 1e-3, "tol_wave": 1e-5}


def compare_module() -> ModuleType:
    """``oracle/compare.py`` of the shared folder."""
    path = support.shared_folder() / "oracle" / "compare.py"
    spec = importlib.util.spec_from_file_location("oracle_compare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(reference: Path, new: Path, rare: tuple[str, ...] = ()) -> list[str]:
    """What differs beyond the tolerances and the agreed deviations, one line per item.

    `rare`: keywords of the second table of deviations, or columns, that the data set shows.
    """
    compare = compare_module()
    ignored = deviations.ignored_keywords() + [word for word in rare if "." not in word]
    options = compare.default_opts(ignore=ignored, **TOLERANCES)
    result = compare.compare_dirs(str(reference), str(new), options)
    lines = [f"{name}: missing" for name in result["missing"]] + [
        f"{name}: extra" for name in result["extra"]
    ]
    for name, entry in result["files"].items():
        items = [compare.describe(item) for item in entry["items"]]
        lines += [f"{name}: {text}" for text in items if not text.startswith(rare or ("?",))]
    if not result["n_files"]:
        lines.append(f"no products in {reference}")
    return lines


def assert_equal(reference: Path, new: Path, rare: tuple[str, ...] = ()) -> None:
    """Fail with a list of what differs; `rare` as for :func:`differences`."""
    found = differences(reference, new, rare)
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:100])


def inputs(data: Path) -> list[Path]:
    """What is to be calibrated of a data set: the file that its manifest names, else the associations."""
    manifest = json.loads((data / "manifest.json").read_text())
    if "input" in manifest:
        return [data / "raw" / manifest["input"]]
    return sorted((data / "raw").glob("*_asn.fits"))
