"""A host whose key is known must show it at first contact, whichever pool it joins."""

import pytest
from sqlalchemy import select

from p2ppool.fleet.transport.known_hosts import KnownKey, pattern_of
from p2ppool.pools.definition.deletion import delete_gone
from p2ppool.pools.definition.host_keys import accept, find_offer, list_offers
from p2ppool.pools.definition.known_hosts import add_known, pin_known
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.store.models import Host, KnownHost, Pool, PoolState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.hosts.keys import SshKey
from tests.lab.past.history import a_bare_pool, a_result

KEY, OTHER = (SshKey.generate().public_line for _ in range(2))


@pytest.fixture
def pool(engine):
    a_bare_pool(engine, hosts=2)
    return engine


def hosts(engine, name="demo"):
    with reading(engine) as work:
        return list(work.session.scalars(select(Host).join(Pool).where(Pool.name == name).order_by(Host.id)))


def known(engine):
    with reading(engine) as work:
        return {row.pattern: row.host_key for row in work.session.scalars(select(KnownHost))}


def add(engine, *keys):
    with UnitOfWork(engine) as work:
        count = add_known(work.session, keys, "known_hosts")
        work.commit()
        return count


def test_a_key_is_pinned_where_none_is_yet(pool):
    first, second = hosts(pool)
    with UnitOfWork(pool) as work:
        work.session.get_one(Host, second.id).host_key = OTHER
        work.commit()
    assert add(pool, KnownKey("*", KEY)) == 1
    assert [host.host_key for host in hosts(pool)] == [KEY, OTHER]
    assert first.host_key is None


def test_the_address_counts_before_the_name(pool):
    first = hosts(pool)[0]
    add(pool, KnownKey(first.name, OTHER), KnownKey(pattern_of(first.address, first.port), KEY))
    assert hosts(pool)[0].host_key == KEY


def test_pins_outlive_their_pool(pool, tmp_path):
    first = hosts(pool)[0]
    with UnitOfWork(pool) as work:
        work.session.get_one(Host, first.id).host_key = KEY
        get_pool(work.session, "demo").state = PoolState.GONE
        work.commit()
    assert delete_gone(pool, Settings(data_folder=tmp_path)) == ["demo"]
    assert known(pool) == {pattern_of(first.address, first.port): KEY}
    a_bare_pool(pool, "next", hosts=2)
    with UnitOfWork(pool) as work:
        pin_known(work.session, get_pool(work.session, "next").id)
        work.commit()
    assert [host.host_key for host in hosts(pool, "next")] == [KEY, None]


def test_an_accepted_key_takes_the_place_of_the_known_one(pool):
    first = hosts(pool)[0]
    add(pool, KnownKey(pattern_of(first.address, first.port), KEY))
    a_result(pool, "demo", first.name, error="host_key_changed", facts={"offered_host_key": OTHER})
    with UnitOfWork(pool) as work:
        found = get_pool(work.session, "demo")
        assert [offer.offered for offer in list_offers(work.session, found)] == [OTHER]
        accept(work.session, found, find_offer(work.session, found, first.name), "cli ada")
        work.commit()
    assert known(pool) == {pattern_of(first.address, first.port): OTHER}
