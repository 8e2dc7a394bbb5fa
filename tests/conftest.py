"""Fixtures of all tests: the shared folder, oracle data, the reference implementation."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from helpers import support

# the first example of a kernel includes its compilation
settings.register_profile("recos", deadline=None)
settings.load_profile("recos")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("recos")
    group.addoption(
        "--all-configurations", action="store_true", help="parity: all configurations, not only those of CI"
    )
    group.addoption("--events", type=int, default=50_000, help="parity: events per segment (default 50000)")
    group.addoption("--seed", type=int, default=1, help="parity: seed of the data sets (default 1)")


def _or_skip(function: Callable, *args: object, **kwargs: object) -> Path:
    try:
        return function(*args, **kwargs)
    except support.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder: ``RECOS_SHARED``, else ``shared`` beside the checkout."""
    return _or_skip(support.shared_folder)


@pytest.fixture(scope="session")
def oracle_data(shared: Path) -> Callable[..., Path]:
    """``oracle_data(config, seed=…, events=…, exposures=…)``: a synthetic data set, from the cache."""
    return lambda *args, **kwargs: _or_skip(support.oracle_data, *args, **kwargs)


@pytest.fixture(scope="session")
def reference_products(shared: Path) -> Callable[..., Path]:
    """``reference_products(data, *options)``: products of the reference implementation, from the cache."""
    return lambda *args, **kwargs: _or_skip(support.reference_products, *args, **kwargs)


@pytest.fixture(scope="session")
def standin_data(shared: Path) -> Path:
    """The real association with stand-in reference files."""
    return _or_skip(support.standin_data)


@pytest.fixture(scope="session")
def reference_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Small reference files of every kind (:func:`builders.make_references`), absolute names by keyword."""
    from helpers import builders

    return builders.make_references(tmp_path_factory.mktemp("references"))


@pytest.fixture(scope="session")
def folder_template(tmp_path_factory: pytest.TempPathFactory, reference_files: dict[str, str]) -> Path:
    """A folder of raw files, to be copied (:mod:`folder`)."""
    from helpers import folder

    return folder.make_template(tmp_path_factory.mktemp("folder"), reference_files)


@pytest.fixture
def folder(
    tmp_path: Path, folder_template: Path, reference_files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> object:
    """An association of one exposure, its raw files, its reference files (:class:`folder.Folder`)."""
    from helpers import folder

    return folder.copy_template(folder_template, tmp_path, reference_files, monkeypatch)


@pytest.fixture(scope="session")
def simulation_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder for reference files of simulated data sets; the full-size ones of the FUV take some seconds."""
    folder = tmp_path_factory.mktemp("simulation_cache")
    yield folder
    shutil.rmtree(folder)
