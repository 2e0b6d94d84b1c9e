"""The pages that are not Dash's: small documents with forms, in the same frame."""

from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from dashboards.frame.navigation import OF_USERS, SITE
from dashboards.frame.pending_registrations import waiting
from dashboards.web.access import visitor
from p2ppool import __version__
from p2ppool.accounts import tokens
from p2ppool.errors import UserError
from p2ppool.store.models import User


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A document of dashboards/templates, for this visitor alone."""
    answer = Response(
        render_template(
            template,
            visitor=visitor(),
            site=SITE | OF_USERS,
            version=__version__,
            waiting=waiting(),
            **values,
        ),
        status,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def field(name: str) -> str:
    """What was typed into a field of the form that was sent; empty where it was not sent."""
    return request.form.get(name, "")


def revoke_if_asked(session: Session, user: User) -> None:
    """End the user's API tokens where the form of a new password has the tick for it."""
    if field("tokens") == "revoke":
        tokens.revoke_all(session, user, f"page {user.name}")


def chosen_password() -> str:
    """The password that was typed twice.

    Raises:
        UserError: it was not the same twice.
    """
    if field("password") != field("again"):
        raise UserError("the two passwords differ")
    return field("password")
