"""Editing what affects no host: description, roles, and the failure limit of upgrades."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.components.actions.start import refusal, requester
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.access import acts_on_pools, may, require, visitor
from dashboards.web.ids import ident
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.pools.definition.editing import edit, read_edit
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, PoolRole
from p2ppool.store.unit_of_work import UnitOfWork, reading

_DESCRIPTION = ident(PAGE, "edit-description")
_ROLES = ident(PAGE, "edit-roles")
_LIMIT = ident(PAGE, "edit-failure-limit")
_SAVE = ident(PAGE, "edit-save")
_RESULT = ident(PAGE, "edit-told")
_SUMMARY = ident(PAGE, "edit-summary")
_DEFAULT = "is_default"
_ROLE_LABELS = {
    _DEFAULT: "Default pool: preselected for pages and groups",
    "is_test": "Test pool: left out of scheduled checks",
}


def layout(name: str) -> html.Details | None:
    """Build the collapsed form with the current values; None for visitors who may not edit."""
    if not may(Act.EDIT, name):
        return None
    with reading(context.engine()) as work:
        pool = get_pool(work.session, name)
    return html.Details(
        [html.Summary("Edit", id=_SUMMARY), html.Div(_fields(pool), className="group")], className="edit"
    )


def register(app: Dash) -> None:
    """Save the changes; the page then shows them."""
    app.callback(
        Output(_RESULT, "children"),
        Output(ACTIVITY, "data", allow_duplicate=True),
        Input(_SAVE, "n_clicks"),
        State(_DESCRIPTION, "value"),
        State(_ROLES, "value"),
        State(_LIMIT, "value"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_save)


def _fields(pool: Pool) -> list[Any]:
    labels = _labels()
    roles = [role for role in labels if getattr(pool, role)]
    description = dcc.Textarea(id=_DESCRIPTION, value=pool.description, rows=2, maxLength=2000)
    limit = dcc.Input(id=_LIMIT, value=str(pool.failure_limit), inputMode="numeric", autoComplete="off")
    return [
        html.Div([html.Label("Description", htmlFor=_DESCRIPTION), description], className="field"),
        html.Div(dcc.Checklist(options=labels, value=roles, id=_ROLES), className="field tick"),
        html.Div(
            [html.Label("Failure limit: hosts in %, in an upgrade", htmlFor=_LIMIT), limit],
            className="field number",
        ),
        html.Div(
            [
                html.Button("Save", id=_SAVE, type="button", className="do strong"),
                html.P(id=_RESULT, role="status"),
            ],
            className="submit",
        ),
    ]


def _labels() -> dict[str, str]:
    """Return the roles that the visitor may give the pool.

    The default pool is everybody's, and takes that role from another pool, which they may not even see.
    """
    is_manager = visitor().is_manager
    return {role: label for role, label in _ROLE_LABELS.items() if is_manager or role != _DEFAULT}


@acts_on_pools(PoolRole.MANAGER)
def _save(
    clicks: int | None, description: str | None, roles: list[str] | None, limit: str | None, name: str
) -> tuple[Any, Any]:
    if not clicks:
        return no_update, no_update
    require(Act.EDIT, name)
    ticked, labels = roles or [], _labels()
    if _DEFAULT in ticked and _DEFAULT not in labels:  # a browser can send anything
        return refusal("Only managers of the whole installation choose the default pool."), no_update
    given: dict[str, Any] = {"description": description or "", "failure_limit": limit or ""}
    try:
        changed = _changed(name, given | {role: role in ticked for role in labels})
    except UserError as error:
        return refusal(str(error)), no_update
    if not changed:
        return "Nothing has changed.", no_update
    return f"Saved: {', '.join(changed)}.", f"edited {clicks}"  # a new value refreshes the page


def _changed(name: str, given: dict[str, Any]) -> list[str]:
    with UnitOfWork(context.engine()) as work:
        changes = edit(work, get_pool(work.session, name), read_edit(**given), requester())
        work.commit()
    return [field.removeprefix("is_").replace("_", " ") for field in changes]
