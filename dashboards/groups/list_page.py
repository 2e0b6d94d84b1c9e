"""`/groups` and `/appliances`: all groups, the visitor's own first."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.group_context import get_visitor
from dashboards.sign_in.forms.rendering import page
from dashboards.web import context
from dashboards.web.access import for_users, visitor
from p2ppool.groups import listings
from p2ppool.groups.membership import group_log
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of, path_under
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import reading

pages = Blueprint("listing", __name__)

_LONGEST = 100  # characters of a search
_GONE = 50  # deleted groups that are listed


@pages.get("")
@for_users
def show(kind: GroupKind) -> Response:
    """Show the list."""
    return listing(kind)


def listing(kind: GroupKind, done: str = "") -> Response:
    """Render the list, with what was just done."""
    search, number = request.args.get("search", "").strip()[:_LONGEST], page_number()
    with reading(context.whole_engine()) as work:
        me = get_visitor(work.session)
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
            open_requests=len(listings.all_requests(work.session, me)),
            certificates=len(listings.all_certificates(work.session, me)),
            path_of=path_of,
            gone=_gone(work.session, kind) if not search and number == 1 else [],
            path_under=path_under,
        )


def _gone(session: Session, kind: GroupKind) -> Sequence[tuple[str, datetime]]:
    """List deleted groups for managers, who may read their logs."""
    return group_log.deleted(session, kind, _GONE) if visitor().is_manager else []


def page_number() -> int:
    """Return the requested page of a list, starting at 1."""
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 5 and int(text) else 1  # noqa: PLR2004
