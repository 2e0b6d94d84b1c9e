"""Sessions: each browser has a key in its cookie, whose digest is stored here.

So signing out, a new password or the removal of a user end a session for certain, even if the cookie was
copied.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from p2ppool.accounts.random_keys import LONGEST, digest, fresh
from p2ppool.accounts.sign_in_record import Origin, note_success
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import SignIn, User
from p2ppool.store.types import now

_NUMBER: Final = 16  # characters
_EXACT: Final = timedelta(minutes=1)  # a busy page does not write more often


def begin(session: Session, user: User, origin: Origin) -> str:
    """Start a session, record it, and return its key."""
    key, moment = fresh(), now()
    about = origin.details()
    session.add(SignIn(digest=digest(key), user_id=user.id, proved_at=moment, **about))
    note_success(session, user, origin)
    user.signed_in_at = moment
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


def of(session: Session, user: User, idle: timedelta, longest: timedelta) -> Sequence[SignIn]:
    """List the user's sessions that have not ended, the latest used first."""
    moment = now()
    query = select(SignIn).where(
        SignIn.user_id == user.id, SignIn.used_at > moment - idle, SignIn.made_at > moment - longest
    )
    return session.scalars(query.order_by(SignIn.used_at.desc(), SignIn.digest)).all()


def end_one(session: Session, user: User, number: str) -> None:
    """End one of the user's sessions, by the beginning of its digest (`number_of`).

    Raises:
        UserError: there is none (any more).
    """
    own = session.scalars(select(SignIn).where(SignIn.user_id == user.id)).all()
    found = [each for each in own if number_of(each) == number]
    if not found:
        raise UserError("that session has already ended")
    for each in found:
        session.delete(each)
    audit.note(session, Subject.user(user.name), f"page {user.name}", "end session", _about(found[0]))


def number_of(found: SignIn) -> str:
    """Return what a page calls the session: it reveals nothing of the key."""
    return found.digest[:_NUMBER]


def prove(session: Session, key: str) -> None:
    """Record that the person at the session with this key has just proved who they are."""
    row = session.get(SignIn, digest(key))
    if row is not None:
        row.proved_at = now()


def proved_at(found: SignIn) -> datetime:
    """Return when the person last proved who they are."""
    return found.proved_at or found.made_at


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


def _about(found: SignIn) -> dict[str, str]:
    return {"way": found.way, "address": found.address, "browser": found.browser}


def end_all(session: Session, user: User) -> None:
    """End all sessions of the user."""
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def forget_ended(session: Session, idle: timedelta, longest: timedelta) -> None:
    """Delete the rows of sessions that have expired."""
    moment = now()
    session.execute(
        delete(SignIn).where(or_(SignIn.used_at <= moment - idle, SignIn.made_at <= moment - longest))
    )
