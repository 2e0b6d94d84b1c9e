"""Locks for what is chosen and then written, and for what must happen together with a file."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from p2ppool.store.models import Base

_CLASS = 2009  # of advisory locks with two numbers, which never meet those with one


def one_at_a_time(session: Session, what: str) -> None:
    """Wait until no other transaction that called this with the same `what` is open.

    Call it before the first query that chooses. On SQLite the transaction has waited at its beginning, as a
    single one can write.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:class, hashtext(:what))")
        session.execute(lock, {"class": _CLASS, "what": what})


def lock_table(session: Session, kind: type[Base]) -> None:
    """Keep others from writing to the table until the transaction ends; on SQLite any writer has that."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {kind.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
