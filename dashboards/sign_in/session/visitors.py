"""The sender of a request: the user of the session in its cookie, or the owner of its API token."""

from dataclasses import replace
from datetime import timedelta

from flask import request
from flask_login import current_user
from sqlalchemy.orm import Session

from dashboards.sign_in.session.session_user import Account
from dashboards.web import context
from dashboards.web.access import ANONYMOUS, Visitor
from p2ppool.accounts import identities, sign_ins, tokens
from p2ppool.accounts.roles import pool_roles
from p2ppool.accounts.roles.rights import LOOKING, Rights
from p2ppool.accounts.second_factor import codes
from p2ppool.store.models import PoolRole, User
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
        return Visitor(None, ANONYMOUS.name, LOOKING) if context.settings().open_to_viewers else ANONYMOUS
    with reading(context.whole_engine()) as work:
        return _visitor_of(work.session, account)


def _visitor_of(session: Session, account: Account) -> Visitor:
    rights = _rights_of(session, account.user)
    if rights.highest is PoolRole.MANAGER and context.settings().second_factor_for_managers:
        rights = rights if codes.has_factor(session, account.id) else rights.capped(PoolRole.VIEWER)
    return Visitor(account.id, account.name, rights, is_recent=_is_recent(session, account))


def _rights_of(session: Session, user: User) -> Rights:
    """Return what the user may do; where the pages are open to viewers, every user may look at all pools."""
    rights = pool_roles.rights_of(session, user)
    if rights.sees_all or not context.settings().open_to_viewers:
        return rights
    return replace(rights, everywhere=PoolRole.VIEWER)


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
    with UnitOfWork(context.whole_engine()) as work:
        sign_ins.use(work.session, found)
        work.commit()


def _account() -> Account | None:
    user = current_user._get_current_object()  # noqa: SLF001 - the only way to what the proxy stands for
    return user if isinstance(user, Account) else None


def _owner_of_token() -> Visitor:
    text = request.headers["Authorization"].partition(" ")[2]
    with reading(context.whole_engine()) as work:
        token = tokens.find(work.session, text.strip(), context.settings().token_longest)
        if token is None:
            return ANONYMOUS
        rights = _rights_of(work.session, token.user).capped(PoolRole.VIEWER)
    if tokens.is_due(token):
        with UnitOfWork(context.whole_engine()) as work:
            tokens.use(work.session, token)
            work.commit()
    return Visitor(token.user.id, token.user.name, rights, frozenset(token.scopes))


def _is_by_clock() -> bool:
    """Tell whether a page sent the request on its own: by its clock, or because of an earlier answer."""
    asked = request.get_json(silent=True) if request.is_json else None
    changed = asked.get("changedPropIds") if isinstance(asked, dict) else None
    if not isinstance(changed, list):
        return False
    return all(str(prop).endswith((".n_intervals", ".data")) for prop in changed)
