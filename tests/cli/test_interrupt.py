"""A run that is ended from outside leaves nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from astropy.io import fits

from small_cos import make_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("interrupt"), n_source=3_000, seed=7)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal(dataset, tmp_path, number):
    out = tmp_path / "out"
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from recos.cli.process import recos; recos()",
            dataset.association,
            "-o",
            out,
        ],
        env=os.environ | {"lref": f"{dataset.references}/"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while run.poll() is None and not list(out.glob(".*.tmp")):
        time.sleep(0.005)
    run.send_signal(number)
    _, messages = run.communicate(timeout=120)
    assert run.returncode == 130, messages
    assert messages.rstrip().endswith("interrupted; no product is half written.")
    assert list(out.glob(".*")) == []
    for path in out.glob("*.fits"):  # whole ones may be there, if the signal came late
        with fits.open(path) as hdus:
            hdus.verify("exception")
