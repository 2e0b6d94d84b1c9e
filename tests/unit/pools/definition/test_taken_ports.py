"""Ports are chosen by one at a time, and those that an upgrade brings are taken from its start."""

import pytest
from sqlalchemy import select, update

from p2ppool.pools.definition.registry import hosts_of, prepare, register
from p2ppool.pools.definition.spec import read_spec
from p2ppool.pools.definition.taken_ports import taken_ports
from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.database.at_once import AT_ONCE, at_once
from tests.lab.fixtures import own_address
from tests.lab.past.turns import started

LOCAL = own_address()


def make(work, name, **fields):
    given = {"hosts": "127.0.0.1", "package": "node", "ssh_key": "key", "ssh_user": "p2p"} | fields
    spec = read_spec(name=name, **given)
    return register(work, prepare(work, spec, hosts_of(spec)), LOCAL)


def test_pools_made_at_the_same_moment_get_ports_of_their_own(stocked):
    assert at_once(stocked, lambda work, number: make(work, f"pool{number}")) == [""] * AT_ONCE
    with reading(stocked) as work:
        pools = work.session.scalars(select(Pool)).all()
    assert len({pool.udp_port for pool in pools}) == len({pool.rpc_port for pool in pools}) == AT_ONCE


def test_of_pools_that_want_the_same_port_one_gets_it(stocked):
    refused = at_once(stocked, lambda work, number: make(work, f"pool{number}", udp_port=15_123))
    assert sorted(bool(text) for text in refused) == [False, *[True] * (AT_ONCE - 1)]
    assert all("UDP port 15123 is pool pool" in text for text in refused if text)


def test_of_default_pools_made_at_the_same_moment_one_is_the_default(stocked):
    at_once(stocked, lambda work, number: make(work, f"pool{number}", is_default=True))
    with reading(stocked) as work:
        assert len(work.session.scalars(select(Pool).where(Pool.is_default)).all()) == 1


@pytest.mark.parametrize("state", [TicketState.RUNNING, TicketState.WAITING, TicketState.DONE])
def test_the_ports_of_an_upgrade_in_progress_are_taken(stocked, state):
    with UnitOfWork(stocked) as work:
        pool = make(work, "demo")
        work.commit()
    turn = started(stocked, "demo", "upgrade")
    with UnitOfWork(stocked) as work:
        wanted = {"spec": {"name": "demo", "udp_port": 15_222, "tcp_port": 0, "batch": None}}
        change = update(Ticket).where(Ticket.id == turn.ticket_id).values(parameters=wanted, state=state)
        work.session.execute(change)
        work.commit()
    with reading(stocked) as work:
        is_running = state is TicketState.RUNNING
        assert (taken_ports(work.session).get(("UDP", 15_222)) == "demo") is is_running
        assert taken_ports(work.session, besides=pool) == {}
