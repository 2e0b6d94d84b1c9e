"""Another host key is pinned only where the host has shown just that one, and who did it is noted."""

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.pools.definition.host_keys import accept, find_offer
from p2ppool.records.pools import get_pool
from p2ppool.store.models import AuditLine, Host, HostState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.hosts.keys import SshKey
from tests.lab.past.history import a_bare_pool, a_result

OLD, NEW, NEWER = (SshKey.generate().public_line for _ in range(3))


def changed(engine, key, fact="offered_host_key", host="node01"):
    a_result(engine, "demo", host, error="host_key_changed", facts={fact: key})


@pytest.fixture
def pinned(engine):
    """A pool whose hosts have a pinned key, node02 and node03 behind a jump host that has one too."""
    a_bare_pool(engine, hosts=3)
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, "demo")
        for host in pool.hosts:
            host.host_key = OLD
            host.jump = None if host.name == "node01" else "ada@gate:22"
        work.session.add(
            Host(
                pool_id=pool.id,
                name="gate",
                address="192.0.2.9",
                port=-22,
                host_key=OLD,
                jump="ada@gate:22",
                state=HostState.JUMP,
            )
        )
        work.commit()
    return engine


def offer(engine, host="node01"):
    with reading(engine) as work:
        return find_offer(work.session, get_pool(work.session, "demo"), host)


def test_the_key_that_was_shown_last_is_pinned_with_a_line_about_it(pinned):
    changed(pinned, NEWER)
    changed(pinned, NEW)
    a_result(pinned, "demo", "node01", error="timeout")
    with UnitOfWork(pinned) as work:
        pool = get_pool(work.session, "demo")
        found = find_offer(work.session, pool, "node01")
        assert (found.pinned, found.offered) == (OLD, NEW)
        accept(work.session, pool, found, "cli ada")
        work.commit()
    with reading(pinned) as work:
        line = work.session.scalars(select(AuditLine)).one()
        keys = work.session.execute(select(Host.name, Host.host_key).order_by(Host.id)).all()
    assert (line.who, line.what, line.details["fingerprint"]) == (
        "cli ada",
        "accept key",
        [found.old, found.new],
    )
    assert [tuple(row) for row in keys] == [("node01", NEW), ("node02", OLD), ("node03", OLD), ("gate", OLD)]
    with pytest.raises(UserError, match="has shown no other key"):
        offer(pinned)


def test_the_key_of_a_jump_host_was_shown_to_those_behind_it(pinned):
    changed(pinned, NEW, "offered_jump_key", "node02")
    found = offer(pinned, "gate")
    assert (found.host.name, found.offered) == ("gate", NEW)
    with pytest.raises(UserError, match="has shown no other key"):
        offer(pinned, "node02")


def test_what_was_shown_before_the_pinned_key_was_seen_again_is_no_offer(pinned):
    changed(pinned, NEW)
    a_result(pinned, "demo", "node01")
    with pytest.raises(UserError, match="has shown no other key"):
        offer(pinned)


def test_an_unknown_host_is_named(pinned):
    with pytest.raises(UserError, match="has no host 'absent'"):
        offer(pinned, "absent")
