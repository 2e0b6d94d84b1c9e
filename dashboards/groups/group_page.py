"""`/groups/<name>` and `/appliances/<name>`: the page of one group."""

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, GroupRole, change_group, read_group
from dashboards.groups.list_page import page_number
from dashboards.sign_in.forms.confirm_deletion import Question, agreement, question
from dashboards.sign_in.forms.rendering import page
from dashboards.web import context
from dashboards.web.access import for_users
from p2ppool.appliance.config import MachineType
from p2ppool.errors import UserError
from p2ppool.groups import listings
from p2ppool.groups.authority import revocations
from p2ppool.groups.certificates import requests
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.details import FIELDS
from p2ppool.groups.membership.ending import GroupsGoError
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.groups.server import nowhere, unread
from p2ppool.store.models import Group, GroupKind

pages = Blueprint("group", __name__)


@pages.get("/<name>")
@for_users
def show(kind: GroupKind, name: str) -> Response:
    """Show the page."""
    return group_page(kind, name)


def change(
    kind: GroupKind, name: str, role: GroupRole, do: Callable[[GroupContext], str], step: str = "Do it"
) -> Response:
    """Change something in the group, and show its page with the result or the problem.

    `step` labels the confirmation if the change would delete other groups.

    `step` is what the page asks back where groups would go with it.
    """
    try:
        with change_group(kind, name, role) as group_context:
            done = do(group_context)
    except GroupsGoError as error:
        return group_page(kind, name, confirmation=question(error, step), status=409)
    except UserError as error:
        return group_page(kind, name, problem=str(error), status=400)
    return group_page(kind, name, done=done)


def group_page(
    kind: GroupKind,
    name: str,
    *,
    status: int = 200,
    problem: str = "",
    done: str = "",
    confirmation: Question | None = None,
) -> Response:
    """Render the page, with what was just done, what went wrong, or what needs confirmation first."""
    with read_group(kind, name) as group_context:
        session, group, number = group_context.session, group_context.group, page_number()
        sees_members = group_context.is_inside or group_context.decides
        members = listings.people(session, group, page=number) if sees_members else []
        return page(
            "group.html",
            status=status,
            group_context=group_context,
            group=group,
            path=path_of(group),
            path_of=path_of,
            root=ROOTS[kind],
            called=CALLED[kind],
            problem=problem,
            done=done,
            confirmation=confirmation,
            going=group_context.groups_that_go,
            agreement=agreement,
            sees_members=sees_members,
            members=members[: listings.PAGE],
            has_more=len(members) > listings.PAGE,
            number=number,
            count=memberships.insiders(session, group),
            requests=listings.requests(session, group) if group_context.decides else [],
            certificates=requests.waiting(session, group) if group_context.decides else [],
            node_address=requests.node_address,
            nowhere=nowhere(context.settings()) if _is_secured(group) else "",
            unread=unread(context.settings()) if _is_secured(group) else "",
            revoked=revocations.names(session, group) if group_context.decides else [],
            former=listings.former(session, group) if group_context.decides else [],
            above=listings.on_top_of(session, group),
            may_join=_may_join(group_context),
            fields=FIELDS,
            types=list(MachineType),
        )


def _may_join(group_context: GroupContext) -> bool:
    """Tell whether the visitor is in the group below, if there is one, and so may ask to join."""
    below = group_context.group.parent
    own = memberships.of(group_context.session, below, group_context.me) if below else None
    return below is None or (own is not None and own.state in INSIDE)


def _is_secured(group: Group) -> bool:
    """Tell whether machines need a certificate from this server to join by the group."""
    network = (group.parent or group).network
    return network is not None and network.secure
