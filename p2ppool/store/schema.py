"""Migrates a database to the schema of this release, keeping every row."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from p2ppool.errors import UserError

_ADVISORY_LOCK = (
    0x70327030  # any number of our own: two starters on PostgreSQL must not migrate at the same time
)
_MIGRATIONS: Final = Path(__file__).parent / "migrations" / "versions"
_TABLE: Final = "alembic_version"  # Alembic's own, of one row


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables; do nothing if they are up to date.

    An SQLite file is copied beside itself (`….before-REVISION`) before it is changed.

    Raises:
        UserError: the database was made by a later release.
    """
    if engine.dialect.name == "sqlite":
        _upgrade_sqlite(engine)
    else:
        _upgrade_postgresql(engine)


def revision(connection: Connection) -> str | None:
    """Return the database's revision; None for an empty one."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608
    return found


@cache
def revisions() -> Sequence[str]:
    """List all revisions of this release, in order: the names of their files start with them."""
    return sorted(file.name.split("_")[0] for file in _MIGRATIONS.glob("[0-9]*.py"))


def _upgrade_postgresql(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        if not _current(connection):
            _run(connection)


def _upgrade_sqlite(engine: Engine) -> None:
    with engine.connect().execution_options(writes=False) as connection, connection.begin():
        if _current(connection):
            return
        before = revision(connection)
    if before is not None:
        _copy(engine, before)
    with engine.connect() as connection:
        # Batch migrations recreate tables: with foreign keys on, dropping the old one deletes its children.
        # The pragma is ignored inside a transaction, so it is set outside.
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - an open connection has one
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not _current(connection):  # another starter may have been first
                    _run(connection)
                _check_foreign_keys(connection)
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _copy(engine: Engine, before: str) -> None:
    source = Path(str(engine.url.database))
    # The database's own copy is consistent even while others write; a copy of the file might not be.
    with (
        closing(sqlite3.connect(source)) as database,
        closing(sqlite3.connect(source.with_name(f"{source.name}.before-{before}"))) as copy,
    ):
        database.backup(copy)


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"a migration left {len(broken)} rows without their parent; nothing was changed")


def _current(connection: Connection) -> bool:
    at = revision(connection)
    if at is not None and at not in revisions():
        raise UserError(
            f"the database is of a later release (revision {at}): run that release, "
            "or set P2PPOOL_DATABASE_URL to another database"
        )
    return at == revisions()[-1]


def _run(connection: Connection) -> None:
    # Every command checks the schema; only the first after an update imports Alembic.
    from p2ppool.store.migrating import run  # noqa: PLC0415

    run(connection)
