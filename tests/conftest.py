"""Fixtures that every test may use: the shared data, and the tiny example network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tideover.nouns import Network
from tideover.readers import example_folder, read_network

ROOT = Path(__file__).resolve().parent.parent

# Compiled kernels that two processes write into one cache at the same time can crash whoever reads them
# (github.com/numba/numba/issues/4807): each worker keeps its own, before anything imports the compiler.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".numba_cache" / worker)

# A busy machine is no fault of the code; what is run for every change must not depend on luck.
settings.register_profile("tideover", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "tideover")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of shared data: ``TIDEOVER_DATA``, or beside the project; tests skip where it is absent."""
    folder = Path(os.environ.get("TIDEOVER_DATA", str(ROOT.parent / "shared" / "data")))
    if not folder.is_dir():
        reason = "the shared data is absent (set TIDEOVER_DATA to its folder)"
        if os.environ.get("TIDEOVER_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def tiny_folder() -> Path:
    """The folder of the tiny example network that ships with the package."""
    return example_folder("tiny")


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Network:
    """The tiny example network."""
    return read_network(tiny_folder)
