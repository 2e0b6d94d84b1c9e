"""Starting and ending a session."""

from typing import Final

from flask import current_app, session
from flask_login import current_user
from flask_security import hash_password, login_user, logout_user

from dashboards.sign_in.session import trusted_devices
from dashboards.sign_in.session.origins import origin
from dashboards.sign_in.session.rate_limits import is_worth_a_line
from dashboards.sign_in.session.session_user import Account
from dashboards.web import context
from p2ppool.accounts import identities, notices, passwords, sign_in_record, sign_ins, users
from p2ppool.accounts.identities import Person
from p2ppool.accounts.random_keys import fresh
from p2ppool.errors import UserError, one_line
from p2ppool.mail import send
from p2ppool.store.models import Role, User
from p2ppool.store.unit_of_work import UnitOfWork, reading

PASSWORD: Final = "password"  # noqa: S105 - the name of a way to sign in
LDAP: Final = "LDAP"
LINK: Final = "link"
OPENID: Final = "OpenID Connect"


def user_with(name: str, password: str) -> tuple[User | None, str]:
    """Return the active user with that name and password, or None, after about the same work; and the way.

    The password of a user who has one here never goes to the directory, not even a wrong one.
    """
    with reading(context.whole_engine()) as work:
        found = users.find(work.session, name)
    if fits(found, password) and found is not None:
        return (found if found.active else None), PASSWORD
    if not context.settings().ldap_url:
        return None, PASSWORD
    if found is not None and found.password is not None:
        _by_ldap(f"no-{fresh().lower()[:12]}", fresh())  # takes the time that it takes for other names
        return None, PASSWORD
    return _by_ldap(name, password), LDAP


def _by_ldap(name: str, password: str) -> User | None:
    """Return the user for whose password the organisation's directory vouches.

    One of ours with the same name is somebody else.
    """
    from p2ppool.accounts import ldap  # noqa: PLC0415 - what it imports is there only where it is asked

    try:
        person = ldap.authenticate(context.settings(), name, password)
        return None if person is None else user_of(person, same_name=True)
    except UserError as error:
        current_app.logger.warning("sign-in by LDAP: %s", one_line(error))
        return None


def is_same_in_ldap(user: User, password: str) -> bool:
    """Tell whether the organisation's directory vouches for this user with that password."""
    if not context.settings().ldap_url:
        return False
    found = _by_ldap(user.name, password)
    return found is not None and found.id == user.id


def user_of(person: Person, *, same_name: bool) -> User:
    """Return the active user with that external identity; create them at first sign-in if the settings allow
    it.
    """
    with UnitOfWork(context.whole_engine()) as work:
        found = identities.find(work.session, person)
        if found is None:
            if not context.settings().new_outside_users:
                raise UserError("you have no account here yet: ask a manager")
            found = identities.make_user(
                work.session, person, same_name=same_name, role=Role(context.settings().new_user_role)
            )
            work.commit()
    if not found.active:
        raise UserError("your account is disabled: ask a manager")
    return found


def fits(user: User | None, password: str) -> bool:
    """Tell whether that is the user's password; without a user or a password, after as much work."""
    plain = passwords.comparable(password)
    if user is None or user.password is None:
        hash_password(plain)
        return False
    fitting: bool = Account(user).verify_and_update_password(plain)
    return fitting


def start_session(user: User, way: str) -> None:
    """Start a new session in this browser, ending the previous one.

    Args:
        user: the user.
        way: how they have signed in, for the record.
    """
    idle, longest = context.session_lifetimes()
    where = origin(way)
    with UnitOfWork(context.whole_engine()) as work:
        owner = work.session.get_one(User, user.id)
        is_first = owner.signed_in_at is None
        sign_ins.end(work.session, own_key())
        key = sign_ins.begin(work.session, owner, where)
        sign_ins.forget_ended(work.session, idle, longest)
        work.commit()
    if not is_first and not trusted_devices.is_known(owner.name):
        notify(owner, notices.new_browser(context.settings().web_url, owner.name, where))
    session.clear()
    session.permanent = True
    trusted_devices.remember(owner.name)
    login_user(Account(owner, key), remember=False, authn_via=["password"])


def end_session() -> None:
    """End the session of this browser, in its cookie and in the database."""
    with UnitOfWork(context.whole_engine()) as work:
        sign_ins.end(work.session, own_key())
        work.commit()
    logout_user()
    session.clear()


def note_failure(name: str, way: str, why: str) -> None:
    """Record that somebody has tried in vain to sign in under that name."""
    with UnitOfWork(context.whole_engine()) as work:
        user = users.find(work.session, name)
        if user is not None or is_worth_a_line():
            sign_in_record.note_failure(work.session, user, origin(way), why)
            work.commit()


def notify(user: User, notice: notices.Notice) -> None:
    """Send the user a mail about their account, if they have an address and there is a mail server."""
    settings = context.settings()
    if user.email and settings.has_mail:
        send(settings, user.email, *notice)


def own_key() -> str:
    """Return the key of this browser's session; empty if there is none."""
    return getattr(current_user, "fs_uniquifier", "")
