"""`/groups/new` and `/appliances/new`."""

from flask import Blueprint, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups import form
from dashboards.groups.group_context import get_visitor, vault
from dashboards.sign_in.forms.confirm_deletion import agreement
from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.session.rate_limits import by_user
from dashboards.web import context
from dashboards.web.access import for_users
from p2ppool.errors import UserError
from p2ppool.groups import listings
from p2ppool.groups.definition import registry
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.store.models import Group, GroupKind
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("making", __name__)


class _OverlapError(Exception):
    """The network overlaps with those of other groups, and the visitor has not confirmed that."""

    def __init__(self, names: list[str]) -> None:
        self.names = names


@pages.get("/new")
@for_users
def show(kind: GroupKind) -> Response:
    """Show the empty form."""
    return _form(kind)


@pages.post("/new")
@for_users
@by_user
def make(kind: GroupKind) -> Response:
    """Create a group with the visitor as its first admin."""
    try:
        with UnitOfWork(context.whole_engine()) as work:
            group = _make(work.session, kind)
            work.commit()
    except _OverlapError as overlap:
        return _form(kind, status=409, overlaps=overlap.names)
    except UserError as error:
        return _form(kind, status=400, problem=str(error))
    return redirect(path_of(group))


def _make(session: Session, kind: GroupKind) -> Group:
    me, name = get_visitor(session), field("name").strip()
    if kind is GroupKind.APPLIANCE:
        vpn = registry.get(session, GroupKind.VPN, field("vpn"))
        return registry.make_appliance(session, vault(session), name, me, about=form.about(), vpn=vpn)
    spec = form.network(session)
    if names := form.unconfirmed_overlaps(session, spec):
        raise _OverlapError(names)
    return registry.make_vpn(session, vault(session), name, me, about=form.about(), network=spec)


def _form(
    kind: GroupKind, *, status: int = 200, problem: str = "", overlaps: list[str] | None = None
) -> Response:
    with reading(context.whole_engine()) as work:
        return page(
            "group_new.html",
            status=status,
            kind=kind,
            root=ROOTS[kind],
            called=CALLED[kind],
            vpns=listings.vpns_of(work.session, get_visitor(work.session)),
            chosen=request.args.get("vpn", ""),
            values=form.typed() if request.form else form.new_values(work.session),
            problem=problem,
            overlaps=overlaps or [],
            agreement=agreement(overlaps or []),
            **form.choices(work.session),
        )
