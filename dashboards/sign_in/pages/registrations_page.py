"""Managers accept or deny those who registered, on `/users`."""

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.pages.users_page import changed
from dashboards.web import context
from dashboards.web.access import for_managers, visitor
from p2ppool.accounts import notices, registrations
from p2ppool.mail import send

pages = Blueprint("newcomers", __name__)


@pages.post("/users/waiting/<int:number>/accept")
@for_managers
def accept(number: int) -> Response:
    """They are a user from now on."""
    return _decided(number, accepted=True)


@pages.post("/users/waiting/<int:number>/deny")
@for_managers
def deny(number: int) -> Response:
    """They are none, and may ask again."""
    return _decided(number, accepted=False)


def _decided(number: int, *, accepted: bool) -> Response:
    who, told = f"page {visitor().name}", []

    def decide(session: Session) -> None:
        waiting = registrations.get(session, number)
        told.append((waiting.email, waiting.name))
        if accepted:
            registrations.accept(session, waiting, who)
        else:
            registrations.deny(session, waiting, who)

    answer = changed(decide)
    if answer.status_code < 400:  # noqa: PLR2004 - it is done
        settings = context.settings()
        for email, name in told:
            send(settings, email, *notices.decided(settings.web_url, name, accepted=accepted))
    return answer
