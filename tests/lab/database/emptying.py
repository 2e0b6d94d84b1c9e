"""A PostgreSQL database made as good as new: to make another takes a hundred times as long."""

from sqlalchemy import text

from p2ppool.store.schema import revisions
from tests.lab.waiting import eventually

_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;  -- foreign keys do not count meanwhile: any order will do
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'DELETE FROM ' || quote_ident(name);
    END LOOP;
    PERFORM setval(quote_ident(sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


def empty(engine):
    """End what others left open in its database, then delete all rows but the schema's revision.

    Ids start at one again. Whatever another connection holds, locks or a transaction, goes with it.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        eventually(lambda: not connection.exec_driver_sql(_END_OTHERS).all(), 30)
        connection.exec_driver_sql(_EMPTY)
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revisions()[-1]}
        )
