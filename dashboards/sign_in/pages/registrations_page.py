"""Managers accept or deny those who registered, on `/users`."""

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.pages.proof import asks_again
from dashboards.sign_in.pages.users_page import changed
from dashboards.web import context
from dashboards.web.access import for_managers, visitor
from p2ppool.accounts import notices, registrations
from p2ppool.mail import send
from p2ppool.store.models import Role

pages = Blueprint("registrations", __name__)


@pages.post("/users/waiting/<int:number>/accept")
@for_managers
@asks_again
def accept(number: int) -> Response:
    """Accept the registration: they become a user."""
    return _decided(number, accepted=True)


@pages.post("/users/waiting/<int:number>/deny")
@for_managers
def deny(number: int) -> Response:
    """Deny the registration; they may register again."""
    return _decided(number, accepted=False)


def _decided(number: int, *, accepted: bool) -> Response:
    who, notices_to = f"page {visitor().name}", []

    def decide(session: Session) -> None:
        waiting = registrations.get(session, number)
        notices_to.append((waiting.email, waiting.name))
        if accepted:
            registrations.accept(session, waiting, who, Role(context.settings().new_user_role))
        else:
            registrations.deny(session, waiting, who)

    answer = changed(decide)
    if answer.status_code < 400:  # noqa: PLR2004 - it is done
        settings = context.settings()
        for email, name in notices_to:
            send(settings, email, *notices.decided(settings.web_url, name, accepted=accepted))
    return answer
