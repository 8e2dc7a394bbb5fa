"""Time the reference implementation and recos side by side on the same files.

    python benchmarks/compare_speed.py --reference /path/to/venv/bin/calcos [--output table.md]

Cases: one FUV exposure, both segments (oracle configuration g130m_twozone), with 2 million events per
segment, and with 10 million events and a gain-sag table of 2000 rows. The programs run alternately, each in
a process of its own; wall time, CPU time and the peak resident memory of the process are measured with
wait4(2). Further rows: the first run of recos without any compiled code, and the time to write as many
bytes as the products have.

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

import support

MB = 1e6


@dataclass
class Run:
    """One measured process."""

    wall: float
    cpu: float
    memory: float
    """Peak resident memory, MB."""


@dataclass
class Case:
    """A data set, and the runs of each program on it."""

    name: str
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
    """One run of `command` on the association of a case; the products are removed afterwards."""
    raw = case.data / "raw"
    association = next(raw.glob("*_asn.fits")).name
    environment = {**os.environ, "lref": f"{case.data / 'ref'}/", **(extra or {})}
    out.mkdir(parents=True)
    try:
        run = measure([command, "-o", str(out), association], environment, raw)
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


def make_cases(options: argparse.Namespace) -> list[Case]:
    """The data sets, from the cache."""
    few, many = options.events, options.many_events
    cases = []
    if "few" in options.cases:
        data = support.oracle_data("g130m_twozone", seed=options.seed, events=few, exposures=1)
        cases.append(Case(f"{few:.0e} events", data))
    if "many" in options.cases:
        data = support.oracle_data(
            "g130m_twozone", seed=options.seed, events=many, exposures=1, gsag_rows=options.gsag_rows
        )
        cases.append(Case(f"{many:.0e} events, {options.gsag_rows} gain-sag rows", data))
    return cases


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
                f"| {case.name} | {name} | {len(case.runs[name])} | {run.wall:.2f} | {run.cpu:.2f} "
                f"| {run.memory:.0f} | {ratios[0]} | {ratios[1]} |"
            )
        size = f"{case.bytes_written / MB:.0f} MB"
        lines.append(f"| {case.name} | writing {size} | 1 | {case.write_seconds:.2f} | | | | |")
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
    parser.add_argument("--cases", nargs="+", choices=("few", "many"), default=["few", "many"])
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--many-events", type=int, default=10_000_000)
    parser.add_argument("--gsag-rows", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each program (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, help="where products are written (default: the system's)")
    parser.add_argument("--output", type=Path, help="write the table to this file, too")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    reference = None if options.no_reference else options.reference or str(support.reference_command())
    cases = make_cases(options)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        out = Path(scratch) / "products"
        for case in cases:
            # an empty folder for compiled code: the first run after installation
            with tempfile.TemporaryDirectory(dir=scratch) as compiled:
                first = calibrate(options.recos, case, out, {"NUMBA_CACHE_DIR": compiled})
            calibrate(options.recos, case, out)
            for _ in range(options.runs):
                if reference is not None:
                    case.runs.setdefault("reference", []).append(calibrate(reference, case, out))
                case.runs.setdefault("recos", []).append(calibrate(options.recos, case, out))
                print(
                    f"{case.name}: { ({k: round(v[-1].wall, 2) for k, v in case.runs.items()}) }", flush=True
                )
            case.runs["recos, first run"] = [first]
            case.write_seconds = time_to_write(case.bytes_written, Path(scratch))
    text = table(cases)
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
