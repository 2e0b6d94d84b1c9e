"""`/groups/<name>/terms/<version>`: the terms of service that somebody has accepted, or others accept now."""

from flask import Blueprint
from werkzeug.wrappers import Response

from dashboards.groups.group_context import Part, looking
from dashboards.sign_in.forms.rendering import page
from dashboards.web.access import for_users
from p2ppool.groups.definition import terms
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind

pages = Blueprint("terms", __name__)


@pages.get("/<name>/terms/<int:version>")
@for_users
def show(kind: GroupKind, name: str, version: int) -> Response:
    """That version, and which others there are."""
    with looking(kind, name, Part.ASKED) as here:
        found = terms.of(here.session, here.group, version)
        return page(
            "group_terms.html",
            status=200 if found else 404,
            here=here,
            group=here.group,
            path=path_of(here.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            number=version,
            was_there=0 < version <= here.group.terms_version,
            found=found,
            versions=terms.versions(here.session, here.group),
        )
