"""To join a group and to leave it, and a member's secret."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from dashboards.groups.group_context import GroupContext, Part, acting, looking, vault
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
    """The terms, and what the group wants to know."""
    return _form(kind, name)


@pages.post("/<name>/join")
@for_users
@by_user
def join(kind: GroupKind, name: str) -> Response:
    """Ask to join."""
    try:
        with acting(kind, name) as here:
            memberships.request(here.session, vault(), here.group, here.me, _said(here))
            here.letters.extend(notices.of_request(here.session, here.group, here.me))
    except UserError as error:
        return _form(kind, name, status=400, problem=str(error))
    return redirect(path_of(here.group))


@pages.post("/<name>/leave")
@for_users
def leave(kind: GroupKind, name: str) -> Response:
    """Leave, or take the request back. A last admin has to agree to what goes with them."""
    try:
        with acting(kind, name) as here:
            _leave(here)
            is_gone = registry.find(here.session, kind, name) is None
    except UserError as error:
        return group_page(kind, name, status=400, problem=str(error))
    return listing(kind, f"You have left {name}" + (", and it is deleted." if is_gone else "."))


@of_vpns.post("/<name>/secret")
@for_users
def renew_secret(kind: GroupKind, name: str) -> Response:
    """A fresh secret, which is in the next config.zip."""

    def renew(here: GroupContext) -> str:
        assert here.own  # noqa: S101 - members have one
        secret_renewal.renew_secret(here.session, vault(), here.own, here.me.name)
        return "Your secret is renewed: download config.zip again for your machines."

    return change(kind, name, Part.MEMBER, renew)


def _said(here: GroupContext) -> Joining:
    if here.group.terms and not field("accepted"):
        raise UserError(f"the terms of service of {here.group.name} have to be accepted")
    version = field("terms")
    told = {name: field(name) for name in FIELDS}
    return Joining(int(version) if version.isdecimal() and len(version) < 9 else 0, told)  # noqa: PLR2004


def _leave(here: GroupContext) -> None:
    if here.own is None:
        raise UserError(f"leave: {here.me.name} is not in the group")
    memberships.leave(here.session, here.own, confirmed())


def _form(kind: GroupKind, name: str, *, status: int = 200, problem: str = "") -> Response:
    with looking(kind, name) as here:
        return page(
            "group_join.html",
            status=status,
            group=here.group,
            path=path_of(here.group),
            root=ROOTS[kind],
            called=CALLED[kind],
            fields=FIELDS,
            values={field_name: field(field_name)[:64] for field_name in FIELDS},
            problem=problem,
        )
