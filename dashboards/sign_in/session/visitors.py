"""Who sent a request: the user of the session in its cookie, or the owner of the API token that it shows."""

from flask import request
from flask_login import current_user

from dashboards.sign_in.session.session_user import Account
from dashboards.web import context
from dashboards.web.access import ANONYMOUS, Visitor
from p2ppool.accounts import sign_ins, tokens
from p2ppool.store.unit_of_work import UnitOfWork, reading

_SCHEME = "bearer"


def shows_token() -> bool:
    """Whether the request shows an API token, or what should be one: then its cookies count for nothing.

    Another `Authorization` header may be for a proxy in front of us.
    """
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == _SCHEME


def find_visitor() -> Visitor:
    """The one who sent the request that is being served."""
    if shows_token():
        return _owner_of_token()
    if not isinstance(account := _account(), Account):
        return ANONYMOUS
    return Visitor(account.id, account.name, account.is_manager)


def note_use() -> None:
    """Write down that the session is used, if a person does it and the last time is some moments ago."""
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
        token = tokens.find(work.session, text.strip())
    if token is None:
        return ANONYMOUS
    if tokens.is_due(token):
        with UnitOfWork(context.engine()) as work:
            tokens.use(work.session, token)
            work.commit()
    return Visitor(token.user.id, token.user.name, is_manager=False, scopes=frozenset(token.scopes))


def _is_by_clock() -> bool:
    """Whether a page asked by itself, as it does every few seconds, or because of what it was answered."""
    asked = request.get_json(silent=True) if request.is_json else None
    changed = asked.get("changedPropIds") if isinstance(asked, dict) else None
    if not isinstance(changed, list):
        return False
    return all(str(prop).endswith((".n_intervals", ".data")) for prop in changed)
