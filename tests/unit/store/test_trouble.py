"""Trouble with a database is one line: where, what, and how to end it; and it is retried as before."""

import sqlite3
import threading

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from p2ppool.errors import UserError
from p2ppool.store import engine as module
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from p2ppool.store.trouble import DatabaseError
from p2ppool.store.unit_of_work import UnitOfWork, retry_for


def line_of(url, statement="SELECT 1"):
    """What a person reads."""
    engine = open_engine(url)
    try:
        with pytest.raises(UserError) as raised, UnitOfWork(engine) as work:
            work.session.execute(text(statement))
    finally:
        engine.dispose()
    assert "s3cret" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("address", "where", "what"),
    [
        ("127.0.0.1:1", "127.0.0.1:1", "connection refused: start it, or correct P2PPOOL_DATABASE_URL"),
        ("no.invalid", "no.invalid:5432", "its host has no address: correct P2PPOOL_DATABASE_URL"),
    ],
)
def test_a_server_that_is_not_there(address, where, what):
    url = f"postgresql+psycopg://me:s3cret@{address}/pools"
    assert line_of(url) == f"the database at {where}: {what}"


def test_a_server_that_knows_no_such_database(postgres_url):
    url = make_url(postgres_url).set(database="absent").render_as_string()
    assert line_of(url).endswith(": it has no such database: create it with encoding UTF8")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_an_encoding_that_can_not_hold_everything_is_refused_at_once(postgres_url, encoding):
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string()
    name = f"odd_{encoding.lower()}"
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
        try:
            url = make_url(postgres_url).set(database=name).render_as_string()
            assert line_of(url) == f"the database's encoding is {encoding}: create one with UTF8"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "p2ppool.db").write_bytes(b"no database, " * 100)
    assert line_of(f"sqlite:///{tmp_path / 'p2ppool.db'}") == (
        f"the database {tmp_path / 'p2ppool.db'}: it is no SQLite database: "
        "put a copy back, or choose another file"
    )


def test_a_file_that_can_not_be_opened(tmp_path):
    (tmp_path / "p2ppool.db").mkdir()
    assert "it can't be opened: check the folder" in line_of(f"sqlite:///{tmp_path / 'p2ppool.db'}")


def test_a_full_disk(tmp_path):
    url = f"sqlite:///{tmp_path / 'p2ppool.db'}"
    engine = open_engine(url)
    upgrade(engine)
    with UnitOfWork(engine) as work:
        work.session.execute(text("PRAGMA max_page_count=1"))
        big = text("CREATE TABLE big AS SELECT randomblob(1000000) AS x")
        with pytest.raises(DatabaseError, match="the disk is full: make room"):
            work.session.execute(big)
    engine.dispose()


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """The URL of a database that another process holds; and how to end that."""
    monkeypatch.setattr(module, "_BUSY_TIMEOUT", 0.05)
    path = tmp_path / "p2ppool.db"
    upgrade(open_engine(f"sqlite:///{path}"))
    with sqlite3.connect(path, isolation_level=None, check_same_thread=False) as other:
        other.execute("BEGIN IMMEDIATE")
        yield f"sqlite:///{path}", lambda: other.execute("ROLLBACK")
    other.close()


def test_a_database_that_stays_locked(locked):
    url, _ = locked
    assert "another process has it locked: end that process, or wait" in line_of(url)


def test_a_short_lock_is_waited_for_as_before(locked):
    url, end = locked
    engine, tries = open_engine(url), []

    def write():
        tries.append(1)
        if len(tries) > 1:
            threading.Thread(target=end).start()
        with UnitOfWork(engine) as work:
            work.session.execute(text("DELETE FROM pools"))
            work.commit()

    retry_for(write, 60)
    assert len(tries) > 1
    engine.dispose()


def test_a_defect_of_the_program_is_not_told_as_trouble(engine):
    with pytest.raises((OperationalError, ProgrammingError)) as raised, UnitOfWork(engine) as work:
        work.session.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(raised.value, UserError)
    with pytest.raises(IntegrityError), UnitOfWork(engine) as work:
        work.session.execute(text("INSERT INTO hosts (id) VALUES (1)"))
