"""The pool of a turn, with everything that its steps read."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from p2ppool.actions.turns import Turn
from p2ppool.store.models import Pool
from tasks.support.database import read


def pool_of(turn: Turn) -> Pool:
    """Load the pool with its hosts, package, runtime and key, detached from the database."""
    return loaded(turn.pool_id)


def loaded(pool_id: int) -> Pool:
    """Load the same by the pool's id.

    Raises:
        NoResultFound: it was deleted.
    """
    return read(lambda work: loaded_pool(work.session, pool_id))


def loaded_pool(session: Session, pool_id: int) -> Pool:
    """Load the same, attached to the session."""
    query = (
        select(Pool)
        .where(Pool.id == pool_id)
        .options(
            joinedload(Pool.hosts),
            selectinload(Pool.hosts_here),
            joinedload(Pool.package),
            joinedload(Pool.runtime),
            joinedload(Pool.ssh_key),
        )
    )
    return session.scalars(query).unique().one()
