"""A database of each supported kind, empty or with our tables."""

import shutil
from contextlib import closing

import pytest

from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.lab.database.emptying import empty
from tests.lab.database.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request):
    """What a test with a database runs on, one after the other."""
    return request.param


@pytest.fixture
def database_url(database_kind, request, tmp_path):
    """An empty database."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture
def engine(database_kind, request, tmp_path):
    """A database with our tables, nothing in them."""
    if database_kind == "sqlite":
        yield from _opened(request.getfixturevalue("sqlite_file")(tmp_path / "store.db"))
    else:
        yield from _opened(request.getfixturevalue("postgres_with_tables"), empty)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory):
    """Makes an SQLite database with our tables at a place, and gives its URL: a copy takes no migrations."""
    model = tmp_path_factory.mktemp("model") / "store.db"
    _fill(f"sqlite:///{model}")

    def copy(place):
        shutil.copyfile(model, place)
        return f"sqlite:///{place}"

    return copy


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_url):
    """The URL of this worker's one PostgreSQL database with our tables; each test empties it first."""
    with fresh_database(postgres_url) as url:
        _fill(url)
        yield url


def _fill(url):
    engine = open_engine(url)
    upgrade(engine)
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _opened(url, prepare=lambda _engine: None):
    engine = open_engine(url)
    try:
        prepare(engine)
        yield engine
    finally:
        engine.dispose()
