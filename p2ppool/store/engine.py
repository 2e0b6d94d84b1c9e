"""Database connections: SQLite with the write-ahead log, or PostgreSQL."""

import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from p2ppool.errors import UserError
from p2ppool.settings import settings
from p2ppool.store.trouble import translate, trouble

DURABLE = "FULL"
"""SQLite's `synchronous` for a commit that must survive a power cut; tests do without."""
_BRIEF = "NORMAL"  # for what is true for seconds only: a power cut may take back the last ones
_BUSY_TIMEOUT = 30.0  # seconds that a writer waits for another on SQLite


def open_engine(url: str) -> Engine:
    """Open an engine on the database at `url`; the folder of a new SQLite file is created.

    Its errors show no parameters, which can be hashes of passwords or addresses, and end in logs.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _with_events(create_engine(parsed, pool_pre_ping=True, hide_parameters=True), _require_utf8)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        parsed, connect_args={"timeout": _BUSY_TIMEOUT, "isolation_level": None}, hide_parameters=True
    )
    event.listen(engine, "begin", _begin)
    return _with_events(engine, _prepare)


def _with_events(engine: Engine, prepare: Callable[[Any], None]) -> Engine:
    """Let the engine prepare its connections and tell trouble in one line."""

    def connected(connection: Any, _record: object) -> None:
        try:
            prepare(connection)
        except sqlite3.Error as error:  # no event is told of these
            raise trouble(engine.url, error) or error from error

    event.listen(engine, "handle_error", translate)
    # First: SQLAlchemy's own first questions fail on some of what is refused here.
    event.listen(engine, "connect", connected, insert=True)
    return engine


@cache
def get_engine() -> Engine:
    """Return the engine of this process, on the database of the settings."""
    return open_engine(settings().store_url)


def _prepare(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _require_utf8(connection: Any) -> None:
    """Require an encoding in which everything that people and nodes write can be stored.

    Raises:
        UserError: the database has another one.
    """
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UserError(f"the database's encoding is {encoding}: create one with UTF8")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("writes", True):
        level = DURABLE if options.get("durable", True) else _BRIEF
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        # A deferred BEGIN lets two writers both read first; one then fails at once, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
