"""The visible columns: each visitor's choice, and the pool's default, which its managers set."""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboards.components.node_columns import NODE_COLUMNS
from dashboards.pages.nodes.ids import NAME, PAGE
from dashboards.web import context
from dashboards.web.access import acts_on_pools, may, require, visitor
from dashboards.web.changing import changes
from dashboards.web.ids import ident
from dashboards.web.untyped import bind_in_browser
from p2ppool.accounts.table_views import (
    NodeView,
    forget_own_view,
    keep_own_view,
    own_view,
    pool_view,
    set_pool_view,
)
from p2ppool.actions.permissions.table import Act
from p2ppool.errors import UserError
from p2ppool.store.models import PoolRole

_KEPT: Final = ident(PAGE, "kept")
"""Store of where this visitor's view is kept: for which `pool`, and whether `here`, in the browser."""
_SHOWN: Final = ident(PAGE, "shown")
"""Store of the current view; `by` tells whether the visitor changed it or the page did."""
_GIVEN: Final = ident(PAGE, "given")
"""Store of a view to apply from now on."""
_CHOOSER: Final = ident(PAGE, "chooser")
_RESET: Final = ident(PAGE, "reset")
_MAKE_DEFAULT: Final = ident(PAGE, "make-default")
_RESULT: Final = ident(PAGE, "told")
_DEFAULT_RESULT: Final = ident(PAGE, "default-told")

BUILT_IN: Final = NodeView(
    (
        *("host", "address", "health", "consistency", "agrees", "left", "right", "cons", "sas", "retries"),
        *("milliseconds", "cpu", "memory", "version", "virtual_ip", "ip_namespace", "where", "type"),
    )
)
"""The view if nobody has chosen one."""


def first(name: str) -> NodeView:
    """Return the initial view: the visitor's own in the database, else the pool's default."""
    user = visitor().id
    own = own_view(context.engine(), name, user) if user is not None else None
    return _known(own) or default(name)


def default(name: str) -> NodeView:
    """Return the pool's default, else the built-in one."""
    return _known(pool_view(context.engine(), name)) or BUILT_IN


def all_names(shown: NodeView) -> list[str]:
    """List every column: visible ones first, in their order."""
    return [*shown.columns, *(name for name in NODE_COLUMNS if name not in shown.columns)]


def layout(name: str, shown: NodeView) -> html.Details:
    """Build the column chooser, collapsed."""
    buttons = [html.Button("Back to the pool's default", id=_RESET, type="button", className="crawl-step")]
    if may(Act.SET_VIEW, name):
        buttons.append(
            html.Button(
                "Make this the pool's default", id=_MAKE_DEFAULT, type="button", className="crawl-step"
            )
        )
    panel = [
        html.P("Move columns by dragging their headers, or with Shift and an arrow key.", className="quiet"),
        dcc.Checklist(_options(), list(shown.columns), id=_CHOOSER, className="node-chooser"),
        html.Div(buttons, className="node-view-buttons"),
        html.P(id=_RESULT, className="quiet", role="status"),
        html.P(id=_DEFAULT_RESULT, className="quiet", role="status"),
    ]
    return html.Details(
        [
            dcc.Store(id=_KEPT, data={"pool": name, "here": visitor().id is None}),
            dcc.Store(id=_SHOWN, data=shown.written() | {"by": "page"}),
            dcc.Store(id=_GIVEN),
            html.Summary("Columns", className="crawl-step"),
            html.Div(panel, className="node-view-panel"),
        ],
        className="node-view",
    )


def register(app: Dash) -> None:
    """Apply and keep the chosen view."""
    bind_in_browser(
        app, ClientsideFunction("nodes", "choose"), Output(_CHOOSER, "id"), Input(_CHOOSER, "value")
    )
    bind_in_browser(app, ClientsideFunction("nodes", "give"), Output(_GIVEN, "id"), Input(_GIVEN, "data"))
    bind_in_browser(app, ClientsideFunction("nodes", "keepHere"), Output(_KEPT, "id"), Input(_KEPT, "data"))
    result = Output(_RESULT, "children", allow_duplicate=True)
    for output, function, inputs in (
        (result, _keep, (Input(_SHOWN, "data"), State(NAME, "data"))),
        ((Output(_GIVEN, "data"), result), _reset, (Input(_RESET, "n_clicks"), State(NAME, "data"))),
        (
            Output(_DEFAULT_RESULT, "children"),
            _make_default,
            (Input(_MAKE_DEFAULT, "n_clicks"), State(_SHOWN, "data"), State(NAME, "data")),
        ),
    ):
        app.callback(output, *inputs, prevent_initial_call=True)(function)


def _options() -> list[dict[str, Any]]:
    return [
        {"label": column["headerName"], "value": name, "title": column.get("headerTooltip", "")}
        for name, column in NODE_COLUMNS.items()
    ]


@changes
def _keep(shown: dict[str, Any], name: str) -> Any:
    """Keep the view in the database for a signed-in visitor; for others the browser keeps it."""
    user = visitor().id
    if user is None or shown.get("by") != "visitor":
        return no_update
    try:
        keep_own_view(context.engine(), name, user, NodeView.read(shown))
    except UserError as error:
        return str(error)
    return "Saved as your view."


@changes
def _reset(clicks: int | None, name: str) -> tuple[Any, Any]:
    if not clicks:
        return no_update, no_update
    user = visitor().id
    try:
        if user is not None:
            forget_own_view(context.engine(), name, user)
    except UserError as error:
        return no_update, str(error)
    return default(name).written() | {"click": clicks}, "This is the pool's default."


@acts_on_pools(PoolRole.MANAGER)
def _make_default(clicks: int | None, shown: dict[str, Any], name: str) -> Any:
    if not clicks:
        return no_update
    require(Act.SET_VIEW, name)
    try:
        set_pool_view(context.engine(), name, NodeView.read(shown), visitor().name)
    except UserError as error:
        return str(error)
    return "From now on, everybody without a view of their own sees this one."


def _known(found: NodeView | None) -> NodeView | None:
    """Remove the columns that this release does not have; None if nothing is left."""
    if found is None:
        return None
    columns = tuple(name for name in found.columns if name in NODE_COLUMNS)
    sorting = tuple(pair for pair in found.sorting if pair[0] in NODE_COLUMNS)
    return NodeView(columns, sorting) if columns else None
