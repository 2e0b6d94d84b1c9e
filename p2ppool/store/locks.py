"""Locks for what is chosen and then written, such as a free number: one transaction at a time."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_CLASS = 2009  # of advisory locks with two numbers, which never meet those with one


def one_at_a_time(session: Session, what: str) -> None:
    """Wait until no other transaction that called this with the same `what` is open.

    Call it before the first query that chooses. On SQLite the transaction has waited at its beginning, as a
    single one can write.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:class, hashtext(:what))")
        session.execute(lock, {"class": _CLASS, "what": what})
