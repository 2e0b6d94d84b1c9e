"""A database of each supported kind, empty or with our tables."""

import pytest

from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.lab.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of each kind that we support."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture
def engine(database_url):
    """A database with our tables, nothing in them."""
    engine = open_engine(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()
