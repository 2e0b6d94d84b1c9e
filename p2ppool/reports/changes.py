"""Has anything changed? Short marks to compare, so that a page is drawn again only when there is news."""

import hashlib

from sqlalchemy import Engine

from p2ppool.reports.tickets import recent_tickets


def mark_of(report: object) -> str:
    """A mark that differs for any two reports that differ."""
    return hashlib.sha256(repr(report).encode()).hexdigest()[:16]


def mark_of_activity(engine: Engine, pool_name: str) -> str:
    """Changes with the pool's recent tickets; a host's result comes with its ticket's progress."""
    return mark_of(recent_tickets(engine, pool_name))
