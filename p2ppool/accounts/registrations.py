"""Registrations: somebody asks to become a user, confirms their mail address, and a manager decides.

A name is assigned only when the user is created: so nobody can reserve names by registering, and the answers
to a registration do not reveal who is a user.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from p2ppool.accounts import passwords, users
from p2ppool.accounts.random_keys import LONGEST, digest, fresh
from p2ppool.errors import UserError
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Registration, Role, User
from p2ppool.store.types import now

PATH: Final = "/confirm"
"""The page that takes the code of a mail."""
CONFIRM_WITHIN: Final = timedelta(days=1)
DECIDE_WITHIN: Final = timedelta(days=30)
MOST: Final = 500
"""Registrations that may wait at the same time, as a protection against floods."""


@dataclass(frozen=True)
class Wish:
    """A submitted form, validated as far as possible without knowing who is a user.

    Attributes:
        name: as it will be stored.
        email: the user's mail address.
        hashed: the password's hash.
    """

    name: str
    email: str
    hashed: str


def checked(name: str, email: str, password: str, *, will_confirm: bool) -> Wish:
    """Validate the form; the password is hashed in any case, so that the time reveals nothing.

    Args:
        name: to sign in with.
        email: their mail address.
        password: as typed.
        will_confirm: whether the address is confirmed before they are a user.

    Raises:
        UserError: a name, address or password that nobody can have.
    """
    name, address = users.checked_name(name), users.checked_email(email)
    if address is None:
        raise UserError("a mail address is required, to notify you of the decision")
    users.require_own_address(name, address, confirmed=will_confirm)
    return Wish(name, address, passwords.hashed(password, name))


def submit(session: Session, wish: Wish) -> Registration:
    """Store a registration for a manager to decide.

    Raises:
        UserError: too many registrations are waiting.
    """
    return _add(session, wish, None, DECIDE_WITHIN)


def submit_for_confirmation(session: Session, wish: Wish, web_url: str) -> str | None:
    """Store a registration and return the link to confirm its address; None if the name is taken.

    Raises:
        UserError: too many registrations are waiting.
    """
    code = fresh()
    _add(session, wish, digest(code), CONFIRM_WITHIN)
    if users.find(session, wish.name) is not None:
        session.execute(delete(Registration).where(Registration.digest == digest(code)))
        return None
    return f"{web_url}{PATH}#{code}"


def confirmed(session: Session, code: str) -> Registration:
    """Return the registration of that code, which stays open.

    Raises:
        UserError: the link is not valid (any more).
    """
    found = None
    if len(code) <= LONGEST:
        query = select(Registration).where(
            Registration.digest == digest(code), Registration.expires_at > now()
        )
        found = session.scalar(query)
    if found is None:
        raise UserError("this link is no longer valid: it works once, within one day")
    return found


def hand_on(session: Session, waiting: Registration) -> None:
    """Pass a registration with a confirmed address on to the managers."""
    waiting.digest, waiting.expires_at = None, now() + DECIDE_WITHIN
    session.flush()


def for_managers(session: Session) -> Sequence[Registration]:
    """List the registrations for managers to decide, the oldest first."""
    query = select(Registration).where(Registration.digest.is_(None), Registration.expires_at > now())
    return session.scalars(query.order_by(Registration.id)).all()


def count_waiting(session: Session) -> int:
    """Return how many registrations managers have to decide."""
    query = select(func.count()).where(Registration.digest.is_(None), Registration.expires_at > now())
    return session.scalar(query) or 0


def get(session: Session, number: int) -> Registration:
    """Return the registration that waits for a manager under this number.

    Raises:
        UserError: there is none (any more).
    """
    found = session.get(Registration, number, with_for_update=True)
    if found is None or found.digest is not None or found.expires_at <= now():
        raise UserError(f"no registration waits under number {number}: somebody may have just decided it")
    return found


def accept(session: Session, waiting: Registration, who: str, role: Role = Role.VIEWER) -> User:
    """Create the user, who can sign in from now on.

    Raises:
        UserError: the name is taken.
    """
    user = users.create(session, waiting.name, role, who, email=waiting.email, hashed=waiting.password)
    _spend(session, waiting)
    return user


def deny(session: Session, waiting: Registration, who: str) -> None:
    """Deny the registration; they may register again."""
    _spend(session, waiting)
    audit.note(session, Subject.user(waiting.name), who, "registration denied", {"email": waiting.email})


def _add(session: Session, wish: Wish, code: str | None, life: timedelta) -> Registration:
    one_at_a_time(session, "registrations")
    session.execute(delete(Registration).where(Registration.expires_at <= now()))
    if (session.scalar(select(func.count()).select_from(Registration)) or 0) >= MOST:
        raise UserError("too many registrations wait at the moment: try again tomorrow, or ask a manager")
    row = Registration(
        name=wish.name, email=wish.email, password=wish.hashed, digest=code, expires_at=now() + life
    )
    session.add(row)
    session.flush()
    return row


def _spend(session: Session, waiting: Registration) -> None:
    """Delete it; of two simultaneous decisions, the second one fails."""
    gone = delete(Registration).where(Registration.id == waiting.id).returning(Registration.id)
    if session.scalar(gone) is None:
        raise UserError("somebody has just decided this registration")
    session.expunge(waiting)
