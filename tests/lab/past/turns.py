"""Tickets and turns by the real functions, for tests of what happens in them."""

from datetime import timedelta

from p2ppool.actions import tickets, turns
from p2ppool.actions.requests import Request
from p2ppool.actions.turns import Turn
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Ticket
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading


def asked(engine, pool, action="crawl", *, run=None, seconds_ago=0, requester="tester", **parameters):
    """The id of the ticket of a request."""
    due = now() - timedelta(seconds=seconds_ago)
    request = Request(action, requester, {"pool": pool, **parameters}, run, due, parameters.get("retry_of"))
    with UnitOfWork(engine) as work:
        ticket = tickets.admit(work.session, get_pool(work.session, pool), request)
        work.commit()
        return ticket.id


def started(engine, pool, action="crawl", **how):
    """A turn that has begun."""
    turn = turns.start(engine, asked(engine, pool, action, **how))
    assert isinstance(turn, Turn), turn.message
    return turn


def ticket(engine, ident):
    """The ticket as it is now."""
    with reading(engine) as work:
        return work.session.get_one(Ticket, ident)
