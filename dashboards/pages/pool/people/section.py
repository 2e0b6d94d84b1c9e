"""Giving people a role on the pool, changing and taking it; for the pool's managers."""

from collections.abc import Callable
from typing import Any, Final

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from sqlalchemy.orm import Session

from dashboards.components.actions.start import prove_first, refusal, requester
from dashboards.frame.navigation import pool_path
from dashboards.pages.pool.ids import NAME, PAGE, section
from dashboards.pages.pool.people.listing import TAKE, listing, people
from dashboards.sign_in.session.sessions import notify
from dashboards.web import context
from dashboards.web.access import acts_on_pools, may, require, visitor
from dashboards.web.ids import ident
from p2ppool.accounts import notices, users
from p2ppool.accounts.notices import Notice
from p2ppool.accounts.roles import pool_roles
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, PoolRole, User
from p2ppool.store.unit_of_work import UnitOfWork

_RESULT: Final = ident(PAGE, "people-told")
_LIST: Final = ident(PAGE, "people")
_USER: Final = ident(PAGE, "people-user")
_ROLE: Final = ident(PAGE, "people-role")
_GIVE: Final = ident(PAGE, "people-give")
_LABELS: Final = {
    PoolRole.VIEWER.value: "viewer: looks",
    PoolRole.OPERATOR.value: "operator: also crawls, checks and gathers",
    PoolRole.MANAGER.value: "manager: also installs, suspends, stops and gives roles",
}
_ABOUT: Final = (
    "They see and do here what their role allows, besides managers and viewers of all pools. "
    "To change a role, give another one."
)

_Change = Callable[[Session, Pool, User], Notice | None]


def layout(name: str) -> html.Section | None:
    """Build the list and the form; None for visitors who may not give roles."""
    if not may(Act.GIVE_ROLES, name):
        return None
    form = html.Details([html.Summary("Give a role"), html.Div(_fields(), className="group")])
    return section(
        "People",
        html.Div(
            [
                html.P(_ABOUT, className="quiet"),
                html.Div(listing(people(name)), id=_LIST),
                html.P(id=_RESULT, role="status"),
                form,
            ],
            className="edit people-of-pool",
        ),
    )


def _fields() -> list[Any]:
    user = dcc.Input(id=_USER, value="", autoComplete="off", spellCheck="false", maxLength=48)
    roles = dcc.RadioItems(_LABELS, PoolRole.VIEWER.value, id=_ROLE)
    give = html.Button("Give", id=_GIVE, type="button", className="do strong")
    return [
        html.Div([html.Label("User", htmlFor=_USER), user], className="field"),
        html.Div([html.Span("Role"), roles], className="field people-roles"),
        html.Div(give, className="submit"),
    ]


def register(app: Dash) -> None:
    """Bind the buttons."""
    app.callback(
        Output(_RESULT, "children"),
        Output(_LIST, "children"),
        Output(_USER, "value"),
        Input(_GIVE, "n_clicks"),
        Input({"part": TAKE, "user": ALL}, "n_clicks"),
        State(_USER, "value"),
        State(_ROLE, "value"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_clicked)


@acts_on_pools(PoolRole.MANAGER)
def _clicked(
    given: int | None, taken: list[int | None], user: str | None, role: str | None, name: str
) -> tuple[Any, Any, Any]:
    if not given and not any(taken):  # the list is new
        return no_update, no_update, no_update
    require(Act.GIVE_ROLES, name)
    if not visitor().is_recent:
        return prove_first(pool_path(name)), no_update, no_update
    clicked = ctx.triggered_id
    try:
        result = _take(name, clicked["user"]) if isinstance(clicked, dict) else _give(name, user, role)
    except UserError as error:
        return refusal(str(error)), no_update, no_update
    return result, listing(people(name)), ""


def _give(name: str, user: str | None, role: str | None) -> str:
    if role not in set(PoolRole):  # a browser can send anything
        raise UserError(f"a role on a pool is one of: {', '.join(PoolRole)}")
    wanted = PoolRole(role)

    def change(session: Session, pool: Pool, found: User) -> Notice | None:
        is_new = pool_roles.give(session, pool, found, wanted, requester())
        url = context.settings().web_url
        return notices.role_given(url, found.name, pool.name, wanted) if is_new else None

    return f"{_changed(name, user or '', change)} is now {wanted}."


def _take(name: str, user: str) -> str:
    def change(session: Session, pool: Pool, found: User) -> Notice:
        pool_roles.take(session, pool, found, requester())
        return notices.role_taken(context.settings().web_url, found.name, pool.name)

    return f"{_changed(name, user, change)} has no role on this pool any more."


def _changed(name: str, user: str, change: _Change) -> str:
    """Apply the change, tell the user, and return their name."""
    with UnitOfWork(context.engine()) as work:
        found = users.get(work.session, user)
        notice = change(work.session, get_pool(work.session, name), found)
        work.commit()
    if notice is not None:
        notify(found, notice)
    return found.name
