"""Pages outside Dash: small server-rendered documents with forms, in the same frame."""

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
    """Render a template of dashboards/templates for this visitor, not to be cached."""
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
    """Return a field of the sent form; empty if it was not sent."""
    return request.form.get(name, "")


def revoke_tokens_if_ticked(session: Session, user: User) -> None:
    """Revoke the user's API tokens if the box for it is ticked in the form of a new password."""
    if field("tokens") == "revoke":
        tokens.revoke_all(session, user, f"page {user.name}")


def chosen_password() -> str:
    """Return the password, which was typed twice.

    Raises:
        UserError: it was not the same twice.
    """
    if field("password") != field("again"):
        raise UserError("the two passwords differ")
    return field("password")
