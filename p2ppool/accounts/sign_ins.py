"""Sessions: each browser has a key in its cookie, whose digest is stored here.

So signing out, a new password or the removal of a user end a session for certain, even if the cookie was
copied.
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
    """Start a session, and return its key."""
    key = fresh()
    session.add(SignIn(digest=digest(key), user_id=user.id))
    user.signed_in_at = now()
    return key


def find(session: Session, key: str, idle: timedelta, longest: timedelta) -> SignIn | None:
    """Return the session with this key, if its user is active and it has not ended.

    Args:
        session: of the database.
        key: from a cookie.
        idle: the longest time without use.
        longest: the longest duration.
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
    """Tell whether its last use should be recorded again."""
    return now() - found.used_at > _EXACT


def use(session: Session, found: SignIn) -> None:
    """Record that a person uses it now."""
    row = session.get(SignIn, found.digest)
    if row is not None:
        row.used_at = now()


def end(session: Session, key: str) -> None:
    """End the session with this key."""
    session.execute(delete(SignIn).where(SignIn.digest == digest(key)))


def end_all(session: Session, user: User) -> None:
    """End all sessions of the user."""
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def forget_ended(session: Session, idle: timedelta, longest: timedelta) -> None:
    """Delete the rows of sessions that have expired."""
    moment = now()
    session.execute(
        delete(SignIn).where(or_(SignIn.used_at <= moment - idle, SignIn.made_at <= moment - longest))
    )
