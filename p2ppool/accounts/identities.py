"""Users with an external identity: known by the provider's lasting subject, never by name or mail."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.errors import UserError, one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import Identity, Role, User

_LONGEST: Final = 255  # characters, of an issuer or a subject
_OTHER: Final = re.compile(r"[^a-z0-9._@-]+")
_NAME: Final = 40  # characters, so that a number fits behind
_TRIES: Final = 50


@dataclass(frozen=True)
class Person:
    """A person whom an external issuer has identified.

    Attributes:
        issuer: address of the provider or directory.
        subject: the issuer's permanent identifier.
        name: the preferred name here.
        email: their mail address; None: not given, or invalid.
    """

    issuer: str
    subject: str
    name: str
    email: str | None = None


def find(session: Session, person: Person) -> User | None:
    """Return the user with that identity; None: they were never here."""
    query = select(Identity).where(Identity.issuer == person.issuer, Identity.subject == person.subject)
    found = session.scalar(query)
    return found.user if found is not None else None


def is_outside(session: Session, user: User) -> bool:
    """Tell whether the user signs in externally and has no password here."""
    query = select(Identity.id).where(Identity.user_id == user.id).limit(1)
    return user.password is None and session.scalar(query) is not None


def make_user(session: Session, person: Person, *, same_name: bool, role: Role = Role.VIEWER) -> User:
    """Create a user for a person who was never here.

    Args:
        session: of the database.
        person: the person.
        same_name: whether the name must be exactly this one; else a similar one will do.
        role: the user's role.

    Raises:
        UserError: the name or subject can't be used, or is taken.
    """
    if not 0 < len(person.subject) <= _LONGEST or not 0 < len(person.issuer) <= _LONGEST:
        raise UserError(f"{one_line(person.issuer, 80)} calls somebody by what is too long or empty")
    name = person.name if same_name else _free_name(session, _own_name(person))
    users.require_own_address(name, person.email, confirmed=True)
    user = users.create(session, name, role, "sign-in elsewhere", email=_email(person.email))
    session.add(Identity(user_id=user.id, issuer=person.issuer, subject=person.subject))
    session.flush()
    audit.note(session, Subject.user(user.name), "sign-in elsewhere", "identity", {"issuer": person.issuer})
    return user


def _own_name(person: Person) -> str:
    """Return the wanted name; a mail address that is not the person's own one only without its domain."""
    is_own = (person.email or "").lower() == person.name.lower()
    return person.name if is_own else person.name.partition("@")[0]


def _free_name(session: Session, wanted: str) -> str:
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode().lower()
    base = _OTHER.sub("-", plain).strip("._@-")[:_NAME] or "user"
    behind = base.partition("@")[0]  # with a number, it would be another's mail address
    for name in (base, *(f"{behind}-{number}" for number in range(2, _TRIES))):
        if users.find(session, name) is None:
            return name
    raise UserError(f"too many users are called {base}: a manager can make one under another name")


def _email(email: str | None) -> str | None:
    try:
        return users.checked_email(email)
    except UserError:
        return None  # the address is optional
