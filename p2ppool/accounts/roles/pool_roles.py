"""The roles of users on single pools: giving, changing and taking them, each in the audit log."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.accounts.roles.rights import EVERYWHERE, NO_RIGHTS, Rights
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import Pool, PoolRole, User, UserOnPool


def of_pool(session: Session, pool: Pool) -> Sequence[UserOnPool]:
    """List the users who have a role on the pool, by name."""
    query = select(UserOnPool).join(User, User.id == UserOnPool.user_id).where(UserOnPool.pool_id == pool.id)
    return session.scalars(query.order_by(User.name)).all()


def rights_of(session: Session, user: User | None) -> Rights:
    """Return what the user may do now; somebody who is disabled or deleted may do nothing."""
    if user is None or not user.active:
        return NO_RIGHTS
    query = select(UserOnPool.pool_id, UserOnPool.role, Pool.name).join(Pool, Pool.id == UserOnPool.pool_id)
    found = session.execute(query.where(UserOnPool.user_id == user.id)).all()
    return Rights(
        EVERYWHERE[user.role],
        {name: role for _, role, name in found},
        frozenset(pool_id for pool_id, _, _ in found),
    )


def give(session: Session, pool: Pool, user: User, role: PoolRole, who: str) -> bool:
    """Give the user that role on the pool instead of any other; return whether that changes something."""
    found = session.get(UserOnPool, (pool.id, user.id), with_for_update=True)
    before = found.role if found else None
    if before is role:
        return False
    if found is None:
        session.add(UserOnPool(pool_id=pool.id, user_id=user.id, role=role))
    else:
        found.role = role
    session.flush()
    audit.note(session, Subject.of(pool), who, "give role", {"user": user.name, "role": [before, role]})
    return True


def take(session: Session, pool: Pool, user: User, who: str) -> None:
    """Take the user's role on the pool away.

    Raises:
        UserError: they have none.
    """
    found = session.get(UserOnPool, (pool.id, user.id), with_for_update=True)
    if found is None:
        raise UserError(f"{user.name} has no role on pool {pool.name}")
    audit.note(session, Subject.of(pool), who, "take role", {"user": user.name, "role": [found.role, None]})
    session.delete(found)
    session.flush()
