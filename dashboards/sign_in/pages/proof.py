"""Asking again who somebody is, before a grave act in a session in which that was asked long ago."""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

from flask import Blueprint, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_proof
from dashboards.sign_in.session.safe_redirects import destination
from dashboards.sign_in.session.second_step import vault
from dashboards.sign_in.session.sessions import fits, is_same_in_ldap, own_key
from dashboards.web import context
from dashboards.web.access import PROVE, for_users, refuse, visitor
from p2ppool.accounts import sign_ins
from p2ppool.accounts.second_factor import codes
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("proof", __name__)
P = ParamSpec("P")
_FIELD: Final = "proof"
_WRONG: Final = "That is neither your password nor a valid code."


def asks_again(view: Callable[P, Response]) -> Callable[P, Response]:
    """Declare a view that acts gravely: if the session is not fresh, its form is sent again with a proof."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
        if visitor().is_recent:
            return view(*args, **kwargs)
        if _FIELD in request.form:
            if proves(field(_FIELD)):
                return view(*args, **kwargs)
            return ask(problem=_WRONG)
        return ask()

    return checked


@pages.route(PROVE, methods=["GET", "POST"])
@for_users
def prove() -> Response:
    """Show the form by itself, for pages whose buttons are no forms, and lead back to them."""
    to = destination(request.values.get("next"))
    if request.method != "POST":
        return ask(path=PROVE, to=to, status=200)
    return redirect(to) if proves(field(_FIELD)) else ask(path=PROVE, to=to, problem=_WRONG, status=400)


@by_proof
def proves(typed: str) -> bool:
    """Tell whether it is the visitor's password or a code of theirs; if so, the session is fresh again."""
    with reading(context.whole_engine()) as work:
        me = work.session.get_one(User, _own_id())
    # Outside any unit of work: the library may store a rehashed password in one of its own.
    is_password = fits(me, typed) or (me.password is None and is_same_in_ldap(me, typed))
    with UnitOfWork(context.whole_engine()) as work:
        proved = is_password or _is_code(work.session, typed)
        if proved:
            sign_ins.prove(work.session, own_key())
            work.commit()
    return proved


def ask(*, problem: str = "", path: str = "", to: str = "", status: int = 403) -> Response:
    """Render the form, which sends what was sent again to `path`, by default to the same view."""
    fields = [] if path else [(name, value) for name, value in request.form.items(multi=True)]
    return page(
        "prove.html",
        status=status,
        problem=problem,
        path=path or request.path,
        fields=[(name, value) for name, value in fields if name not in {"csrf_token", _FIELD}],
        to=to,
        provider=context.settings().openid_name if context.settings().openid_issuer else "",
    )


def _is_code(session: Session, typed: str) -> bool:
    return codes.fits(session, vault(session), session.get_one(User, _own_id()), typed)


def _own_id() -> int:
    found = visitor().id
    if found is None:
        refuse("Sign in first.")
    return found
