"""`/forgotten`: a link by mail to choose another password. The answer is the same whoever asks for whom."""

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
    """The form; then the same words for all."""
    settings, engine, wanted = context.settings(), context.engine(), field("name")[:254]
    by_mail = settings.has_mail
    is_asked = request.method == "POST" and by_mail
    if is_asked:
        # Beside the answer, which so takes the same time for all.
        soon(lambda: _send_links(engine, settings, wanted), "a link to choose a password")
    return page("forgotten.html", by_mail=by_mail, is_asked=is_asked)


def _send_links(engine: Engine, settings: Settings, wanted: str) -> None:
    with reading(engine) as work:
        meant = _meant(work.session, wanted)
    for user in meant:
        with UnitOfWork(engine) as work:
            notice = _answer(work.session, settings.web_url, user)
            assert user.email is not None  # noqa: S101 - only those with one are meant
            # A link of which a mailbox that had too many does not hear is not kept either.
            if send(settings, user.email, *notice, by_stranger=True):
                work.commit()


def _answer(session: Session, web_url: str, user: User) -> notices.Notice:
    if identities.is_outside(session, user):
        return notices.no_password(user.name)
    return notices.password_link(user.name, links.for_stranger(session, web_url, user, "page forgotten"))


def _meant(session: Session, wanted: str) -> list[User]:
    """Who can be reached of those that the name or mail address may mean."""
    by_name = users.find(session, wanted)
    found = [by_name] if by_name is not None else users.with_email(session, wanted)[:_MOST]
    return [user for user in found if user.active and user.email]
