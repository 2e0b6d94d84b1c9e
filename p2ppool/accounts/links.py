"""One-time links: for the first manager, for choosing a password, for signing in.

The code belongs into the fragment of a URL (`…#CODE`), which browsers send to no server: so it gets into no
log and no Referer header.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.accounts.random_keys import LONGEST, digest, fresh
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import LinkKind, OneTimeLink, Role, User
from p2ppool.store.types import now

LIFE: Final = timedelta(days=1)
"""The validity of a link."""
MOST: Final = 30
"""Valid password links per user: more than a mailbox gets within their validity."""
PATHS: Final = {
    LinkKind.FIRST_MANAGER: "/welcome",
    LinkKind.PASSWORD: "/password",
    LinkKind.ENTRY: "/enter",
}
"""The pages that take the code."""


def for_first_manager(session: Session, web_url: str) -> str | None:
    """Create a link to become the first manager, replacing earlier ones; None if there is a manager."""
    _take_away(session, LinkKind.FIRST_MANAGER, None)
    if users.has_manager(session):
        return None
    return _make(session, web_url, LinkKind.FIRST_MANAGER, None)


def for_password(session: Session, web_url: str, user: User, who: str) -> str:
    """Create a link to choose a password, replacing earlier ones."""
    _take_away(session, LinkKind.PASSWORD, user.id)
    audit.note(session, Subject.user(user.name), who, "link to choose a password")
    return _make(session, web_url, LinkKind.PASSWORD, user)


def for_stranger(session: Session, web_url: str, user: User, who: str) -> str:
    """Create a password link on an anonymous request: links created by others stay valid.

    The user's latest `MOST` links are valid.
    """
    audit.note(session, Subject.user(user.name), who, "link to choose a password")
    link = _make(session, web_url, LinkKind.PASSWORD, user)
    session.flush()
    theirs = select(OneTimeLink.digest).where(
        OneTimeLink.kind == LinkKind.PASSWORD, OneTimeLink.user_id == user.id
    )
    older = session.scalars(theirs.order_by(OneTimeLink.expires_at.desc()).offset(MOST)).all()
    session.execute(delete(OneTimeLink).where(OneTimeLink.digest.in_(older)))
    return link


def for_entry(session: Session, web_url: str, user: User, who: str, path: str) -> str:
    """Create a link that signs the user in and opens the page at `path`: for the demo."""
    audit.note(session, Subject.user(user.name), who, "link to come in")
    return _make(session, web_url, LinkKind.ENTRY, user, f"?{urlencode({'next': path})}")


def owner(session: Session, code: str, kind: LinkKind) -> User | None:
    """Return the user of a password or sign-in link, without using it up.

    Raises:
        UserError: it is not valid (any more).
    """
    return _find(session, code, kind).user


def become_first_manager(session: Session, code: str, name: str, password: str) -> User:
    """Create the first manager for the holder of the link.

    Raises:
        UserError: the link is not valid (any more), or the name or password can't be used.
    """
    link = _find(session, code, LinkKind.FIRST_MANAGER)
    if users.has_manager(session):
        raise UserError("there is already a manager: sign in, or ask them for a link")
    user = users.create(session, name, Role.MANAGER, f"page {name}", password=password)
    _spend(session, link)
    return user


def choose_password(session: Session, code: str, password: str) -> User:
    """Set the user's password and return the user; their other sessions and links end.

    Raises:
        UserError: the link is not valid (any more), or the password can't be used.
    """
    link = _find(session, code, LinkKind.PASSWORD)
    user = _user(link)
    _spend(session, link)
    users.set_password(session, user, password, f"page {user.name}")
    return user


def enter(session: Session, code: str) -> User:
    """Return the user whom the link signs in.

    Raises:
        UserError: the link is not valid (any more).
    """
    link = _find(session, code, LinkKind.ENTRY)
    _spend(session, link)
    return _user(link)


def _make(session: Session, web_url: str, kind: LinkKind, user: User | None, query: str = "") -> str:
    code = fresh()
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now()))
    session.add(
        OneTimeLink(
            digest=digest(code), kind=kind, user_id=user.id if user else None, expires_at=now() + LIFE
        )
    )
    return f"{web_url}{PATHS[kind]}{query}#{code}"


def _take_away(session: Session, kind: LinkKind, user_id: int | None) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.kind == kind, OneTimeLink.user_id == user_id))


def _find(session: Session, code: str, kind: LinkKind) -> OneTimeLink:
    found = None
    if len(code) <= LONGEST:
        query = select(OneTimeLink).where(
            OneTimeLink.digest == digest(code), OneTimeLink.kind == kind, OneTimeLink.expires_at > now()
        )
        found = session.scalar(query)
    if found is None or (found.user is not None and not found.user.active):
        raise UserError("this link is no longer valid: it works once, within one day")
    return found


def _user(link: OneTimeLink) -> User:
    assert link.user is not None  # noqa: S101 - only that of the first manager has none
    return link.user


def _spend(session: Session, link: OneTimeLink) -> None:
    """Delete the link; of two simultaneous uses, the second one fails."""
    gone = delete(OneTimeLink).where(OneTimeLink.digest == link.digest).returning(OneTimeLink.digest)
    if session.scalar(gone) is None:
        raise UserError("this link is no longer valid: it has just been used")
