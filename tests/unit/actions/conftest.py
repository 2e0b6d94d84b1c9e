"""One database of each kind for all tests in here, emptied for each: to make the tables takes long."""

import pytest

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Base
from p2ppool.store.schema import upgrade
from tests.lab.database.postgres import fresh_database

pytest.register_assert_rewrite(
    *(f"tests.unit.actions.turns_{part}" for part in ("invariants", "machine", "scene", "steps"))
)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request, tmp_path_factory):
    """A database of each kind that we support."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('turns') / 'store.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture(scope="session")
def database(database_url):
    """An engine on it, with our tables."""
    engine = open_engine(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database):
    """The same, nothing in the tables."""
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return database
