"""`/account/second-factor`: users set up an app for codes, passkeys and recovery codes."""

import base64
from collections.abc import Callable, Sequence

import segno
from flask import Blueprint, redirect, request, session
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.pages.proof import asks_again
from dashboards.sign_in.session.rate_limits import by_user
from dashboards.sign_in.session.second_step import site, vault
from dashboards.sign_in.session.sessions import notify
from dashboards.web import context
from dashboards.web.access import for_users, refuse, visitor
from p2ppool.accounts import notices
from p2ppool.accounts.roles import pool_roles
from p2ppool.accounts.second_factor import codes, passkeys
from p2ppool.errors import UserError
from p2ppool.store.models import PoolRole, User
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import VaultError

pages = Blueprint("second_factor", __name__)

_PATH = "/account/second-factor"
_CHALLENGE = "new_passkey_challenge"


@pages.get(_PATH)
@for_users
def show() -> Response:
    """Show what is set up, and the forms to change it."""
    return _page()


@pages.post(f"{_PATH}/app")
@for_users
@asks_again
@by_user
def enable_app() -> Response:
    """Take the app whose code was typed."""

    def enable(work: Session, me: User) -> Sequence[str]:
        return codes.enable(work, vault(work), me, _secret(work, me), field("code"))

    return _changed(enable, "A code app was set up")


@pages.post(f"{_PATH}/passkeys")
@for_users
@asks_again
@by_user
def add_passkey() -> Response:
    """Keep the passkey that the browser has made."""
    at, challenge = site(), session.pop(_CHALLENGE, "")

    def add(work: Session, me: User) -> Sequence[str]:
        if at is None or not challenge:
            raise UserError("the browser's answer came too late: try again")
        passkeys.add(work, at, me, field("name"), answer=field("credential"), challenge=challenge)
        return codes.first_recovery_codes(work, me)

    return _changed(add, "A passkey was added")


@pages.post(f"{_PATH}/passkeys/<int:number>/remove")
@for_users
@asks_again
def remove_passkey(number: int) -> Response:
    """Remove a passkey."""

    def remove(work: Session, me: User) -> Sequence[str]:
        passkeys.remove(work, me, number)
        return []

    return _changed(remove, "A passkey was removed")


@pages.post(f"{_PATH}/codes")
@for_users
@asks_again
def renew_codes() -> Response:
    """Show new recovery codes, which replace the earlier ones."""
    return _changed(codes.new_recovery_codes, "New recovery codes were made")


@pages.post(f"{_PATH}/off")
@for_users
@asks_again
def off() -> Response:
    """Remove all of it."""

    def remove(work: Session, me: User) -> Sequence[str]:
        codes.remove_all(work, me, f"page {me.name}")
        return []

    return _changed(remove, "The second factor was removed")


def _changed(change: Callable[[Session, User], Sequence[str]], what: str) -> Response:
    """Do and commit the change, tell the user by mail, and show new recovery codes if it has made any."""
    try:
        with UnitOfWork(context.whole_engine()) as work:
            me = work.session.get_one(User, _own_id())
            made = change(work.session, me)
            work.commit()
    except UserError as error:
        return _page(problem=str(error), status=400)
    notify(me, notices.account_changed(context.settings().web_url, me.name, what))
    return _page(recovery=made) if made else redirect(_PATH)


def _secret(work: Session, me: User) -> str:
    """Return the secret that the form was made for: it travels sealed, so that nobody else reads it."""
    try:
        return vault(work).unseal(base64.urlsafe_b64decode(field("sealed")), _purpose(me)).decode()
    except (VaultError, ValueError):
        raise UserError("this form has expired: scan the new picture") from None


def _page(*, status: int = 200, problem: str = "", recovery: Sequence[str] = ()) -> Response:
    secret, at, options = codes.new_secret(), site(), ""
    with reading(context.whole_engine()) as work:
        me = work.session.get_one(User, _own_id())
        own = passkeys.passkeys_of(work.session, me)
        if at is not None:
            options, session[_CHALLENGE] = passkeys.options_to_add(work.session, at, me)
        sealed = vault(work.session).seal(secret.encode(), _purpose(me))
        values = {
            "has_app": codes.has_app(work.session, me.id),
            "is_must": context.settings().second_factor_for_managers
            and pool_roles.rights_of(work.session, me).highest is PoolRole.MANAGER,
            "left": codes.count_recovery_codes(work.session, me),
        }
    return page(
        "second_factor.html",
        status=status,
        me=me,
        passkeys=own,
        options=options,
        secret=secret,
        sealed=base64.urlsafe_b64encode(sealed).decode(),
        picture=segno.make(codes.address_of(secret, me), error="m").svg_data_uri(scale=4, light="white"),
        problem=problem,
        recovery=recovery,
        path=request.path,
        **values,
    )


def _purpose(me: User) -> str:
    return f"new code app of user {me.id}"


def _own_id() -> int:
    found = visitor().id
    if found is None:
        refuse("Sign in first.")
    return found
