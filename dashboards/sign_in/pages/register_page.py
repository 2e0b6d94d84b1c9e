"""`/register` and `/confirm`: registering as a user.

The answer of `/register` does not reveal who is already a user: with a mail server only the mailbox learns
it, without one the managers see it.
"""

from flask import Blueprint, redirect, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import chosen_password, field, page
from dashboards.sign_in.session.rate_limits import by_address, by_address_seldom, by_code, by_mailbox
from dashboards.sign_in.session.sessions import LINK, start_session
from dashboards.web import context
from dashboards.web.access import for_everybody, visitor
from p2ppool.accounts import notices, passwords, registrations, users
from p2ppool.accounts.registrations import Wish
from p2ppool.errors import UserError
from p2ppool.mail import send, soon
from p2ppool.settings import Settings
from p2ppool.store.models import Role, User
from p2ppool.store.unit_of_work import UnitOfWork

pages = Blueprint("register", __name__)


@pages.route("/register", methods=["GET", "POST"])
@for_everybody
@by_address_seldom
@by_mailbox
def register() -> Response:
    """Show the form, or the next step, which is the same for everybody."""
    if visitor().id is not None:
        return redirect("/")
    if context.settings().registration == "off":
        return page("registered.html", status=404, state="off")
    if request.method != "POST":
        return _form()
    try:
        has_mail = context.settings().has_mail
        wish = registrations.checked(field("name"), field("email"), chosen_password(), will_confirm=has_mail)
        _request(wish)
    except UserError as error:
        return _form(problem=str(error), status=400)
    return page("registered.html", state="mail" if context.settings().has_mail else "manager")


@pages.route("/confirm", methods=["GET", "POST"])
@for_everybody
@by_address
@by_code
def confirm() -> Response:
    """Confirm a registration with the mail's link and the password; the link alone is useless to others."""
    if request.method != "POST":
        return page("confirm.html", code="", problem="")
    try:
        user = _confirm(context.settings())
    except UserError as error:
        return page("confirm.html", status=400, code=field("code")[:128], problem=str(error))
    if user is None:
        return page("registered.html", state="manager")
    start_session(user, LINK)
    return redirect("/")


def _request(wish: Wish) -> None:
    settings, engine = context.settings(), context.whole_engine()
    if settings.has_mail:
        # In the background, so that the answer takes the same time for everybody.
        soon(lambda: _request_confirmation(engine, settings, wish), "a registration")
        return
    with UnitOfWork(engine) as work:
        registrations.submit(work.session, wish)
        work.commit()


def _request_confirmation(engine: Engine, settings: Settings, wish: Wish) -> None:
    with UnitOfWork(engine) as work:
        # Do not keep a registration if its mail is suppressed because the mailbox has received too many.
        if send(settings, wish.email, *_answer(work.session, settings.web_url, wish), by_stranger=True):
            work.commit()


def _answer(session: Session, web_url: str, wish: Wish) -> notices.Notice:
    known = users.with_email(session, wish.email)
    if known:
        return notices.has_account(web_url, known[0].name)
    link = registrations.submit_for_confirmation(session, wish, web_url)
    return notices.confirm(web_url, wish.name, link) if link else notices.name_taken(web_url, wish.name)


def _confirm(settings: Settings) -> User | None:
    """Confirm the registration, and return the new user; None if a manager decides first.

    Raises:
        UserError: the link or the password is wrong, or the name has been taken meanwhile.
    """
    with UnitOfWork(context.whole_engine()) as work:
        waiting = registrations.confirmed(work.session, field("code"))
        if not passwords.fits(waiting.password, field("password")):
            raise UserError("that is not the password that you chose when you registered")
        user = None
        if settings.registration == "mail":
            user = registrations.accept(
                work.session, waiting, f"page {waiting.name}", Role(context.settings().new_user_role)
            )
        elif settings.registration == "approval":
            registrations.hand_on(work.session, waiting)
            _notify_managers(settings, work.session)
        else:
            raise UserError("registration is closed: ask a manager")
        work.commit()
    return user


def _notify_managers(settings: Settings, session: Session) -> None:
    """Notify the managers of the first waiting registration; they see further ones on the page."""
    if registrations.count_waiting(session) > 1:
        return
    for user in users.all_users(session):
        if user.role is Role.MANAGER and user.active and user.email:
            send(settings, user.email, *notices.somebody_waits(settings.web_url))


def _form(*, status: int = 200, problem: str = "") -> Response:
    values = {"name": field("name")[:64], "email": field("email")[:254], "problem": problem}
    return page(
        "register.html",
        status=status,
        shortest=passwords.SHORTEST,
        by_mail=context.settings().has_mail,
        by_manager=context.settings().registration == "approval",
        **values,
    )
