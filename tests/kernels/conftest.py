"""Every kernel keeps the rules of recos.kernels.compiled: in these tests none is left to numba."""

from __future__ import annotations

import pytest

from recos.kernels.code_cache import machine_code_is_kept
from recos.kernels.compiled import Kernel


@pytest.fixture(autouse=True)
def _by_the_rules(request, monkeypatch):
    if machine_code_is_kept() and request.module.__name__.rpartition(".")[2] != "test_compiled":
        monkeypatch.setattr(Kernel, "_prepare", Kernel._from_cache)
