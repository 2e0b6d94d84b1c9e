"""Where users have signed in: each browser has a key in its cookie, and its digest is kept here.

So signing out, another password or a removed user end a session for good, even if somebody has copied the
cookie.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from p2ppool.accounts.random_keys import LONGEST, digest, fresh
from p2ppool.store.models import SignIn, User
from p2ppool.store.types import now

_EXACT: Final = timedelta(minutes=1)  # a busy page does not write more often


def begin(session: Session, user: User) -> str:
    """The key of a new session."""
    key = fresh()
    session.add(SignIn(digest=digest(key), user_id=user.id))
    user.signed_in_at = now()
    return key


def find(session: Session, key: str, idle: timedelta, longest: timedelta) -> SignIn | None:
    """The session with this key, if its user is active and it has not ended.

    Args:
        session: of the database.
        key: from a cookie.
        idle: so long nobody may have used it.
        longest: so long it may last in all.
    """
    if len(key) > LONGEST:
        return None
    moment = now()
    return session.scalar(
        select(SignIn).where(
            SignIn.digest == digest(key),
            SignIn.used_at > moment - idle,
            SignIn.made_at > moment - longest,
            SignIn.user.has(User.active),
        )
    )


def is_due(found: SignIn) -> bool:
    """Whether its last use should be written down again."""
    return now() - found.used_at > _EXACT


def use(session: Session, found: SignIn) -> None:
    """Write down that a person uses it now."""
    row = session.get(SignIn, found.digest)
    if row is not None:
        row.used_at = now()


def end(session: Session, key: str) -> None:
    """Sign out there."""
    session.execute(delete(SignIn).where(SignIn.digest == digest(key)))


def end_all(session: Session, user: User) -> None:
    """Sign out everywhere."""
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def forget_ended(session: Session, idle: timedelta, longest: timedelta) -> None:
    """Take away the rows of sessions that have ended by themselves."""
    moment = now()
    session.execute(
        delete(SignIn).where(or_(SignIn.used_at <= moment - idle, SignIn.made_at <= moment - longest))
    )
