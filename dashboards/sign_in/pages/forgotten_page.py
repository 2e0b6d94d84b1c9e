"""`/forgotten`: a link by mail to choose a new password. The answer never reveals whether a user exists."""

from flask import Blueprint, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_address_seldom, by_name_seldom
from dashboards.web import context
from dashboards.web.access import for_everybody
from p2ppool.accounts import identities, links, notices, users
from p2ppool.mail import send, soon
from p2ppool.settings import Settings
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("forgotten", __name__)

_MOST = 5  # users with the same mail address


@pages.route("/forgotten", methods=["GET", "POST"])
@for_everybody
@by_address_seldom
@by_name_seldom
def forgotten() -> Response:
    """Show the form, or the same answer for everybody."""
    settings, engine, name_or_email = context.settings(), context.whole_engine(), field("name")[:254]
    by_mail = settings.has_mail
    is_requested = request.method == "POST" and by_mail
    if is_requested:
        # In the background, so that the answer takes the same time for everybody.
        soon(lambda: _send_links(engine, settings, name_or_email), "a link to choose a password")
    return page("forgotten.html", by_mail=by_mail, is_requested=is_requested)


def _send_links(engine: Engine, settings: Settings, name_or_email: str) -> None:
    with reading(engine) as work:
        matching = _matching(work.session, name_or_email)
    for user in matching:
        with UnitOfWork(engine) as work:
            notice = _answer(work.session, settings.web_url, user)
            assert user.email is not None  # noqa: S101 - only those with one match
            # Do not keep a link if its mail is suppressed because the mailbox has received too many.
            if send(settings, user.email, *notice, by_stranger=True):
                work.commit()


def _answer(session: Session, web_url: str, user: User) -> notices.Notice:
    if identities.is_outside(session, user):
        return notices.no_password(user.name)
    return notices.password_link(user.name, links.for_stranger(session, web_url, user, "page forgotten"))


def _matching(session: Session, name_or_email: str) -> list[User]:
    """List the users that the name or mail address may mean and that have a mail address."""
    found = list(users.with_email(session, name_or_email)[:_MOST])
    by_name = users.find(session, name_or_email)
    if not found and by_name is not None:
        found = [by_name]
    return [user for user in found if user.active and user.email]
