"""`/requests`: open requests to join and for certificates, in all groups where the visitor decides."""

from collections.abc import Callable

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.groups.certificates import sign_each
from dashboards.groups.decisions import decide_each, ticked
from dashboards.groups.group_context import get_visitor
from dashboards.sign_in.forms.rendering import page
from dashboards.sign_in.session.rate_limits import by_user_often
from dashboards.web import context
from dashboards.web.access import for_users, visitor
from p2ppool.errors import UserError
from p2ppool.groups import listings, notices
from p2ppool.groups.certificates.requests import node_address
from p2ppool.groups.membership import memberships
from p2ppool.groups.membership.details import FIELDS
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.page_paths import CALLED, path_of
from p2ppool.groups.notices import Letter
from p2ppool.store.models import User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("requests", __name__)


@pages.get("/requests")
@for_users
def show() -> Response:
    """Show the list; for a manager, of all groups."""
    return _page()


@pages.post("/requests")
@for_users
@by_user_often
def decide() -> Response:
    """Accept or deny the ticked requests."""

    def accept_or_deny(session: Session, actor: Actor, letters: list[Letter]) -> str:
        chosen = set(ticked("request"))
        found = [each for each in listings.all_requests(session, _admin_of(actor)) if each.id in chosen]
        there = memberships.lock_all(session, [each.group for each in found])
        found = [each for each in found if each.group in there]
        return decide_each(session, actor, found, len(chosen) - len(found), letters)

    return _decide(accept_or_deny)


@pages.post("/requests/certificates")
@for_users
@by_user_often
def decide_certificates() -> Response:
    """Sign or deny the ticked certificate requests."""

    def sign(session: Session, actor: Actor, letters: list[Letter]) -> str:
        return sign_each(session, actor, listings.all_certificates(session, _admin_of(actor)), letters)

    return _decide(sign)


def _decide(do: Callable[[Session, Actor, list[Letter]], str]) -> Response:
    letters: list[Letter] = []
    try:
        with UnitOfWork(context.whole_engine()) as work:
            done = do(work.session, _actor(work.session), letters)
            work.commit()
    except UserError as error:
        return _page(status=400, problem=str(error))
    notices.send(context.settings(), letters)
    return _page(done=done)


def _actor(session: Session) -> Actor:
    return Actor(get_visitor(session), is_manager=visitor().is_manager)


def _admin_of(actor: Actor) -> User | None:
    """Return the admin whose groups to list; None: a manager, who decides in all groups."""
    return None if actor.is_manager else actor.user


def _page(*, status: int = 200, problem: str = "", done: str = "") -> Response:
    with reading(context.whole_engine()) as work:
        session = work.session
        admin = _admin_of(_actor(session))
        return page(
            "group_requests.html",
            status=status,
            requests=listings.all_requests(session, admin),
            certificates=listings.all_certificates(session, admin),
            node_address=node_address,
            fields=FIELDS,
            called=CALLED,
            path_of=path_of,
            problem=problem,
            done=done,
        )
