"""`/forgotten`: a link by mail to choose another password. The answer is the same whoever asks for whom."""

from flask import Blueprint, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards import context
from dashboards.access import for_everybody
from dashboards.sign_in.limits import by_address_seldom, by_name_seldom
from dashboards.sign_in.rendering import field, page
from p2ppool.accounts import identities, links, notices, users
from p2ppool.mail import send, soon
from p2ppool.settings import Settings
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork

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
    with UnitOfWork(engine) as work:
        for user in _meant(work.session, wanted):
            assert user.email is not None  # noqa: S101 - only those with one are meant
            if identities.is_outside(work.session, user):
                send(settings, user.email, *notices.no_password(user.name))
                continue
            link = links.for_password(work.session, settings.web_url, user, "page forgotten")
            send(settings, user.email, *notices.password_link(user.name, link))
        work.commit()


def _meant(session: Session, wanted: str) -> list[User]:
    """Who can be reached of those that the name or mail address may mean."""
    by_name = users.find(session, wanted)
    found = [by_name] if by_name is not None else users.with_email(session, wanted)[:_MOST]
    return [user for user in found if user.active and user.email]
