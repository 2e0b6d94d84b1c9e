"""`/welcome`, `/password` and `/enter`: the targets of one-time links.

The code stands in the address's fragment, which no browser sends; assets/plain.js takes it from there into
the form.
"""

from collections.abc import Callable

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import chosen_password, field, page, revoke_tokens_if_ticked
from dashboards.sign_in.session.rate_limits import by_address
from dashboards.sign_in.session.safe_redirects import destination
from dashboards.sign_in.session.second_step import sign_in_or_ask
from dashboards.sign_in.session.sessions import LINK, notify
from dashboards.web import context
from dashboards.web.access import for_everybody
from p2ppool.accounts import links, notices, passwords
from p2ppool.errors import UserError
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork

pages = Blueprint("links", __name__)


@pages.route("/welcome", methods=["GET", "POST"])
@for_everybody
@by_address
def welcome() -> Response:
    """Let the first manager choose a name and a password."""
    return _take(
        "welcome.html",
        lambda session: links.become_first_manager(session, field("code"), field("name"), chosen_password()),
    )


@pages.route("/password", methods=["GET", "POST"])
@for_everybody
@by_address
def password() -> Response:
    """Let a user choose a password."""

    def choose(session: Session) -> User:
        user = links.choose_password(session, field("code"), chosen_password())
        revoke_tokens_if_ticked(session, user)
        return user

    return _take("password.html", choose, "A new password was set")


@pages.route("/enter", methods=["GET", "POST"])
@for_everybody
@by_address
def enter() -> Response:
    """Sign the link's user in at once."""
    return _take("enter.html", lambda session: links.enter(session, field("code")))


def _take(template: str, use: Callable[[Session], User], changed: str = "") -> Response:
    if request.method != "POST":
        return page(template, code="", problem="", name="", shortest=passwords.SHORTEST)
    try:
        with UnitOfWork(context.whole_engine()) as work:
            user = use(work.session)
            work.commit()
    except UserError as error:
        values = {"code": field("code")[:128], "name": field("name")[:64], "problem": str(error)}
        return page(template, status=400, shortest=passwords.SHORTEST, **values)
    if changed:
        notify(user, notices.account_changed(context.settings().web_url, user.name, changed))
    return sign_in_or_ask(user, LINK, destination(request.args.get("next")))
