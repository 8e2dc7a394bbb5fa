"""Time the reference implementation and recos side by side on the same files.

    python benchmarks/compare_speed.py --reference /path/to/venv/bin/calcos [--output table.md]

The cases are in `CASES`: data sets of the oracle, FUV and NUV, with the options of the command. The programs
run alternately, each in a process of its own; wall time, CPU time and the peak resident memory of the process
are measured with wait4(2). Further rows: the first run of recos without any compiled code (with
``--first-run``), and the time to write as many bytes as the products have.

The data sets come from the generator of the shared folder (``RECOS_SHARED``, default ``../shared``) and are
kept in ``RECOS_TEST_CACHE`` (default ``~/.cache/recos-tests``), as for the tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from helpers import parity as harness
from helpers import support

MB = 1e6


@dataclass
class Run:
    """One measured process."""

    wall: float
    cpu: float
    memory: float
    """Peak resident memory, MB."""


@dataclass(frozen=True)
class Work:
    """What is to be done: a configuration of the oracle, and options of the command."""

    title: str
    config: str
    events: int = 2_000_000
    exposures: int | None = None
    gsag_rows: int | None = None
    options: tuple[str, ...] = ()


CASES = {
    "fuv": Work("FUV TIME-TAG, TWOZONE, 1 exposure, 2·10⁶ events per segment", "g130m_twozone", exposures=1),
    "fuv-many": Work(
        "the same, 10⁷ events, 2000 gain-sag rows", "g130m_twozone", 10_000_000, exposures=1, gsag_rows=2000
    ),
    "fuv-accum": Work("FUV ACCUM, association", "fuv_accum"),
    "nuv-asn": Work("NUV TIME-TAG, association of 4 exposures, 2·10⁶ events", "nuv/g230l_tag"),
    "nuv-one": Work("NUV TIME-TAG, 1 exposure, 2·10⁶ events", "nuv/g225m_tag"),
    "nuv-accum": Work("NUV ACCUM, association with wavecals", "nuv/g285m_accum"),
    "nuv-image": Work("NUV ACCUM images, association of 2", "nuv/mirrorb_accum"),
    "fuv-csum": Work("FUV, --only_csum", "g130m_twozone", exposures=1, options=("--only_csum",)),
    "nuv-csum": Work("NUV, --only_csum", "nuv/g230l_tag", options=("--only_csum",)),
}


@dataclass
class Case:
    """A data set, and the runs of each program on it."""

    work: Work
    data: Path
    runs: dict[str, list[Run]] = field(default_factory=dict)
    bytes_written: int = 0
    write_seconds: float = 0.0


def measure(command: list[str], environment: dict[str, str], cwd: Path) -> Run:
    """Run a command and measure it, children included in CPU time.

    Raises
    ------
    RuntimeError
        If it fails, with the end of its output.
    """
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=log, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{log.read()[-3000:].decode(errors='replace')}")
    kilobytes = usage.ru_maxrss / (1024.0 if sys.platform == "darwin" else 1.0)
    return Run(wall, usage.ru_utime + usage.ru_stime, kilobytes * 1024.0 / MB)


def calibrate(command: str, case: Case, out: Path, extra: dict[str, str] | None = None) -> Run:
    """One run of `command` on the input of a case; the products are removed afterwards."""
    environment = {**os.environ, "lref": f"{case.data / 'ref'}/", **(extra or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # programs are installed to be compiled once
    inputs = [path.name for path in harness.inputs(case.data)]
    out.mkdir(parents=True)
    try:
        run = measure([command, *case.work.options, "-o", str(out), *inputs], environment, case.data / "raw")
        case.bytes_written = sum(p.stat().st_size for p in out.iterdir())
    finally:
        shutil.rmtree(out)
    return run


def time_to_write(size: int, folder: Path) -> float:
    """Seconds to write `size` bytes that are not zero, in blocks of 8 MB, without waiting for the disk."""
    block = os.urandom(8 * 1024 * 1024)
    path = folder / "bytes"
    start = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for _ in range(-(-size // len(block))):
            file.write(block)
    elapsed = time.perf_counter() - start
    path.unlink()
    return elapsed


def make_case(work: Work, seed: int) -> Case:
    """A case with its data set, from the cache."""
    data = support.oracle_data(
        work.config, seed=seed, events=work.events, exposures=work.exposures, gsag_rows=work.gsag_rows
    )
    return Case(work, data)


def table(cases: list[Case]) -> str:
    """The results as a markdown table."""
    lines = [
        "| case | program | runs | wall (s) | CPU (s) | peak memory (MB) | times faster | share of memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        medians = {
            name: Run(*(statistics.median(getattr(r, f) for r in runs) for f in ("wall", "cpu", "memory")))
            for name, runs in case.runs.items()
        }
        reference = medians.get("reference")
        for name, run in medians.items():
            ratios = ("", "")
            if reference is not None and name != "reference":
                ratios = (f"{reference.wall / run.wall:.1f}", f"{run.memory / reference.memory:.2f}")
            lines.append(
                f"| {case.work.title} | {name} | {len(case.runs[name])} | {run.wall:.2f} | {run.cpu:.2f} "
                f"| {run.memory:.0f} | {ratios[0]} | {ratios[1]} |"
            )
        size = f"{case.bytes_written / MB:.0f} MB"
        lines.append(f"| {case.work.title} | writing {size} | 1 | {case.write_seconds:.2f} | | | | |")
    return "\n".join(lines) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", help="command of the reference (default: installed in the test cache)")
    parser.add_argument(
        "--recos", default=str(Path(sys.executable).with_name("calcos")), help="command of recos"
    )
    parser.add_argument("--no-reference", action="store_true", help="time recos only")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--first-run", action="store_true", help="time the first run after installation, too")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, help="where products are written (default: the system's)")
    parser.add_argument("--output", type=Path, help="write the table to this file, too")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    reference = None if options.no_reference else options.reference or str(support.reference_command())
    cases = [make_case(CASES[name], options.seed) for name in options.cases]
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        out = Path(scratch) / "products"
        for case in cases:
            calibrate(options.recos, case, out)  # everything is compiled, files are in the page cache
            for _ in range(options.runs):
                if reference is not None:
                    run = calibrate(
                        reference, case, out, {"PYTHONPATH": ""}
                    )  # with nothing but its own packages
                    case.runs.setdefault("reference", []).append(run)
                case.runs.setdefault("recos", []).append(calibrate(options.recos, case, out))
                print(
                    f"{case.work.title}: { ({k: round(v[-1].wall, 2) for k, v in case.runs.items()}) }",
                    flush=True,
                )
            if options.first_run:
                with tempfile.TemporaryDirectory(
                    dir=scratch
                ) as compiled:  # modules of Python are compiled, too
                    run = calibrate(options.recos, case, out, {"PYTHONPYCACHEPREFIX": compiled})
                case.runs["recos, first run"] = [run]
            case.write_seconds = time_to_write(case.bytes_written, Path(scratch))
    text = table(cases)
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
