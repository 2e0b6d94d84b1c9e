"""A database of an earlier release keeps every row, and what is new in it has a sensible value."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import MetaData, Table, inspect, text

from p2ppool.groups.definition import registry
from p2ppool.groups.membership import group_log
from p2ppool.records.audit_chain import check
from p2ppool.store import migrating, schema
from p2ppool.store.engine import open_engine
from p2ppool.store.models import (
    AuditLine,
    GroupKind,
    GroupTerms,
    HostState,
    KnownHost,
    Pool,
    SshKey,
    Ticket,
    TicketState,
    VaultKey,
)
from p2ppool.store.unit_of_work import reading

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
LINES = (
    (-1, "vpn group: delete", "lab"),
    (0, "vpn group: create", "lab"),
    (1, "vpn group: edit", "lab"),
    (2, "appliance group: edit", "lab"),
    (3, "edit", "lab"),
    (4, "user: create", "lab"),
)
"""Hours after the moment at which a group was made, what was done, and the name of what it was done to."""

PREFIX = {"user": "user: ", "vpn": "vpn group: ", "appliance": "appliance group: "}
"""What stood before the text of a line that was not about a pool."""


@pytest.fixture
def first_release(database_url):
    """The database as the first release made it, with a ticket whose process nobody knows of."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        migrating.run(connection, "0001")
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
        insert(connection, "hosts", pool_id=1, name="h", address="192.0.2.1", port=22, digest="d")
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
    if table in times:
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
    after = counts(first_release)
    assert {name: after[name] for name in before} == before
    # The end of the audit's chain is new, and stands for the entries of before.
    assert {name: count for name, count in after.items() if name not in before and count} == {"audit_head": 1}
    with reading(first_release) as work:
        ticket = work.session.query(Ticket).one()
    assert (ticket.state, ticket.due_at, ticket.done) == (TicketState.RUNNING, MOMENT, 3)
    assert (ticket.fence, ticket.heartbeat, ticket.notified) == (None, 0, True)


def test_hosts_of_an_earlier_release_are_members_that_may_have_something_of_the_pool(first_release):
    schema.upgrade(first_release)
    with reading(first_release) as work:
        pool = work.session.query(Pool).one()
        host = pool.hosts[0]
    assert (host.state, host.touched, host.is_manager, host.jump) == (HostState.MEMBER, True, False, None)
    assert (pool.is_default, pool.is_test, pool.runtime_id, pool.paused_schedules) == (False, False, None, [])


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


@pytest.fixture
def groups_of_before(database_url):
    """The database from before terms were kept: two groups, and the log of them and of an earlier one."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        migrating.run(connection, "0010")
        groups, log = (Table(name, MetaData(), autoload_with=connection) for name in ("groups", "audit_log"))
        for number, (name, version) in enumerate((("lab", 1), ("old", 3)), start=1):
            about = {"description": "", "terms": f"of {name}", "terms_version": version, "detailed": False}
            row = {"id": number, "kind": "vpn", "name": name, "created_at": MOMENT} | about
            connection.execute(groups.insert(), row)
        for hours, what, subject in LINES:
            row = {"who": "ann", "what": what, "subject": subject, "details": {}}
            connection.execute(log.insert(), row | {"at": MOMENT + timedelta(hours=hours)})
    yield engine
    engine.dispose()


def test_terms_that_are_there_are_kept_as_their_version(groups_of_before):
    schema.upgrade(groups_of_before)
    with reading(groups_of_before) as work:
        kept = work.session.query(GroupTerms).order_by(GroupTerms.version).all()
        found = [(each.version, each.text, each.since) for each in kept]
    assert found == [(1, "of lab", MOMENT), (3, "of old", None)]


def test_lines_of_the_log_are_their_groups_own(groups_of_before):
    schema.upgrade(groups_of_before)
    with reading(groups_of_before) as work:
        group = registry.get(work.session, GroupKind.VPN, "lab")
        assert [line.what for line in group_log.lines_of(work.session, group, 10)] == ["edit", "create"]
        gone = group_log.lines_of_deleted(work.session, GroupKind.VPN, "lab", 10)
        assert [line.what for line in gone] == ["delete"]
        assert work.session.query(AuditLine).count() == len(LINES)


def test_the_kind_of_a_lines_subject_leaves_its_text(groups_of_before):
    schema.upgrade(groups_of_before)
    with reading(groups_of_before) as work:
        lines = work.session.query(AuditLine).order_by(AuditLine.id).all()
    told = [
        what if line.subject_kind == "pool" else f"{PREFIX[line.subject_kind]}{line.what}"
        for line, (_, what, _) in zip(lines, LINES, strict=True)
    ]
    assert told == [what for _, what, _ in LINES]
    assert {line.subject_kind for line in lines} == {"pool", "user", "vpn", "appliance"}


def test_a_key_of_the_first_release_has_no_certificate_and_nothing_is_known_of_the_vault(first_release):
    schema.upgrade(first_release)
    with reading(first_release) as work:
        assert [key.certificate for key in work.session.query(SshKey)] == [None]
        assert (work.session.query(VaultKey).count(), work.session.query(KnownHost).count()) == (0, 0)


def test_entries_of_before_become_a_chain_that_is_whole(groups_of_before):
    schema.upgrade(groups_of_before)
    with reading(groups_of_before) as work:
        found = check(work.session)
    assert (found.entries, found.problems) == (len(LINES), [])
