"""`/groups/<name>` and `/appliances/<name>`: what the group is, and what the visitor can do there."""

from collections.abc import Callable

from flask import Blueprint
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, Part, acting, looking
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
from p2ppool.groups.server import nowhere
from p2ppool.store.models import Group, GroupKind

pages = Blueprint("group", __name__)


@pages.get("/<name>")
@for_users
def show(kind: GroupKind, name: str) -> Response:
    """The page."""
    return group_page(kind, name)


def change(
    kind: GroupKind, name: str, part: Part, do: Callable[[GroupContext], str], step: str = "Do it"
) -> Response:
    """Change something in the group; its page then says what was done, or why not.

    `step` is what the page asks back where groups would go with it.
    """
    try:
        with acting(kind, name, part) as here:
            done = do(here)
    except GroupsGoError as error:
        return group_page(kind, name, asked=question(error, step), status=409)
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
    asked: Question | None = None,
) -> Response:
    """The page, and what has just been done, or why it was not, or what is to be agreed to first."""
    with looking(kind, name) as here:
        session, group, number = here.session, here.group, page_number()
        sees = here.is_inside or here.decides
        members = listings.people(session, group, page=number) if sees else []
        return page(
            "group.html",
            status=status,
            here=here,
            group=group,
            path=path_of(group),
            path_of=path_of,
            root=ROOTS[kind],
            called=CALLED[kind],
            problem=problem,
            done=done,
            asked=asked,
            going=here.groups_that_go,
            agreement=agreement,
            sees=sees,
            members=members[: listings.PAGE],
            has_more=len(members) > listings.PAGE,
            number=number,
            count=memberships.insiders(session, group),
            requests=listings.requests(session, group) if here.decides else [],
            certificates=requests.waiting(session, group) if here.decides else [],
            node_address=requests.node_address,
            nowhere=nowhere(context.settings()) if _is_secured(group) else "",
            revoked=revocations.names(session, group) if here.decides else [],
            former=listings.former(session, group) if here.decides else [],
            above=listings.on_top_of(session, group),
            may_join=_may_join(here),
            fields=FIELDS,
            types=list(MachineType),
        )


def _may_join(here: GroupContext) -> bool:
    """Whether asking makes sense, as far as the group below is concerned."""
    below = here.group.parent
    own = memberships.of(here.session, below, here.me) if below else None
    return below is None or (own is not None and own.state in INSIDE)


def _is_secured(group: Group) -> bool:
    """Whether machines that join by it ask this server for certificates."""
    network = (group.parent or group).network
    return network is not None and network.secure
