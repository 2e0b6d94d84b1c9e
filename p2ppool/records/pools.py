"""Finding pools by name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.store.models import Pool

_LONGEST = 64  # characters of a name that is quoted


def find_pool(session: Session, name: str) -> Pool | None:
    """Return the pool with that name, or None."""
    return session.scalars(select(Pool).where(Pool.name == name)).one_or_none()


def get_pool(session: Session, name: str) -> Pool:
    """Return the pool with that name.

    Raises:
        UserError: there is none.
    """
    pool = find_pool(session, name)
    if pool is None:
        raise UserError(no_such_pool(name))
    return pool


def no_such_pool(name: str) -> str:
    """Return the message that no pool has that name, and how to list those that exist."""
    return f"no pool is named {one_line(name, _LONGEST)!r}: `p2ppool pool list` shows those there are"
