"""`/users`: managers add and manage users."""

from collections.abc import Callable

from flask import Blueprint, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dashboards.sign_in.forms.confirm_deletion import Question, confirmed, question
from dashboards.sign_in.forms.rendering import field, page
from dashboards.sign_in.pages.proof import asks_again
from dashboards.web import context
from dashboards.web.access import for_managers, visitor
from p2ppool.accounts import links, registrations, sign_in_record, users
from p2ppool.accounts.second_factor import codes
from p2ppool.errors import UserError, one_line
from p2ppool.groups.membership.ending import GroupsGoError
from p2ppool.groups.membership.leaving import remove_user
from p2ppool.mail import failures
from p2ppool.records import audit
from p2ppool.store.models import Role, SubjectKind, User
from p2ppool.store.unit_of_work import UnitOfWork, reading

pages = Blueprint("users", __name__)

_LINES = 20  # of the change log


@pages.get("/users")
@for_managers
def show() -> Response:
    """Show all users."""
    return _page()


@pages.post("/users")
@for_managers
@asks_again
def create() -> Response:
    """Create a user, and show a link to choose a password."""

    def make(session: Session) -> str:
        user = users.create(session, field("name"), _role(), _who(), email=field("email"))
        return links.for_password(session, context.settings().web_url, user, _who())

    return _with_link(make, field("name"))


@pages.post("/users/<name>/link")
@for_managers
@asks_again
def link(name: str) -> Response:
    """Show a link with which the user chooses a new password."""

    def make(session: Session) -> str:
        return links.for_password(session, context.settings().web_url, users.get(session, name), _who())

    return _with_link(make, name)


@pages.post("/users/<name>/role")
@for_managers
@asks_again
def role(name: str) -> Response:
    """Set the user's role."""
    return changed(lambda session: users.set_role(session, users.get(session, name), _role(), _who()))


@pages.post("/users/<name>/second-factor")
@for_managers
@asks_again
def second_factor(name: str) -> Response:
    """Remove the user's second factor, which they have lost; they set up another."""
    return changed(lambda session: codes.remove_all(session, users.get(session, name), _who()))


@pages.post("/users/<name>/active")
@for_managers
@asks_again
def active(name: str) -> Response:
    """Enable or disable the user."""
    wanted = field("active") == "yes"
    return changed(lambda session: users.set_active(session, users.get(session, name), _who(), active=wanted))


@pages.post("/users/<name>/remove")
@for_managers
@asks_again
def remove(name: str) -> Response:
    """Remove the user."""
    return changed(
        lambda session: remove_user(session, users.get(session, name), _who(), confirmed()),
        f"Remove {one_line(name, 50)}",
    )


def changed(change: Callable[[Session], object], step: str = "Do it") -> Response:
    """Apply the change, and show the page, the problem, or the confirmation for what `step` would delete."""
    try:
        with UnitOfWork(context.whole_engine()) as work:
            change(work.session)
            work.commit()
    except GroupsGoError as error:
        return _page(confirmation=question(error, step), status=409)
    except UserError as error:
        return _page(problem=str(error), status=400)
    return redirect("/users")


def _with_link(make: Callable[[Session], str], name: str) -> Response:
    try:
        with UnitOfWork(context.whole_engine()) as work:
            address = make(work.session)
            work.commit()
    except UserError as error:
        return _page(problem=str(error), status=400)
    return _page(link=address, link_for=name.strip().lower())


def _role() -> Role:
    try:
        return Role(field("role"))
    except ValueError:
        raise UserError("the role is manager, viewer or member") from None


def _who() -> str:
    return f"page {visitor().name}"


def _page(
    *,
    status: int = 200,
    problem: str = "",
    link: str = "",
    link_for: str = "",
    confirmation: Question | None = None,
) -> Response:
    with reading(context.whole_engine()) as work:
        found: list[User] = list(users.all_users(work.session))
        lines = audit.lines_of_kind(work.session, SubjectKind.USER, _LINES, sign_in_record.EVENTS)
        pending = registrations.for_managers(work.session)
        with_factor = {user.id for user in found if codes.has_factor(work.session, user.id)}
    return page(
        "users.html",
        status=status,
        users=found,
        lines=lines,
        pending=pending,
        names={user.name for user in found},
        with_factor=with_factor,
        failures=failures(),
        roles=list(Role),
        problem=problem,
        confirmation=confirmation,
        link=link,
        link_for=link_for,
    )
