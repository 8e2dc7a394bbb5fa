"""Time `recos run` with and without 100 time slices, alternately, each in a process of its own.

    python benchmarks/slices.py [--config g130m_twozone] [--events 2000000] [--runs 3]

Data sets as for compare_speed.py.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from astropy.io import fits

from compare_speed import Case, Work, calibrate, harness, make_case

SLICES = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", default="g130m_twozone", help="configuration of the oracle, one exposure")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    exposures = None if "/" in options.config else 1
    plain = make_case(
        Work(f"{options.config}, {options.events} events", options.config, options.events, exposures),
        options.seed,
    )
    raw = min((plain.data / "raw").glob(f"{harness.inputs(plain.data)[0].name[:6]}*_rawtag*.fits"))
    length = fits.getval(raw, "EXPTIME", 1)
    words = ("--slices", f"increment={length / SLICES + 0.001:.3f}")
    sliced = Case(replace(plain.work, options=words), plain.data)
    command = str(Path(sys.executable).with_name("recos"))
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "products"
        calibrate(command, sliced, out)  # everything is compiled, files are in the page cache
        for _ in range(options.runs):
            for case, name in ((plain, "whole"), (sliced, "sliced")):
                case.runs.setdefault(name, []).append(calibrate(command, case, out))
    medians = [
        statistics.median(r.wall for r in c.runs[n]) for c, n in ((plain, "whole"), (sliced, "sliced"))
    ]
    memory = [max(r.memory for r in c.runs[n]) for c, n in ((plain, "whole"), (sliced, "sliced"))]
    print(
        f"{plain.work.title}: {medians[0]:.2f} s, {memory[0]:.0f} MB; with {SLICES} slices {medians[1]:.2f} s, "
        f"{memory[1]:.0f} MB: {medians[1] / medians[0]:.2f} times as long"
    )


if __name__ == "__main__":
    main()
