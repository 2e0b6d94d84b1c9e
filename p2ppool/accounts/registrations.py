"""Registering: somebody asks to become a user, confirms their mail address, and a manager decides.

A name is given out only when the user is made: so nobody keeps names by asking, and what one is told when one
asks says nothing of who is a user.
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
from p2ppool.store.models import Registration, Role, User
from p2ppool.store.types import now

PATH: Final = "/confirm"
"""The page that takes the code of a mail."""
CONFIRM_WITHIN: Final = timedelta(days=1)
DECIDE_WITHIN: Final = timedelta(days=30)
MOST: Final = 500
"""That may wait at the same time; a flood of them ends here."""


@dataclass(frozen=True)
class Wish:
    """What a form says, checked as far as it can be without knowing who is a user.

    Attributes:
        name: as it will be kept.
        email: where the user is reached.
        hashed: what is kept of the password.
    """

    name: str
    email: str
    hashed: str


def checked(name: str, email: str, password: str) -> Wish:
    """The wish, for which a hash is counted whatever comes of it.

    Raises:
        UserError: a name, address or password that nobody can have.
    """
    name, address = users.checked_name(name), users.checked_email(email)
    if address is None:
        raise UserError("a mail address is needed, to tell you what becomes of it")
    return Wish(name, address, passwords.hashed(password, name))


def ask(session: Session, wish: Wish) -> Registration:
    """Ask a manager.

    Raises:
        UserError: too many ask.
    """
    return _add(session, wish, None, DECIDE_WITHIN)


def ask_to_confirm(session: Session, wish: Wish, web_url: str) -> str | None:
    """A link for the mail, with which its reader confirms the address; None where the name is taken.

    Raises:
        UserError: too many ask.
    """
    code = fresh()
    _add(session, wish, digest(code), CONFIRM_WITHIN)
    if users.find(session, wish.name) is not None:
        session.execute(delete(Registration).where(Registration.digest == digest(code)))
        return None
    return f"{web_url}{PATH}#{code}"


def confirmed(session: Session, code: str) -> Registration:
    """The registration whose code it is; it goes on waiting for that.

    Raises:
        UserError: the link does not work (any more).
    """
    found = None
    if len(code) <= LONGEST:
        query = select(Registration).where(
            Registration.digest == digest(code), Registration.expires_at > now()
        )
        found = session.scalar(query)
    if found is None:
        raise UserError("this link does not work any more: it works once, and for one day")
    return found


def hand_on(session: Session, waiting: Registration) -> None:
    """The address is confirmed: now a manager decides."""
    waiting.digest, waiting.expires_at = None, now() + DECIDE_WITHIN
    session.flush()


def for_managers(session: Session) -> Sequence[Registration]:
    """Those that managers have to decide, the oldest first."""
    query = select(Registration).where(Registration.digest.is_(None), Registration.expires_at > now())
    return session.scalars(query.order_by(Registration.id)).all()


def how_many(session: Session) -> int:
    """How many managers have to decide."""
    query = select(func.count()).where(Registration.digest.is_(None), Registration.expires_at > now())
    return session.scalar(query) or 0


def get(session: Session, number: int) -> Registration:
    """The registration that waits for a manager under this number.

    Raises:
        UserError: there is none (any more).
    """
    found = session.get(Registration, number, with_for_update=True)
    if found is None or found.digest is not None or found.expires_at <= now():
        raise UserError(f"no registration waits under number {number}: somebody may have just decided it")
    return found


def accept(session: Session, waiting: Registration, who: str) -> User:
    """The user, who can sign in from now on, and look.

    Raises:
        UserError: the name is taken.
    """
    user = users.create(session, waiting.name, Role.VIEWER, who, email=waiting.email, hashed=waiting.password)
    _spend(session, waiting)
    return user


def deny(session: Session, waiting: Registration, who: str) -> None:
    """They become no user, and may ask again."""
    _spend(session, waiting)
    audit.note(session, Subject.user(waiting.name), who, "registration denied", {"email": waiting.email})


def _add(session: Session, wish: Wish, code: str | None, life: timedelta) -> Registration:
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
    """Take it away; of two who decide at the same time, the second finds nothing."""
    gone = delete(Registration).where(Registration.id == waiting.id).returning(Registration.id)
    if session.scalar(gone) is None:
        raise UserError("somebody has just decided this registration")
    session.expunge(waiting)
