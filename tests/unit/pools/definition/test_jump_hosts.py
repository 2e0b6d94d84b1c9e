"""Jump hosts are kept beside a pool's hosts, with a pinned key of their own."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from p2ppool.errors import UserError
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.fleet.inventory.hosts_file import read_hosts, resolve
from p2ppool.pools.definition import versions
from p2ppool.pools.recording import results
from p2ppool.records.pools import get_pool
from p2ppool.reports.hosts.last_results import host_reports
from p2ppool.store.models import Host, HostState, Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_ticket
from tests.unit.pools.definition.test_registry import make

HOSTS = (
    "127.0.0.1 jump=ada@127.0.0.3\n127.0.0.2 jump=ada@127.0.0.3:22\n127.0.0.3\n127.0.0.4 jump=127.0.0.3:23\n"
)


def targets(engine):
    """Of a pool that is detached, as the tasks have it."""
    with reading(engine) as work:
        pool = work.session.scalars(select(Pool).options(joinedload(Pool.hosts))).unique().one()
    return results.targets_of(pool)


def test_hosts_behind_a_jump_host_share_it_and_it_may_be_a_host_too(stocked):
    make(stocked, hosts=HOSTS)
    first, second, straight, other = targets(stocked)
    assert first.jump == second.jump
    assert (first.jump.user, first.jump.address, first.jump.port) == ("ada", "127.0.0.3", 22)
    assert (straight.jump, straight.address, straight.port) == (None, "127.0.0.3", 22)
    assert (other.jump.user, other.jump.port) == ("", 23)
    assert [host.name for host in host_reports(stocked, "demo")] == [f"127.0.0.{n}" for n in (1, 2, 3, 4)]
    make(stocked, hosts=HOSTS)
    with pytest.raises(UserError, match="another host list"):
        make(stocked, hosts=HOSTS.replace("ada@", ""))


def test_its_key_is_pinned_once(stocked):
    make(stocked, hosts=HOSTS)
    ticket = a_ticket(stocked, "demo", "create")
    for key in ("ssh-ed25519 FIRST", "ssh-ed25519 SECOND"):
        with UnitOfWork(stocked) as work:
            outcome = HostOutcome(targets(stocked)[0], ErrorKind.REFUSED, "", "connect", 1.0, jump_key=key)
            results.keep(work.session, ticket, [outcome])
            work.commit()
    assert [target.jump.host_key for target in targets(stocked)[:2]] == ["ssh-ed25519 FIRST"] * 2
    assert [target.host_key for target in targets(stocked)] == [None] * 4


def test_the_manager_among_the_hosts_has_an_address_that_the_others_reach(stocked):
    make(stocked, hosts="manager\n127.0.0.2\n")
    manager, other = targets(stocked)
    assert (manager.is_manager, manager.address, other.is_manager) == (True, "127.0.0.1", False)


def test_an_address_of_another_machine_is_none_of_the_manager(stocked):
    with pytest.raises(UserError, match=r"line 1: 192\.0\.2\.1 is not an address of this machine"):
        make(stocked, hosts="manager address=192.0.2.1\n")


def test_one_jump_host_is_written_in_one_way(stocked):
    with pytest.raises(UserError, match=r"line 2: bob@.* is the same jump host as ada@"):
        make(stocked, hosts="127.0.0.1 jump=ada@127.0.0.3\n127.0.0.2 jump=bob@127.0.0.3\n")


def test_rows_of_jump_hosts_are_no_members(stocked):
    make(stocked, hosts=HOSTS)
    with reading(stocked) as work:
        assert len(get_pool(work.session, "demo").hosts) == 4
        jumps = work.session.scalars(select(Host).where(Host.state == HostState.JUMP)).all()
    assert sorted((host.jump, host.port) for host in jumps) == [
        ("127.0.0.3:23", -23),
        ("ada@127.0.0.3:22", -22),
    ]


def test_this_machine_counts_as_a_host_until_it_has_left(stocked):
    """So long the local node has to keep off the pool's ports."""
    make(stocked, hosts="manager\n127.0.0.2\n")
    for state, here in ((HostState.JOINING, 1), (HostState.LEAVING, 1), (HostState.GONE, 0)):
        with UnitOfWork(stocked) as work:
            work.session.scalars(select(Host).where(Host.is_manager)).one().state = state
            work.commit()
        with reading(stocked) as work:
            assert len(get_pool(work.session, "demo").hosts_here) == here


def test_an_upgrade_brings_new_ways_and_their_jump_hosts(stocked):
    make(stocked, hosts="127.0.0.1\n")
    with UnitOfWork(stocked) as work:
        pool = get_pool(work.session, "demo")
        listed = resolve(read_hosts("127.0.0.1 jump=gate@127.0.0.8\n127.0.0.2 jump=gate@127.0.0.8\n", 22))
        wanted = replace(versions.version_of(pool), hosts=tuple(listed))
        versions.admit(work.session, pool, wanted)
        work.commit()
    assert [target.jump for target in targets(stocked)] == [None]
    with UnitOfWork(stocked) as work:
        pool = get_pool(work.session, "demo")
        versions.update_routes(work.session, pool, wanted)
        versions.adopt(work.session, pool, wanted)
        work.commit()
    ways = {(target.jump.address, target.jump.user) for target in targets(stocked)}
    assert (len(targets(stocked)), ways) == (2, {("127.0.0.8", "gate")})
