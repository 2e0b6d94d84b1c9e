"""Joining and leaving a group, and renewing a member's secret."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, GroupRole, change_group, read_group, vault
from dashboards.groups.group_page import change, group_page
from dashboards.groups.list_page import listing
from dashboards.sign_in.forms.confirm_deletion import confirmed
from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_user
from dashboards.web.access import for_users
from p2ppool.errors import UserError
from p2ppool.groups import notices
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships, secret_renewal
from p2ppool.groups.membership.details import FIELDS
from p2ppool.groups.membership.memberships import Joining
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind

pages = Blueprint("joining", __name__)
of_vpns = Blueprint("secret", __name__)


@pages.get("/<name>/join")
@for_users
def ask(kind: GroupKind, name: str) -> Response:
    """Show the terms and the group's questions."""
    return _form(kind, name)


@pages.post("/<name>/join")
@for_users
@by_user
def join(kind: GroupKind, name: str) -> Response:
    """Ask to join."""
    try:
        with change_group(kind, name) as group_context:
            memberships.request(
                group_context.session,
                vault(group_context.session),
                group_context.group,
                group_context.me,
                _joining(group_context),
            )
            group_context.letters.extend(
                notices.of_request(group_context.session, group_context.group, group_context.me)
            )
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    return redirect(path_of(group_context.group))


@pages.post("/<name>/leave")
@for_users
def leave(kind: GroupKind, name: str) -> Response:
    """Leave, or withdraw the request. A last admin must confirm what is deleted with them."""
    try:
        with change_group(kind, name) as group_context:
            _leave(group_context)
            is_gone = registry.find(group_context.session, kind, name) is None
    except UserError as error:
        return group_page(kind, name, status=400, problem=str(error))
    return listing(kind, f"You have left {name}" + (", and it was deleted." if is_gone else "."))


@of_vpns.post("/<name>/secret")
@for_users
def renew_secret(kind: GroupKind, name: str) -> Response:
    """Replace the member's secret; the next config.zip contains the new one."""

    def renew(group_context: GroupContext) -> str:
        assert group_context.own  # noqa: S101 - members have one
        secret_renewal.renew_secret(
            group_context.session, vault(group_context.session), group_context.own, group_context.me.name
        )
        return "Your secret was renewed: download config.zip again for your machines."

    return change(kind, name, GroupRole.MEMBER, renew)


def _joining(group_context: GroupContext) -> Joining:
    if group_context.group.terms and not field("accepted"):
        raise UserError(f"accept the terms of service of {group_context.group.name} first")
    version = field("terms")
    details = {name: field(name) for name in FIELDS}
    return Joining(int(version) if version.isdecimal() and len(version) < 9 else 0, details)  # noqa: PLR2004


def _leave(group_context: GroupContext) -> None:
    if group_context.own is None:
        raise UserError(f"leave: {group_context.me.name} is not in the group")
    memberships.leave(group_context.session, group_context.own, confirmed())


def _form(kind: GroupKind, name: str, *, status: int = 200, problem: str = "") -> Response:
    with read_group(kind, name) as group_context:
        return page(
            "group_join.html",
            status=status,
            group=group_context.group,
            path=path_of(group_context.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            fields=FIELDS,
            values={field_name: field(field_name)[:64] for field_name in FIELDS},
            problem=problem,
        )
