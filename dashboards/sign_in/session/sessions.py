"""Beginning and ending a session."""

from flask import current_app, session
from flask_login import current_user
from flask_security import hash_password, login_user, logout_user

from dashboards.sign_in.session import trusted_devices
from dashboards.sign_in.session.session_user import Account
from dashboards.web import context
from p2ppool.accounts import identities, passwords, sign_ins, users
from p2ppool.accounts.identities import Person
from p2ppool.errors import UserError, one_line
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading


def user_with(name: str, password: str) -> User | None:
    """The active user with that name and password, else None, after about the same work."""
    with reading(context.engine()) as work:
        found = users.find(work.session, name)
    if fits(found, password) and found is not None:
        return found if found.active else None
    return _by_directory(name, password) if context.settings().ldap_url else None


def _by_directory(name: str, password: str) -> User | None:
    """The user for whose password the organisation's directory vouches.

    It is asked for every name, so that it takes as long for users of ours; one of ours with the same name is
    somebody else.
    """
    from p2ppool.accounts import ldap  # noqa: PLC0415 - what it imports is there only where it is asked

    try:
        person = ldap.authenticate(context.settings(), name, password)
        return None if person is None else user_of(person, same_name=True)
    except UserError as error:
        current_app.logger.warning("sign-in by LDAP: %s", one_line(error))
        return None


def user_of(person: Person, *, same_name: bool) -> User:
    """The active user whom an issuer calls so, made at their first sign-in if the setting allows.

    Raises:
        UserError: there is none, they may not sign in, or they can't be made.
    """
    with UnitOfWork(context.engine()) as work:
        found = identities.find(work.session, person)
        if found is None:
            if not context.settings().new_outside_users:
                raise UserError("you are no user here yet: ask a manager")
            found = identities.make_user(work.session, person, same_name=same_name)
            work.commit()
    if not found.active:
        raise UserError("you may not sign in here any more: ask a manager")
    return found


def fits(user: User | None, password: str) -> bool:
    """Whether that is the user's password; without a user or a password of theirs, after as much work."""
    plain = passwords.comparable(password)
    if user is None or user.password is None:
        hash_password(plain)
        return False
    fitting: bool = Account(user).verify_and_update_password(plain)
    return fitting


def let_in(user: User) -> None:
    """A new session in this browser; one that it had before has ended."""
    idle, longest = context.session_lifetimes()
    with UnitOfWork(context.engine()) as work:
        owner = work.session.get_one(User, user.id)
        sign_ins.end(work.session, _own_key())
        key = sign_ins.begin(work.session, owner)
        sign_ins.forget_ended(work.session, idle, longest)
        work.commit()
    session.clear()
    session.permanent = True
    trusted_devices.remember(owner.name)
    login_user(Account(owner, key), remember=False, authn_via=["password"])


def let_out() -> None:
    """End the session of this browser, here and in the database."""
    with UnitOfWork(context.engine()) as work:
        sign_ins.end(work.session, _own_key())
        work.commit()
    logout_user()
    session.clear()


def _own_key() -> str:
    """That of this browser's session; empty where there is none."""
    return getattr(current_user, "fs_uniquifier", "")
