"""`/requests`: whoever asks to join a group in which the visitor decides."""

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards import context
from dashboards.access import for_users, visitor
from dashboards.groups.deciding import decide_each, ticked
from dashboards.groups.here import the_visitor
from dashboards.sign_in.rendering import page
from p2ppool.errors import UserError
from p2ppool.groups import listings, memberships, notices
from p2ppool.groups.addresses import CALLED, path_of
from p2ppool.groups.details import FIELDS
from p2ppool.groups.memberships import Actor
from p2ppool.groups.notices import Letter
from p2ppool.store.models import Membership
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("requests", __name__)


@pages.get("/requests")
@for_users
def show() -> Response:
    """The list; of all groups for a manager."""
    return _page()


@pages.post("/requests")
@for_users
def decide() -> Response:
    """Let those in whose requests are ticked, or don't."""
    letters: list[Letter] = []
    try:
        chosen = set(ticked("request"))
        with UnitOfWork(context.engine()) as work:
            actor = Actor(the_visitor(work.session), is_manager=visitor().is_manager)
            asked = [each for each in _mine(work.session) if each.id in chosen]
            there = memberships.lock_all(work.session, [each.group for each in asked])
            asked = [each for each in asked if each.group in there]
            done = decide_each(work.session, actor, asked, len(chosen) - len(asked), letters)
            work.commit()
    except UserError as error:
        return _page(status=400, problem=str(error))
    notices.send(context.settings(), letters)
    return _page(done=done)


def _mine(session: Session) -> list[Membership]:
    admin = None if visitor().is_manager else the_visitor(session)
    return list(listings.all_requests(session, admin))


def _page(*, status: int = 200, problem: str = "", done: str = "") -> Response:
    with reading(context.engine()) as work:
        return page(
            "group_requests.html",
            status=status,
            requests=_mine(work.session),
            fields=FIELDS,
            called=CALLED,
            path_of=path_of,
            problem=problem,
            done=done,
        )
