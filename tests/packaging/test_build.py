"""What the build makes, and that a machine without a C compiler can build, too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers import support

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

TOOLS = ("sh", "cat", "cksum", "printf", "chmod", "mkdir", "rm", "env", "uname")
COMPILERS = ("cc", "gcc", "clang", "c99", "tcc", "icx")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The files of the checkout, without what earlier builds left."""
    folder = tmp_path_factory.mktemp("build") / "recos"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "build", "__pycache__", ".*_cache", "tests", "recos-demo"
    )
    shutil.copytree(support.ROOT, folder, ignore=ignored)
    yield folder
    shutil.rmtree(folder)


def test_the_wheel_is_for_all_pythons_and_carries_no_compiler(checkout, tmp_path):
    pytest.importorskip("mesonpy")
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "-w",
        tmp_path,
    ]
    subprocess.run([*command, checkout], check=True, env=environment)
    (wheel,) = tmp_path.glob("recos-*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(n).decode() for n in names if n.endswith(".dist-info/METADATA"))
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    always = [line for line in required if "extra ==" not in line]
    assert always
    assert not any(name in line for line in required for name in ("numba", "llvmlite"))
    assert not any("scipy" in line for line in always)
    assert {"calcos.py", "recos/__init__.py", "recos/kernels/dq.py"} <= set(names)
    assert any(name.startswith("recos/kernels/dq.") and not name.endswith(".py") for name in names)
    assert not any("__pycache__" in name or name.endswith((".pxd", "meson.build")) for name in names)


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for POSIX shells")
def test_a_machine_without_a_compiler_can_build(checkout, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    assert not any(shutil.which(name, path=str(tools)) for name in COMPILERS)
    unwanted = ("CC", "AR", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {k: v for k, v in os.environ.items() if k not in unwanted} | {"PATH": str(tools)}
    command = ["sh", "-c", "set -eu; . scripts/environment.sh; prepare"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if "No matching distribution found" in done.stderr:
        pytest.skip("PyPI is out of reach, where ziglang comes from")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No C compiler found" in done.stdout
    code = "from recos.kernels.poisson import upper_error_table; print(upper_error_table(2).tolist())"
    python = checkout / ".venv" / "bin" / "python"
    shown = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=True)
    from recos.kernels.poisson import upper_error_table

    assert shown.stdout.strip() == str(upper_error_table(2).tolist())
