"""What POSIX systems alone have is not needed for a calibration: without it, the same products come."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from small_cos import make_dataset

#: Names that Windows lacks, or that serve what it lacks; but os.uname, which NumPy wants where it is not Windows.
WITHOUT = """
import mmap, os, signal, sys
MISSING = {
    os: "pwrite pread pwritev preadv ftruncate truncate posix_fallocate posix_fadvise sched_getaffinity fork forkpty "
    "fchmod fchown chown lchown getuid geteuid getgid getegid getgroups mkfifo killpg setsid getpgid sync "
    "fdatasync sendfile lockf nice O_CLOEXEC O_NONBLOCK O_DSYNC O_SYNC",
    signal: "SIGHUP SIGALRM SIGPIPE SIGUSR1 SIGUSR2 SIGCHLD alarm setitimer pthread_sigmask sigwait pause",
    mmap: " ".join(n for n in dir(mmap) if n.startswith(("MADV_", "MAP_", "PROT_"))),
}
for module, names in MISSING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "resource", "termios", "pwd", "grp", "syslog", "tty", "pty", "crypt"):
    sys.modules[name] = None
"""
RUN = """
from recos.cli.process import recos
recos()
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("portability"), n_source=3_000, seed=7)


def calibrate(dataset, folder, before=""):
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", before + RUN, dataset.association, "-o", "new"],
        cwd=folder,
        env=os.environ | {"lref": f"{dataset.references}/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (folder / "new").iterdir()}


def test_run_without_posix(dataset, tmp_path):
    expected = calibrate(dataset, tmp_path / "with")
    found = calibrate(dataset, tmp_path / "without", WITHOUT)
    assert {name for name in expected if name.endswith(("_x1d.fits", "_corrtag_a.fits", "_flt_b.fits"))}
    assert found.keys() == expected.keys()
    for name, data in expected.items():
        if name.endswith(".tra"):  # dated
            assert len(found[name].splitlines()) == len(data.splitlines())
        else:
            assert found[name] == data, name


@pytest.mark.parametrize("held", [False, True])
def test_lock_without_fcntl(tmp_path, monkeypatch, held):
    class Msvcrt:
        LK_NBLCK = 2

        @staticmethod
        def locking(descriptor, mode, count):
            if held:
                raise PermissionError

    from recos.io import platform

    monkeypatch.setitem(sys.modules, "fcntl", None)
    with (tmp_path / "file").open("wb") as file:
        monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt)
        assert platform.lock(file) is not held
        monkeypatch.setitem(sys.modules, "msvcrt", None)
        assert platform.lock(file)
