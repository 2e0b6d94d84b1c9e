"""A database of an earlier release keeps every row, and what is new in it has a sensible value."""

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import inspect, text

from p2ppool.store import schema
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import reading

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def first_release(database_url):
    """The database as the first release made it, with a ticket whose process nobody knows of."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        insert(
            connection,
            "ssh_keys",
            name="k",
            key_type="t",
            bits=1,
            fingerprint="f",
            public_line="p",
            sealed=b"",
        )
        insert(connection, "packages", name="n", version="1", digest="d", size=1, runtime="r", program="p")
        insert(
            connection,
            "pools",
            name="demo",
            token="t",
            description="",
            namespace="n",
            rpc_port=1,
            ssh_user="u",
            ssh_key_id=1,
            package_id=1,
            install_path="p",
            state="active",
            nodes_per_process=1,
        )
        insert(
            connection,
            "tickets",
            pool_id=1,
            action="create",
            state="running",
            requester="ada",
            parameters="{}",
            message="",
            done=3,
            total=8,
        )
    yield engine
    engine.dispose()


def insert(connection, table, **values):
    """A row as SQL, since the models are of today; times are all the same moment."""
    times = {"ssh_keys": "added_at", "packages": "added_at", "pools": "created_at", "tickets": "requested_at"}
    values[times[table]] = MOMENT.strftime("%Y-%m-%d %H:%M:%S.%f+00:00")[
        : 26 if is_sqlite(connection) else None
    ]
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def is_sqlite(connection):
    return connection.dialect.name == "sqlite"


def counts(engine):
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}


def test_no_row_is_lost_and_old_tickets_queue_as_they_were_asked_for(first_release):
    before = counts(first_release)
    schema.upgrade(first_release)
    assert counts(first_release) == before
    with reading(first_release) as work:
        ticket = work.session.query(Ticket).one()
    assert (ticket.state, ticket.due_at, ticket.done) == (TicketState.RUNNING, MOMENT, 3)
    assert (ticket.fence, ticket.beat, ticket.told) == (None, 0, True)


def test_the_release_before_can_still_write(first_release):
    schema.upgrade(first_release)
    with first_release.begin() as connection:
        insert(
            connection,
            "tickets",
            pool_id=1,
            action="crawl",
            state="running",
            requester="ada",
            parameters="{}",
            message="",
            done=0,
            total=0,
        )
    assert counts(first_release)["tickets"] == 2
