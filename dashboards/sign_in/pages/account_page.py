"""`/account`: the visitor's own password, sessions and API tokens."""

from collections.abc import Callable

from flask import Blueprint, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.confirm_deletion import agreement, confirmed
from dashboards.sign_in.forms.rendering import field, page, revoke_tokens_if_ticked
from dashboards.sign_in.pages.proof import asks_again
from dashboards.sign_in.session.rate_limits import by_user
from dashboards.sign_in.session.sessions import PASSWORD, end_session, fits, notify, own_key, start_session
from dashboards.web import context
from dashboards.web.access import for_users, refuse, visitor
from p2ppool.accounts import notices, passwords, sign_in_record, sign_ins, tokens, users
from p2ppool.accounts.random_keys import digest
from p2ppool.accounts.second_factor import codes
from p2ppool.errors import UserError
from p2ppool.groups.membership.leaving import groups_that_go_with, remove_user
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("account", __name__)

_SHOWN = 50  # tokens, and sessions
_LINES = 20  # about sign-ins


@pages.get("/account")
@for_users
def account() -> Response:
    """Show the page."""
    return _page()


@pages.post("/account/password")
@for_users
@by_user
def change_password() -> Response:
    """Change the password; this browser stays signed in, all others are signed out."""

    def change(session: Session, user: User) -> None:
        users.set_password(session, user, field("password"), f"page {user.name}")
        revoke_tokens_if_ticked(session, user)

    problem = _password_problem() or _do(change)
    if problem:
        return _page(problem=problem, status=400)
    start_session(_me(), PASSWORD)
    _notify("A new password was set")
    return _page(done="Your password was changed. Other browsers must sign in again.")


@pages.post("/account/sign-out-everywhere")
@for_users
def sign_out_everywhere() -> Response:
    """End all sessions, including this one."""
    _do(sign_ins.end_all)
    end_session()
    return redirect("/sign-in")


@pages.post("/account/sessions/<number>/end")
@for_users
def end_other_session(number: str) -> Response:
    """End one session; if it is this one, redirect to the sign-in."""
    problem = _do(lambda session, user: sign_ins.end_one(session, user, number))
    if problem:
        return _page(problem=problem, status=400)
    return redirect("/sign-in" if number == digest(own_key())[: len(number)] else "/account#sessions")


@pages.post("/account/remove")
@for_users
@by_user
def remove() -> Response:
    """Delete the account permanently, once its password (or name, without a password) was typed."""
    me = _me()
    typed = fits(me, field("current")) if me.password else field("name").strip().lower() == me.name
    problem = (
        "" if typed else f"that is not your {'password' if me.password else 'name'}: nothing was deleted"
    )
    problem = problem or _do(
        lambda session, user: remove_user(session, user, f"page {user.name}", confirmed())
    )
    if problem:
        return _page(problem=problem, status=400)
    end_session()
    return redirect("/sign-in")


@pages.post("/account/tokens")
@for_users
@asks_again
def create_token() -> Response:
    """Create a token, whose text is only in this answer."""
    texts: list[str] = []

    def create(session: Session, user: User) -> None:
        life = tokens.life_of(_days(), context.settings().token_longest)
        scopes = request.form.getlist("scope")
        texts.append(tokens.create(session, user, field("name"), scopes, f"page {user.name}", life=life)[1])

    problem = _do(create)
    if problem:
        return _page(problem=problem, status=400)
    _notify("An API token was created")
    return _page(token=texts[0])


@pages.post("/account/tokens/<int:number>/revoke")
@for_users
def revoke_token(number: int) -> Response:
    """Revoke a token."""
    problem = _do(lambda session, user: tokens.revoke(session, user, str(number), f"page {user.name}"))
    return _page(problem=problem, status=400) if problem else redirect("/account#tokens")


def _password_problem() -> str:
    """Return what is wrong with the passwords that were typed, or an empty text."""
    # Outside any unit of work: the library may store a rehashed password in one of its own.
    if not fits(_me(), field("current")):
        return "the current password is wrong"
    return "" if field("password") == field("again") else "the two new passwords differ"


def _do(change: Callable[[Session, User], object]) -> str:
    """Do and commit the change; return what is wrong, or an empty text."""
    try:
        with UnitOfWork(context.whole_engine()) as work:
            change(work.session, work.session.get_one(User, _own_id()))
            work.commit()
    except UserError as error:
        return str(error)
    return ""


def _notify(what: str) -> None:
    me = _me()
    notify(me, notices.account_changed(context.settings().web_url, me.name, what))


def _me() -> User:
    with reading(context.whole_engine()) as work:
        return work.session.get_one(User, _own_id())


def _own_id() -> int:
    found = visitor().id
    if found is None:
        refuse("Sign in first.")
    return found


def _days() -> int | None:
    days = field("days").strip()
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and len(days) <= 5):  # noqa: PLR2004 - more is too many anyway
        raise UserError("the token's validity in days must be a number")
    return int(days)


def _page(*, status: int = 200, problem: str = "", done: str = "", token: str = "") -> Response:
    me = _me()
    with reading(context.whole_engine()) as work:
        going = list(groups_that_go_with(work.session, me))
        own = [(each, tokens.works(each)) for each in tokens.of(work.session, me)[:_SHOWN]]
        open_sessions = sign_ins.of(work.session, me, *context.session_lifetimes())[:_SHOWN]
        has_factor = codes.has_factor(work.session, me.id)
        lines = sign_in_record.sign_ins_of(work.session, me, _LINES)
    return page(
        "account.html",
        status=status,
        me=me,
        tokens=own,
        sessions=[(each, sign_ins.number_of(each)) for each in open_sessions],
        this_session=digest(own_key()),
        lines=lines,
        has_factor=has_factor,
        scopes=list(tokens.Scope),
        going=going,
        agreement=agreement(going),
        problem=problem,
        done=done,
        token=token,
        longest_days=context.settings().token_longest_days,
        shortest=passwords.SHORTEST,
    )
