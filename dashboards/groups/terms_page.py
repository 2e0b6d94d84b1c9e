"""`/groups/<name>/terms/<version>`: one version of a group's terms of service."""

from flask import Blueprint
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupRole, read_group
from dashboards.sign_in.forms.rendering import page
from dashboards.web.access import for_users
from p2ppool.groups.definition import terms
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind

pages = Blueprint("terms", __name__)


@pages.get("/<name>/terms/<int:version>")
@for_users
def show(kind: GroupKind, name: str, version: int) -> Response:
    """Show that version, and links to the others."""
    with read_group(kind, name, GroupRole.APPLICANT) as group_context:
        found = terms.of(group_context.session, group_context.group, version)
        return page(
            "group_terms.html",
            status=200 if found else 404,
            group_context=group_context,
            group=group_context.group,
            path=path_of(group_context.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            number=version,
            was_there=0 < version <= group_context.group.terms_version,
            found=found,
            versions=terms.versions(group_context.session, group_context.group),
        )
