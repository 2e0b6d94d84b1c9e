"""Changing a pool's version: nothing of it holds before the upgrade has succeeded."""

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.fleet.inventory.resolve import ResolvedHost
from p2ppool.pools.definition import versions
from p2ppool.pools.definition.upgrade_spec import read_upgrade
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Host, HostState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.unit.pools.definition.test_registry import LOCAL, make

STAY, COME = ResolvedHost("127.0.0.1", 22, 1, "127.0.0.1"), ResolvedHost("new", 22, 2, "127.0.0.9")


@pytest.fixture
def registered(stocked):
    make(stocked, udp_port=15021)
    return stocked


def version(work, hosts=None, **fields):
    pool = get_pool(work.session, "demo")
    return pool, versions.read_version(work, pool, read_upgrade(name="demo", **fields), hosts, LOCAL)


def upgrade(engine, *steps, hosts=(STAY, COME)):
    with UnitOfWork(engine) as work:
        pool, wanted = version(work, hosts)
        for step in steps:
            step(work.session, pool, wanted)
        work.commit()


def states(engine):
    with reading(engine) as work:
        return {host.address: host.state for host in work.session.scalars(select(Host))}


def members(engine):
    with reading(engine) as work:
        return [host.address for host in get_pool(work.session, "demo").hosts]


def abort(session, pool, _):
    versions.abort(session, pool)


def test_what_is_left_empty_stays(registered):
    with reading(registered) as work:
        pool, found = version(work)
        assert found == versions.version_of(pool)
        assert (found.package, found.udp_port) == ("node@2", 15021)


def test_another_package_and_ports(registered):
    with reading(registered) as work:
        _, found = version(work, package="node@1", tcp_port=15022, nodes_per_process=3)
    assert found.settings() == {
        "package": "node@1",
        "udp_port": 15021,
        "tcp_port": 15022,
        "nodes_per_process": 3,
        "runtime": None,
        "adapt_package": True,
    }


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"udp_port": 0}, "neither a UDP nor a TCP port"),
        ({"package": "absent"}, "no 'absent' was added"),
    ],
)
def test_what_can_not_be_is_refused(registered, fields, says):
    with reading(registered) as work, pytest.raises(UserError, match=says):
        version(work, **fields)


def test_another_pools_port_is_refused(registered):
    make(registered, name="other", udp_port=15023)
    with reading(registered) as work, pytest.raises(UserError, match="is pool other's already"):
        version(work, udp_port=15023)


def test_new_hosts_are_no_members_before_it_is_kept(registered):
    upgrade(registered, versions.admit)
    assert members(registered) == ["127.0.0.1", "127.0.0.2"]
    assert states(registered)["127.0.0.9"] is HostState.JOINING
    upgrade(registered, versions.adopt)
    assert members(registered) == ["127.0.0.1", "127.0.0.9"]
    assert states(registered)["127.0.0.2"] is HostState.LEAVING


def test_called_off_nothing_has_changed(registered):
    upgrade(registered, versions.admit, abort)
    assert members(registered) == ["127.0.0.1", "127.0.0.2"]
    assert states(registered)["127.0.0.9"] is HostState.GONE


def test_who_left_may_come_again(registered):
    upgrade(registered, versions.admit, versions.adopt)
    back = ResolvedHost("127.0.0.2", 2222, 1, "127.0.0.2")
    upgrade(registered, versions.admit, versions.adopt, hosts=(STAY, back))
    assert members(registered) == ["127.0.0.1", "127.0.0.2"]
    assert states(registered)["127.0.0.9"] is HostState.LEAVING


def test_new_hosts_of_an_upgrade_that_died_are_to_leave(registered):
    upgrade(registered, versions.admit)
    upgrade(registered, versions.admit, hosts=(STAY,))
    assert states(registered)["127.0.0.9"] is HostState.LEAVING


def test_how_it_would_be_is_not_how_it_is(registered):
    upgrade(registered, versions.admit)
    with reading(registered) as work:
        pool, wanted = version(work, (STAY, COME), package="node@1")
        new = versions.with_version(work.session, pool, wanted)
    assert ([host.address for host in new.hosts], new.package.version) == (["127.0.0.1", "127.0.0.9"], "1")
    assert members(registered) == ["127.0.0.1", "127.0.0.2"]
