"""`/groups/<name>/log`: what was done in a group, for its admins."""

from flask import Blueprint
from werkzeug.wrappers import Response

from dashboards.access import for_users
from dashboards.groups.here import Part, looking
from dashboards.sign_in.rendering import page
from p2ppool.groups import audit
from p2ppool.groups.addresses import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind

pages = Blueprint("log", __name__)

_LINES = 500


@pages.get("/<name>/log")
@for_users
def show(kind: GroupKind, name: str) -> Response:
    """The latest first."""
    with looking(kind, name, Part.ADMIN) as here:
        return page(
            "group_log.html",
            group=here.group,
            path=path_of(here.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            lines=audit.lines_of(here.session, here.group, _LINES),
            most=_LINES,
        )
