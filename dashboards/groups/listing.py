"""`/groups` and `/appliances`: all groups, the visitor's own first."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboards import context
from dashboards.access import for_users
from dashboards.groups.here import the_visitor
from dashboards.sign_in.rendering import page
from p2ppool.groups import listings
from p2ppool.groups.addresses import CALLED, ROOTS, path_of
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import reading

pages = Blueprint("listing", __name__)

_LONGEST = 100  # characters of a search


@pages.get("")
@for_users
def show(kind: GroupKind) -> Response:
    """The list."""
    return listing(kind)


def listing(kind: GroupKind, done: str = "") -> Response:
    """The list, and what has just been done."""
    search, number = request.args.get("search", "").strip()[:_LONGEST], page_number()
    with reading(context.engine()) as work:
        me = the_visitor(work.session)
        found = listings.listed(work.session, kind, me, search=search, page=number)
        return page(
            "groups.html",
            kind=kind,
            root=ROOTS[kind],
            called=CALLED[kind],
            groups=found[: listings.PAGE],
            has_more=len(found) > listings.PAGE,
            number=number,
            search=search,
            done=done,
            asking=len(listings.all_requests(work.session, me)),
            certificates=len(listings.all_certificates(work.session, me)),
            path_of=path_of,
        )


def page_number() -> int:
    """Which page of a list is asked for, from 1."""
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 5 and int(text) else 1  # noqa: PLR2004
