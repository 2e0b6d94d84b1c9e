"""Detects changes by short fingerprints, so that a page is redrawn only when there is something new."""

import hashlib

from sqlalchemy import Engine, func, select

from p2ppool.reports.actions.queue import queue_of
from p2ppool.reports.actions.tickets import recent_tickets
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import reading


def fingerprint_of(report: object) -> str:
    """Return a fingerprint that differs for any two different reports."""
    return hashlib.sha256(repr(report).encode()).hexdigest()[:16]


def fingerprint_of_activity(engine: Engine, pool_name: str) -> str:
    """Return a fingerprint that changes with the pool's tickets;
    a host's result changes its ticket's progress.

    A ticket that ends leaves the queue; one that never was in the queue, because it was merged or refused at
    once, is the latest.
    """
    return fingerprint_of((queue_of(engine, pool_name), recent_tickets(engine, pool_name, limit=1)))


def fingerprint_of_past(engine: Engine, pool_name: str) -> str:
    """Return a fingerprint that changes when a crawl is stored, and when an action begins or ends."""
    of_pool = select(Ticket.id).join(Pool, Pool.id == Ticket.pool_id).where(Pool.name == pool_name)
    ended = of_pool.with_only_columns(func.max(Ticket.ended_at))
    running = of_pool.where(Ticket.state == TicketState.RUNNING).order_by(Ticket.id)
    with reading(engine) as work:
        actions = (work.session.scalar(ended), work.session.scalars(running).all())
    return fingerprint_of((last_snapshot_id(engine, pool_name), actions))
