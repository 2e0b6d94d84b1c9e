"""Fixtures for all tests; what starts hosts and databases is in tests/lab."""

import contextlib
import os

import hypothesis
import pytest

from p2ppool.settings import settings
from p2ppool.store import engine as store_engine
from p2ppool.store.engine import get_engine

# On a machine that is busy with other tests a single example may take long for no fault of its own.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# No test cuts the power; a wait for the disk at each commit would be most of the time of many.
store_engine.DURABLE = "NORMAL"

pytest_plugins = ["tests.lab.fixtures", "tests.lab.database.marking", "tests.lab.database.store"]


@pytest.fixture(autouse=True)
def _umask():
    """Programs that a test runs in this process close their files to others; later tests have other users."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """A data folder of the test's own, with settings read anew from the environment."""
    folder = tmp_path / "data"
    monkeypatch.setenv("P2PPOOL_DATA_FOLDER", str(folder))
    with _fresh_settings():
        yield folder


@contextlib.contextmanager
def _fresh_settings():
    settings.cache_clear()
    get_engine.cache_clear()
    try:
        yield
    finally:
        if get_engine.cache_info().currsize:
            get_engine().dispose()
        settings.cache_clear()
        get_engine.cache_clear()
