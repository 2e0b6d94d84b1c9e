"""A session that sees some pools only: of the others there is nothing, however it is asked for."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from p2ppool.store.models import (
    AuditLine,
    Base,
    Host,
    HostResult,
    NodeSample,
    Pool,
    Snapshot,
    SubjectKind,
    Ticket,
    UserOnPool,
)
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.visibility import _criteria, seeing_only
from tests.lab.past.history import a_pool, pool_of

NO_POOLS_OWN = {"audit_head", "groups", "group_terms", "group_networks", "memberships", "certificates"} | {
    *("revocations", "users", "sign_ins", "api_tokens", "one_time_links", "identities", "registrations"),
    *("packages", "runtimes", "ssh_keys", "known_hosts", "vault_keys", "code_apps", "passkeys"),
    "recovery_codes",
}
"""Tables that belong to no pool; networks of groups name one, but pages show it by its own row."""


@pytest.fixture
def own(engine):
    a_pool(engine, failed=1)
    a_pool(engine, "other", failed=1)
    with UnitOfWork(engine) as work:
        for name in ("demo", "other"):
            work.session.add(
                AuditLine(
                    who="ada",
                    what="edit",
                    subject_kind=SubjectKind.POOL,
                    subject=name,
                    pool_id=pool_of(engine, name).id,
                )
            )
        work.commit()
    return seeing_only(engine, frozenset({pool_of(engine, "demo").id}))


def pool_related():
    return {each.class_ for each in Base.registry.mappers if each.class_.__tablename__ not in NO_POOLS_OWN}


def test_whatever_belongs_to_pools_is_restricted(engine, own):
    with reading(engine) as work, reading(seeing_only(engine, frozenset())) as nothing, reading(own) as some:
        for of_pool in pool_related():
            count = select(func.count()).select_from(of_pool)
            there, seen = work.session.scalar(count), some.session.scalar(count)
            assert nothing.session.scalar(count) == 0, of_pool
            assert seen * 2 == there, of_pool


def test_each_has_its_condition():
    assert {restricted for restricted, _ in _criteria([1])} == pool_related()


def test_every_table_that_points_to_a_pool_or_to_its_own_is_known():
    pointing = {"pools", "tickets", "snapshots", "hosts", "nodes"}
    found = {
        table.name
        for table in Base.metadata.sorted_tables
        if {key.column.table.name for key in table.foreign_keys} & pointing
    } | {"pools"}
    assert found - {each.__tablename__ for each in pool_related()} - {"group_networks"} == set()


def test_numbers_joins_aliases_and_parts_of_queries_find_nothing_of_others(engine, own):
    foreign = pool_of(engine, "other").id
    with reading(engine) as work:
        ticket = work.session.scalar(select(Ticket.id).where(Ticket.pool_id == foreign))
        snapshot = work.session.scalar(select(Snapshot.id).where(Snapshot.pool_id == foreign))
    again = aliased(Ticket)
    queries = [
        select(Pool.name).where(Pool.id == foreign),
        select(Ticket).where(Ticket.id == ticket),
        select(again.id).where(again.id == ticket),
        select(NodeSample.node_id).where(NodeSample.snapshot_id == snapshot),
        select(HostResult.step).where(HostResult.ticket_id == ticket),
        select(Host.name).join(Pool).where(Pool.name == "other"),
        select(Snapshot.id).where(
            Snapshot.pool_id == select(Pool.id).where(Pool.name == "other").scalar_subquery()
        ),
        select(UserOnPool).where(UserOnPool.pool_id == foreign).options(joinedload(UserOnPool.pool)),
    ]
    with reading(own) as work:
        for query in queries:
            assert work.session.execute(query).all() == [], str(query)
        assert work.session.get(Pool, foreign) is work.session.get(Ticket, ticket) is None


def test_what_is_changed_is_restricted_too(engine, own):
    with UnitOfWork(own) as work:
        for pool in work.session.scalars(select(Pool)):
            pool.description = "seen"
        work.commit()
    assert (pool_of(engine, "demo").description, pool_of(engine, "other").description) == ("seen", "")
