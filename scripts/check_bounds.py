"""Build the kernels with a check of every index, and run their tests with them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Runs where the kernels with checks are installed, instead of those of the environment.
TEST = """
import sys
import numpy as np
target, tests = sys.argv[1:]
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "MesonpyMetaFinder"]
sys.path.insert(0, target)
from recos.kernels import events
assert events.__file__.startswith(target), events.__file__
try:
    events.accumulate(np.zeros(3, np.float32), np.array([3], np.int32), np.ones(1, np.float32))
except IndexError:
    pass
else:
    sys.exit("indices are not checked")
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", tests]))
"""


def main() -> int:
    """The exit status."""
    with tempfile.TemporaryDirectory() as folder:
        build, target = Path(folder, "build"), Path(folder, "installed")
        places = [f"-Dpython.{kind}libdir={target}" for kind in ("plat", "pure")]
        setup = ["meson", "setup", build, ROOT, "-Dbounds_checks=true", "-Doptimization=1", *places]
        for command in (setup, ["meson", "install", "-C", build, "--quiet"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(done.stdout, done.stderr, file=sys.stderr)
                return done.returncode
        command = [sys.executable, "-c", TEST, target, ROOT / "tests" / "kernels"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
