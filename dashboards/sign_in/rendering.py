"""The pages that are not Dash's: small documents with forms, in the same frame."""

from typing import Any

from flask import Response, render_template, request

from dashboards.access import visitor
from dashboards.navigation import OF_USERS, SITE
from p2ppool import __version__


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A document of dashboards/templates, for this visitor alone."""
    answer = Response(
        render_template(template, visitor=visitor(), site=SITE | OF_USERS, version=__version__, **values),
        status,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def field(name: str) -> str:
    """What was typed into a field of the form that was sent; empty where it was not sent."""
    return request.form.get(name, "")
