"""The sender of a request: the user of the session in its cookie, or the owner of its API token."""

from datetime import timedelta

from flask import request
from flask_login import current_user
from sqlalchemy.orm import Session

from dashboards.sign_in.session.session_user import Account
from dashboards.web import context
from dashboards.web.access import ANONYMOUS, Visitor
from p2ppool.accounts import identities, sign_ins, tokens
from p2ppool.accounts.second_factor import codes
from p2ppool.store.models import User
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading

_SCHEME = "bearer"


def carries_token() -> bool:
    """Tell whether the request carries an API token, valid or not; its cookies are then ignored.

    Another `Authorization` header may be for a proxy in front of us.
    """
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == _SCHEME


def find_visitor() -> Visitor:
    """Return the visitor who sent the current request."""
    if carries_token():
        return _owner_of_token()
    if not isinstance(account := _account(), Account):
        return ANONYMOUS
    with reading(context.engine()) as work:
        return _visitor_of(work.session, account)


def _visitor_of(session: Session, account: Account) -> Visitor:
    config = context.settings()
    is_manager = account.is_manager
    if is_manager and config.second_factor_for_managers:
        is_manager = codes.has_factor(session, account.id)
    return Visitor(account.id, account.name, is_manager, is_recent=_is_recent(session, account))


def _is_recent(session: Session, account: Account) -> bool:
    """Tell whether the person need not be asked again who they are."""
    found, seconds = account.sign_in, context.settings().prove_after
    if found is None or seconds == 0 or now() - sign_ins.proved_at(found) < timedelta(seconds=seconds):
        return True
    # Whoever came in by a link and has nothing that could be asked for.
    return not (
        account.password
        or codes.has_factor(session, account.id)
        or identities.is_outside(session, session.get_one(User, account.id))
    )


def note_use() -> None:
    """Record that a person uses the session, unless that was recorded moments ago."""
    account = _account()
    found = account.sign_in if account else None
    if found is None or not sign_ins.is_due(found) or _is_by_clock():
        return
    with UnitOfWork(context.engine()) as work:
        sign_ins.use(work.session, found)
        work.commit()


def _account() -> Account | None:
    user = current_user._get_current_object()  # noqa: SLF001 - the only way to what the proxy stands for
    return user if isinstance(user, Account) else None


def _owner_of_token() -> Visitor:
    text = request.headers["Authorization"].partition(" ")[2]
    with reading(context.engine()) as work:
        token = tokens.find(work.session, text.strip(), context.settings().token_longest)
    if token is None:
        return ANONYMOUS
    if tokens.is_due(token):
        with UnitOfWork(context.engine()) as work:
            tokens.use(work.session, token)
            work.commit()
    return Visitor(token.user.id, token.user.name, is_manager=False, scopes=frozenset(token.scopes))


def _is_by_clock() -> bool:
    """Tell whether a page sent the request on its own: by its clock, or because of an earlier answer."""
    asked = request.get_json(silent=True) if request.is_json else None
    changed = asked.get("changedPropIds") if isinstance(asked, dict) else None
    if not isinstance(changed, list):
        return False
    return all(str(prop).endswith((".n_intervals", ".data")) for prop in changed)
