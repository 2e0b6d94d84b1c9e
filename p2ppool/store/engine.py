"""Database connections: SQLite with the write-ahead log, or PostgreSQL."""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from p2ppool.settings import settings

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
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        parsed, connect_args={"timeout": _BUSY_TIMEOUT, "isolation_level": None}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@cache
def get_engine() -> Engine:
    """Return the engine of this process, on the database of the settings."""
    return open_engine(settings().store_url)


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("writes", True):
        level = DURABLE if options.get("durable", True) else _BRIEF
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        # A deferred BEGIN lets two writers both read first; one then fails at once, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("BEGIN")
