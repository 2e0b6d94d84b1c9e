"""Has anything changed? Short marks to compare, so that a page is drawn again only when there is news."""

import hashlib

from sqlalchemy import Engine

from p2ppool.reports.queue import queue_of
from p2ppool.reports.tickets import recent_tickets


def mark_of(report: object) -> str:
    """A mark that differs for any two reports that differ."""
    return hashlib.sha256(repr(report).encode()).hexdigest()[:16]


def mark_of_activity(engine: Engine, pool_name: str) -> str:
    """Changes with whatever happens to the pool's tickets; a host's result comes with its ticket's progress.

    A ticket that ends leaves the queue; one that never was in it, as it was merged or refused at once, is the
    latest.
    """
    return mark_of((queue_of(engine, pool_name), recent_tickets(engine, pool_name, limit=1)))
