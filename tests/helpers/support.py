"""Where tests find and keep what is expensive: the shared folder, oracle data, the reference, its products.

Everything is made once, in a cache that outlives the test run, and guarded by file locks, so that parallel
workers wait for each other instead of doing the same work twice. Entries are made in a temporary folder and
renamed when complete.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

REFERENCE_VERSION = "3.6.2"
ROOT = Path(__file__).resolve().parents[2]


class Unavailable(Exception):  # noqa: N818  # a reason to skip, not an error
    """Something that a test needs cannot be had here; the text says why."""


def shared_folder() -> Path:
    """The folder with the oracle and the real data: ``RECOS_SHARED``, else ``shared`` beside the checkout.

    Raises
    ------
    Unavailable
    """
    folder = Path(os.environ.get("RECOS_SHARED", ROOT.parent / "shared"))
    if not (folder / "oracle" / "compare.py").is_file():
        raise Unavailable(f"no shared folder at {folder}; set RECOS_SHARED")
    return folder.resolve()


def cache_folder() -> Path:
    """``RECOS_TEST_CACHE``, else ``~/.cache/recos-tests``."""
    folder = Path(os.environ.get("RECOS_TEST_CACHE", Path.home() / ".cache" / "recos-tests"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def cached(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made by ``make(temporary folder)`` if it does not exist."""
    with locked(folder.parent / f".{folder.name}.lock"):
        if not folder.is_dir():
            temporary = folder.parent / f".{folder.name}.making"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            make(temporary)
            temporary.rename(folder)
    return folder


def fingerprint(*paths: Path) -> str:
    """A few digits that change with the contents of the files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def run(command: list[object], log: Path | None = None, **environment: str) -> None:
    """Run a command without PYTHONPATH, which may name our sources; on failure raise RuntimeError with its output."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [str(c) for c in command],
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if log is not None:
        log.write_text(result.stdout)
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{result.stdout[-3000:]}")


# ------------------------------------------------------------------------------------------------ the oracle


def oracle_data(
    config: str,
    *,
    seed: int = 1,
    events: int = 200_000,
    exposures: int | None = None,
    gsag_rows: int | None = None,
) -> Path:
    """A synthetic data set with the folders ``raw`` and ``ref``.

    Parameters
    ----------
    config : str
        Name of a configuration of ``oracle/fuv``, or ``nuv/`` and one of ``oracle/nuv``.
    seed, events, exposures, gsag_rows
        Options of the generator.
    """
    detector, _, config = config.rpartition("/")
    detector = detector or "fuv"
    folder = shared_folder() / "oracle" / detector
    key = f"{config}-seed{seed}-events{events}"
    key += "" if exposures is None else f"-nexp{exposures}"
    key += "" if gsag_rows is None else f"-gsag{gsag_rows}"
    base = cache_folder() / f"oracle-{fingerprint(*folder.glob('*.py'))}"
    generator = folder / f"gen_{detector}.py"

    def make(out: Path) -> None:
        command = [
            sys.executable,
            generator,
            "--config",
            config,
            "--seed",
            seed,
            "--events",
            events,
        ]
        command += ["--out", out]
        command += ["--refcache", base / "reference-files"] if detector == "fuv" else []
        command += [] if exposures is None else ["--nexp", exposures]
        command += [] if gsag_rows is None else ["--gsag-rows", gsag_rows]
        with locked(base / "generator.lock"):  # the cache of reference files is made by one at a time
            run(command, PYTHONDONTWRITEBYTECODE="1")

    return cached(base / "data" / key, make)


# --------------------------------------------------------------------------------------------- the reference


def reference_command() -> Path:
    """The command of the reference implementation, in a virtual environment of its own.

    Raises
    ------
    Unavailable
        If it cannot be installed.
    """
    folder = cache_folder() / f"reference-{REFERENCE_VERSION}-py{sys.version_info[0]}{sys.version_info[1]}"
    command = folder / "bin" / "calcos"
    with locked(folder.parent / f".{folder.name}.lock"):
        if not command.exists():
            shutil.rmtree(folder, ignore_errors=True)
            try:
                run([sys.executable, "-m", "venv", folder])
                run([folder / "bin" / "pip", "install", "--quiet", f"calcos=={REFERENCE_VERSION}"])
            except RuntimeError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise Unavailable(f"the reference implementation cannot be installed: {error}") from None
    return command


def reference_products(data: Path, *options: str, inputs: str | None = None) -> Path:
    """Products of the reference for a data set (a folder with ``raw`` and ``ref``), and its ``calcos.log``.

    Parameters
    ----------
    data : Path
        As :func:`oracle_data` returns it.
    *options : str
        Options of the command line.
    inputs : str, optional
        Input files, relative to ``raw``; by default the associations.
    """
    manifest = data / "manifest.json"  # real data has none
    one_input = manifest.exists() and "input" in json.loads(manifest.read_text())
    script = shared_folder() / "oracle" / ("nuv" if one_input else "fuv") / "run_ref.sh"
    command = reference_command()
    words = "".join(options) + (inputs or "")
    key = "products" + (f"-{hashlib.sha256(words.encode()).hexdigest()[:8]}" if words else "")

    def make(out: Path) -> None:
        # sources of this project in the path would be taken for the reference
        environment = {"CALCOS": str(command), "PYTHON": sys.executable, "PYTHONPATH": ""}
        environment |= {"INPUTS": inputs, "INPUT": inputs} if inputs else {}
        try:
            run(["bash", script, data, out, *options], **environment)
        except RuntimeError:
            logs = [path.read_text()[-3000:] for path in out.glob("*.log")]
            log = logs[0] if logs else ""
            raise RuntimeError(f"the reference failed on {data}:\n{log}") from None

    return cached(data.parent.parent / f"reference-{REFERENCE_VERSION}" / data.name / key, make)


# ----------------------------------------------------------------------------------------------- real data


def standin_data(root: str = "ldfd01010") -> Path:
    """The real association with stand-in reference files: the folders ``raw``, ``ref`` and ``archive``."""
    real = shared_folder() / "real"
    scripts = real / "standin"
    if not (real / root).is_dir() or not (scripts / "make_standin.py").is_file():
        raise Unavailable(f"no real data in {real}")
    base = cache_folder() / f"real-{fingerprint(*scripts.glob('*.py'))}"

    def make(out: Path) -> None:
        script = scripts / "make_standin.py"
        command = [sys.executable, script, "--archive", real / root, "--refs", real / "refs", "--out", out]
        run(command, PYTHONDONTWRITEBYTECODE="1")

    return cached(base / "data" / root, make)
