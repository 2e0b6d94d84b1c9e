"""Users: creating, finding and changing them. Once there is a manager, one always remains."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from p2ppool.accounts import passwords
from p2ppool.errors import UserError, one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import OneTimeLink, Role, SignIn, User

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,47}")  # what certificates can hold, too
_EARLIER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,47}")
_EMAIL: Final = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,189}")


def create(
    session: Session,
    name: str,
    role: Role,
    who: str,
    *,
    password: str | None = None,
    email: str | None = None,
    hashed: str | None = None,
) -> User:
    """Create a user; without a password they need a link to choose one (`links.for_password`).

    Args:
        session: of the database.
        name: to sign in with.
        role: the user's role.
        who: the requester.
        password: as typed.
        email: their mail address.
        hashed: instead of the password, the result of `passwords.hashed`.

    Raises:
        UserError: a name, password or mail address that can't be used, or a name that is taken.
    """
    name = _new_name(session, name)
    user = User(
        name=name,
        email=checked_email(email),
        role=role,
        password=hashed if password is None else passwords.hashed(password, name),
    )
    session.add(user)
    session.flush()
    audit.note(session, Subject.user(name), who, "create", {"role": role})
    return user


def find(session: Session, name: str) -> User | None:
    """Return the user of that name, in any spelling, or None."""
    name = name.strip().lower()
    return session.scalar(select(User).where(User.name == name)) if _EARLIER_NAME.fullmatch(name) else None


def get(session: Session, name: str) -> User:
    """Return the user of that name.

    Raises:
        UserError: there is none.
    """
    user = find(session, name)
    if user is None:
        raise UserError(f"there is no user named '{one_line(name, 80)}'; see `p2ppool user list`")
    return user


def all_users(session: Session) -> Sequence[User]:
    """List all users by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def has_manager(session: Session) -> bool:
    """Tell whether there is an active manager."""
    query = select(User.id).where(User.role == Role.MANAGER, User.active).limit(1)
    return session.scalar(query) is not None


def set_role(session: Session, user: User, role: Role, who: str) -> None:
    """Set the user's role.

    Raises:
        UserError: there would be no manager left.
    """
    if user.role is role:
        return
    if role is not Role.MANAGER:
        _keep_a_manager(session, user)
    audit.note(session, Subject.user(user.name), who, "role", {"role": [user.role, role]})
    user.role = role


def set_active(session: Session, user: User, who: str, *, active: bool) -> None:
    """Enable the user; or disable them, which ends their sessions and suspends their tokens.

    Raises:
        UserError: there would be no manager left.
    """
    if user.active is active:
        return
    if not active:
        _keep_a_manager(session, user)
        _end_access(session, user)
    audit.note(session, Subject.user(user.name), who, "enable" if active else "disable")
    user.active = active


def set_password(session: Session, user: User, password: str, who: str) -> None:
    """Set the user's password; their sessions in all browsers end.

    Raises:
        UserError: a password that is not accepted.
    """
    user.password = passwords.hashed(password, user.name)
    _end_access(session, user)
    audit.note(session, Subject.user(user.name), who, "password")


def remove(session: Session, user: User, who: str) -> None:
    """Delete the user with all tokens; records of their actions are kept.

    Raises:
        UserError: there would be no manager left.
    """
    _keep_a_manager(session, user)
    audit.note(session, Subject.user(user.name), who, "remove")
    session.delete(user)
    session.flush()


def with_email(session: Session, email: str) -> Sequence[User]:
    """List the active users with that mail address, ignoring case; several can share one."""
    query = select(User).where(func.lower(User.email) == email.strip().lower(), User.active)
    return session.scalars(query.order_by(User.id)).all()


def checked_name(name: str) -> str:
    """Return the name as it is stored, in lower case.

    Raises:
        UserError: no user can have it.
    """
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise UserError(
            f"the user name '{one_line(name, 80)}' is not 1 to 48 letters, digits, '.', '_', '@' or '-', "
            "of which the first is a letter or digit"
        )
    return name


def require_own_address(name: str, email: str | None, *, confirmed: bool) -> None:
    """Check that a name which looks like a mail address is the user's own one, so that it deceives nobody.

    Args:
        name: as it will be stored.
        email: their mail address.
        confirmed: whether they have shown that they get its mails, or will before they are a user.

    Raises:
        UserError: it is not.
    """
    if "@" in name and not (confirmed and email is not None and email.lower() == name):
        raise UserError(
            f"the user name '{name}' is a mail address: it must be your own, confirmed one; "
            "choose it as mail address, too, or another name"
        )


def checked_email(email: str | None) -> str | None:
    """Return the mail address; None if there is none.

    Raises:
        UserError: it is invalid.
    """
    if not email or not email.strip():
        return None
    if not _EMAIL.fullmatch(email.strip()) or not email.strip().isascii() or not email.strip().isprintable():
        raise UserError(f"'{one_line(email, 80)}' is not a mail address")
    return email.strip()


def _new_name(session: Session, name: str) -> str:
    one_at_a_time(session, "names of users")
    found = find(session, name)
    if found is not None:
        raise UserError(f"there is a user named {found.name} already")
    return checked_name(name)


def _keep_a_manager(session: Session, user: User) -> None:
    if user.role is not Role.MANAGER or not user.active:
        return
    # Locked, so that two managers who demote each other at the same time can't both succeed (SQLite has only
    # one writer anyway).
    query = select(User.id).where(User.role == Role.MANAGER, User.active).order_by(User.id).with_for_update()
    if set(session.scalars(query)) <= {user.id}:
        raise UserError(f"{user.name} is the only manager: make somebody else a manager first")


def _end_access(session: Session, user: User) -> None:
    for table in (SignIn, OneTimeLink):
        session.execute(delete(table).where(table.user_id == user.id))
