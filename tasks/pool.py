"""The pool that a turn is about, with all that its steps read."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from p2ppool.actions.turns import Turn
from p2ppool.store.engine import the_engine
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import reading


def pool_of(turn: Turn) -> Pool:
    """The pool with its hosts, package and key loaded, detached from the database."""
    query = (
        select(Pool)
        .where(Pool.id == turn.pool_id)
        .options(joinedload(Pool.hosts), joinedload(Pool.package), joinedload(Pool.ssh_key))
    )
    with reading(the_engine()) as work:
        return work.session.scalars(query).unique().one()
