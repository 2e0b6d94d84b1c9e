"""Crawls and host results are kept as they were found."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.overlay.snapshot import Crawl, CrawledNode, CutShort, NodeState
from p2ppool.pools.recording import results
from p2ppool.pools.recording.crawls import expected_nodes, keep_crawl
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Host, HostResult, Node, NodeSample, Snapshot
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, a_ticket

A, B, C = (f"brunet:node:{letter * 31}A" for letter in "ABC")
BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_crawl(*nodes, **fields):
    return Crawl(started_at=BEGAN, seconds=0.5, nodes=nodes, **fields)


def answered(address, **fields):
    return CrawledNode(address=address, state=NodeState.ANSWERED, **fields)


@pytest.fixture
def pool(engine):
    name = a_bare_pool(engine, hosts=3)
    with reading(engine) as work:
        found = get_pool(work.session, name)
        assert found.hosts
    return found


def keep(engine, pool, crawl):
    with UnitOfWork(engine) as work:
        keep_crawl(work.session, pool, None, crawl)
        work.commit()


def test_a_snapshot_has_the_sums_and_a_sample_for_each_node(engine, pool):
    node = answered(
        A, left=B, right=C, shortcuts=(C, B), bits=(True, False, None, True), consistency=2 / 3, udp=5, cons=7
    )
    silent = CrawledNode(address=B, state=NodeState.SILENT, error="no answer", retries=1, consistency=0.0)
    keep(engine, pool, a_crawl(node, silent, reason=CutShort.DEADLINE))
    with reading(engine) as work:
        snapshot = work.session.scalars(select(Snapshot)).one()
        sample = work.session.scalars(select(NodeSample).where(NodeSample.state == "answered")).one()
    assert (snapshot.answered, snapshot.silent, snapshot.expected, snapshot.udp) == (1, 1, 4, 5)
    assert (snapshot.complete, snapshot.reason, snapshot.started_at) == (False, "deadline", BEGAN)
    assert (sample.left, sample.shortcuts, sample.bits) == (B, f"{C} {B}", "10-1")


def test_the_same_crawl_of_an_action_is_stored_once(engine, pool):
    ticket_id, kept = a_ticket(engine, pool.name), []
    for began in (BEGAN, BEGAN, BEGAN + timedelta(microseconds=1)):
        found = Crawl(started_at=began, seconds=0.5, nodes=(answered(A), answered(B)))
        with UnitOfWork(engine) as work:
            kept.append(keep_crawl(work.session, pool, ticket_id, found).id)
            work.commit()
    assert kept[0] == kept[1] != kept[2]
    with reading(engine) as work:
        assert work.session.scalar(select(func.count()).select_from(NodeSample)) == 4


def test_a_node_that_was_seen_before_is_not_made_again(engine, pool):
    keep(engine, pool, a_crawl(answered(A), answered(B)))
    keep(engine, pool, a_crawl(answered(B), answered(C)))
    with reading(engine) as work:
        assert sorted(work.session.scalars(select(Node.address))) == [A, B, C]
        assert work.session.scalar(select(func.count()).select_from(NodeSample)) == 4


def test_a_crawl_that_found_nobody_is_kept_too(engine, pool):
    keep(engine, pool, a_crawl())
    with reading(engine) as work:
        assert work.session.scalars(select(Snapshot)).one().answered == 0


def test_a_thousand_nodes_are_looked_up_in_batches(engine, pool):
    addresses = [f"brunet:node:{number:032d}".replace("0", "A").replace("1", "B") for number in range(1200)]
    keep(engine, pool, a_crawl(*map(answered, addresses)))
    keep(engine, pool, a_crawl(*map(answered, addresses)))
    with reading(engine) as work:
        assert work.session.scalar(select(func.count()).select_from(Node)) == 1200


def test_expected_are_the_nodes_of_all_hosts_and_the_local_one(pool):
    assert expected_nodes(pool) == 3 + 1


def test_outcomes_pin_the_host_key_at_first_contact_only(engine, pool):
    target, *_ = results.targets_of(pool)
    ticket = a_ticket(engine, pool.name, "create")

    def outcome(host_key, error=None):
        return HostOutcome(
            target, error, "", "start", 1.0, host_key, {"digest": "d" * 64} if error is None else {}
        )

    for learnt in (outcome("ssh-ed25519 FIRST"), outcome("ssh-ed25519 SECOND", ErrorKind.STALLED)):
        with UnitOfWork(engine) as work:
            results.keep(work.session, ticket, [learnt])
            work.commit()
    with reading(engine) as work:
        host = work.session.get_one(Host, target.key)
        result = work.session.get_one(HostResult, (ticket, target.key))
    assert (host.host_key, host.digest) == ("ssh-ed25519 FIRST", "d" * 64)
    assert result.error == "stalled"
