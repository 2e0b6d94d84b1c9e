"""Access of users whom a provider or a directory vouches for: it ends once nobody vouches any more."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from p2ppool.accounts import tokens
from p2ppool.errors import UserError, one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.settings import Settings
from p2ppool.store.models import ApiToken, Identity, OneTimeLink, SignIn, User
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading

_LOG: Final = logging.getLogger("p2ppool.accounts")
_WHO: Final = "daily check"


def end_unvouched(engine: Engine, settings: Settings) -> list[str]:
    """End the sessions and tokens of those who were long absent, or are gone from the directory.

    They keep their account, and come back by signing in. Returns their names.
    """
    with reading(engine) as work:
        outside = _outside(work.session)
    gone = {identity.user_id: why for identity in outside if (why := _reason(settings, identity))}
    ended = []
    for user_id, why in gone.items():
        with UnitOfWork(engine) as work:
            user = work.session.get(User, user_id)
            if user is not None and _has_access(work.session, user):
                _end(work.session, user, why)
                ended.append(user.name)
                work.commit()
    return ended


def _outside(session: Session) -> Sequence[Identity]:
    """List the identities of users without a password here."""
    query = select(Identity).join(User, User.id == Identity.user_id).where(User.password.is_(None))
    return session.scalars(query.order_by(Identity.id)).all()


def _reason(settings: Settings, identity: Identity) -> str:
    """Return why the user loses access; empty: they do not."""
    user, days = identity.user, settings.outside_absent_days
    if days and _last_sign_in(user) < now() - timedelta(days=days):
        return f"no sign-in for {days} days"
    if settings.ldap_url and identity.issuer == settings.ldap_url and not _has_ldap_entry(settings, identity):
        return "gone from the directory"
    return ""


def _last_sign_in(user: User) -> datetime:
    return user.signed_in_at or user.created_at


def _has_ldap_entry(settings: Settings, identity: Identity) -> bool:
    from p2ppool.accounts import ldap  # noqa: PLC0415 - what it imports is there only where it is asked

    try:
        return ldap.still_there(settings, identity.user.name, identity.subject)
    except UserError as error:
        _LOG.warning("user %s keeps access for today: %s", identity.user.name, one_line(error))
        return True


def _has_access(session: Session, user: User) -> bool:
    working = select(ApiToken.id).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    is_in = select(SignIn.digest).where(SignIn.user_id == user.id)
    return session.scalar(working.limit(1)) is not None or session.scalar(is_in.limit(1)) is not None


def _end(session: Session, user: User, why: str) -> None:
    for table in (SignIn, OneTimeLink):
        session.execute(delete(table).where(table.user_id == user.id))
    tokens.revoke_all(session, user, _WHO)
    audit.note(session, Subject.user(user.name), _WHO, "access ended", {"why": why})
